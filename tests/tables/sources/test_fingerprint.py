"""Files that are written anew between check and evaluation are noticed, whatever stays the same."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

import kpi
from kpi.tables.sources.fingerprint import FileFingerprint
from tests.builders import plan, within


def write(path: Path, decided: dt.date) -> os.stat_result:
    rows = {
        "case_id": [1, 2],
        "case_type": ["visa", "visa"],
        "filed": [dt.date(2017, 1, 1)] * 2,
        "decided": [dt.date(2017, 1, 2), decided],
    }
    pl.DataFrame(rows).write_parquet(path, compression="uncompressed")
    return path.stat()


def test_another_file_of_the_same_size_and_time_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    asked = plan(within())
    first = write(path, dt.date(2017, 1, 3))
    with mock.patch("kpi.tables.check.LARGE", 1):
        extract = kpi.check(asked, path)
    assert kpi.evaluate(asked, extract)["t"].counted == 2
    second = write(path, dt.date(2017, 9, 3))
    assert second.st_size == first.st_size
    os.utime(path, ns=(first.st_atime_ns, first.st_mtime_ns))
    with pytest.raises(kpi.DataError, match=r"cases.parquet: has changed since it was checked"):
        kpi.evaluate(asked, extract)
    write(path, dt.date(2017, 1, 3))
    os.utime(path, ns=(first.st_atime_ns, first.st_mtime_ns))
    assert kpi.evaluate(asked, extract)["t"].counted == 2


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"\xff" * 8, b"x" * 100])
def test_files_that_are_no_parquet_have_a_stamp_too(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    path.write_bytes(data)
    assert FileFingerprint.of(path) == FileFingerprint.of(path)
    path.write_bytes(data + b"1")
    assert FileFingerprint.of(path).size == len(data) + 1

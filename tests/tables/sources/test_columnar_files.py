"""Arrow streams and Feather files, told by their first bytes."""

from __future__ import annotations

import io
import os
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

import kpi
from kpi.tables.sources.files import open_file
from kpi.tables.sources.layout import Layout
from tests.tables.four_cases import EXPECTED, FRAME, PLAN, figures

LAYOUT = Layout(table="cases", key=("case_id",))


def stream(table: pa.Table, batches: int) -> bytes:
    into = io.BytesIO()
    with pa.ipc.new_stream(into, table.schema) as writer:
        for batch in table.to_batches(max(table.num_rows // batches, 1)):
            writer.write_batch(batch)
    return into.getvalue()


@pytest.mark.parametrize("kind", [".arrow", ".ipc", ".feather"])
def test_a_stream_is_read_under_every_ending_of_arrow(kind: str, tmp_path: Path) -> None:
    (tmp_path / f"cases{kind}").write_bytes(stream(FRAME.to_arrow(), 2))
    assert figures(tmp_path / f"cases{kind}") == EXPECTED


def test_a_stream_that_lacks_its_end_is_refused(tmp_path: Path) -> None:
    """A reader takes a stream that ends between two batches for whole."""
    table = pa.table({"case_id": list(range(100))})
    whole = stream(table, 4)
    path = tmp_path / "cases.arrow"
    path.write_bytes(whole)
    assert open_file(path, LAYOUT).frame.collect().height == 100
    sign = b"\xff\xff\xff\xff"
    between = whole.rindex(sign, 0, whole.rindex(sign))
    assert pl.read_ipc_stream(io.BytesIO(whole[:between])).height == 75
    for end in (between, between + 60, len(whole) - 3):
        path.write_bytes(whole[:end])
        with pytest.raises(kpi.DataError) as error:
            open_file(path, LAYOUT)
        assert str(error.value) == (
            f"{path}: the Arrow stream was cut short; write or fetch it again"
        )


def test_columns_of_a_stream_that_polars_has_no_type_for_are_named_or_ignored(
    tmp_path: Path,
) -> None:
    zone = pa.array([0, 0, 0, 0], pa.timestamp("us", "Romance Standard Time"))
    wide = pa.array([None] * 4, pa.decimal256(40, 2))
    table = FRAME.to_arrow().append_column("seen", zone).append_column("fee", wide)
    path = tmp_path / "cases.arrow"
    path.write_bytes(stream(table, 2))
    assert figures(path) == EXPECTED
    assert set(open_file(path, LAYOUT).unreadable) == {"seen", "fee"}


def test_the_first_version_of_feather_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.feather"
    path.write_bytes(b"FEA1" + bytes(40) + b"FEA1")
    with pytest.raises(kpi.DataError) as error:
        kpi.check(PLAN, path)
    assert str(error.value) == (
        f"{path}: Feather version 1, which is no longer read; write it as version 2 (Arrow) or as "
        "Parquet"
    )


def test_a_rewritten_pq_file_is_noticed_as_a_parquet_file_is(tmp_path: Path) -> None:
    """Size and time of the file stay: only the footer tells."""
    path = tmp_path / "cases.pq"
    FRAME.write_parquet(path, statistics=True)
    found = open_file(path, LAYOUT).fingerprint
    assert found is not None
    found.require_unchanged()
    content, times = path.read_bytes(), path.stat().st_mtime_ns
    path.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
    os.utime(path, ns=(times, times))
    with pytest.raises(kpi.DataError, match="has changed since it was checked"):
        found.require_unchanged()

"""Every kind of file gives the figures of the same rows in Parquet."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

import kpi
from kpi.tables.sources.files import SUFFIXES, is_csv, kind_of, table_name
from tests.tables.four_cases import EXPECTED, FRAME, figures
from tests.tables.sources.sheets import write_sheets

FIXTURES = Path(__file__).parent / "workbooks"


def gzipped(data: bytes) -> bytes:
    """Return packed bytes, the same at any time: they are in the names of tests."""
    return gzip.compress(data, mtime=0)


def json_lines(path: Path) -> None:
    lines = (json.dumps(row, default=str) for row in FRAME.iter_rows(named=True))
    path.write_text("\n".join(lines) + "\n")


def xlsx(path: Path) -> None:
    write_sheets(path, {"Sager": [FRAME.columns, *FRAME.iter_rows()]})


def fixture(path: Path) -> None:
    shutil.copy(FIXTURES / f"four_cases{path.suffix}", path)


def semicolons(path: Path) -> None:
    FRAME.write_csv(path, separator=";")


WRITERS: dict[str, Callable[[Path], object]] = {
    ".parquet": FRAME.write_parquet,
    ".pq": FRAME.write_parquet,
    ".csv": FRAME.write_csv,
    ".tsv": lambda path: FRAME.write_csv(path, separator="\t"),
    ".txt": semicolons,
    ".jsonl": json_lines,
    ".ndjson": json_lines,
    ".arrow": FRAME.write_ipc,
    ".ipc": FRAME.write_ipc_stream,
    ".feather": FRAME.write_ipc,
    ".xlsx": xlsx,
    ".xlsm": xlsx,
    ".xls": fixture,
    ".xlsb": fixture,
    ".ods": fixture,
}


def packed(path: Path, content: bytes) -> None:
    if path.suffix == ".gz":
        path.write_bytes(gzipped(content))
    elif path.suffix == ".zst":
        path.write_bytes(pa.Codec("zstd").compress(content, asbytes=True))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inside/whatever it is called", content)
            archive.writestr("__MACOSX/._whatever it is called", b"of the Mac")


def write(path: Path) -> Path:
    kind = kind_of(path)
    if kind in WRITERS:
        WRITERS[kind](path)
        return path
    inner = path.with_name(f"inner{Path(kind).stem}")
    write(inner)
    packed(path, inner.read_bytes())
    inner.unlink()
    return path


@pytest.mark.parametrize("kind", SUFFIXES)
def test_the_same_rows_give_the_same_figures_from_every_kind_of_file(
    kind: str, tmp_path: Path
) -> None:
    assert figures(write(tmp_path / f"extract{kind}")) == EXPECTED


@pytest.mark.parametrize("kind", SUFFIXES)
def test_every_kind_of_file_is_a_table_of_a_directory_by_its_name(
    kind: str, tmp_path: Path
) -> None:
    write(tmp_path / f"cases{kind}")
    (tmp_path / "notes.md").write_text("no table")
    assert figures(tmp_path) == EXPECTED


def test_a_name_has_one_ending_or_two_where_the_text_is_compressed() -> None:
    assert (kind_of(Path("a.b.CSV.GZ")), table_name(Path("a.b.CSV.GZ"))) == (".csv.gz", "a.b")
    assert (kind_of(Path("a.b.xlsx")), table_name(Path("a.b.xlsx"))) == (".xlsx", "a.b")
    assert (kind_of(Path("a.zip")), table_name(Path("a.zip"))) == (".zip", "a")
    assert [is_csv(Path(n)) for n in ("a.TXT", "a.tsv.zst", "a.jsonl.gz", "a.gz", "csv")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_log_of_events_is_read_from_compressed_text(tmp_path: Path) -> None:
    log = pl.DataFrame(
        {"case_id": ["1", "1"], "event": ["in", "out"], "time": ["2017-01-01", "2017-01-05"]}
    )
    log.write_csv(tmp_path / "plain.csv", separator=";")
    packed(tmp_path / "log.txt.gz", (tmp_path / "plain.csv").read_bytes())
    dates = {"filed": {"first": "in"}, "done": {"last": "out"}}
    made = kpi.cases_from_events(tmp_path / "log.txt.gz", dates)
    plain = kpi.cases_from_events(tmp_path / "plain.csv", dates)
    assert made.cases.equals(plain.cases)
    assert made.cases.height == 1

"""Standard input, whose kind is told by the first bytes."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

import kpi
from kpi.cli import main
from kpi.tables.sources.files import SUFFIXES, TEXTS, kind_of
from tests.commands import GOOD, HEADER
from tests.tables.four_cases import EXPECTED, FRAME, PLAN, figures
from tests.tables.sources.test_columnar_files import stream
from tests.tables.sources.test_kinds_of_file import FIXTURES, WRITERS, write


def gzipped(data: bytes) -> bytes:
    """Return packed bytes, the same at any time: they are in the names of tests."""
    return gzip.compress(data, mtime=0)


def given(monkeypatch: pytest.MonkeyPatch, content: bytes, *, terminal: bool = False) -> None:
    """Hand bytes over as standard input."""

    class Input(io.TextIOWrapper):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr(sys, "stdin", Input(io.BytesIO(content)))


KINDS = (*WRITERS, *(f"{text}{packing}" for text in TEXTS for packing in (".gz", ".zst", ".zip")))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_is_told_by_its_first_bytes(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, write(tmp_path / f"x{kind}").read_bytes())
    assert figures("-") == EXPECTED
    given(monkeypatch, (tmp_path / f"x{kind}").read_bytes())
    assert figures({"cases": Path("-")}) == EXPECTED


@pytest.mark.parametrize("kind", [".parquet", ".arrow", "a stream"])
def test_columns_that_polars_has_no_type_for_are_ignored_there_too(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    zone = pa.array([0, 0, 0, 0], pa.timestamp("us", "Romance Standard Time"))
    wide = pa.array([None] * 4, pa.decimal256(40, 2))
    table = FRAME.to_arrow().append_column("seen", zone).append_column("fee", wide)
    content = stream(table, 1)
    if kind == ".parquet":
        parquet.write_table(table, tmp_path / "x")
        content = (tmp_path / "x").read_bytes()
    elif kind == ".arrow":
        with pa.ipc.new_file(tmp_path / "x", table.schema) as writer:
            writer.write_table(table)
        content = (tmp_path / "x").read_bytes()
    given(monkeypatch, content)
    assert figures("-") == EXPECTED


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_text_with_a_byte_order_mark_is_csv_or_json_lines(
    mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, FRAME.write_csv().encode(mark))
    assert figures("-") == EXPECTED
    lines = "\n".join(json.dumps(row, default=str) for row in FRAME.iter_rows(named=True))
    given(monkeypatch, f"\n {lines}".encode(mark))
    assert figures("-") == EXPECTED


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "empty, or read already"),
        (gzipped(b"a,b\n1,2\n" * 9)[:-9], "the gzip file was cut short; fetch it again"),
        (gzipped(b""), "the file is empty"),
        (FRAME.write_csv().encode() + b"5\n", "6: a row of 1 fields, where the header has 8"),
        (b'{"case_id": 1\n', "broken JSON at sign 14 (Expecting ',' delimiter); each line holds a whole object, such as {\"case_id\": \"A1\"}"),
        (b"FEA1" + bytes(9), "Feather version 1, which is no longer read; write it as version 2 (Arrow) or as Parquet"),
        (b"PAR1" + bytes(9), "cannot be read: "),
        (b"ARROW1" + bytes(9), "cannot be read: "),
        (b"\xff\xff\xff\xff" + bytes(9), "the Arrow stream was cut short; write or fetch it again"),
        ((FIXTURES / "four_cases.xls").read_bytes()[:3000], "cannot be read as a workbook: "),
        (b"PK\x03\x04junk", "no zip archive, or broken: File is not a zip file; fetch it again"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line(
    content: bytes, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, content)
    with pytest.raises(kpi.DataError) as error:
        kpi.evaluate(PLAN, "-")
    message = str(error.value)
    assert message.startswith("standard input:")
    assert line in message
    assert "\n" not in message


def test_a_terminal_or_nothing_at_all_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "standard input: a terminal, not a table; give a file, or hand one over"
    given(monkeypatch, b"", terminal=True)
    with pytest.raises(kpi.DataError, match=line):
        kpi.evaluate(PLAN, "-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(kpi.DataError, match=line):
        kpi.evaluate(PLAN, "-")


def command(*arguments: str, content: bytes = (HEADER + GOOD).encode()) -> Result:
    found = CliRunner().invoke(main, arguments, input=content, catch_exceptions=False)
    assert "Traceback" not in found.output
    return found


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "plan.toml", "-", "--format", "json"),
        ("evaluate", "plan.toml", "-", "--out", "result.txt", "--rejects", "rejects.csv"),
        ("readings", "plan.toml", "-", "--format", "json"),
        ("readings", "plan.toml", "-", "--month-ends", "--format", "json"),
        ("check", "plan.toml", "-"),
        ("check", "plan.toml", "-", "--as-of", "2017-12-31"),
        ("explain", "plan.toml", "-", "a1"),
    ],
)
def test_every_command_over_an_extract_takes_standard_input(arguments: tuple[str, ...]) -> None:
    Path("cases.csv").write_text(HEADER + GOOD)
    from_file = command(*("cases.csv" if word == "-" else word for word in arguments))
    assert from_file.exit_code == 0, from_file.output
    assert command(*arguments).output == from_file.output


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", ["evaluate", "readings", "check", "explain"])
def test_a_terminal_as_standard_input_is_a_usage_error(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi.cli.options._is_terminal", lambda: True)
    case: tuple[str, ...] = ("a1",) if name == "explain" else ()
    found = command(name, "plan.toml", "-", *case)
    assert found.exit_code == 2
    assert found.stderr.splitlines()[-1].endswith(
        "- is standard input, a terminal here; give a file, or use < FILE"
    )


def test_a_log_of_events_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    log = pl.DataFrame({"case_id": ["1"], "event": ["in"], "time": ["2017-01-01"]})
    dates: dict[str, Any] = {"filed": {"first": "in"}}
    given(monkeypatch, log.write_csv(separator=";").encode())
    assert kpi.cases_from_events("-", dates).cases.height == 1


def test_the_kinds_of_this_test_are_all_that_are_read() -> None:
    assert set(KINDS) == set(SUFFIXES)
    assert kind_of(Path("-")) == ""

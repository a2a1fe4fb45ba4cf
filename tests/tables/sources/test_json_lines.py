"""JSON lines: types from all rows, no value turned silently, mistakes with their line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.tables.sources import json_lines
from kpi.tables.sources.files import open_file
from kpi.tables.sources.layout import Layout
from tests.tables.four_cases import PLAN

WHOLE = 'each line holds a whole object, such as {"case_id": "A1"}'


def layout(**declared: Any) -> Layout:
    return Layout(table="cases", key=("id",), **declared)


def read(path: Path, *lines: str, **declared: Any) -> pl.DataFrame:
    file = path / "cases.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = open_file(file, layout(**declared)).frame.collect()
    assert isinstance(found, pl.DataFrame)
    return found


def refused(path: Path, *lines: str, **declared: Any) -> str:
    with pytest.raises(kpi.DataError) as error:
        read(path, *lines, **declared)
    message = str(error.value)
    assert "\n" not in message
    return message.removeprefix(str(path / "cases.jsonl"))


@pytest.mark.parametrize(
    ("values", "dtype", "found"),
    [
        (["1", "null", "-3"], pl.Int64, [1, None, -3]),
        (["9223372036854775807", "1"], pl.Int64, [2**63 - 1, 1]),
        (["9223372036854775808", "1"], pl.String, ["9223372036854775808", "1"]),
        (["1", "2.5"], pl.Float64, [1.0, 2.5]),
        (["9007199254740993", "2.5"], pl.String, ["9007199254740993", "2.5"]),
        (["true", "null", "false"], pl.Boolean, [True, None, False]),
        (['"2017-01-01"', '"007"', '""'], pl.String, ["2017-01-01", "007", ""]),
        (['"a"', "1", "2.5", "true"], pl.String, ["a", "1", "2.5", "true"]),
        (["true", "1"], pl.String, ["true", "1"]),
        (["null", "null"], pl.Null, [None, None]),
        (['"\\u00e6\\ud83d\\ude00"', '"ø"'], pl.String, ["æ😀", "ø"]),
    ],
)
def test_a_column_has_the_type_of_all_its_values_and_texts_where_they_differ(
    values: list[str], dtype: pl.DataType, found: list[Any], tmp_path: Path
) -> None:
    column = read(tmp_path, *(f'{{"id": {value}}}' for value in values))["id"]
    assert (column.dtype, column.to_list()) == (dtype, found)


@pytest.mark.parametrize("batch", [1, 2, 10_000])
def test_keys_may_come_late_and_be_absent_and_blank_lines_are_no_rows(
    batch: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(json_lines, "_BATCH", batch)
    lines = ['{"id": 1}'] * 150 + ["", '  {"id": 2, "late": "x"}\r', "{}"]
    found = read(tmp_path, *lines)
    assert found.shape == (152, 2)
    assert found["late"].to_list() == [None] * 150 + ["x", None]
    assert found["id"].to_list() == [1] * 150 + [2, None]


def test_a_mark_and_a_declared_encoding_are_read_and_lines_left_out(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes('{"id": "æ"}\n'.encode("utf-8-sig"))
    assert open_file(file, layout()).frame.collect()["id"].to_list() == ["æ"]
    file.write_bytes('udtræk\n{"id": "æ"}\nslut\n'.encode("cp850"))
    declared = layout(encoding="cp850", skip_lines=1, footer_lines=1)
    assert open_file(file, declared).frame.collect()["id"].to_list() == ["æ"]
    file.write_bytes(b'x\n\n{"id": "\xe6"}\n')
    with pytest.raises(kpi.DataError, match=r"cases.jsonl:3: not UTF-8"):
        open_file(file, layout(skip_lines=1))


GOOD = '{"id": 1}'


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([GOOD, "", '{"id": 1'], f":3: broken JSON at sign 9 (Expecting ',' delimiter); {WHOLE}"),
        ([GOOD, "{'id': 1}"], f":2: broken JSON at sign 2 (Expecting property name enclosed in double quotes); {WHOLE}"),
        ([GOOD, GOOD + GOOD], f":2: broken JSON at sign 10 (Extra data); {WHOLE}"),
        ([GOOD, f"{GOOD}, {GOOD}"], f":2: broken JSON at sign 10 (Extra data); {WHOLE}"),
        (['{"id": 1,', '"b": 2}', f"{GOOD}, {GOOD}"], f":1: broken JSON at sign 10 (Expecting property name enclosed in double quotes); {WHOLE}"),
        (['{"a": [{}', '{"id": 1}]}'], f":1: broken JSON at sign 10 (Expecting ',' delimiter); {WHOLE}"),
        (['{"id": "x}', '{y"}', f"{GOOD}, {GOOD}"], f":1: broken JSON at sign 8 (Unterminated string starting at); {WHOLE}"),
        (['[{"id": 1}]'], f":1: an array, and no object; {WHOLE}"),
        ([GOOD, '"x"'], f":2: a value, and no object; {WHOLE}"),
        ([GOOD, "id,filed"], f":2: broken JSON at sign 1 (Expecting value); {WHOLE}"),
        ([GOOD, '{"id": NaN}'], f":2: broken JSON (NaN is no value of JSON); {WHOLE}"),
        ([GOOD, '{"id": -Infinity}'], f":2: broken JSON (-Infinity is no value of JSON); {WHOLE}"),
        ([GOOD, '{"id": 1, "b": 2, "id": 3}'], ":2: the key 'id' stands twice; keep one"),
        ([GOOD, '{"id": "\\ud800"}'], ":2: 'id' holds half a letter (a lone surrogate); write the text again"),
        ([GOOD, '{"id": ' + "[" * 100_000 + "}"], f":2: nested too deeply; {WHOLE}"),
        (["", " "], f": no row; {WHOLE}"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_object_is_refused_with_its_number(
    lines: list[str], message: str, tmp_path: Path
) -> None:
    assert refused(tmp_path, *lines) == message


def test_line_numbers_are_those_of_the_file_below_lines_that_are_left_out(tmp_path: Path) -> None:
    assert refused(tmp_path, "x", "y", GOOD, "[]", skip_lines=2).startswith(":4: an array")


def test_nested_values_are_refused_where_they_are_needed_alone(tmp_path: Path) -> None:
    rows = [
        '{"case_id": "1", "case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-02", "months": 5, "flag": true, "tags": null}',
        '{"case_id": "2", "case_type": "visa", "filed": "2017-01-01", "decided": null, "months": 5, "flag": true, "tags": ["a"]}',
    ]  # fmt: skip
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(rows) + "\n")
    assert kpi.evaluate(PLAN, file).targets[0].rows == 2
    file.write_text("\n".join(rows).replace('"months": 5', '"months": {"of": 5}', 1))
    with pytest.raises(kpi.DataError) as error:
        kpi.check(PLAN, file)
    assert str(error.value) == (
        f"cases: column months holds nested values (the first at {file}:1), which cannot be read; "
        "convert it to text, numbers, dates or times"
    )

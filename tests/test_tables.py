"""Tables in: every kind of source gives the same answers; every kind of bad input a clear line."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import kpi
from tables import TABLE, average, cases, plan, spans, within

PLAN = plan(
    within("1 month", id="1", where={"case_type": "visa", "months": 5, "flag": True}),
    average(id="2", unless={"case_type": "asylum"}),
)
FRAME = cases(
    {"filed": "2017-01-01", "decided": "2017-02-01"},
    {"filed": "2017-01-01", "decided": "2017-03-01"},
    {"filed": "2017-01-01", "decided": None, "case_type": None},
    {"filed": "2017-05-01", "decided": "2017-05-02", "case_type": "asylum"},
).with_columns(months=pl.Series([5, 5, None, 8]), flag=pl.Series([True, True, None, False]))


def figures(tables: Any, **more: Any) -> list[tuple[int, int, dict[str, int], float | None]]:
    found = kpi.evaluate(PLAN, tables, **more).targets
    return [(t.rows, t.counted, dict(t.excluded), t.value) for t in found]


EXPECTED: list[tuple[int, int, dict[str, int], float | None]] = [(4, 2, {}, 0.5), (4, 2, {}, 45.0)]


class Stream:
    """Only the Arrow C stream, as any other library would hand it over."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


SOURCES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "DataFrame": lambda f: f,
    "LazyFrame": lambda f: f.lazy(),
    "PyArrow table": lambda f: f.to_arrow(),
    "record batch reader": lambda f: f.to_arrow().to_reader(),
    "record batch": lambda f: f.to_arrow().combine_chunks().to_batches()[0],
    "Arrow C stream": lambda f: Stream(f.to_arrow()),
    "pandas": lambda f: f.to_pandas(),
    "mapping": lambda f: {"cases": f},
    "Categorical": lambda f: f.with_columns(pl.col("case_type").cast(pl.Categorical)),
    "Enum": lambda f: f.with_columns(pl.col("case_type").cast(pl.Enum(["asylum", "visa"]))),
    "Enum without a named one": lambda f: f.with_columns(
        pl.col("case_type").replace("asylum", "else").cast(pl.Enum(["else", "visa"]))
    ),
    "naive timestamps": lambda f: f.with_columns(pl.col("filed", "decided").cast(pl.Datetime)),
    "milliseconds": lambda f: f.with_columns(pl.col("filed", "decided").cast(pl.Datetime("ms"))),
    "instants": lambda f: f.with_columns(
        pl.col("filed", "decided").cast(pl.Datetime).dt.replace_time_zone("Europe/Copenhagen")
    ),
    "a date beside an instant": lambda f: f.with_columns(
        pl.col("decided").cast(pl.Datetime).dt.replace_time_zone("Europe/Copenhagen").dt.convert_time_zone("UTC")
    ),
    "small integers": lambda f: f.with_columns(pl.col("months").cast(pl.UInt8)),
    "floats for integers": lambda f: f.with_columns(pl.col("months").cast(pl.Float64)),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_gives_the_same_answers(source: Callable[[pl.DataFrame], Any]) -> None:
    expected = EXPECTED
    if source is SOURCES["Enum without a named one"]:
        expected = [EXPECTED[0], (4, 3, {}, 91 / 3)]  # no case is of the type left out
    assert figures(source(FRAME)) == expected


def test_a_duckdb_relation(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(kpi.dump_plan(PLAN), encoding="utf-8")
    FRAME.write_parquet(tmp_path / "frame.parquet")
    code = """
import duckdb, kpi
relation = duckdb.read_parquet("frame.parquet")
found = kpi.evaluate(kpi.load_plan("plan.toml"), relation).targets
print([(t.rows, t.counted, t.excluded, t.value) for t in found])
"""
    # In a process of its own: DuckDB complains at its end of Arrow streams it has handed over.
    script = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert script.stdout.strip() == str(EXPECTED)


def write(frame: pl.DataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_ipc(path)
    return path


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow", "ipc", "feather"])
def test_every_kind_of_file(suffix: str, tmp_path: Path) -> None:
    path = write(FRAME, tmp_path / f"extract.{suffix}")
    assert figures(path) == figures(str(path)) == EXPECTED
    # A name is no pattern.
    assert figures(write(FRAME, tmp_path / f"extract [2]*.{suffix}")) == EXPECTED
    inside = tmp_path / "directory"
    inside.mkdir()
    write(FRAME, inside / f"cases.{suffix}")
    (inside / "notes.txt").write_text("not a table")
    assert figures(inside) == EXPECTED


def test_a_short_row_in_a_file_whose_name_is_no_pattern(tmp_path: Path) -> None:
    path = write(FRAME, tmp_path / "extract [2]*.csv")
    path.write_text(path.read_text() + "8,visa\n")
    with pytest.raises(kpi.DataError, match=rf":{FRAME.height + 2}: a row of 2 fields"):
        figures(path)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_under_which_the_header_holds_the_key(
    separator: str, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    FRAME.write_csv(path, separator=separator)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # and a byte-order mark
    assert figures(path) == EXPECTED


def test_text_dates_are_parsed_as_declared() -> None:
    table = kpi.Table(
        "cases", key="case_id", entry="filed", events="decided", date_format="%d-%m-%Y"
    )
    day_first = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    text = FRAME.with_columns(pl.col("filed", "decided").dt.strftime("%d-%m-%Y"))
    assert kpi.evaluate(day_first, text).targets[0].total == 31 + 59 + 1
    stamped = kpi.Table(
        "cases", key="case_id", entry="filed", events="decided", date_format="%Y-%m-%d %H:%M%z"
    )
    with_zone = kpi.Plan(id="p", period="2017", tables=[stamped], targets=[average()])
    late = pl.DataFrame(
        {
            "case_id": ["1"],
            "filed": ["2017-01-01 23:30+00:00"],
            "decided": ["2017-01-03 00:30+01:00"],
        }
    )
    assert kpi.evaluate(with_zone, late).targets[0].total == 1  # 2 January to 3 January, local


def test_extra_columns_are_kept_for_a_break_down_and_else_ignored() -> None:
    frame = FRAME.with_columns(office=pl.Series(["a", "a", "b", "b"]))
    checked = kpi.check(PLAN, frame)
    assert kpi.evaluate(PLAN, checked, by="office").groups.height == 4
    assert "office" not in kpi.check(PLAN, frame, columns=[]).tables["cases"].frame.columns


def test_a_table_is_checked_once_and_evaluated_many_times() -> None:
    checked = kpi.check(PLAN, FRAME)
    before = checked.tables["cases"].frame.lazy().collect()
    for day in (None, "2017-02-15", "2018-01-01"):
        assert kpi.evaluate(PLAN, checked, day).targets == kpi.evaluate(PLAN, FRAME, day).targets
    assert checked.tables["cases"].frame.lazy().collect().equals(before)
    other = plan(average("7 days"))
    with pytest.raises(kpi.DataError, match="were checked for the plan p, not for this p"):
        kpi.evaluate(other, checked)


def test_rows_that_cannot_be_used_stand_beside_the_others_with_their_reasons() -> None:
    text = FRAME.with_columns(
        case_id=pl.Series(["1", None, "3", "4"]),
        filed=pl.Series(["2017-01-01", "2017-01-01", "1/2/2017", "17-05-01"]),
        months=pl.Series(["5", "5", None, "five"]),
        flag=pl.Series(["true", "TRUE", "", "no"]),
    )
    checked = kpi.check(PLAN, text)
    rejected = checked.rejected["cases"]
    assert rejected.select("row", "reason", "case_id").rows() == [
        (2, "case_id missing", None),
        (3, "filed is not a date as %Y-%m-%d", "3"),
        (4, "filed is not a date as %Y-%m-%d", "4"),
    ]
    assert rejected["filed"].to_list() == ["2017-01-01", "1/2/2017", "17-05-01"]  # as they came
    result = kpi.evaluate(PLAN, checked)
    assert result.facts["cases"].rows == 4
    assert result.targets[0].rows == 1
    assert "cases: 2 of 4 rows rejected: filed is not a date as %Y-%m-%d" in result.notes
    with pytest.raises(kpi.DataError, match="1 row rejected: case_id missing"):
        kpi.check(PLAN, text, strict=True)


def test_ids_that_are_not_checked_are_counted_and_the_result_says_so() -> None:
    twice = pl.concat([FRAME, FRAME.head(1)])
    said = "cases: ids not checked, as asked; rows of a repeated id are counted, each of them"
    for skip in ("ids", ["ids"]):
        result = kpi.evaluate(PLAN, kpi.check(PLAN, twice, skip=skip))
        assert (result.targets[0].rows, result.targets[0].counted) == (5, 3)
        assert said in result.notes
    checked = kpi.evaluate(PLAN, kpi.check(PLAN, FRAME, skip=()))
    assert not any("not checked" in note for note in checked.notes)
    batches = [
        kpi.partial(PLAN, kpi.check(PLAN, FRAME, skip="ids")),
        kpi.partial(PLAN, FRAME.clear()),
    ]
    assert said in kpi.finish(kpi.merge(*batches)).notes


def test_a_check_that_is_none_cannot_be_left_out() -> None:
    with pytest.raises(kpi.DataError, match=r"skip: found 'id'; accepted: ids \(did you mean"):
        kpi.check(PLAN, FRAME, skip="id")
    with pytest.raises(kpi.DataError, match="skip: found 'ids' where strict checks it; accepted"):
        kpi.check(PLAN, FRAME, strict=True, skip="ids")


def test_a_repeated_id_is_named_and_strict_refuses_it() -> None:
    twice = pl.concat([FRAME, FRAME.head(1)])
    result = kpi.evaluate(PLAN, twice)
    assert result.targets[0].excluded == {"repeated id": 2}
    assert "cases: 2 rows with a repeated id, excluded; among them 1" in result.notes
    with pytest.raises(kpi.DataError, match="cases: 2 rows with a repeated id"):
        kpi.check(PLAN, twice, strict=True)


def test_a_repeated_id_counts_rejected_rows_too() -> None:
    rows = pl.DataFrame(
        {
            "case_id": ["1", "1"],
            "filed": ["2017-01-01", "?"],
            "decided": ["2017-01-02", "2017-01-02"],
        }
    )
    found = kpi.evaluate(plan(average()), rows).targets[0]
    assert (found.rows, found.excluded) == (1, {"repeated id": 1})
    hidden = pl.DataFrame(
        {
            "case_id": ["1", "1", "2", "2"],
            "filed": ["2017-01-01", "?", "2017-01-01", "2018-05-01"],
            "decided": ["2017-01-02"] * 4,
        }
    )
    found = kpi.evaluate(plan(average()), hidden).targets[0]
    assert (found.rows, found.counted, found.excluded) == (2, 1, {"repeated id": 1})


def test_a_key_of_several_columns() -> None:
    table = kpi.Table("cases", key=["case_id", "filed"], entry="filed", events="decided")
    keyed = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = spans(
        ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-03"), ("2017-01-02", "2017-01-03")
    )
    rows = rows.with_columns(case_id=pl.lit("x"))
    result = kpi.evaluate(keyed, rows)
    assert result.targets[0].excluded == {"repeated id": 2}
    assert result.audit().collect()["case"].to_list() == [
        "x, 2017-01-01",
        "x, 2017-01-01",
        "x, 2017-01-02",
    ]


def test_categories_that_plan_and_table_do_not_share_are_reported() -> None:
    result = kpi.evaluate(
        PLAN, FRAME.with_columns(case_type=pl.Series(["visa", "asylm", "asylm", "other"]))
    )
    notes = "\n".join(result.notes)
    assert (
        "cases.case_type: the plan names what no row holds: 'asylum' (did you mean 'asylm'?)"
        in notes
    )
    assert "cases.case_type: 3 rows with a value that no target names: 'asylm', 'other'" in notes


def test_no_rows_and_only_nulls() -> None:
    empty = kpi.evaluate(PLAN, FRAME.clear())
    assert [t.verdict for t in empty.targets] == ["not_assessable"] * 2
    assert "cases: the table has no rows" in empty.notes
    nulls = pl.DataFrame({name: [None, None] for name in FRAME.columns}).with_columns(
        case_id=pl.Series([1, 2])
    )
    found = kpi.evaluate(PLAN, nulls)
    assert [(t.rows, t.outside, t.verdict) for t in found.targets] == [(2, 2, "not_assessable")] * 2


FAR = pl.Series([10_000_000, 17_200, 17_200, 17_200], dtype=pl.Int32).cast(pl.Date)

WRONG: dict[str, tuple[Any, str]] = {
    "missing columns": (
        FRAME.drop("decided").rename({"filed": "fild"}),
        "cases: missing column filed (did you mean 'fild'?), decided; found case_id, case_type, fild, documented, due, months, flag",
    ),
    "numbers for dates": (
        FRAME.with_columns(filed=pl.lit(5)),
        "cases: column filed holds Int32; the plan takes it for dates",
    ),
    "dates for text": (
        FRAME.with_columns(case_type=pl.col("filed")),
        "cases: column case_type holds Date; the plan takes it for text",
    ),
    "text for true or false": (
        FRAME.with_columns(flag=pl.lit("ja")),
        "cases: column flag: no value is true or false (the first is 'ja'); correct the column or the plan",
    ),
    "numbers for true or false": (
        FRAME.with_columns(flag=pl.lit(1)),
        "cases: column flag holds Int32; the plan takes it for true or false",
    ),
    "text for numbers": (
        FRAME.with_columns(months=pl.lit("x")),
        "cases: column months: no value is a whole number (the first is 'x'); correct the column or the plan",
    ),
    "text for numbers, typed": (
        FRAME.with_columns(months=pl.lit(value=True)),
        "cases: column months holds Boolean; the plan takes it for whole numbers",
    ),
    "dates written otherwise": (
        FRAME.with_columns(filed=pl.lit("01-05-2017")),
        "cases: column filed: no value is a date as %Y-%m-%d (the first is '01-05-2017'); declare date_format for the table, such as '%d-%m-%Y'",
    ),
    "a list": ([1], "cases: found list; accepted: a Polars frame, anything with __arrow_c_stream__ (PyArrow, pandas, DuckDB), or a path"),
    "an unknown table": ({"case": FRAME}, "unknown table 'case'; the plan p declares: cases (did you mean 'cases'?)"),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "message"), WRONG.values(), ids=WRONG)
def test_a_table_that_cannot_be_used_is_one_line(tables: Any, message: str) -> None:
    with pytest.raises(kpi.DataError) as caught:
        kpi.evaluate(PLAN, tables)
    assert str(caught.value) == message


def test_all_that_is_wrong_with_the_columns_is_said_at_once() -> None:
    with pytest.raises(kpi.DataError) as caught:
        kpi.check(PLAN, FRAME.with_columns(filed=pl.lit(5), months=pl.lit("x")))
    assert len(str(caught.value).splitlines()) == 2


def test_a_date_outside_the_calendar_is_rejected_and_never_wrapped() -> None:
    result = kpi.evaluate(PLAN, FRAME.with_columns(filed=FAR))
    assert result.facts["cases"].rejected == {"filed lies outside the years 1 to 9999": 1}


def test_the_first_and_last_days_of_the_calendar() -> None:
    target = within("100 years", window={"through": "9998-12-31"})
    rows = spans(
        ("0001-01-01", "0101-01-01"), ("0001-01-31", "0101-02-01"), ("9998-12-31", "9998-12-31")
    )
    result = kpi.evaluate(plan(target, period="9998"), rows)
    assert (result.targets[0].met, result.targets[0].counted) == (2, 3)
    trail = result.audit().collect()
    assert trail["due"].dt.year().to_list() == [101, 101, 10_098]


FILES: dict[str, tuple[str, bytes | None, str]] = {
    "none": ("none.parquet", None, "no such file"),
    "empty": ("empty.csv", b"", "the file is empty"),
    "unknown": ("cases.xlsx", b"x", "unknown kind of file; accepted: .parquet, .csv, .arrow, .ipc, .feather"),
    "not Parquet": ("cases.parquet", b"case_id,filed", "cannot be read"),
    "not Arrow": ("cases.arrow", b"case_id,filed", "cannot be read"),
    "Latin-1 header": ("cases.csv", "case_id,år\n".encode("latin-1"), "not UTF-8; save the extract as UTF-8"),
    "header alone of others": ("cases.csv", b"a,b\n", "missing column case_id"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read(
    name: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kpi.DataError, match=message):
        kpi.evaluate(PLAN, path)


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    path = write(FRAME, tmp_path / "cases.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(kpi.DataError, match="cannot be read"):
        kpi.evaluate(PLAN, path)


def test_latin_1_in_the_rows_and_rows_of_another_width(tmp_path: Path) -> None:
    header = ",".join(FRAME.columns) + "\n"
    path = tmp_path / "cases.csv"
    path.write_bytes((header + "1,visæ,2017-01-01,,2017-02-01,,5,true\n").encode("latin-1"))
    with pytest.raises(kpi.DataError, match="not UTF-8; save the extract as UTF-8"):
        kpi.evaluate(PLAN, path)
    path.write_text(header + "1,visa,2017-01-01,,2017-02-01,,5,true,,,\n")
    with pytest.raises(kpi.DataError, match="a row has more fields than the header; quote values"):
        kpi.evaluate(PLAN, path)


def test_directories(tmp_path: Path) -> None:
    with pytest.raises(
        kpi.DataError, match=r"no file for any table of the plan .cases.*found nothing"
    ):
        kpi.evaluate(PLAN, tmp_path)
    write(FRAME, tmp_path / "cases.parquet")
    write(FRAME, tmp_path / "cases.csv")
    with pytest.raises(
        kpi.DataError, match=r"two files for the table cases: cases.parquet, cases.csv; keep one"
    ):
        kpi.evaluate(PLAN, tmp_path)
    with pytest.raises(kpi.DataError, match="is a directory; expected a file for the table cases"):
        kpi.evaluate(PLAN, {"cases": tmp_path})


def test_one_table_where_the_plan_declares_several_without_cases(tmp_path: Path) -> None:
    two = [kpi.Table(n, key="case_id", entry="filed", events="decided") for n in ("a", "b")]
    both = kpi.Plan(
        id="p",
        period="2017",
        tables=two,
        targets=[average(id="a", table="a"), average(id="b", table="b")],
    )
    with pytest.raises(kpi.DataError, match="give a mapping from name to table, or a directory"):
        kpi.evaluate(both, FRAME)
    result = kpi.evaluate(both, write(FRAME, tmp_path / "b.parquet"))
    assert [t.counted for t in result.targets] == [0, 3]
    named = kpi.evaluate(both, {"a": FRAME, "b": FRAME.clear()})
    assert [t.counted for t in named.targets] == [3, 0]


def test_what_the_declared_date_format_cannot_be() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", date_format="%Q")
    odd = kpi.Plan(id="p", period="2017", tables=[table], targets=[average(end="filed")])
    with pytest.raises(kpi.DataError, match="%Q"):
        kpi.evaluate(odd, FRAME.with_columns(filed=pl.lit("2017-01-01")))


def test_a_date_column_of_datetimes_keeps_its_day_before_1970() -> None:
    rows = pl.DataFrame(
        {
            "case_id": ["1"],
            "filed": [dt.datetime(1969, 12, 31, 23, 59)],
            "decided": [dt.datetime(1970, 1, 1, 0, 1)],
        }
    )
    assert kpi.evaluate(plan(average(), period="1970"), rows).targets[0].total == 1


assert TABLE.date_columns == ("filed", "documented", "decided", "due")


def test_a_declared_event_that_no_target_reads_is_hidden_too() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided", "paid"])
    declared = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = spans(("2017-01-01", "2017-02-01"), ("2017-01-01", "2017-02-02"))
    paid = rows.with_columns(paid=pl.Series([dt.date(2017, 5, 1), dt.date(2018, 5, 1)]))
    groups = kpi.evaluate(declared, paid, by="paid").targets[0].groups
    assert [g.group["paid"] for g in groups] == [dt.date(2017, 5, 1), None]
    assert kpi.evaluate(declared, rows).targets[0].total == 31 + 32  # and it may be missing


@pytest.mark.parametrize("odd", [float("inf"), 5.5, 1e300])
def test_fractions_cannot_be_compared_with_whole_numbers(odd: float) -> None:
    months = pl.Series([5.0, odd, float("nan"), None])
    with pytest.raises(
        kpi.DataError, match=r"column months holds .*; the plan compares it with whole"
    ):
        kpi.evaluate(PLAN, FRAME.with_columns(months=months))


def test_a_repeated_key_with_a_text_date_beside_a_rejected_row() -> None:
    table = kpi.Table("cases", key=["case_id", "filed"], entry="filed", events="decided")
    keyed = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = pl.DataFrame(
        [("a", "2017-01-01", "2017-01-02")] * 2
        + [("a", "?", "2017-01-02"), ("b", "2018-05-01", None), ("b", "2017-01-01", "2017-01-04")],
        schema=["case_id", "filed", "decided"],
        orient="row",
    )
    found = kpi.evaluate(keyed, rows).targets[0]
    assert (found.excluded, found.total) == ({"repeated id": 2}, 3)


def test_an_empty_text_is_no_key(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text('case_id,filed,decided\n"",2017-01-01,2017-01-02\n,2017-01-01,2017-01-02\n')
    result = kpi.evaluate(plan(average()), path)
    assert result.facts["cases"].rejected == {"case_id missing": 2}


def test_what_is_no_plan() -> None:
    for call in (kpi.evaluate, kpi.check, kpi.partial):
        with pytest.raises(kpi.PlanError, match=r"found 'plan.toml'; accepted: a kpi.Plan"):
            call("plan.toml", FRAME)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "case_id,filed,decided\nA,2017-01-01,2017-02-01\nB,2017-01-01\n",
            ":3: a row of 2 fields, where the header has 3",
        ),
        (
            'case_id,filed,decided\n"A,x","2017\n-01",2017-02-01\n"B,y,z"\n',
            ":4: a row of 1 fields, where the header has 3",
        ),
        (
            "case_id,filed,decided,decided\nA,2017-01-01,2017-02-01,\n",
            "the header holds decided twice; keep one",
        ),
        ("case_id,filed\rA,2017-01-01\r", ":1: lines that end with a carriage return alone"),
    ],
)
def test_rows_and_headers_that_do_not_fit(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(text.encode())
    with pytest.raises(kpi.DataError, match=message):
        kpi.evaluate(plan(average()), path)


def test_quoted_values_and_blank_lines_are_no_short_rows(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        'case_id,note,filed,decided\nA,"two\nlines, and a comma",2017-01-01,2017-01-03\n\n'
        "B,,2017-01-01,\n"
    )
    assert kpi.evaluate(plan(average()), path).targets[0].total == 2


def test_a_declared_date_that_no_target_reads_rejects_nothing() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided", "paid"])
    declared = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = spans(("2017-01-01", "2017-02-01"), ("2017-01-01", "2017-02-02"))
    for paid in (["x", "2017-05-01"], ["x", "y"], [1, 2], [[1], [2]]):
        found = kpi.evaluate(declared, rows.with_columns(paid=pl.Series(paid)))
        assert found.targets[0].total == 31 + 32
        assert not found.facts["cases"].rejected


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_instants_outside_the_calendar_are_rejected(unit: Any, zone: str | None) -> None:
    days = {"ms": 86_400_000, "us": 86_400_000_000}[unit]
    far = pl.Series([2**63 - 1, -(2**62), 3_000_000 * days, 17_200 * days], dtype=pl.Int64).cast(
        pl.Datetime(unit)
    )
    rows = pl.DataFrame(
        {"case_id": ["1", "2", "3", "4"], "filed": far, "decided": [dt.date(2017, 3, 1)] * 4}
    )
    rows = rows.with_columns(pl.col("filed").dt.replace_time_zone(zone))
    result = kpi.evaluate(plan(average()), rows)
    assert result.facts["cases"].rejected == {"filed lies outside the years 1 to 9999": 3}
    assert result.targets[0].counted == 1


def test_the_last_nanosecond_does_not_wrap_round() -> None:
    last = pl.Series([2**63 - 1], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    rows = pl.DataFrame({"case_id": ["1"], "filed": [dt.date(2017, 1, 1)], "decided": last})
    found = kpi.evaluate(plan(within(denominator="cohort"), period="2017"), rows, "2262-12-31")
    assert (found.targets[0].met, found.targets[0].counted) == (0, 1)


def test_keys_that_differ_in_the_data_are_two_keys() -> None:
    table = kpi.Table("cases", key=["case_id", "filed"], entry="filed", events="decided")
    keyed = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    times = [dt.datetime(2017, 1, 1, 8), dt.datetime(2017, 1, 1, 15), dt.datetime(2017, 1, 1, 15)]
    rows = pl.DataFrame(
        {"case_id": ["a"] * 3, "filed": times, "decided": [dt.date(2017, 1, 2)] * 3}
    )
    found = kpi.evaluate(keyed, rows).targets[0]
    assert (found.counted, found.excluded) == (1, {"repeated id": 2})
    with pytest.raises(kpi.DataError, match="a key takes text, whole numbers or dates"):
        kpi.evaluate(keyed, rows.with_columns(case_id=pl.lit([1])))


def test_what_is_said_of_repeated_ids_is_of_the_rows_that_exist() -> None:
    rows = pl.DataFrame(
        {
            "case_id": ["a", "a", "", ""],
            "filed": ["2017-01-01", "2018-01-02"] * 2,
            "decided": ["2017-02-01"] * 4,
        }
    )
    result = kpi.evaluate(plan(average()), rows)
    assert result.targets[0].counted == 1
    assert not [note for note in result.notes if "repeated" in note]
    assert result.facts["cases"].rejected == {"case_id missing": 2}


def test_a_number_that_a_plan_names_and_no_row_holds_is_reported() -> None:
    result = kpi.evaluate(PLAN, FRAME.with_columns(months=pl.lit(8)))
    assert "cases.months: the plan names what no row holds: '5'" in result.notes


def test_a_time_zone_that_the_engine_does_not_know() -> None:
    odd = plan(average(), time_zone="Factory")
    rows = FRAME.with_columns(pl.col("filed").cast(pl.Datetime))
    with pytest.raises(kpi.DataError, match="time_zone 'Factory'"):
        kpi.evaluate(odd, rows)

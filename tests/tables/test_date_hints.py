"""What is said of texts that are no dates: what they are, and a format that reads them (S1)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve
from click.testing import CliRunner

import kpi
from kpi.cli import main
from kpi.tables.date_texts import iso_kinds, times_as
from kpi.tables.redaction import redacted
from tests.builders import TABLE, cases, plan, within

DAYS = [dt.date(2017, 1, 4), dt.date(2017, 12, 31), dt.date(2017, 5, 6)]
FORMATS = [
    "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d", "%m/%d/%Y", "%d %b %Y", "%d %B %Y",
    "%d-%b-%y", "%d-%b-%Y", "%d. %B %Y", "%b %d, %Y", "%B %d, %Y", "%d/%m/%y", "%d.%m.%y",
    "%d-%m-%Y %H:%M", "%d.%m.%Y %H.%M", "%m/%d/%Y %I:%M %p", "%d-%b-%y %H:%M:%S",
]  # fmt: skip


def declared(**keys: Any) -> kpi.Plan:
    asked = plan(within())
    return evolve(asked, tables=[evolve(TABLE, **keys)])


def refusal(texts: list[str | None], asked: kpi.Plan | None = None, column: str = "decided") -> str:
    """The line with which a table is refused whose column holds these texts."""
    dated: dict[str, str | None] = {"filed": "2017-01-01", "decided": "2017-02-01"}
    rows = [dated | {column: text} for text in texts]
    frame = pl.DataFrame(
        [{"case_id": n, "case_type": "visa", **row} for n, row in enumerate(rows)],
        schema_overrides={column: pl.String},
    )
    with pytest.raises(kpi.DataError) as raised:
        kpi.check(asked or plan(within()), frame)
    (line,) = str(raised.value).splitlines()
    return line.removeprefix(f"cases: column {column}: no value is a date as ")


@pytest.mark.parametrize("style", FORMATS)
def test_s1_the_format_that_is_suggested_reads_every_value(style: str) -> None:
    texts = pl.Series(DAYS).cast(pl.Datetime).dt.to_string(style)
    line = refusal(texts.to_list())
    suggested = line.split("declare date_format = { decided = '")[1].split("' }")[0]
    assert times_as(texts, suggested).cast(pl.Date).to_list() == DAYS
    # Once it is declared, the table is read.
    frame = pl.DataFrame(
        {"case_id": [1, 2, 3], "case_type": "visa", "filed": "2017-01-01", "decided": texts}
    )
    made = kpi.check(declared(date_format={"decided": suggested}), frame).tables["cases"]
    assert made.frame.lazy().collect()["decided"].to_list() == DAYS


WHAT = {
    "44562": "Excel's number of a day (2022-01-01): save the column as dates",
    "44562.5": "Excel's number of a day (2022-01-01): save the column as dates",
    "1640995200": "seconds since 1970 (2022-01-01): save the column as dates",
    "1640995200000": "milliseconds since 1970 (2022-01-01): save the column as dates",
    "N/A": 'a word for no value: declare nulls = ["N/A"] for the table',
    "NULL": 'a word for no value: declare nulls = ["NULL"] for the table',
    "0000-00-00": 'a word for no value: declare nulls = ["0000-00-00"] for the table',
    "00-00-0000": 'a word for no value: declare nulls = ["00-00-0000"] for the table',
    "#VALUE!": 'an error of Excel: correct the cell, or declare nulls = ["#VALUE!"] for the table',
    "#REF!": 'an error of Excel: correct the cell, or declare nulls = ["#REF!"] for the table',
    "#DIV/0!": 'an error of Excel: correct the cell, or declare nulls = ["#DIV/0!"] for the table',
    "#NAME?": 'an error of Excel: correct the cell, or declare nulls = ["#NAME?"] for the table',
    "########": 'an error of Excel: correct the cell, or declare nulls = ["########"] for the table',
    " ": "it is blank: leave it empty, or declare it in nulls for the table",
    "'2022-01-01": "it begins with an apostrophe, as Excel writes texts: remove that",
    "soon": "write it as 2017-03-01, or declare date_format for the table, such as '%d-%m-%Y'",
    "2017-02-30": "write it as 2017-03-01, or declare date_format for the table, such as '%d-%m-%Y'",
}


@pytest.mark.parametrize(("text", "what"), WHAT.items())
def test_s1_what_is_no_date_is_named_as_what_it_is(text: str, what: str) -> None:
    assert refusal([text, None, text]) == f"%Y-%m-%d (the first is {text!r}); {what}"


def test_s1_a_word_for_none_does_not_hide_how_the_others_are_written() -> None:
    assert refusal(["NULL", "", "04-Jan-22", "NULL"]) == (
        "%Y-%m-%d (the first is '04-Jan-22'); declare date_format = { decided = '%d-%b-%y' } for the table"
    )


def test_s1_the_other_values_tell_days_from_months() -> None:
    assert "'%m/%d/%Y'" in refusal(["01/02/2017", "12/31/2017"])
    assert "'%d/%m/%Y'" in refusal(["01/02/2017", "31/12/2017"])


def test_s1_a_log_of_events_says_the_same() -> None:
    for text, advice in (("04-Jan-22 09:30", "give time_format, such as '%d-%b-%y %H:%M'"), ("44562", "Excel's number of a day (2022-01-01): save the column as dates")):  # fmt: skip
        log = pl.DataFrame({"case_id": [1], "event": ["a"], "time": [text]})
        with pytest.raises(kpi.DataError) as raised:
            kpi.cases_from_events(log, {"filed": "a"})
        assert str(raised.value).endswith(f"(the first is {text!r}); {advice}")


# A format for each column.


def test_s1_each_column_may_have_a_format_of_its_own(tmp_path: Path) -> None:
    text = (
        'id = "p"\nperiod = "2022"\n[tables.cases]\nkey = "case_id"\nentry = "filed"\n'
        'events = ["published"]\ndate_format = { filed = "%d %b %Y" }\n[[targets]]\nid = "1"\n'
        'rule = "within"\nstart = "filed"\nend = "published"\nlimit = "10 days"\nthreshold = 60\n'
    )
    asked = kpi.parse_plan(text)
    assert kpi.parse_plan(kpi.dump_plan(asked)) == asked
    (tmp_path / "cases.csv").write_text("case_id,filed,published\nA1,31 Oct 2022,2022-11-08\n")
    found = kpi.evaluate(asked, tmp_path / "cases.csv")["1"]
    # The 8th day after 31 October.
    assert (found.met, found.counted) == (1, 1)
    both = kpi.parse_plan(text.replace(" }\n[[", ', published = "%d/%m/%y" }\n[['))
    (tmp_path / "cases.csv").write_text("case_id,filed,published\nA1,31 Oct 2022,10/11/22\n")
    assert kpi.evaluate(both, tmp_path / "cases.csv")["1"].met == 1


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ('{ filled = "%d" }', "table cases, date_format.filled: 'filled' is no date of the table; accepted: filed, decided (did you mean 'filed'?)"),
        ("{ filed = 7 }", "table cases, date_format.filed: found 7; accepted: a text"),
        ("7", "table cases, date_format: found 7; accepted: a text"),
    ],
)  # fmt: skip
def test_formats_that_are_none(value: str, line: str) -> None:
    with pytest.raises(kpi.PlanError) as raised:
        kpi.parse_plan(MINIMAL.replace("]\n[[", f"]\ndate_format = {value}\n[["))
    assert str(raised.value) == f"plan:7: {line}"


MINIMAL = (
    'id = "p"\nperiod = "2022"\n[tables.cases]\nkey = "case_id"\nentry = "filed"\n'
    'events = ["decided"]\n[[targets]]\nid = "1"\nrule = "within"\nstart = "filed"\nend = "decided"\n'
    'limit = "2 months"\nthreshold = 60\ndenominator = "cohort"\n'
)
NULL_WORDS = "case_id,filed,decided\nA1,2022-01-10,2022-02-10\nA2,2022-02-01,NULL\nA3,2022-02-01,2022-09-01\nA4,2022-05-01,NULL\n"  # fmt: skip


# Words for no value.


@pytest.mark.parametrize("size", [1, 1 << 30], ids=["large", "small"])
def test_s1_words_for_no_value_are_declared(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi.tables.sources.csv_files.LARGE", size)
    path = tmp_path / "cases.csv"
    path.write_text(NULL_WORDS)
    asked = kpi.parse_plan(MINIMAL.replace("]\n[[", ']\nnulls = ["NULL", "N/A"]\n[['))
    result = kpi.evaluate(asked, path)
    assert (result["1"].met, result["1"].counted) == (1, 4)
    assert result.facts["cases"].rejected == {}
    assert kpi.parse_plan(kpi.dump_plan(asked)) == asked
    # Undeclared they are no dates: two rows of four are set aside, and a note names the word.
    result = kpi.evaluate(kpi.parse_plan(MINIMAL), path)
    assert (result["1"].met, result["1"].counted) == (1, 2)
    assert "cases: 2 of 4 rows rejected: decided is not a date as %Y-%m-%d" in result.notes
    assert "cases.decided: unreadable: 2 × 'NULL'" in result.notes
    with redacted():
        notes = kpi.evaluate(kpi.parse_plan(MINIMAL), path).notes
    assert "cases.decided: unreadable: 2 × 'aaaa'" in notes


def test_s13_a_word_for_no_value_is_no_key_and_stands_as_it_came_among_the_rejects() -> None:
    asked = declared(nulls="-")
    rows = cases({"case_id": "-", "filed": "2017-01-01"}, {"case_id": "a", "filed": "2017-01-01"})
    checked = kpi.check(asked, rows.with_columns(pl.col("case_id").cast(pl.String)))
    rejected = checked.tables["cases"].rejected
    assert rejected.select("reason", "case_id").rows() == [("case_id missing", "-")]


@pytest.mark.parametrize("value", ["7", '[""]', '["a", "a"]', "[1]"])
def test_words_for_no_value_that_are_none(value: str) -> None:
    with pytest.raises(kpi.PlanError, match=r"table cases, nulls: found .*; accepted: texts"):
        kpi.parse_plan(MINIMAL.replace("]\n[[", f"]\nnulls = {value}\n[["))


def test_the_commonest_unreadable_text_of_batches_is_added_up() -> None:
    rows = [{"filed": "2017-01-01", "decided": text} for text in ("x", "y", "y", "2017-02-01")]
    first = pl.DataFrame([{"case_id": n, "case_type": "visa", **r} for n, r in enumerate(rows)])
    second = first.with_columns(pl.col("case_id") + 9, decided=pl.Series(["x", "x", "x", "2017-02-01"]))  # fmt: skip
    asked = plan(within())
    merged = kpi.finish(kpi.merge(kpi.partial(asked, first), kpi.partial(asked, second)))
    assert "cases.decided: most often unreadable: 4 × 'x'" in merged.notes


def test_the_commonest_unreadable_text_is_none_of_the_first_of_many(tmp_path: Path) -> None:
    """Texts of a large file are codes, of which each stands once."""
    texts = [f"a{n:03}" for n in range(300)] + ["zz"] * 3 + ["2017-02-01"] * 1500
    rows = "".join(f"{n},visa,2017-01-01,{text}\n" for n, text in enumerate(texts))
    (tmp_path / "cases.csv").write_text("case_id,case_type,filed,decided\n" + rows)
    for size in (1, 1 << 30):
        with mock.patch("kpi.tables.sources.csv_files.LARGE", size):
            result = kpi.evaluate(plan(within()), tmp_path / "cases.csv")
        assert "cases.decided: most often unreadable: 3 × 'zz'" in result.notes


def test_a_text_that_cannot_be_read_is_named_though_it_stands_once() -> None:
    rows = [{"case_id": 1, "filed": "NULL"}, {"case_id": 2, "filed": "2017-01-01"}]
    frame = pl.DataFrame(rows).with_columns(case_type=pl.lit("visa"), decided=pl.lit("2017-02-01"))
    assert "cases.filed: unreadable: 1 × 'NULL'" in kpi.evaluate(plan(within()), frame).notes


# Times as Postgres writes them.


def test_s1_a_zone_of_whole_hours() -> None:
    texts = ["2022-01-10 12:00:00.5+01", "2022-01-10 12:00:00-05", "2022-01-10T12:00:00+0530"]
    _, clock, zoned = iso_kinds(pl.Series(texts))
    assert clock.null_count() == 3
    assert zoned.dt.to_string("%Y-%m-%d %H:%M:%S").to_list() == [
        "2022-01-10 11:00:00",
        "2022-01-10 17:00:00",
        "2022-01-10 06:30:00",
    ]


# Plans.


def mistakes(text: str) -> list[str]:
    with pytest.raises(kpi.PlanError) as raised:
        kpi.parse_plan(text)
    return str(raised.value).splitlines()


def test_a_plan_without_id_and_period_has_all_its_mistakes_named_at_once() -> None:
    text = MINIMAL.split("\n", 2)[2].replace("2 months", "10 business days").replace("60", "0")
    found = mistakes(text)
    assert [line.split(": found")[0].split(";")[0] for line in found] == [
        "plan: id: missing",
        "plan: period: missing",
        "plan:10: target 1, limit: unknown unit 'business days' in '10 business days'",
        "plan:11: target 1, threshold",
    ]
    assert "'2022', '2022-H2', '2022-Q1' or '2022-03'" in found[1]
    assert found[2].endswith("(did you mean 'working days'?)")
    # Also those that only show where the parts of a plan stand beside one another.
    beside = MINIMAL.split("\n", 2)[2] + 'unless_paused = "x"\n'
    assert [line.split(":")[1:3] for line in mistakes(beside)][2:] == [["13", " target 1, unless_paused"]]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "hint"),
    [("GMT+1", "'Etc/GMT-1'"), ("UTC-05:00", "'Etc/GMT+5'"), ("+02:00", "'Etc/GMT-2'"), ("UTC+10", "'Etc/GMT-10'")],
)  # fmt: skip
def test_a_zone_that_is_an_offset(zone: str, hint: str) -> None:
    (line,) = mistakes(f'time_zone = "{zone}"\n' + MINIMAL)
    assert f"such as 'Europe/Copenhagen', or {hint} where the clocks never change" in line
    kpi.parse_plan(f"time_zone = {hint}\n" + MINIMAL)


@pytest.mark.parametrize("unit", ["business days", "business day", "bank days", "weekdays", "workdays", "work days"])  # fmt: skip
def test_other_words_for_working_days(unit: str) -> None:
    (line,) = mistakes(MINIMAL.replace("2 months", f"10 {unit}"))
    assert line.endswith("(did you mean 'working days'?)")


def test_wrong_keys_in_a_derived_date() -> None:
    made = "derived.a = { lates = ['filed', 'decided'] }\nderived.b = { date = 'filed', pluss = '1 day' }\n"
    lines = mistakes(MINIMAL.replace("[[", made + "[["))
    assert [line.split("; ")[0] for line in lines] == [
        "plan:7: table cases, derived.a.lates: unknown key (did you mean 'latest'?)",
        "plan:8: table cases, derived.b.pluss: unknown key (did you mean 'plus'?)",
    ]


def test_a_path_that_does_not_exist_says_so_for_every_plan(tmp_path: Path) -> None:
    two = MINIMAL.replace("tables.cases", "tables.a") + 'table = "a"\n'
    two = two.replace("[[", '[tables.b]\nkey = "x"\n[[', 1)
    for text in (MINIMAL, two):
        for name in ("none.csv", "none", "x" * 5000):
            with pytest.raises(kpi.DataError) as raised:
                kpi.evaluate(kpi.parse_plan(text), tmp_path / name)
            assert str(raised.value) == f"{tmp_path / name}: no such file"


def test_one_target_is_no_targets(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(MINIMAL)
    found = CliRunner().invoke(main, ["check", str(tmp_path / "plan.toml")])
    assert "no mistakes; 1 target over cases" in found.output

"""Cases and pauses that an extract file makes of an event log, as of a day (S13, S14, S15)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.tables.redaction import redacted
from kpi.tables.rejects import rejects
from tests.tables.event_log.small_logs import log_of, xes_file
from tests.tables.sources.extracts import CASES, NUMBERS, PLAN, day, extract, numbers

CASES_ONLY = evolve(PLAN, tables=[PLAN.table("cases")])


def at(month: int, number: int) -> dt.datetime:
    return dt.datetime(2022, month, number, 12)


def log() -> pl.DataFrame:
    """The events of the cases, with an event that nobody declared and a row without a case."""
    rows: list[tuple[Any, ...]] = []
    for case, filed, decided, kind, urgent in CASES.iter_rows():
        rows.append((case, "submitted", at(filed.month, filed.day), kind, urgent))
        rows.append((case, "letter", at(filed.month, filed.day), None, None))
        if decided is not None:
            rows.append((case, "decided", at(decided.month, decided.day), kind, urgent))
    rows.append((None, "submitted", at(1, 1), None, None))
    return pl.DataFrame(
        rows, schema=["case_id", "event", "time", "case_type", "urgent"], orient="row"
    )


DATES = """
[tables.cases.from_events]
columns = ["case_type", "urgent"]
[tables.cases.from_events.dates]
filed = "submitted"
decided = "decided"
"""


def of_log(directory: Path, frame: pl.DataFrame, declared: str, table: str = "cases") -> Path:
    frame.write_parquet(directory / "log.parquet")
    return extract(directory, f'path = "log.parquet"\n{declared}', table)


def refused(tables: object, as_of: str | None = None, plan: kpi.Plan = PLAN) -> str:
    with pytest.raises(kpi.DataError) as caught:
        kpi.evaluate(plan, tables, as_of)  # type: ignore[arg-type]  # whatever a test passes
    return str(caught.value)


def test_a_log_has_the_numbers_of_the_cases_and_its_rows_are_accounted_for(tmp_path: Path) -> None:
    path = of_log(tmp_path, log(), DATES)
    assert numbers(path) == NUMBERS
    notes = [n for n in kpi.evaluate(PLAN, path).notes if n.startswith("cases: log")]
    assert notes == [
        "cases: log: 1 of 12 rows rejected: case_id missing",
        "cases: log: 4 rows of events that are not declared: 'letter' (4)",
    ]


def test_a_text_file_under_other_names_with_other_words(tmp_path: Path) -> None:
    danish = log().with_columns(
        pl.col("time").dt.strftime("%d-%m-%Y %H:%M"),
        pl.col("event").replace({"submitted": "Modtaget"}),
        pl.col("urgent").cast(pl.String).replace({"true": "Ja", "false": "Nej"}),
    )
    danish.rename({"case_id": " Sagsnr", "event": "Hvad", "time": "Da"}).write_csv(
        tmp_path / "log.csv", separator=";", null_value="NULL"
    )
    path = extract(
        tmp_path,
        """
path = "log.csv"
nulls = "NULL"
booleans = { true = "Ja", false = "Nej" }
columns = { event = "Hvad" }
values.event = { Modtaget = "submitted", Lukket = "closed" }
[tables.cases.from_events]
case = "Sagsnr"
time = "Da"
time_format = "%d-%m-%Y %H:%M"
columns = ["case_type", "urgent"]
dates = { filed = "submitted", decided = "decided" }
""",
    )
    assert numbers(path) == NUMBERS
    notes = kpi.evaluate(PLAN, path).notes
    assert "cases: log: 1 of 12 rows rejected: Sagsnr missing" in notes
    assert "cases: event: the extract file renames what no row of the log holds: 'Lukket'" in notes


def test_times_that_are_numbers(tmp_path: Path) -> None:
    seconds = log().with_columns(pl.col("time").dt.epoch("s"))
    assert numbers(of_log(tmp_path, seconds, 'epochs = { time = "s" }' + DATES)) == NUMBERS
    told = refused(of_log(tmp_path, seconds, 'epochs = { time = "excel" }' + DATES))
    assert "log: column time: no value is a date as serial days of a workbook" in told
    assert "log: column time holds Int64; accepted: times, dates, texts" in refused(
        of_log(tmp_path, seconds, DATES)
    )


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_an_xes_file(name: str, tmp_path: Path) -> None:
    frame = log().drop_nulls("case_id")
    kinds = {
        case: f'<string key="type" value="{kind}"/><boolean key="urgent" value="{str(urgent).lower()}"/>'
        for case, kind, urgent in CASES.select("case_id", "case_type", "urgent").iter_rows()
    }
    xes_file(frame, tmp_path / name, traces=kinds)
    path = extract(tmp_path, f'path = "{name}"\ncolumns = {{ case_type = "type" }}\n{DATES}')
    assert numbers(path) == NUMBERS
    assert refused(tmp_path / name) == (
        f"{tmp_path / name}: is an event log; an extract file says what it is made of: "
        "[tables.cases.from_events], see docs/how-to/extract-files/"
    )


def test_rejected_rows_of_the_log_are_kept_written_and_refused(tmp_path: Path) -> None:
    checked = kpi.check(CASES_ONLY, of_log(tmp_path, log(), DATES))
    assert checked.rejected["cases (log)"].select("row", "reason").rows() == [
        (12, "case_id missing")
    ]
    rows = rejects(checked, dt.date(2022, 12, 31))
    assert rows.select("table", "row", "reason", "event").rows() == [
        ("cases (log)", 12, "case_id missing", "submitted")
    ]
    with pytest.raises(
        kpi.DataError, match="cases: 1 row of the event log rejected: case_id missing"
    ):
        kpi.check(CASES_ONLY, tmp_path / "extract.toml", strict=True)


def test_no_note_names_an_id_where_cells_are_redacted(tmp_path: Path) -> None:
    frame = pl.concat([log(), log_of(("E", "letter", at(1, 1)))], how="diagonal")
    path = of_log(tmp_path, frame, DATES)
    shown = kpi.evaluate(PLAN, path)
    with redacted():
        hidden = kpi.evaluate(PLAN, path).notes
        # The check was made where ids may be shown; the notes are not.
        assert "cases: log: 1 case without any declared event" in kpi.evaluate(CASES_ONLY, kpi.check(CASES_ONLY, path)).notes  # fmt: skip
    assert "cases: log: 1 case without any declared event; among them E" in shown.notes
    assert "cases: log: 1 case without any declared event" in hidden
    assert "cases: log: 5 rows of events that are not declared: 'aaaaaa' (5)" in hidden


LAST = DATES.replace('"decided"\n', '{ last = "decided" }\n')
BEFORE = DATES + 'heard = { last = "letter", before = "decided" }\n'


def reopened_log() -> pl.DataFrame:
    """The events of the cases, of which A is decided once more on 1 June."""
    return pl.concat([log(), log_of(("A", "decided", at(6, 1)))], how="diagonal")


def test_the_log_is_cut_at_the_as_of_date(tmp_path: Path) -> None:
    """By hand: A took 20 days until 20 February, and 121 until 1 June."""
    path = of_log(tmp_path, reopened_log(), LAST)
    assert numbers(path, "2022-05-31") == NUMBERS
    assert numbers(path) == {"1": (0, 2, 0.0), "2": (None, 3, 161 / 3)}
    notes = kpi.evaluate(PLAN, path, "2022-05-31").notes
    assert "cases: log: 1 row after the as-of date, left out" in notes
    assert kpi.readings(PLAN, path, "2022-05-31").as_of == dt.date(2022, 5, 31)
    months = evolve(PLAN, tables=[PLAN.table("cases")], targets=[kpi.Within(id="1", start="filed", end="decided", limit="1 month", threshold=90)])  # fmt: skip
    modes = kpi.month_ends(months, path, "2022-05-31").readings
    assert set(modes.frame["value"]) == {1.0}


def test_a_checked_log_is_not_looked_at_as_of_another_day_where_that_could_matter(
    tmp_path: Path,
) -> None:
    path = of_log(tmp_path, reopened_log(), LAST)
    june = kpi.check(CASES_ONLY, path, as_of="2022-06-30")
    what = "cases: is made of an event log as of"
    assert refused(june, "2022-05-31", CASES_ONLY) == (
        f"{what} 2022-06-30, and may have been another table as of 2022-05-31; "
        "check it again with as_of='2022-05-31'"
    )
    # Nothing was left out, so that the table stands on later days too.
    assert numbers(june, "2022-12-31", CASES_ONLY)["1"] == (0, 2, 0.0)
    may = kpi.check(CASES_ONLY, path, as_of="2022-05-31")
    assert refused(may, "2022-06-30", CASES_ONLY) == (
        f"{what} 2022-05-31, without 1 later rows; check it again with as_of='2022-06-30'"
    )


@pytest.mark.parametrize("declared", [LAST, BEFORE, DATES + 'or = { in_order = ["a", "b"] }', DATES.replace("columns", 'reopened = "last"\ncolumns')])  # fmt: skip
def test_choices_that_depend_on_the_day(declared: str, tmp_path: Path) -> None:
    checked = kpi.check(CASES_ONLY, of_log(tmp_path, log(), declared))
    assert "may have been another table" in refused(checked, "2022-12-30", CASES_ONLY)


@pytest.mark.parametrize("bound", ["", ', after = "filed"', ', before = "closed"'])
def test_first_events_can_be_looked_at_as_of_any_day_before(bound: str, tmp_path: Path) -> None:
    """Also where a case is decided later: a snapshot hides that as it hides a column's dates."""
    dates = DATES.replace('"decided"\n', f'{{ first = "decided"{bound} }}\nclosed = "closed"\n')
    closed = log_of(("A", "closed", at(3, 1)), ("B", "closed", at(2, 28)))
    path = of_log(tmp_path, pl.concat([reopened_log(), closed], how="diagonal"), dates)
    table = evolve(PLAN.table("cases"), events=["decided", "closed"])
    plan = evolve(PLAN, tables=[table])
    checked = kpi.check(plan, path)
    for as_of in ("2022-01-30", "2022-02-01", "2022-02-20", "2022-03-01", "2022-12-31"):
        assert numbers(checked, as_of, plan) == numbers(path, as_of, plan)


def test_what_no_snapshot_hides_makes_a_log_hold_from_a_day_on(tmp_path: Path) -> None:
    """A case without a filing, a value that came later, and a date that is no event of the plan."""
    bare = pl.concat([log(), log_of(("E", "letter", at(4, 1)))], how="diagonal")
    late = pl.concat([log(), log().filter(pl.col("case_id") == "D").head(1).with_columns(time=at(4, 1), event=pl.lit("letter"))])  # fmt: skip
    late = late.with_columns(
        case_type=pl.when((pl.col("case_id") == "D") & (pl.col("time") < at(4, 1)))
        .then(None)
        .otherwise("case_type")
    )
    other = DATES + 'heard = "letter"\n'
    heard = pl.concat([log().filter(pl.col("event") != "letter"), log_of(("A", "letter", at(4, 1)))], how="diagonal")  # fmt: skip
    for frame, declared in ((bare, DATES), (late, DATES), (heard, other)):
        checked = kpi.check(CASES_ONLY, of_log(tmp_path, frame, declared))
        kpi.evaluate(CASES_ONLY, checked, "2022-04-01")
        assert "may have been another table" in refused(checked, "2022-03-31", CASES_ONLY)


def test_a_day_of_a_time_with_a_zone_is_the_local_day(tmp_path: Path) -> None:
    """23:30 in UTC on 19 February is the 20th in Copenhagen."""
    when = dt.datetime(2022, 2, 19, 23, 30, tzinfo=dt.UTC)
    frame = log().with_columns(pl.col("time").dt.replace_time_zone("UTC"))
    late = pl.DataFrame({"case_id": ["A"], "event": ["decided"], "time": [when]}, schema_overrides={"time": frame.schema["time"]})  # fmt: skip
    frame = pl.concat([frame.filter(pl.col("time") < when), late], how="diagonal")
    path = of_log(tmp_path, frame, LAST)
    assert kpi.evaluate(CASES_ONLY, path, "2022-02-19")["2"].counted == 0
    assert kpi.evaluate(CASES_ONLY, path, "2022-02-20")["2"].counted == 1


def test_the_key_of_the_plan_names_the_case(tmp_path: Path) -> None:
    path = of_log(tmp_path, log().rename({"case_id": "sag"}), DATES.replace("columns", 'case = "sag"\ncolumns'))  # fmt: skip
    assert numbers(path) == NUMBERS
    two = evolve(CASES_ONLY, tables=[evolve(PLAN.table("cases"), key=["case_id", "part"])])
    assert refused(path, plan=two) == (
        "cases: from_events: the plan's key is case_id, part; a log names a case in one column"
    )


def test_a_log_without_a_column_is_refused(tmp_path: Path) -> None:
    path = of_log(tmp_path, log().drop("urgent"), DATES)
    assert refused(path) == ("log: missing column urgent; found case_id, event, time, case_type")
    twice = DATES.replace('"urgent"]', '"filed"]')
    assert "the case table would hold two columns 'filed'" in refused(
        of_log(tmp_path, log(), twice)
    )


STATUSES = """
[tables.waiting.from_events]
stops = ["asked", "sent abroad"]
starts = "answered"
"""


def statuses() -> pl.DataFrame:
    return log_of(
        ("A", "asked", at(2, 1)),
        ("A", "sent abroad", at(2, 2)),  # it stands already
        ("A", "answered", at(2, 5)),
        ("A", "answered", at(2, 6)),  # it runs already
        ("A", "asked", at(2, 10)),
        ("A", "answered", at(2, 12)),
        ("B", "answered", at(2, 1)),  # without a stop
        ("B", "asked", at(2, 20)),  # not over
        ("C", "letter", at(3, 1)),
        ("", "asked", at(3, 1)),
        ("B", "answered", at(12, 31)),
        ("C", "asked", dt.datetime(2023, 1, 1)),
    )


def test_pauses_of_a_status_log(tmp_path: Path) -> None:
    path = of_log(tmp_path, statuses(), STATUSES, "waiting")
    checked = kpi.check(PLAN, path, as_of="2022-12-30")
    assert checked.tables["waiting"].frame.lazy().collect().rows() == [
        ("A", day(2, 1), day(2, 5)),
        ("A", day(2, 10), day(2, 12)),
        ("B", day(2, 20), None),
    ]
    assert [str(r) for r in checked.tables["waiting"].facts.remarks_of_source] == [
        "log: 1 of 12 rows rejected: case_id missing",
        "log: 2 rows after the as-of date, left out",
        "log: 1 row of events that are not declared: 'letter' (1)",
        "log: 1 row of events that stop the clock while it stands, no pauses: 'sent abroad' (1)",
        "log: 2 rows of events that start the clock while it runs, left out: 'answered' (2)",
        "log: 1 of 3 pauses not over",
    ]


def test_pauses_of_a_log_are_those_of_a_table(tmp_path: Path) -> None:
    """By hand: A takes 20 days less 4 and 2, B 28 less 9 until 1 March, C 12: 45 in all."""
    target = PLAN.targets[1]
    assert isinstance(target, kpi.Average)
    target = evolve(target, pauses="waiting")
    plan = evolve(PLAN, targets=[target])
    CASES.write_parquet(tmp_path / "cases.parquet")
    path = of_log(tmp_path, statuses(), STATUSES, "waiting")
    path.write_text(path.read_text() + '[tables.cases]\npath = "cases.parquet"\n')
    assert kpi.evaluate(plan, path)["2"].value == 45 / 3
    checked = kpi.check(plan, path)
    for as_of in ("2022-02-04", "2022-02-21", "2022-03-01", "2022-12-31"):
        assert kpi.evaluate(plan, checked, as_of).targets == kpi.evaluate(plan, path, as_of).targets


def test_cases_and_pauses_are_not_mixed_up(tmp_path: Path) -> None:
    assert refused(of_log(tmp_path, log(), STATUSES.replace("waiting", "cases"))) == (
        "cases: from_events: stops and starts make pauses, and in the plan the table pauses no "
        "other; accepted: dates, or pauses in the plan"
    )
    assert refused(of_log(tmp_path, log(), DATES.replace("cases", "waiting"), "waiting")) == (
        "waiting: from_events: dates make cases, and in the plan the table pauses cases; "
        "accepted: stops and starts"
    )


def test_events_that_no_row_holds_are_noted_with_the_nearest_word(tmp_path: Path) -> None:
    path = of_log(tmp_path, statuses(), STATUSES.replace('"asked"', '"akked"'), "waiting")
    remarks = map(str, kpi.check(PLAN, path).tables["waiting"].facts.remarks_of_source)
    assert "log: no row holds what is declared: 'akked' (did you mean 'asked'?)" in list(remarks)

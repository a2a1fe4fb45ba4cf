"""Notes on what is easily overlooked: zones, old extracts, fractions, regions, due dates (S1, S3, S7, S15, S19)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

import kpi
from kpi.cli import main

HEAD = 'id = "p"\nperiod = "2022"\n'
TABLE = '[tables.cases]\nkey = "case_id"\nentry = "filed"\nevents = ["decided"]\n'
WITHIN = (
    '[[targets]]\nid = "1"\nrule = "within"\nstart = "filed"\nend = "decided"\n'
    'limit = "2 months"\nthreshold = 60\n'
)


def parsed(*parts: str) -> kpi.Plan:
    return kpi.parse_plan("".join(parts))


def frame(*pairs: tuple[Any, Any], **more: list[Any]) -> pl.DataFrame:
    filed, decided = zip(*pairs, strict=True)
    return pl.DataFrame({"case_id": range(len(pairs)), "filed": filed, "decided": decided, **more})


def notes(asked: kpi.Plan, table: Any, as_of: str | None = None) -> list[str]:
    return list(kpi.evaluate(asked, table, as_of).notes)


def checked(text: str, room: Path) -> list[str]:
    """What `kpi check` says of a plan, a line each."""
    (room / "plan.toml").write_text(text)
    found = CliRunner().invoke(main, ["check", str(room / "plan.toml")])
    assert found.exit_code == 0, found.output
    return found.stdout.splitlines()[1:]


# Zones (S1).

NOON = dt.datetime(2022, 12, 1, 12)
ZONED = NOON.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(("written", "zone"), [("", "Europe/Copenhagen"), ('time_zone = "Asia/Tokyo"\n', "Asia/Tokyo")])  # fmt: skip
def test_s1_a_note_names_the_zone_that_times_were_converted_to(written: str, zone: str) -> None:
    asked = parsed(written, HEAD, TABLE, WITHIN)
    line = f"cases: times with a zone became local dates of {zone}: "
    texts = {"2022-12-01T12:00:00Z", "2022-12-01T12:00:00+02:00"}
    for filed, decided, columns in (
        (ZONED, ZONED, "decided, filed"),
        (NOON, ZONED, "decided"),
        (ZONED.date(), ZONED, "decided"),
        (NOON, NOON, None),
        (NOON.date(), NOON.date(), None),
        *((text, "2022-12-05", "filed") for text in texts),
        ("2022-12-01", "2022-12-01T12:00:00", None),
    ):
        found = [note for note in notes(asked, frame((filed, decided))) if "zone" in note]
        assert found == ([] if columns is None else [line + columns])


def test_s1_a_date_that_nobody_reads_and_a_merged_state_name_the_zone_too() -> None:
    asked = parsed(HEAD, TABLE, 'dates = ["seen"]\n', WITHIN)
    day = dt.date(2022, 12, 1)
    first = kpi.partial(asked, frame((day, day)))
    second = kpi.partial(asked, frame((day, day), seen=[ZONED]).with_columns(case_id=pl.lit(7)))
    line = "cases: times with a zone became local dates of Europe/Copenhagen: seen"
    assert line in kpi.finish(kpi.merge(first, second)).notes
    assert not [note for note in kpi.finish(first).notes if "zone" in note]


# Old extracts (S15).


def test_s15_an_old_extract_is_named_though_the_date_was_given() -> None:
    asked = parsed(HEAD, TABLE, WITHIN)
    table = frame((dt.date(2022, 1, 10), dt.date(2022, 3, 31)))
    for as_of, named in (
        (None, "of 2022-03-31, more than a month earlier: the extract is probably from before the period's end"),
        ("2022-06-30", "of 2022-03-31, more than a month before 2022-06-30: the extract is probably too old"),
        # 31 March and a month is 30 April.
        ("2022-05-01", "of 2022-03-31, more than a month before 2022-05-01: the extract is probably too old"),
        ("2022-04-30", None),
        ("2022-03-31", None),
        ("2022-01-31", None),
    ):  # fmt: skip
        found = [note for note in notes(asked, table, as_of) if "newest" in note]
        whole = "the newest entry or event in the tables is "
        assert found == ([] if named is None else [whole + named])


# Percentages below 1 (S19).

AVERAGE = WITHIN.replace('"within"', '"average"').replace(
    '"2 months"\nthreshold = 60', '"60 days"\n'
)
SMALL = {
    "within": (WITHIN.replace("60", "0.9"), "threshold: 0.9", "90"),
    "a text": (WITHIN.replace("60", '"0.975"'), "threshold: 0.975", "97.5"),
    "a tenth": (WITHIN.replace("60", "0.1"), "threshold: 0.1", "10"),
    "over time": (WITHIN.replace("60", '{ dated = "filed", first = 80, since = { 2022-07-01 = 0.95 } }'), "threshold since 2022-07-01: 0.95", "95"),
    "clearance": (WITHIN.replace('"within"', '"clearance"').replace('limit = "2 months"', "deadline = { through = 2022-12-31 }").replace("60", "0.99"), "threshold: 0.99", "99"),
    "share": ('[[targets]]\nid = "1"\nrule = "share"\non = "filed"\nhaving = { filed = { in = "2022" } }\nthreshold = 0.5\n', "threshold: 0.5", "50"),
    "fastest": (AVERAGE + "fastest = 0.95\n", "fastest: 0.95", "95"),
    "percentile": (WITHIN.replace('"within"', '"percentile"').replace('"2 months"\nthreshold = 60', '"60 days"\npercentile = 0.8'), "percentile: 0.8", "80"),
    "change": ('[[targets]]\nid = "1"\nrule = "stock"\nstart = "filed"\nend = "decided"\nat = { end_of = "2022" }\nagainst = { end_of = "2021" }\nchange = { at_most = -0.1 }\n', "change.at_most: -0.1", "-10"),
    "clearance rate": ('[[targets]]\nid = "1"\nrule = "flow"\nstart = "filed"\nend = "decided"\nrequires = { at_least = 0.98 }\n', "requires.at_least: 0.98", "98"),
}  # fmt: skip


@pytest.mark.parametrize(("target", "named", "meant"), SMALL.values(), ids=SMALL)
def test_s19_a_percentage_below_1_is_named_by_check_and_by_the_result(
    target: str, named: str, meant: str, tmp_path: Path
) -> None:
    line = f"1: {named} is below 1 per cent; if the fraction was meant, write {meant}"
    assert checked(HEAD + TABLE + target, tmp_path) == [line]
    day = dt.date(2022, 12, 1)
    assert line in notes(parsed(HEAD, TABLE, target), frame((day, day)))


@pytest.mark.parametrize(
    "target",
    [
        WITHIN,
        WITHIN.replace("60", "1"),
        WITHIN.replace("60", "1.5"),
        WITHIN.replace("60", '"all"'),
        SMALL["change"][0].replace("-0.1", "0"),
        SMALL["change"][0].replace("-0.1", "-10"),
        SMALL["change"][0].replace('against = { end_of = "2021" }\n', "").replace("change = { at_most = -0.1 }", "level = { at_most = 0.5 }"),
        SMALL["clearance rate"][0] + 'indicator = "mean_age"\n',
    ],
)  # fmt: skip
def test_s19_other_numbers_need_no_word(target: str, tmp_path: Path) -> None:
    assert checked(HEAD + TABLE + target, tmp_path) == []


def test_s19_a_percentage_below_1_in_a_file_of_limits(tmp_path: Path) -> None:
    rows = "table,case_type,limit,threshold\ncases,visa,2 months,0.8\ncases,work,2 months,80\n"
    (tmp_path / "limits.csv").write_text(rows)
    target = WITHIN.replace(
        '"2 months"\nthreshold = 60',
        '{ file = "limits.csv", by = "case_type" }\neach = "case_type"',
    )
    assert checked(HEAD + TABLE + target, tmp_path) == [
        "1: threshold of visa: 0.8 is below 1 per cent; if the fraction was meant, write 80"
    ]


# Calendars whose region decides (S7).

WORKING = WITHIN.replace("2 months", "20 working days")


def calendars(lines: list[str]) -> list[str]:
    return [line for line in lines if "regions" in line]


def test_s7_a_calendar_without_the_region_that_decides_is_named(tmp_path: Path) -> None:
    whole = 'calendar = "united kingdom"\n'
    # 2 January is a day off in Scotland alone; in 2022, a Sunday, it was moved to the 4th.
    (line,) = calendars(checked(whole + HEAD + TABLE + WORKING, tmp_path))
    assert line.startswith("working days of united kingdom: its regions have different days off (2022-01-04 in SCT alone)")  # fmt: skip
    assert 'calendar = { name = "united kingdom", region = "SCT" }' in line
    day = dt.date(2022, 12, 1)
    assert line in notes(parsed(whole, HEAD, TABLE, WORKING), frame((day, day)))
    own = WORKING + 'calendar = "united kingdom"\n'
    assert calendars(checked(HEAD + TABLE + own, tmp_path)) == [line]
    for quiet in (
        'calendar = { name = "united kingdom", region = "ENG" }\n' + HEAD + TABLE + WORKING,
        'calendar = "denmark"\n' + HEAD + TABLE + WORKING,
        # No target counts working days.
        whole + HEAD + TABLE + WITHIN,
    ):
        assert calendars(checked(quiet, tmp_path)) == []
    assert calendars(checked('calendar = "germany"\n' + HEAD + TABLE + WORKING, tmp_path))


def test_s7_the_days_of_a_law_on_time_limits_that_a_calendar_leaves_out_are_named(
    tmp_path: Path,
) -> None:
    plan = HEAD + TABLE + WORKING
    (line,) = checked('calendar = "sweden"\n' + plan, tmp_path)[:1]
    assert line == (
        "working days of sweden with midsummer eve, christmas eve, new year's eve, for 1: by "
        "lag (1930:173) § 2 these are days off, as with calendar = "
        '{ name = "sweden", off = ["statutory days"] }'
    )
    partly = 'calendar = { name = "sweden", off = ["christmas eve", "midsummer eve"] }\n'
    (line,) = checked(partly + plan, tmp_path)[:1]
    assert line.startswith("working days of sweden with new year's eve, for 1: by lag")
    all_off = '{ name = "netherlands", off = ["statutory days"] }'
    quiet = checked(f"calendar = {all_off}\n" + plan, tmp_path)
    assert not [said for said in quiet if "these are days off" in said]
    day = dt.date(2022, 12, 1)
    asked = parsed('calendar = "netherlands"\n', plan)
    codes = [note.code for note in kpi.evaluate(asked, frame((day, day))).notes]
    assert "calendar-statutory-days" in codes


# Due dates before their start (S3).

DUE = TABLE.replace('["decided"]\n', '["decided"]\ndates = ["due"]\n') + WITHIN.replace('"2 months"', '{ column = "due" }')  # fmt: skip


def test_s3_due_dates_before_their_start_are_named() -> None:
    day, before = dt.date(2022, 12, 1), dt.date(2022, 11, 30)
    asked = parsed(HEAD, DUE)
    rows = frame((day, day), (day, day), (day, day), (day, None), due=[before, day, None, before])
    line = "1: 1 of 2 counted cases fell due before filed"
    assert line in notes(asked, rows)
    fine = frame((day, day), (day, day), due=[day, dt.date(2022, 12, 2)])
    assert not [note for note in notes(asked, fine) if "fell due" in note]
    two = kpi.merge(
        kpi.partial(asked, rows), kpi.partial(asked, rows.with_columns(pl.col("case_id") + 9))
    )
    assert "1: 2 of 4 counted cases fell due before filed" in kpi.finish(two).notes

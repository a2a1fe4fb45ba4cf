"""Due dates of a column that hold times of day are instants, and days at midnight (S3, S1)."""

from __future__ import annotations

import datetime as dt
import json
import random
import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

import kpi
from kpi.definitions.limits import DueColumn
from kpi.testing.oracle import Row
from tests.builders import pauses as waiting
from tests.counting_rules.hand_worked import D, T, plan_of_2022, row, within

NAIVE, UTC = pl.Datetime("us"), pl.Datetime("us", "UTC")


def target(by: str | None = None, **more: Any) -> kpi.Within:
    limit = {"column": "due"} | ({} if by is None else {"by": by})
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": 50, "limit": limit}
    return kpi.Within(**(given | more))


def frame(
    *rows: tuple[str | None, str | None],
    due: Any = NAIVE,
    decided: Any = NAIVE,
    filed: str = "2022-01-03",
) -> pl.DataFrame:
    """Cases out of (due, decided), in ISO 8601; the columns of what types is said."""

    def made(text: str | None, kind: Any) -> Any:
        if text is None or kind == pl.String:
            return text
        if kind == pl.Date:
            return dt.date.fromisoformat(text)
        return dt.datetime.fromisoformat(text)

    return pl.DataFrame(
        {
            "case_id": ["abcdefghijkl"[n] for n in range(len(rows))],
            "filed": [dt.date.fromisoformat(filed)] * len(rows),
            "due": pl.Series([made(row[0], due) for row in rows], dtype=due),
            "decided": pl.Series([made(row[1], decided) for row in rows], dtype=decided),
        }
    )


def outcomes(asked: kpi.Within, tables: Any, **more: Any) -> list[bool | str | None]:
    """Whether each case was in time, or why it is excluded."""
    trail = kpi.evaluate(plan_of_2022(asked, **more), tables).audit().collect()
    return [row["reason"] or row["met"] for row in trail.to_dicts()]


ROWS = [
    ("2022-03-01T12:00:00", "2022-03-01T12:00:00"),
    ("2022-03-01T12:00:00", "2022-03-01T12:00:01"),
    ("2022-03-01T12:00:00", "2022-03-01T00:00:00"),
    ("2022-03-01T12:00:00", "2022-02-28T23:59:59"),
    ("2022-03-01T12:00:00", "2022-03-02T00:00:00"),
    # Midnight is how a database holds a day, the whole of which is in time.
    ("2022-03-01T00:00:00", "2022-03-01T23:59:59"),
    ("2022-03-01T00:00:00", "2022-03-01T00:00:00"),
    ("2022-03-01T00:00:00", "2022-03-02T00:00:00"),
    ("2022-03-01T00:00:00.000001", "2022-03-01T00:00:01"),
    ("2022-03-01T23:59:59", "2022-03-01T23:59:59.5"),
]


@pytest.mark.parametrize(
    ("by", "met"),
    [
        (None, [True, False, True, True, False, True, True, False, False, False]),
        ("date", [True, True, True, True, False, True, True, False, True, True]),
        ("instant", [True, False, True, True, False, False, True, False, False, False]),
    ],
)
def test_s03_late_is_after_the_instant_and_after_the_day_at_midnight(
    by: str | None, met: list[bool]
) -> None:
    assert outcomes(target(by), frame(*ROWS)) == met
    assert outcomes(target(by), frame(*ROWS, due=pl.String, decided=pl.String)) == met
    for unit in ("ms", "ns"):
        kind = pl.Datetime(unit)
        rough = [row for row in ROWS if ".0" not in str(row[0])]
        kept = [its for its, row in zip(met, ROWS, strict=True) if ".0" not in str(row[0])]
        assert outcomes(target(by), frame(*rough, due=kind, decided=kind)) == kept


def test_s03_a_note_says_how_many_were_taken_as_which() -> None:
    result = kpi.evaluate(plan_of_2022(target()), frame(*ROWS))
    note = "of the due dates in due, 3 taken as days and 7 as instants (S3)"
    assert result["t"].remarks == (note,)
    assert f"t: {note}" in result.notes
    instants = kpi.evaluate(plan_of_2022(target("instant")), frame(*ROWS))["t"]
    assert instants.remarks == ("of the due dates in due, 0 taken as days and 10 as instants (S3)",)
    for quiet in (
        kpi.evaluate(plan_of_2022(target("date")), frame(*ROWS)),
        kpi.evaluate(plan_of_2022(target()), frame(("2022-03-01", "2022-03-01"), due=pl.Date)),
    ):
        assert quiet["t"].remarks == ()


def test_s03_all_midnights_are_days() -> None:
    rows = [("2022-03-01T00:00:00", "2022-03-01T17:30:00")] * 3
    found = kpi.evaluate(plan_of_2022(target()), frame(*rows))["t"]
    assert (found.met, found.counted) == (3, 3)
    assert found.remarks == ("of the due dates in due, 3 taken as days and 0 as instants (S3)",)


def test_s03_instants_with_a_zone_are_converted_to_the_plans_zone_first() -> None:
    """23:00 in UTC is midnight in Copenhagen in winter and in Lisbon in summer, 22:00 neither there."""
    rows = [
        ("2022-03-01T23:00:00+00:00", "2022-03-02T22:59:59+00:00"),  # the 2nd, whole
        ("2022-03-01T23:00:00+00:00", "2022-03-02T23:00:00+00:00"),
        ("2022-06-01T22:00:00+00:00", "2022-06-02T21:59:59+00:00"),
        (
            "2022-06-01T23:00:00+00:00",
            "2022-06-01T23:00:01+00:00",
        ),  # one o'clock; midnight in Lisbon
        ("2022-03-01T12:00:00+00:00", "2022-03-01T12:00:00+00:00"),
    ]
    made = frame(*rows, due=UTC, decided=UTC)
    assert outcomes(target(), made) == [True, False, True, False, True]
    assert outcomes(target(), made, time_zone="Europe/Lisbon") == [False, False, False, True, True]
    texts = frame(*rows, due=pl.String, decided=pl.String)
    assert outcomes(target(), texts) == [True, False, True, False, True]


def test_s03_times_with_a_zone_and_without_compare_as_instants() -> None:
    rows = [
        ("2022-06-01T12:00:00+00:00", "2022-06-01T14:00:00"),  # 14:00 in Copenhagen
        ("2022-06-01T12:00:00+00:00", "2022-06-01T14:00:01"),
        ("2022-06-01T14:00:00", "2022-06-01T12:00:00Z"),
        ("2022-06-01T14:00:00", "2022-06-01T12:00:01Z"),
        ("2022-06-01", "2022-06-01T21:59:59Z"),
        ("2022-06-01", "2022-06-01T22:00:00Z"),
        ("2022-06-01T14:00:00", "2022-06-01"),  # an end without a time counts by its date
        ("2022-06-01T14:00:00", "2022-06-02"),
    ]
    made = frame(*rows, due=pl.String, decided=pl.String)
    assert outcomes(target(), made) == [True, False] * 4


def test_s03_a_due_time_in_the_hour_that_occurs_twice_is_the_earlier() -> None:
    """30 October 2022: half past two in summer time is 00:30 in UTC."""
    rows = [
        ("2022-10-30T02:30:00", "2022-10-30T00:30:00+00:00"),
        ("2022-10-30T02:30:00", "2022-10-30T00:30:01+00:00"),
        ("2022-10-30T02:30:00", "2022-10-30T01:30:00+00:00"),
    ]
    assert outcomes(target(), frame(*rows, decided=UTC)) == [True, False, False]


@pytest.mark.parametrize(
    ("due", "decided", "outcome"),
    [
        ("2022-03-27T02:30:00", "2022-03-26T12:00:00", "no such local time"),
        ("2022-03-27T12:00:00", "2022-03-27T02:30:00", "no such local time"),
        # A day is due: the date of the skipped time is taken.
        ("2022-03-27T00:00:00", "2022-03-27T02:30:00", True),
        ("2022-03-26T00:00:00", "2022-03-27T02:30:00", False),
        ("2022-03-27T12:00:00", "2022-03-27T03:00:00", True),
    ],
)
def test_s03_a_skipped_time_excludes_the_case_where_its_clock_is_read(
    due: str, decided: str, outcome: bool | str
) -> None:
    # A second row keeps the column's skipped time from being that of all rows.
    rows = [(due, decided), ("2022-03-01T00:00:00", "2022-03-01T12:00:00")]
    assert outcomes(target(), frame(*rows)) == [outcome, True]
    by_date = "2022-03-26" in due and "2022-03-27" in decided
    assert outcomes(target("date"), frame(*rows)) == [not by_date, True]


def test_s03_a_midnight_that_the_clocks_skipped_is_a_day() -> None:
    """27 March 2022 began at one o'clock in the Azores."""
    rows = [
        ("2022-03-27T00:00:00", "2022-03-27T18:00:00"),
        ("2022-03-27T00:00:00", "2022-03-28T00:00:00"),
        ("2022-03-27T00:30:00", "2022-03-27T18:00:00"),
    ]
    found = outcomes(target(), frame(*rows), time_zone="Atlantic/Azores")
    assert found == [True, False, "no such local time"]
    instants = outcomes(target("instant"), frame(*rows), time_zone="Atlantic/Azores")
    assert instants == ["no such local time"] * 3


@pytest.mark.parametrize("kinds", [(NAIVE, pl.Date), (pl.Date, NAIVE), (pl.Date, pl.Date)])
def test_s03_an_end_or_a_due_date_without_times_counts_by_its_date(kinds: Sequence[Any]) -> None:
    due = "2022-03-01" if kinds[0] == pl.Date else "2022-03-01T12:00:00"
    ends = ["2022-03-01", "2022-03-02"]
    if kinds[1] != pl.Date:
        ends = [f"{day}T18:00:00" for day in ends]
    made = frame(*((due, end) for end in ends), due=kinds[0], decided=kinds[1])
    assert outcomes(target(), made) == [True, False]
    assert outcomes(target("date"), made) == [True, False]
    column = "due" if kinds[0] == pl.Date else "decided"
    message = f"column {column} holds dates; the plan takes it by = 'instant', which takes times"
    with pytest.raises(kpi.DataError, match=message):
        kpi.evaluate(plan_of_2022(target("instant")), made)


def test_s03_open_cases_and_other_denominators_go_by_the_day_of_the_instant() -> None:
    made = frame(("2022-03-01T12:00:00", None), ("2022-03-01T12:00:00", "2022-03-01T12:00:01"))
    for denominator, as_of, buckets in (
        ("overdue", "2022-02-28", ["undetermined", "undetermined"]),
        ("overdue", "2022-03-01", ["counted", "counted"]),
        ("due", "2022-02-28", ["outside", "outside"]),
        ("due", "2022-03-01", ["counted", "counted"]),
        ("settled", "2022-03-01", ["undetermined", "undetermined"]),
        ("settled", "2022-03-02", ["counted", "counted"]),
    ):
        result = kpi.evaluate(plan_of_2022(target(denominator=denominator)), made, as_of)
        assert result.audit().collect()["bucket"].to_list() == buckets, (denominator, as_of)
        assert result["t"].met == 0


def test_s03_a_due_date_that_is_an_event_is_unknown_before_its_day() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided", "due"])
    made = kpi.Plan(id="p", period="2022", tables=[table], targets=[target(denominator="cohort")])
    its = frame(("2022-03-01T12:00:00", "2022-02-01T12:00:00"))
    assert kpi.evaluate(made, its, "2022-02-28")["t"].excluded == {"limit missing": 1}
    assert kpi.evaluate(made, its, "2022-03-01")["t"].met == 1


def test_s03_a_pause_moves_the_instant_by_whole_days() -> None:
    """Due at noon on 25 March, paused for three days: noon on the 28th, after the clocks changed."""
    rows = [("2022-03-25T12:00:00", f"2022-03-28T{time}") for time in ("12:00:00", "12:00:01")]
    tables = {
        "cases": frame(*rows, ("2022-03-25T00:00:00", "2022-03-28T23:00:00")),
        "waiting": waiting(*((case, "2022-03-20", "2022-03-23") for case in "abc")),
    }
    assert outcomes(target(pauses="waiting"), tables) == [True, False, True]
    # Without a pause of its own a case is due at its instant.
    assert outcomes(target(pauses="waiting"), tables | {"waiting": waiting()}) == [False] * 3


def test_s03_an_instant_that_is_moved_to_a_working_day_is_that_whole_day() -> None:
    rows = [
        ("2022-03-12T12:00:00", "2022-03-14T18:00:00"),  # Saturday: Monday the 14th
        ("2022-03-12T12:00:00", "2022-03-15T08:00:00"),
        ("2022-03-11T12:00:00", "2022-03-11T18:00:00"),  # Friday stays, and so does noon
    ]
    assert outcomes(target(roll="next working day"), frame(*rows)) == [True, False, False]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("by", [None, "date", "instant"])
def test_s03_as_reckoned_in_plain_python(seed: int, by: str | None) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test, not a secret
    zone = zoneinfo.ZoneInfo("Europe/Copenhagen")
    rows, expected = [], []
    for _ in range(12):
        day = dt.datetime(2022, 1, 10) + dt.timedelta(rng.randrange(300))
        due = day + dt.timedelta(minutes=rng.choice((0, 0, 1, 720, rng.randrange(1440))))
        end = day + dt.timedelta(
            minutes=rng.choice((0, 1, 719, 720, 721, 1439, rng.randrange(3000)))
        )
        moments = [moment.replace(tzinfo=zone) for moment in (due, end)]
        if any(m.astimezone(dt.UTC).astimezone(zone) != m for m in moments):
            continue
        in_time = end.date() <= due.date()
        if by == "instant" or (by is None and due.time() != dt.time()):
            due_at, ended_at = (moment.astimezone(dt.UTC) for moment in moments)
            in_time = ended_at <= due_at
        rows.append((due.isoformat(), end.isoformat()))
        expected.append(in_time)
    assert outcomes(target(by), frame(*rows)) == expected
    zoned = frame(*rows).with_columns(
        pl.col("due", "decided").dt.replace_time_zone("Europe/Copenhagen", ambiguous="earliest")
    )
    assert outcomes(target(by), zoned) == expected


def test_s03_batches_of_times_and_of_days_add_up() -> None:
    times = frame(*ROWS)
    dates = frame(("2022-03-01", "2022-03-01"), due=pl.Date, decided=pl.Date).with_columns(
        case_id=pl.lit("x")
    )
    made = plan_of_2022(target())
    both = pl.concat([times, dates.with_columns(pl.col("due", "decided").cast(NAIVE))])
    whole = kpi.evaluate(made, both)["t"]
    for parts in ((times, dates), (dates, times), (times[:4], times[4:], dates)):
        merged = kpi.finish(kpi.merge(*(kpi.partial(made, part) for part in parts)))["t"]
        assert (merged.met, merged.counted, merged.remarks) == (whole.met, 11, whole.remarks)


MICROSECOND = dt.timedelta(microseconds=1)


FRIDAY = D(2017, 3, 10)


@pytest.mark.parametrize(
    ("due", "by", "decided", "met"),
    [
        # A time of day is an instant, and late is after it.
        (T(2017, 3, 10, 14), None, T(2017, 3, 10, 14), True),
        (T(2017, 3, 10, 14), None, T(2017, 3, 10, 14) + MICROSECOND, False),
        (T(2017, 3, 10, 14), None, T(2017, 3, 11), False),
        (T(2017, 3, 10, 0, 0, 1), None, T(2017, 3, 10, 0, 0, 2), False),
        # Midnight is a day, and all of it is in time; so is a date.
        (T(2017, 3, 10), None, T(2017, 3, 10, 23, 59, 59), True),
        (T(2017, 3, 10), None, T(2017, 3, 11), False),
        (FRIDAY, None, T(2017, 3, 10, 23, 59, 59), True),
        # Midnight in the plan's zone: 23:00 the day before in UTC in winter.
        (T(2017, 3, 9, 23, tzinfo=dt.UTC), None, T(2017, 3, 10, 22, 59, tzinfo=dt.UTC), True),
        (T(2017, 3, 9, 23, tzinfo=dt.UTC), None, T(2017, 3, 10, 23, tzinfo=dt.UTC), False),
        (T(2017, 3, 10, tzinfo=dt.UTC), None, T(2017, 3, 10, 0, 1, tzinfo=dt.UTC), False),
        # Said for all values.
        (T(2017, 3, 10, 14), "date", T(2017, 3, 10, 23, 59, 59), True),
        (T(2017, 3, 10), "instant", T(2017, 3, 10), True),
        (T(2017, 3, 10), "instant", T(2017, 3, 10, 0, 0, 1), False),
        (FRIDAY, "instant", T(2017, 3, 10, 0, 0, 1), False),
        # An end that is a day is not after an instant of that day.
        (T(2017, 3, 10, 14), None, FRIDAY, True),
        (T(2017, 3, 10, 14), None, D(2017, 3, 11), False),
        (FRIDAY, "instant", FRIDAY, True),
    ],
)
def test_s03_a_due_column_holds_days_and_instants(
    due: dt.date, by: str | None, decided: dt.date, met: bool
) -> None:
    case = {"filed": D(2017, 3, 1), "decided": decided, "due": due}
    found = row(within(limit={"column": "due", "by": by}), case)
    assert (found.bucket, found.met, found.due) == ("counted", met, FRIDAY)


def test_s03_an_open_case_is_a_miss_once_the_day_of_its_instant_is_over() -> None:
    target = within(limit={"column": "due"}, denominator="overdue")
    case = {"filed": D(2017, 3, 1), "due": T(2017, 3, 10, 14)}
    assert row(target, case, as_of=D(2017, 3, 9)) == Row("undetermined")
    assert row(target, case, as_of=FRIDAY) == Row("counted", met=False, due=FRIDAY)


def test_s03_the_clock_is_read_of_those_due_dates_that_are_instants() -> None:
    """In Copenhagen 02:30 on 26 March 2017 never was."""
    skipped = T(2017, 3, 26, 2, 30)
    excluded = Row("excluded", "no such local time")
    case: dict[str, object] = {"filed": D(2017, 3, 1), "decided": T(2017, 3, 26, 1), "due": skipped}
    assert row(within(limit={"column": "due"}), case) == excluded
    assert row(within(limit={"column": "due", "by": "date"}), case).met is True
    case |= {"decided": skipped, "due": T(2017, 3, 26, 12)}
    assert row(within(limit={"column": "due"}), case) == excluded
    assert row(within(limit={"column": "due"}), case | {"due": T(2017, 3, 26)}).met is True
    # Of the start no clock is read.
    case |= {"filed": skipped, "decided": T(2017, 3, 26, 12)}
    assert row(within(limit={"column": "due"}), case).met is True


def test_s03_a_due_date_at_a_skipped_midnight_is_a_day() -> None:
    case = {"filed": D(2017, 10, 1), "decided": T(2017, 10, 15, 23), "due": T(2017, 10, 15)}
    zone = {"time_zone": "America/Sao_Paulo"}
    assert row(within(limit={"column": "due"}), case, **zone).met is True
    excluded = Row("excluded", "no such local time")
    assert row(within(limit={"column": "due", "by": "instant"}), case, **zone) == excluded


def test_s03_a_due_instant_is_moved_by_days_and_keeps_its_time() -> None:
    """Friday 10 March 14:00, paused on the 6th and the 7th: Sunday 12 March 14:00."""
    target = within(limit={"column": "due"}, pauses="waiting")
    stops = [(D(2017, 3, 6), D(2017, 3, 8))]
    case: dict[str, object] = {"filed": D(2017, 3, 1), "due": T(2017, 3, 10, 14)}
    for decided, met in ((T(2017, 3, 12, 14), True), (T(2017, 3, 12, 14, 0, 1), False)):
        found = row(target, {**case, "decided": decided}, waiting=stops)
        assert (found.met, found.due) == (met, D(2017, 3, 12))


def test_s03_a_due_instant_that_is_rolled_is_a_whole_day() -> None:
    """Saturday 11 March 14:00 becomes Monday 13 March; Friday 14:00 stays what it is."""
    target = within(limit={"column": "due"}, roll="next working day")
    case: dict[str, object] = {"filed": D(2017, 3, 1), "due": T(2017, 3, 11, 14)}
    assert row(target, {**case, "decided": T(2017, 3, 13, 23, 59)}).met is True
    assert row(target, {**case, "decided": T(2017, 3, 14)}).met is False
    case["due"] = T(2017, 3, 10, 14)
    assert row(target, {**case, "decided": T(2017, 3, 10, 15)}).met is False


# The key of plan files


@pytest.mark.parametrize("by", [None, "date", "instant"])
def test_s03_by_is_dumped_and_parsed(by: str | None) -> None:
    made = plan_of_2022(target(by))
    dumped = kpi.dump_plan(made)
    assert kpi.parse_plan(dumped) == made
    assert (f'by = "{by}"' in dumped) is (by is not None)
    assert made.leaves()[0].limit == DueColumn("due", by)
    words = "50 % by due" if by is None else f"50 % by due ({by}s)"
    assert made.leaves()[0].requirement == words


def test_s03_another_word_is_refused_with_those_accepted() -> None:
    with pytest.raises(kpi.PlanError, match=r"limit\.by: found 'day'; accepted: date, instant"):
        target("day")
    with pytest.raises(kpi.PlanError, match="found 'day'; accepted: date, instant"):
        DueColumn("due", "day")


def test_s03_the_schema_knows_by() -> None:
    schema = json.loads(
        (Path(__file__).parents[2] / "docs" / "plan.schema.json").read_text("utf-8")
    )
    limit = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": "#/$defs/limit"}
    # `jsonschema.validate` would check the schema itself each time, for seconds.
    validator = jsonschema.Draft202012Validator(limit)
    for by in ("date", "instant"):
        validator.validate({"column": "due", "by": by})
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"column": "due", "by": "day"})


def test_s03_a_derived_due_date_has_no_instant() -> None:
    table = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events="decided",
        dates="due",
        derived={"later": {"date": "due", "plus": "1 day"}},
    )
    limit = {"column": "later"}
    made = kpi.Plan(id="p", period="2022", tables=[table], targets=[target(limit=limit)])
    its = frame(("2022-03-01T12:00:00", "2022-03-02T18:00:00"))
    assert kpi.evaluate(made, its)["t"].met == 1
    with pytest.raises(
        kpi.PlanError, match="'later' is derived and has no time, which by = 'instant'"
    ):
        kpi.Plan(
            id="p",
            period="2022",
            tables=[table],
            targets=[target(limit=limit | {"by": "instant"})],
        )

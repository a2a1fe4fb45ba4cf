"""What a result says of cases that count as persons, and what is refused (S32): worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.report import words
from kpi.report.terminal import plain, result_table
from kpi.results.target_result import CountedAs
from tests.builders import PLAIN_TABLE, SPAN, both_trails, one, plan, within

LIMIT = "30 days"
START = dt.date(2017, 1, 1)


def families(*rows: tuple[int | None, Any], filed: dt.date = START, **more: Any) -> pl.DataFrame:
    """Cases that took so many days, None for one without a start, each of so many persons."""
    made = [
        {
            "case_id": str(n),
            "filed": None if days is None else filed,
            "decided": filed + dt.timedelta(days or 0),
        }
        for n, (days, _) in enumerate(rows, start=1)
    ]
    schema: dict[str, Any] = {"case_id": pl.String, "filed": pl.Date, "decided": pl.Date}
    persons = pl.Series("persons", [persons for _, persons in rows], **more)
    return pl.DataFrame(made, schema=schema).with_columns(persons)


def in_persons(threshold: float = 90, **more: Any) -> kpi.Within:
    return within(LIMIT, **{"threshold": threshold, "count_as": "persons", **more})


def evaluated(target: kpi.Target, frame: pl.DataFrame, as_of: str | None = None) -> kpi.Result:
    return kpi.evaluate(
        kpi.Plan(id="p", period="2017", tables=[PLAIN_TABLE], targets=[target]), frame, as_of
    )


def noted(result: kpi.Result) -> Mapping[str, str]:
    return {note.code: str(note) for note in result.notes}


def as_persons(counted: int, excluded: int, undetermined: int) -> CountedAs:
    return CountedAs(
        column="persons", counted=counted, excluded=excluded, undetermined=undetermined
    )


# What is shown


def test_s32_the_range_takes_the_persons_of_the_excluded_in() -> None:
    """1 of 5 is met; 5 more persons have no start: 1 of 10 to 6 of 10."""
    result = evaluated(in_persons(60), families((10, 1), (31, 4), (None, 5)))
    found = result["t"]
    assert (found.counted, found.counted_as) == (2, as_persons(5, 5, 0))
    assert found.range == (Fraction(1, 10), Fraction(6, 10))
    assert (words.value(found), words.share_range(found)) == ("20.0 %", "10.0–60.0 %")
    assert "hangs-on-excluded" in noted(result)
    # 60 % cannot become 61 %; of the rows it could: 2 of 3.
    assert "hangs-on-excluded" not in noted(
        evaluated(in_persons(61), families((10, 1), (31, 4), (None, 5)))
    )


def test_s32_without_a_weight_there_is_no_range_and_the_result_says_so() -> None:
    result = evaluated(in_persons(), families((10, 1), (31, 4), (None, 5), (1, None), (1, 0)))
    found = result["t"]
    assert (found.range, found.excluded) == (None, {"weight missing": 2, "start missing": 1})
    assert (found.rows, found.counted, found.counted_as) == (5, 2, as_persons(5, 5, 0))
    assert noted(result)["weight-missing"] == (
        "t: rows without a number of persons from 1 up, and so excluded: 2; each could count as any "
        "number, so there is no range with the excluded"
    )
    assert "hangs-on-excluded" in noted(result)
    row = result.frame.row(0, named=True)
    assert (row["counted"], row["counted_as"], row["met"], row["low"], row["high"]) == (
        *(2, 5, 1),
        None,
        None,
    )


def test_s32_a_missed_share_of_persons_that_no_weight_can_turn() -> None:
    """A late person stays late: all of them is out of reach, whatever the other family is."""
    result = evaluated(in_persons(100), families((31, 1), (1, None)))
    assert result["t"].verdict == "missed"
    assert "hangs-on-excluded" not in noted(result)


def test_s32_the_numbers_of_persons_are_named() -> None:
    result = evaluated(in_persons(), families((10, 1), (31, 4)))
    found = result["t"]
    assert found.requirement == "90 % within 30 days, counted as persons"
    assert words.counted(found) == "2 as 5 persons"
    assert noted(result)["counted-as"] == (
        "t: value, met, total and figures are of persons, of which the counted rows have 5; counted, "
        "excluded, undetermined and outside are rows"
    )
    data = found.to_dict()
    assert (data["counted"], data["met"], data["value"]) == (2, 1, 0.2)
    assert data["counted_as"] == {
        "column": "persons",
        "counted": 5,
        "excluded": 0,
        "undetermined": 0,
    }
    unweighted = evaluated(within(), families((1, 1)))
    assert "counted_as" not in unweighted["t"].to_dict()
    assert "counted_as" not in unweighted.frame.columns
    assert "2 as 5 persons" in plain(result_table(result, 100))


@pytest.mark.parametrize(("persons", "could"), [(1, False), (5, True)])
def test_s32_undetermined_persons_could_turn_a_verdict(persons: int, could: bool) -> None:
    """3 of 4 are in time, of 81 %: 4 of 5 are too few, 8 of 9 are enough."""
    frame = families((1, 3), (31, 1)).vstack(
        pl.DataFrame(
            [("3", dt.date(2017, 12, 20), None, persons)],
            schema=families((1, 1)).schema,
            orient="row",
        )
    )
    result = evaluated(in_persons(81, denominator="overdue"), frame)
    assert result["t"].counted_as == as_persons(4, 0, persons)
    assert result["t"].verdict == "missed"
    assert ("could-turn" in noted(result)) is could


def test_s32_rejected_rows_could_count_as_a_million_persons_each() -> None:
    """10 of 100 late persons; one rejected row of 901 persons in time would make it 90.09 %... ."""
    frame = families((1, 10), (31, 90)).with_columns(pl.col("filed").cast(pl.String))
    bad = frame[:1].with_columns(case_id=pl.lit("9"), filed=pl.lit("soon"))
    result = evaluated(in_persons(90), frame.vstack(bad))
    assert result["t"].verdict == "missed"
    assert "hangs-on-rejected" in noted(result)


# Groups, periods, batches, trail


def test_s32_groups_and_periods_are_of_persons() -> None:
    frame = pl.concat(
        [
            families((1, 2), (31, 3)),
            families((1, 4), (31, 1), filed=dt.date(2017, 7, 1)).with_columns(
                case_id=pl.col("case_id") + "b"
            ),
        ]
    ).with_columns(office=pl.Series(["a", "b", "b", "b"]))
    made = kpi.Plan(id="p", period="2017", tables=[PLAIN_TABLE], targets=[in_persons()])
    by = kpi.evaluate(made, frame, by="office", every="half-year")["t"].groups
    shown = {
        (g.group["office"], g.group["period"]): (g.met, g.counted, g.denominator)
        for g in by
        if g.counted
    }
    assert shown == {
        ("a", "2017-H1"): (2, 1, 2),
        ("b", "2017-H1"): (0, 1, 3),
        ("b", "2017-H2"): (4, 2, 5),
    }


def test_s32_batches_add_up_and_cut_the_same_case() -> None:
    """As in one table: of 10 persons the fastest 5 are 3 of 10 days and 2 of the 4 of 20."""
    target = kpi.Average(limit="14 days", fastest=50, count_as="persons", **SPAN)
    made = kpi.Plan(id="p", period="2017", tables=[PLAIN_TABLE], targets=[target])
    whole = families((20, 4), (30, 3), (10, 3))
    merged = kpi.finish(kpi.merge(*(kpi.partial(made, whole[n : n + 1]) for n in (2, 0, 1))))["t"]
    for found in (merged, kpi.evaluate(made, whole)["t"]):
        assert (found.total, found.value, found.counted) == (70, 14.0, 2)
        assert found.counted_as == as_persons(5, 5, 0)
        assert found.excluded == {"beyond the fastest 50 %": 1}


def test_s32_the_audit_trail_lists_what_each_row_counts_as() -> None:
    trail = both_trails(
        kpi.Plan(
            id="p", period="2017", tables=[PLAIN_TABLE], targets=[in_persons(), within(id="u")]
        ),
        families((10, 1), (31, 4), (1, None)),
    )
    assert [(row["bucket"], row["met"], row["counted_as"]) for row in trail] == [
        ("counted", True, 1),
        ("counted", False, 4),
        ("excluded", None, None),
        *[("counted", True, None)] * 3,
    ]


# Words and numbers that are no weights


def test_s32_weights_as_floats_of_whole_numbers_are_taken() -> None:
    found = evaluated(in_persons(), families((1, 2.0), (31, float("nan")), (31, 3.0)))["t"]
    assert (found.counted_as, found.excluded) == (
        as_persons(5, 0, 0),
        {"weight missing": 1},
    )


@pytest.mark.parametrize(
    ("persons", "message"),
    [
        (1.5, "cases: column persons holds 1.5; the plan compares it with whole numbers"),
        ("two", "cases: column persons: no value is a whole number (the first is 'two')"),
        (True, "cases: column persons holds Boolean; the plan takes it for whole numbers"),
    ],
)
def test_s32_weights_that_are_no_whole_numbers_are_refused(persons: Any, message: str) -> None:
    with pytest.raises(kpi.DataError) as refused:
        evaluated(in_persons(), families((1, persons)))
    assert message in str(refused.value)


@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64])
def test_s32_a_row_of_more_than_a_million_persons_is_rejected(dtype: Any) -> None:
    frame = families((1, 1_000_000), (1, 1_000_001), dtype=dtype)
    made = kpi.Plan(id="p", period="2017", tables=[PLAIN_TABLE], targets=[in_persons()])
    # Not `kpi.evaluate`, beside which these tests ask the oracle, person by person.
    result = kpi.finish(kpi.partial(made, frame))
    assert (result["t"].rows, result["t"].denominator) == (1, 1_000_000)
    assert result.facts["cases"].rejected == {"persons is more than 1,000,000": 1}


def test_s32_small_integers_do_not_wrap() -> None:
    found = evaluated(in_persons(), families((1, 200), (1, 200), dtype=pl.UInt8))["t"]
    assert (found.met, found.denominator) == (400, 400)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            lambda: kpi.Average(limit="2 hours", count_as="persons", **SPAN),
            "count_as: found 'count_as' with the limit 2 hours; accepted: with a limit in days",
        ),
        (
            lambda: kpi.Percentile(limit="2 hours", percentile=80, count_as="persons", **SPAN),
            "count_as: found 'count_as' with the limit 2 hours; accepted: with a limit in days",
        ),
        (
            lambda: kpi.Average(limit="2 days", mean_of_means="office", count_as="persons", **SPAN),
            "count_as: found 'count_as' with 'mean_of_means'; accepted: one or the other",
        ),
        (
            lambda: kpi.Count(
                id="t", requires={"at_least": 1}, distinct="person", count_as="persons"
            ),
            "count_as: found 'count_as' with 'distinct'; accepted: one or the other",
        ),
    ],
)
def test_s32_what_does_not_go_with_weights_is_refused(made: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError) as refused:
        made()
    assert str(refused.value) == message


def test_s32_a_share_by_the_clock_has_weights() -> None:
    """For only the persons are added up, not their time."""
    frame = families((1, 2), (2, 3)).with_columns(pl.col("filed", "decided").cast(pl.Datetime))
    found = evaluated(within("24 hours", count_as="persons"), frame)["t"]
    assert (found.met, found.denominator) == (2, 5)


def test_s32_a_plan_file_has_weights() -> None:
    made = plan(in_persons())
    assert 'count_as = "persons"' in kpi.dump_plan(made)
    assert kpi.parse_plan(kpi.dump_plan(made)) == made
    for rule in ("milestone", "reported", "every_working_day"):
        assert not kpi.Target.kinds[rule].has_key("count_as")


def test_s32_a_reading_may_count_persons() -> None:
    target = within(LIMIT, threshold=40, readings=[{"name": "persons", "count_as": "persons"}])
    made = kpi.Plan(id="p", period="2017", tables=[PLAIN_TABLE], targets=[target])
    (both,) = kpi.readings(made, families((1, 1), (31, 4))).targets
    assert [(name, r.value, r.verdict) for name, r in both.records()] == [
        (None, 0.5, "met"),
        ("persons", 0.2, "missed"),
    ]
    assert both.turns


def test_s32_a_remark_on_due_dates_says_persons() -> None:
    frame = families((1, 2), (2, 3)).with_columns(
        due=pl.Series([dt.date(2016, 12, 1), dt.date(2017, 2, 1)])
    )
    target = within({"column": "due", "by": "date"}, count_as="persons")
    found = one(target, frame.with_columns(documented=pl.col("filed"), case_type=pl.lit("visa")))
    assert [str(remark) for remark in found.remarks] == [
        "2 of 5 counted persons fell due before filed"
    ]


@pytest.mark.parametrize(
    "made",
    [
        lambda: kpi.Average(against="2016", count_as="persons", **SPAN),
        lambda: kpi.Count(id="t", against="2016", count_as="persons"),
        lambda: kpi.Percentile(percentile=80, against="2016", count_as="persons", **SPAN),
        lambda: kpi.Within(limit=LIMIT, against="2016", count_as="persons", **SPAN),
        lambda: kpi.Share(id="t", having={"case_type": "visa"}, against="2016", count_as="persons"),
    ],
)
def test_s32_persons_are_not_compared_with_a_base(made: Any) -> None:
    with pytest.raises(kpi.PlanError) as refused:
        made()
    message = "against: found 'against' beside 'count_as'; accepted: one or the other"
    assert str(refused.value) == message

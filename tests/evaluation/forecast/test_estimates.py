"""Estimates of whole plans: which targets have one, what is said beside it, and no peeking (F20-F29)."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

import kpi
from kpi.errors import InternalError
from kpi.evaluation.forecast.estimate import Estimate, NoEstimate
from kpi.evaluation.forecast.estimates import estimates
from kpi.evaluation.forecast.method import Method, unforeseen
from tests.builders import SLOTS, SPAN, every_working_day, paused

TABLE = kpi.Table(
    "cases", key="case_id", entry="filed", events=["documented", "decided"], dates="due"
)
AS_OF = "2022-09-30"


@cache
def extract() -> pl.DataFrame:
    """Cases of 2020 to 2022: each 20 hours one is filed, and ended by its type after a while."""
    chance = random.Random(1)  # noqa: S311
    rows = []
    for n in range(0, 1096 * 24, 20):
        filed = dt.date(2020, 1, 1) + dt.timedelta(hours=n)
        kind = chance.choice(["visa", "work"])
        took = chance.randint(5, 40) if kind == "visa" else chance.randint(20, 120)
        rows.append((f"{n}", kind, filed, filed + dt.timedelta(2), filed + dt.timedelta(took)))
    names = {"case_id": pl.String, "case_type": pl.String}
    dates = dict.fromkeys(("filed", "documented", "decided"), pl.Date)
    frame = pl.DataFrame(rows, schema={**names, **dates}, orient="row")
    return frame.with_columns((pl.col("filed") + pl.duration(days=30)).alias("due"))


def within(name: str, limit: Any = "30 days", **more: Any) -> kpi.Within:
    return kpi.Within(**{**SPAN, "id": name, "threshold": 60, **more}, limit=limit)


def plan(*targets: kpi.Requirement, **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period="2022", tables=[TABLE], targets=targets, **more)


def estimated(
    *targets: kpi.Requirement, frame: pl.DataFrame | None = None, as_of: str = AS_OF, **more: Any
) -> Mapping[str, Estimate | NoEstimate]:
    return estimates(plan(*targets, **more), extract() if frame is None else frame, as_of)


def reason(target: kpi.Target, **more: Any) -> str:
    (found,) = estimated(target, **more).values()
    assert isinstance(found, NoEstimate)
    assert found.outlook == "no estimate"
    assert found.to_dict() == {"reason": found.reason}
    return found.reason


@cache
def share() -> Estimate:
    found = estimated(within("t"))["t"]
    assert isinstance(found, Estimate)
    return found


def test_f61_the_estimate_as_json_has_it() -> None:
    plain = json.loads(json.dumps(share().to_dict(), allow_nan=False))
    assert [*plain] == [
        "value", "low", "high", "nominal", "unit", "method", "assumes", "dormant", "warnings", "track",
    ]  # fmt: skip
    assert (plain["nominal"], plain["unit"], plain["dormant"]) == (0.9, "share", 0)
    assert plain["method"] == "life table, 12 months"
    assert "pace of the last 12 months" in plain["assumes"][0]
    assert [*plain["track"]] == [
        "trials", "held", "right", "wrong", "uncertain", "error", "error_as_it_stands",
        "error_last_year",
    ]  # fmt: skip


def test_f25_the_interval_is_that_of_the_trials_and_holds_the_end_of_a_steady_register() -> None:
    # Entries from 2020 on: windows that begin in 2021 or later, so the ends of December 2021 to
    # September 2022.
    assert share().track.trials == 10
    end = kpi.evaluate(plan(within("t")), extract()).targets[0].value
    assert end is not None
    low, high = share().low or 0, share().high or 0
    assert low < end < high
    assert abs(share().value - end) < 0.03


def test_f25_the_interval_is_cut_to_what_is_possible() -> None:
    found = estimates(
        plan(within("t")), extract(), AS_OF, possible={"t": (share().value, share().value)}
    )["t"]
    assert isinstance(found, Estimate)
    assert found.low == found.value == found.high == share().value


def test_f26_the_outlook_is_that_of_the_interval() -> None:
    value = share().value
    thresholds = {"low": 100 * value - 20, "near": 100 * value, "high": 100 * value + 20}
    found = estimated(*(within(n, threshold=round(t, 2)) for n, t in thresholds.items()))
    outlooks = {name: estimate.outlook for name, estimate in found.items()}
    assert outlooks == {"low": "expected met", "near": "uncertain", "high": "expected missed"}


def test_f26_an_indicator_has_an_estimate_and_no_outlook() -> None:
    found = estimated(within("t", threshold=None))["t"]
    assert isinstance(found, Estimate)
    assert found.outlook is None
    assert found.value == share().value


def test_h13_nothing_that_is_dated_after_the_day_changes_a_byte() -> None:
    day = dt.date.fromisoformat(AS_OF)
    later = pl.lit(dt.date(2022, 10, 1))
    dated = [
        pl.when(pl.col(name) > day).then(later).otherwise(pl.col(name)).alias(name)
        for name in ("documented", "decided")
    ]
    changed = extract().filter(pl.col("filed") <= day).with_columns(dated).reverse()
    targets = [
        within("1"),
        within("2", denominator="due"),
        kpi.Average(**{**SPAN, "id": "3"}, limit="50 days"),
        kpi.Count(id="4", on="documented"),
    ]
    first, second = (
        {name: estimate.to_dict() for name, estimate in estimated(*targets, frame=frame).items()}
        for frame in (extract(), changed)
    )
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (within("t", every="month"), "every month is asked for by itself"),
        (
            kpi.Average(**SPAN, against="2021", change={"at_most": 5}),
            "compared with another window",
        ),
        (kpi.Average(**SPAN, limit="9 days", mean_of_means="case_type"), "each case_type counts"),
        (kpi.Count(id="t", on="decided", distinct="case_type"), "each case_type counts once"),
        (within("t", window={"through": "2022-06-30"}), "the window ended on 2022-06-30"),
        (within("t", where={"case_type": "asylum"}), "no case has entered"),
    ],
)
def test_f29_no_estimate_says_why(target: kpi.Target, words: str) -> None:
    assert words in reason(target)


def test_f29_time_that_is_read_by_the_clock_is_not_estimated() -> None:
    timed = extract().with_columns(pl.col("filed", "decided", "due").cast(pl.Datetime))
    assert "read by the clock" in reason(within("t", "3 hours"), frame=timed)
    morning = pl.col("due") + pl.duration(hours=9)
    due = within("t", {"column": "due"})
    assert "due have times of day" in reason(due, frame=timed.with_columns(morning))


def test_f29_paused_time_is_not_estimated() -> None:
    made = paused(within("t", pauses="waiting"), period="2022")
    found = estimates(made, {"cases": extract()}, AS_OF)["t"]
    assert isinstance(found, NoEstimate)
    assert "its time is paused" in found.reason


def test_f29_what_a_person_says_is_not_estimated_and_a_table_may_be_missing() -> None:
    others = kpi.Table("others", key="case_id", entry="filed", events=["decided"])
    targets = [
        within("lacking", table="others"),
        every_working_day(id="days"),
        kpi.Milestone(id="milestone", deadline="2022"),
        kpi.Reported(id="reported", requires={"at_least": 3}),
    ]
    facts = kpi.Table("reported", key="target", events="done")
    made = kpi.Plan(id="p", period="2022", tables=[TABLE, SLOTS, others, facts], targets=targets)
    found = estimates(made, {"cases": extract()}, AS_OF)
    reasons = {name: getattr(estimate, "reason", "") for name, estimate in found.items()}
    assert reasons == {
        "lacking": "the extract has no table others",
        "days": "no estimate of the rule every_working_day: a single working day decides it; a person "
        "says (F29)",
        "milestone": "no estimate of the rule milestone: it is done or not; a person says (F29)",
        "reported": "no estimate of the rule reported: a person reports it; a person says (F29)",
    }


def test_tables_that_were_checked_for_another_plan_are_refused() -> None:
    checked = kpi.check(plan(within("other")), extract())
    with pytest.raises(kpi.DataError, match="checked for the plan p, not for this p"):
        estimates(plan(within("t")), checked, AS_OF)


def test_f63_less_than_a_year_of_entries_gives_no_estimate() -> None:
    young = extract().filter(pl.col("filed") >= dt.date(2021, 10, 2))
    assert reason(within("t"), frame=young) == (
        "less than a year of entries: the first case entered on 2021-10-02"
    )
    assert isinstance(
        estimated(within("t"), frame=extract().filter(pl.col("filed") >= dt.date(2021, 10, 1)))[
            "t"
        ],
        Estimate,
    )


def test_f28_fewer_than_30_ends_in_the_look_back_give_no_estimate() -> None:
    few = extract().filter(pl.int_range(pl.len()) % 16 == 0)
    assert "cases were ended in the last 12 months; an estimate takes 30" in reason(
        within("t"), frame=few
    )


def test_f25_with_too_few_trials_there_is_a_value_and_no_interval() -> None:
    young = extract().filter(pl.col("filed") >= dt.date(2021, 1, 1))
    found = estimated(within("t"), frame=young)["t"]
    assert isinstance(found, Estimate)
    assert (found.low, found.high, found.outlook) == (None, None, "no estimate")
    assert found.reason == "no interval: 0 trials, and it takes 9"
    assert found.to_dict()["reason"] == found.reason
    assert found.track.error is None


def test_f22_dormant_cases_are_counted_and_stay_open() -> None:
    forgotten = pl.DataFrame(
        {"case_id": ["a", "b"], "case_type": "visa", "filed": [dt.date(2020, 5, 1)] * 2}
    )
    stock = kpi.Stock(**SPAN, at={"end_of": "2022"})
    both = pl.concat([extract(), forgotten], how="diagonal")
    with_them, without = (estimated(stock, frame=frame)["t"] for frame in (both, extract()))
    assert isinstance(with_them, Estimate)
    assert isinstance(without, Estimate)
    assert (with_them.dormant, without.dormant) == (2, 0)
    assert with_them.value == pytest.approx(without.value + 2, abs=1e-9)


def test_f28_ends_in_batches_are_named() -> None:
    batch = extract().with_columns(
        pl.when(pl.col("decided").is_between(dt.date(2022, 5, 1), dt.date(2022, 7, 1)))
        .then(dt.date(2022, 7, 1))
        .otherwise(pl.col("decided"))
        .alias("decided")
    )
    found = estimated(within("t"), frame=batch)["t"]
    assert isinstance(found, Estimate)
    assert any("fell on 2022-07-01" in warning for warning in found.warnings)
    assert not any("batches" in warning for warning in share().warnings)


def test_f28_an_intake_far_from_that_of_the_year_before_is_named() -> None:
    fallen = extract().filter(
        (pl.col("filed") < dt.date(2022, 7, 1)) | (pl.int_range(pl.len()) % 2 == 0)
    )
    found = estimated(within("t"), frame=fallen)["t"]
    assert isinstance(found, Estimate)
    # 91 days of a case each 20 hours: 110 or so, and half of them.
    (said,) = [warning for warning in found.warnings if "intake" in warning]
    now, then = (int(word) for word in said.split() if word.isdigit() and word != "91")
    assert 52 <= now <= 57
    assert 108 <= then <= 111
    assert not any("intake" in warning for warning in share().warnings)


def test_f28_a_limit_or_threshold_that_changes_within_the_window_is_named() -> None:
    changing = {"dated": "filed", "first": "30 days", "since": {"2022-07-01": "20 days"}}
    before = {"dated": "filed", "first": "30 days", "since": {"2022-01-01": "20 days"}}
    found = estimated(within("t", changing), within("u", before))
    assert "the limit changes within the window, on 2022-07-01" in getattr(
        found["t"], "warnings", ()
    )
    assert not any(
        "changes within" in w for w in getattr(found["u"], "warnings", ["changes within"])
    )


def test_s28_each_value_has_its_estimate_and_one_that_is_missed_decides() -> None:
    found = estimated(within("t", each="case_type"))["t"]
    assert isinstance(found, Estimate)
    assert {name: part.outlook for name, part in found.parts.items()} == {
        "visa": "expected met",
        "work": "expected missed",
    }
    assert found.outlook == "expected missed"
    plain = found.to_dict()["parts"]["work"]
    assert plain["outlook"] == "expected missed"
    assert plain["estimate"]["value"] < 0.4 < 0.6 < found.parts["visa"].to_dict()["value"]


def test_s28_a_threshold_that_changes_is_asked_of_each_period_in_force() -> None:
    threshold = {"dated": "decided", "first": 10, "since": {"2022-07-01": 90}}
    found = estimated(within("t", threshold=threshold))["t"]
    assert isinstance(found, Estimate)
    assert {name: part.outlook for name, part in found.parts.items()} == {
        "before 2022-07-01": "expected met",
        "since 2022-07-01": "expected missed",
    }
    assert found.outlook == "expected missed"


def test_f29_which_way_a_target_is_estimated() -> None:
    # The end of another target is one to a count too; what else is counted goes as last year.
    targets = [
        within("span"),
        kpi.Count(id="ends", on="decided", requires={"at_least": 1}),
        kpi.Count(id="documents", on="documented"),
        kpi.Count(id="entries"),
        kpi.Share(id="share", on="decided", having={"case_type": "visa"}),
        within("other event", denominator="cohort", on="documented"),
        within("backwards", "3 days before", start="due"),
        within("third date", where={"documented": {"in": "2022"}}),
        within("entered", where={"filed": {"since": "2022-01-01"}, "case_type": "visa"}),
        kpi.Flow(**{**SPAN, "id": "flow"}, requires={"at_least": 90}),
        within("by value", {"by": "case_type", "limits": {"visa": "20 days", "work": "2 months"}}),
        within("by column", {"column": "due", "by": "date"}),
        kpi.Average(**{**SPAN, "id": "months"}, limit="2 months"),
        kpi.Percentile(**{**SPAN, "id": "percentile"}, percentile=80, limit="3 months"),
        within("open", denominator="open", at={"end_of": "2022"}),
        within("late", threshold=None, late={"at_most": 900}),
    ]
    found = estimated(*targets)
    ways = {name: getattr(estimate, "method", estimate) for name, estimate in found.items()}
    by_last_year = {"documents", "entries", "share", "other event", "backwards", "third date"}
    assert ways == {
        name: "last year" if name in by_last_year else "life table, 12 months" for name in found
    }
    assert "same days of last year" in getattr(found["entries"], "assumes", [""])[0]
    assert getattr(found["entries"], "dormant", 0) is None
    ends = {r.id: r for r in kpi.evaluate(plan(*targets), extract()).targets}
    for name, estimate in found.items():
        assert isinstance(estimate, Estimate)
        end = ends[name].value
        assert end is not None
        if name != "third date":
            assert estimate.value == pytest.approx(end, rel=0.12), name
        if estimate.outlook not in ("uncertain", "no estimate", None):
            assert (estimate.outlook == "expected met") == (ends[name].verdict == "met"), name


def test_f29_a_rule_of_a_users_own_has_no_estimate_and_the_second_way_no_life_table() -> None:
    own = SimpleNamespace(rule="mine")
    assert unforeseen(cast("kpi.Target", own)) == (
        "no estimate of the rule mine, which is not one of kpi (F29)"
    )
    with pytest.raises(InternalError):
        _ = Method("last year").interval


def test_s32_cases_that_count_as_several_are_weighed() -> None:
    twice = extract().with_columns(pl.lit(2).alias("persons"))
    target = kpi.Average(**SPAN, limit="60 days", count_as="persons")
    once = kpi.Average(**SPAN, limit="60 days")
    number = kpi.Count(id="t", on="decided", count_as="persons")
    alone = kpi.Count(id="t", on="decided")
    values = [
        getattr(estimated(t, frame=twice)["t"], "value", None)
        for t in (target, once, number, alone)
    ]
    assert values[0] == pytest.approx(values[1])
    assert values[2] == pytest.approx(2 * (values[3] or 0))

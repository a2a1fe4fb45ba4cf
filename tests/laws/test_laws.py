"""The laws that the engine must keep, whatever the plan and its tables: `kpi.testing.laws`.

Every law is checked on generated plans and tables; and every law can be broken: on a plan that fits
it, a rule or a step of the engine is made wrong once, and the law must say so.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve, frozen
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.fields import placed
from kpi.definitions.limits import Before, DueColumn, spans_of
from kpi.definitions.plan import Plan
from kpi.rules.within import Within
from kpi.testing import laws, strategies
from kpi.testing.comparable import numbers
from kpi.testing.laws import Law
from kpi.testing.laws.common import same
from tests.laws.generated import LAWS, SETTINGS, Run, runs

OF_TIME = (
    laws.a_day_later_is_never_more_in_time,
    laws.a_longer_limit_never_lowers_a_share,
    laws.a_later_day_never_undecides_a_case,
)
CHANCES = st.integers(0, 2**16).map(random.Random)


def name(law: Law) -> str:
    return getattr(law, "__name__", "")


@given(run=runs(), chance=CHANCES)
@LAWS
def test_the_laws_hold_on_generated_plans(run: Run, chance: random.Random) -> None:
    plan, tables, as_of = run
    for law in laws.LAWS:
        if law not in OF_TIME:
            law(plan, tables, as_of, chance)


@pytest.mark.parametrize("elaborate", [False, True], ids=["plain", "elaborate"])
@given(data=st.data(), chance=CHANCES)
@LAWS
def test_the_laws_of_time_hold_on_targets_on_a_time(
    elaborate: bool, data: st.DataObject, chance: random.Random
) -> None:
    rules = ("average", "clearance", "every_working_day", "percentile", "within", "within")
    plan = data.draw(strategies.plans(most=3, rules=rules, elaborate=elaborate), label="plan")
    tables = data.draw(strategies.tables_for(plan, most=20), label="tables")
    as_of = data.draw(strategies.as_ofs(plan, tables), label="as_of")
    for law in OF_TIME:
        law(plan, tables, as_of, chance)


@given(data=st.data(), chance=CHANCES)
@LAWS
def test_a_longer_limit_never_lowers_a_share(data: st.DataObject, chance: random.Random) -> None:
    """Of every target on a limit, made one to which the law applies."""
    plan = data.draw(strategies.plans(most=1, rules=("within",)), label="plan")
    target = plan.leaves()[0]
    assert isinstance(target, Within)
    denominator = data.draw(st.sampled_from(("closed", "cohort", "overdue")))
    # Limits in working hours need a calendar with opening hours.
    in_hours = not isinstance(target.limit, DueColumn | Before) and any(
        span.in_working_hours for span in spans_of(target.limit)
    )
    fixed = isinstance(target.limit, DueColumn | Before) or in_hours
    target = evolve(
        target,
        goal=None,
        denominator=denominator,
        on=None if denominator == "closed" else target.on,
        at=None,
        limit=data.draw(strategies.spans()) if fixed else target.limit,
        month_end=data.draw(st.sampled_from(("down", "sticky", "up"))),
        calendar=Calendar("denmark"),
    )
    one = evolve(plan, targets=[target], goals=())
    tables = data.draw(strategies.tables_for(one))
    laws.a_longer_limit_never_lowers_a_share(one, tables, data.draw(strategies.as_ofs(one)), chance)


# That there is something to check


def test_the_laws_are_checked_on_generated_plans() -> None:
    """Each law has something to check on a plan at least, of some dozens that are generated."""
    checked: Counter[str] = Counter()

    def count(data: st.DataObject, plans: SearchStrategy[Plan], of: tuple[Law, ...]) -> None:
        plan = data.draw(plans)
        left = applying = {law for law in of if _applies(law, plan) and checked[name(law)] < 1}
        for _ in range(8 if left else 0):
            tables = data.draw(strategies.tables_for(plan, most=16))
            chance = data.draw(CHANCES)
            left = {law for law in left if not law(plan, tables, None, chance)}
        checked.update(map(name, applying - left))

    others = tuple(law for law in laws.LAWS if law not in OF_TIME)
    counting = settings(
        SETTINGS, max_examples=6, database=None, derandomize=False, phases=[Phase.generate]
    )
    for plans, of in (
        (strategies.plans(most=2), others),
        (strategies.plans(most=2, rules=("within",)), OF_TIME),
    ):
        its = {"plans": st.just(plans), "of": st.just(of)}
        # Hypothesis draws otherwise on another machine, so it goes on until it has found enough.
        for number in range(12):
            if any(checked[name(law)] < 1 for law in of):
                seed(number)(counting(given(data=st.data(), **its)(count)))()
    assert {name(law): checked[name(law)] for law in laws.LAWS if checked[name(law)] < 1} == {}


def _applies(law: Law, plan: Plan) -> bool:
    """Whether a law can say anything of a plan."""
    if law in (laws.the_order_of_targets_does_not_matter, laws.a_target_is_the_same_alone):
        return len(plan.targets) > 1
    if law is laws.parts_add_up_to_their_target:
        return any(leaf.each is not None for leaf in plan.leaves())
    if law is laws.the_score_is_the_weight_of_what_was_met:
        weighed: list[Any] = [*plan.goals, *plan.targets]
        return any(one.weight is not None for one in weighed)
    if law is laws.a_base_is_its_target_in_that_window:
        return any(leaf.comparison is not None for leaf in plan.leaves())
    if law is laws.alternatives_count_the_rows_of_each:
        return any(leaf.where.any_of for leaf in plan.leaves())
    leaves = [leaf for leaf in plan.leaves() if isinstance(leaf, Within)]
    if law is laws.a_longer_limit_never_lowers_a_share:
        of = ("closed", "cohort", "overdue")
        return any(
            t.denominator in of and not isinstance(t.limit, DueColumn | Before) for t in leaves
        )
    return True


# That each can be broken

FILED = dt.date(2022, 1, 31)
TABLE = kpi.Table("cases", key="case_id", entry="filed", events="decided")
DAYS = (3, 30, 40, None, 31, 400)
ROWS: list[dict[str, object]] = [
    {
        "case_id": f"c{n}",
        "filed": FILED,
        "decided": None if days is None else FILED + dt.timedelta(days),
        "case_type": "visa" if n % 2 else "asylum",
    }
    for n, days in enumerate(DAYS)
]


@frozen(kw_only=True, field_transformer=placed)
class Wrong(kpi.Within):
    """A share in time that is wrong on purpose, in what `WRONG` holds."""

    rule = "wrong"

    def rows(self, columns: kpi.Columns) -> kpi.Rows:
        rows = super().rows(columns)
        return MISTAKES[WRONG[0]](rows, columns) if WRONG[0] in MISTAKES else rows

    def measure(self, sums: kpi.Sums) -> kpi.Measure:
        measure = super().measure(sums)
        if WRONG[0] == "counts the rows outside too":
            return evolve(measure, figures={"rows": sums["rows"]})
        asked = WRONG[0] == "counts more where something is asked" and self.has_requirement
        compared = WRONG[0] == "counts more beside a base" and self.comparison is not None
        if (WRONG[0] == "says more of a part" and sums.part) or asked or compared:
            return evolve(measure, met=(measure.met or 0) + 1)
        return measure


# It is no kind of target that other tests should know.
del kpi.Target.kinds["wrong"]
WRONG = ["nothing"]


def _with_met(rows: kpi.Rows, met: pl.Expr) -> kpi.Rows:
    return evolve(rows, met=met, sums={"met": met})


def _met(made: Callable[[pl.Expr, kpi.Columns], pl.Expr]) -> Callable[..., kpi.Rows]:
    return lambda rows, columns: _with_met(rows, made(rows.sums["met"], columns))


def _plan(columns: kpi.Columns) -> kpi.Plan:
    """Return the whole plan, which no rule may look at."""
    assert isinstance(columns.plan, kpi.Plan)
    return columns.plan


MISTAKES: dict[str, Callable[[kpi.Rows, kpi.Columns], kpi.Rows]] = {
    "the sum and the rows say otherwise": lambda rows, _: evolve(rows, met=~rows.sums["met"]),
    "every other row": _met(lambda met, _: met & (pl.int_range(pl.len()) % 2 == 0)),
    "how many rows there are": _met(lambda met, _: met & (pl.len() > 5)),
    "the other targets": _met(lambda met, its: met & (len(_plan(its).targets) == 1)),
    "the first target": _met(lambda met, its: met & (_plan(its).targets[0].id == "1")),
    "no row where there are alternatives": lambda rows, _: evolve(
        rows,
        tests=tuple(
            (words, pl.lit(value=False) & test if " or " in words else test)
            for words, test in rows.tests
        ),
    ),
    "late is in time": _met(lambda met, _: ~met),
    "the day it is looked at": _met(lambda met, its: met & (its.as_of.year == 2022)),
}

BROKEN: tuple[tuple[Law, str], ...] = (
    (laws.the_audit_trail_adds_up_to_the_state, "the sum and the rows say otherwise"),
    (laws.parts_add_up_to_their_target, "says more of a part"),
    (laws.any_split_merges_to_the_whole, "how many rows there are"),
    (laws.a_merged_result_is_the_whole_or_says_that_it_is_not, "how many rows there are"),
    (laws.a_period_of_a_series_is_its_target_in_that_period, "counts the rows outside too"),
    (laws.the_order_of_rows_does_not_matter, "every other row"),
    (laws.the_order_of_targets_does_not_matter, "the first target"),
    (laws.a_target_is_the_same_alone, "the other targets"),
    (laws.a_case_outside_changes_nothing_else, "counts the rows outside too"),
    (laws.alternatives_count_the_rows_of_each, "no row where there are alternatives"),
    (laws.a_case_of_several_persons_is_as_many_cases, "how many rows there are"),
    (laws.without_a_demand_no_number_changes, "counts more where something is asked"),
    (laws.a_base_is_its_target_in_that_window, "counts more beside a base"),
    (laws.against_its_own_window_nothing_changes, "counts more beside a base"),
    (laws.a_day_later_is_never_more_in_time, "late is in time"),
    (laws.a_longer_limit_never_lowers_a_share, "late is in time"),
    (laws.a_later_day_never_undecides_a_case, "the day it is looked at"),
)
OTHERWISE = {
    laws.the_score_is_the_weight_of_what_was_met,
    laws.streaming_and_in_memory_agree,
}


def small_plan() -> Plan:
    """Four targets: `1` and `2` of one kind, one of whose rows some are outside, one with a base."""
    target: dict[str, Any] = {"start": "filed", "end": "decided", "threshold": 90}
    visa = {"any_of": [{"case_type": "visa", "decided": {"missing": False}}, {"case_type": "visa"}]}
    targets = [
        Wrong(id="1", **target, limit="30 days", each="case_type"),
        Wrong(id="2", **target, limit="30 days", denominator="cohort", weight=60),
        Wrong(id="3", **target, limit="1 month", where=visa, weight=40),
        Wrong(id="4", start="filed", end="decided", limit="30 days", against="2023"),
    ]
    return Plan(id="small", period="2022", tables=[TABLE], targets=targets)


def tried(law: Law) -> bool:
    """Whether a law was checked, under some of many choices."""
    plan, day = small_plan(), dt.date(2022, 12, 31)
    chances = (random.Random(n) for n in range(30))  # noqa: S311 - choices, not secrets
    return any([law(plan, {"cases": ROWS}, day, chance) for chance in chances])  # noqa: C419 - all of them


def test_every_law_is_broken_once() -> None:
    assert {law for law, _ in BROKEN} | OTHERWISE == set(laws.LAWS)


@pytest.mark.parametrize("law", laws.LAWS, ids=name)
def test_a_law_holds_where_nothing_is_wrong(law: Law) -> None:
    assert tried(law)


@pytest.mark.parametrize(
    ("law", "mistake"), BROKEN, ids=lambda one: one if isinstance(one, str) else name(one)
)
def test_a_law_says_what_is_wrong(law: Law, mistake: str) -> None:
    with (
        mock.patch.dict(globals(), WRONG=[mistake]),
        pytest.raises(AssertionError, match=r"target [1234]"),
    ):
        tried(law)


def test_a_score_that_is_not_the_weight_of_what_was_met() -> None:
    real = kpi.finish

    def more(state: kpi.State) -> kpi.Result:
        result = real(state)
        assert result.score is not None
        return evolve(result, score=evolve(result.score, met=result.score.met + Decimal(1)))

    with (
        mock.patch("kpi.evaluation.evaluate.finish", more),
        pytest.raises(AssertionError, match=r"met \d+, not"),
    ):
        tried(laws.the_score_is_the_weight_of_what_was_met)


def test_a_streaming_engine_that_says_something_else() -> None:
    real = kpi.evaluate

    def other(
        plan: Plan, tables: Any, as_of: Any = None, *, engine: Any = "in-memory"
    ) -> kpi.Result:
        fewer = {"cases": tables["cases"][1:]} if engine == "streaming" else tables
        return real(plan, fewer, as_of, engine=engine)

    with (
        mock.patch("kpi.testing.laws.common.evaluate", other),
        pytest.raises(AssertionError, match="target 1, streaming: rows 6 became 5"),
    ):
        tried(laws.streaming_and_in_memory_agree)


# What the engine must keep beside these


def test_a_law_takes_frames_and_rows() -> None:
    law = laws.any_split_merges_to_the_whole
    frame = pl.DataFrame(ROWS)
    assert law(small_plan(), frame, None, None)
    assert law(small_plan(), {"cases": frame.lazy()}, None, None)
    assert law(small_plan(), ROWS, None, None)


def test_a_law_says_where_there_is_nothing_to_check() -> None:
    plan = evolve(small_plan(), targets=[small_plan().targets[1]])
    assert not laws.the_order_of_targets_does_not_matter(plan, ROWS)
    assert not laws.a_target_is_the_same_alone(plan, ROWS)
    assert not laws.parts_add_up_to_their_target(plan, ROWS)
    assert not laws.any_split_merges_to_the_whole(plan, [])
    for law in OF_TIME:
        assert not law(plan, [], None, None)


DATED = {"dated": "decided", "first": "10 days", "since": {"2022-02-09": "20 days"}}


def test_a_day_later_may_be_in_time_where_the_end_tells_the_limit() -> None:
    """Ended on 8 February, after 11 days, where 10 are the most; on the 9th after 12, of 20."""
    target = kpi.Within(id="1", start="filed", end="decided", limit=DATED, threshold=90)
    plan = Plan(id="p", period="2022", tables=[TABLE], targets=[target])
    first = dt.date(2022, 1, 28)
    rows = [{"case_id": "a", "filed": first, "decided": first + dt.timedelta(11)}]
    later = [{**rows[0], "decided": first + dt.timedelta(12)}]
    before, after = (kpi.evaluate(plan, pl.DataFrame(r))["1"].met for r in (rows, later))
    assert (before, after) == (0, 1)
    assert not laws.a_day_later_is_never_more_in_time(plan, rows)


# What each law looks at beside the plain case


def of_days(limit: Any, *days: int | None, **keys: Any) -> tuple[Plan, list[dict[str, object]]]:
    """A share of cases within a limit, filed at 8 o'clock in Denmark, and the cases by their days."""
    target = Wrong(
        id="1", start="filed", end="decided", **{"limit": limit, "threshold": 90, **keys}
    )
    plan = Plan(
        id="p", period="2022", tables=[TABLE], targets=[target], time_zone="Europe/Copenhagen",
        calendar={"name": "denmark", "hours": {"weekdays": "08:00-16:00"}},
    )  # fmt: skip
    at = dt.datetime(2022, 3, 1, 7, tzinfo=dt.UTC)
    rows: list[dict[str, object]] = [
        {"case_id": n, "filed": at, "case_type": "visa", "decided": None if took is None else at + dt.timedelta(took)}
        for n, took in enumerate(days)
    ]  # fmt: skip
    return plan, rows


def choosing(*choices: object) -> Any:
    """A source of choices that gives these, one after another, whatever it is asked for."""
    return mock.Mock(spec=random.Random, choice=mock.Mock(side_effect=choices))


BY_TYPE = {"by": "case_type", "limits": {"visa": "30 days"}}
SINCE = {"dated": "filed", "first": "10 days", "since": {"2022-02-01": "30 days"}}


@pytest.mark.parametrize(
    ("limit", "day", "longer"),
    [
        # 1 March and 30 days are 31 March, a day too few for a case of 31 days.
        ("30 days", 31, "31 days"),
        (BY_TYPE, 31, "31 days (visa)"),
        (SINCE, 31, None),
        # The clock went from 08:00 to 08:00: 24 hours, and a minute more is no more than that.
        ("1439 minutes", 1, "1440 minutes"),
        # A day of opening hours has 8 hours.
        ("479 working minutes", 1, "480 working minutes"),
        ("1 working day", 2, "2 working days"),
    ],
    ids=str,
)
def test_a_longer_limit_of_every_kind(limit: Any, day: int, longer: str | None) -> None:
    law = laws.a_longer_limit_never_lowers_a_share
    plan, rows = of_days(limit, day)
    assert law(plan, rows, None, choosing("days"))
    with (
        mock.patch.dict(globals(), WRONG=["late is in time"]),
        pytest.raises(AssertionError, match=r"1 of 1 became 0 of 1$") as caught,
    ):
        law(plan, rows, None, choosing("days"))
    if longer is not None:
        assert f"with the limit {longer}: " in str(caught.value)


def test_limits_that_are_not_made_longer_are_not_checked() -> None:
    law = laws.a_longer_limit_never_lowers_a_share
    # None is longer than a hundred years.
    assert not law(*of_days("100 years", 3), None, choosing("years"))
    assert not law(*of_days("1 month before", 3), None, choosing("days"))
    assert not law(*of_days("30 days", 3, denominator="settled"), None, None)
    # 30 January and a month is no day: the case is excluded before, and counted after.
    plan, (row,) = of_days("1 month", 20, month_end="refuse")
    row["filed"] = dt.datetime(2022, 1, 30, 12, tzinfo=dt.UTC)
    assert not law(plan, [row], None, choosing("days"))


def test_the_last_day_of_all_is_not_moved() -> None:
    plan, rows = of_days("30 days", 3, denominator="cohort")
    rows.append({**rows[0], "case_id": 1, "decided": dt.date.max})
    assert laws.a_day_later_is_never_more_in_time(plan, rows, dt.date(2022, 12, 31))


def test_an_open_case_that_was_due_is_a_miss_on_every_later_day() -> None:
    law = laws.a_later_day_never_undecides_a_case
    plan, rows = of_days("30 days", None, denominator="overdue")
    first, last = dt.date(2022, 6, 1), dt.date(2023, 6, 1)
    assert law(plan, rows, None, choosing(first, last))
    mistake = _met(lambda met, its: met.fill_null(value=False) | (its.as_of.year == 2023))
    with (
        mock.patch.dict(MISTAKES, {"all are met in the end": mistake}),
        mock.patch.dict(globals(), WRONG=["all are met in the end"]),
        pytest.raises(AssertionError, match=r"target 1, row 1 of cases: .*at 2022-06-01, .*at 2023-06-01"),
    ):  # fmt: skip
        law(plan, rows, None, choosing(first, last))
    # Due on 31 March; before that day the case is not late yet, and there is nothing to check.
    assert law(plan, rows, None, choosing(dt.date(2022, 3, 31), last))
    assert not law(plan, rows, None, choosing(dt.date(2022, 3, 30), last))


@pytest.mark.parametrize("key", [("a", "b", "c"), (1, 2, 3)], ids=["texts", "numbers"])
def test_a_case_outside_takes_its_pauses_along(key: tuple[object, ...]) -> None:
    """Of three cases two are outside; a copy of one of them and of its pauses makes three."""
    law = laws.a_case_outside_changes_nothing_else
    plan, rows = paused(key)
    assert law(plan, rows, None, None)
    real = kpi.evaluate

    def without_the_copy(plan: Plan, tables: Any, as_of: Any = None, **how: Any) -> kpi.Result:
        waiting = len(tables["waiting"]) - len(rows["waiting"])
        assert waiting == (len(tables["cases"]) - len(key)), "a pause is copied with its case"
        return real(plan, {**tables, "cases": tables["cases"][:3]}, as_of, **how)

    with (
        mock.patch("kpi.testing.laws.common.evaluate", without_the_copy),
        pytest.raises(AssertionError, match=r"which is outside: rows 4 became 3, outside 3 became 2$"),
    ):  # fmt: skip
        law(plan, rows, None, None)


def paused(key: tuple[object, ...]) -> tuple[Plan, dict[str, list[dict[str, object]]]]:
    """Three cases, of which the last two are decided after the period, with a pause each."""
    waiting = kpi.Table("waiting", key="case_id", entry="from", events="to", pauses="cases")
    target = kpi.Within(id="1", start="filed", end="decided", limit="30 days", threshold=90, pauses="waiting")  # fmt: skip
    plan = Plan(id="p", period="2022", tables=[TABLE, waiting], targets=[target])
    ends = (dt.date(2022, 3, 1), dt.date(2023, 3, 1), dt.date(2023, 3, 1))
    rows: list[dict[str, object]] = [
        {"case_id": name, "filed": FILED, "decided": end}
        for name, end in zip(key, ends, strict=True)
    ]
    pauses: list[dict[str, object]] = [
        {"case_id": name, "from": dt.date(2022, 2, 10), "to": dt.date(2022, 2, 20)} for name in key
    ]
    return plan, {"cases": rows, "waiting": pauses}


def test_keys_of_dates_have_no_further_key() -> None:
    plan, rows = paused((1, 2, 3))
    for n, row in enumerate(rows["cases"]):
        row["case_id"] = dt.date(2022, 1, 1 + n)
    assert not laws.a_case_outside_changes_nothing_else(plan, {"cases": rows["cases"], "waiting": []})  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_pauses_fall_with_their_cases_anywhere_in_each_batch_or_in_one(seed: int) -> None:
    plan, rows = paused(("a", "b", "c"))
    chance = random.Random(seed)  # noqa: S311 - choices, not secrets
    assert laws.any_split_merges_to_the_whole(plan, rows, None, chance)
    laws.a_merged_result_is_the_whole_or_says_that_it_is_not(plan, rows, None, chance)


def test_a_trail_that_depends_on_the_order_of_rows_is_told() -> None:
    trails = [Counter({("1", "a met"): 1}), Counter({("1", "a missed"): 1})]
    with (
        mock.patch("kpi.testing.laws.independence.engine_trail", side_effect=trails),
        pytest.raises(AssertionError, match="says target 1: a missed, not target 1: a met"),
    ):
        laws.the_order_of_rows_does_not_matter(small_plan(), ROWS)


def test_hours_in_the_trail_are_whole_seconds_of_the_total() -> None:
    law = laws.the_audit_trail_adds_up_to_the_state
    plan, rows = of_days("5 hours", 1, 2)
    average = kpi.Average(id="1", start="filed", end="decided", limit="5 hours")
    plan = evolve(plan, targets=[average])
    assert law(plan, rows)
    real = kpi.Average.measure

    def more(self: kpi.Average, sums: kpi.Sums) -> kpi.Measure:
        measure = real(self, sums)
        return evolve(measure, total=(measure.total or 0) - 1)

    with mock.patch.object(kpi.Average, "measure", more), pytest.raises(AssertionError, match="target 1: total"):  # fmt: skip
        law(plan, rows)


def test_a_target_that_comes_or_goes_is_told() -> None:
    found = numbers(kpi.evaluate(small_plan(), pl.DataFrame(ROWS)))
    with pytest.raises(AssertionError, match=r"target 2, merged: is not there$"):
        same(found, {name: found[name] for name in found if name != "2"}, "merged")
    with pytest.raises(AssertionError, match=r"target 1, merged: is there all at once$"):
        same({}, found, "merged")

"""The expected cases of the example plans, and that no boundary can be moved unnoticed."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import kpi
from kpi.definitions.limits import Before, ByValue, DueColumn
from kpi.definitions.population import OneOf, Population, Range
from kpi.definitions.time_units import Span
from kpi.evaluation.expected import ExpectedCases
from kpi.evaluation.expected_file import load_expected
from kpi.planfile.expected_path import beside
from kpi.rules._condition import condition_of
from kpi.rules._reported import FactTarget

EXAMPLES = Path(__file__).parents[2] / "examples"


PATHS = {
    name: EXAMPLES / "plans" / f"{name}.toml"
    for name in ("us-2017", "us-2019", "us-2022", "hjemrejsestyrelsen-2022", "siri-2018")
}


DAY = dt.timedelta(days=1)


@cache
def plan(name: str) -> kpi.Plan:
    return kpi.load_plan(PATHS[name])


@cache
def expected(name: str) -> ExpectedCases:
    return load_expected(plan(name), beside(PATHS[name]))


@pytest.mark.parametrize("name", PATHS)
def test_the_cases_of_an_example_plan_become_what_its_file_says(name: str) -> None:
    assert kpi.check_expected(plan(name), beside(PATHS[name])) == []


def test_the_cases_of_the_permits_become_what_their_file_says() -> None:
    path = EXAMPLES / "permit-receipts" / "plan.toml"
    assert kpi.check_expected(kpi.load_plan(path), beside(path)) == []


@pytest.mark.parametrize(
    ("name", "written", "instead", "targets"),
    [
        ("us-2017", 'limit = "8 months"', 'limit = "8 months and 1 day"', "1.2h 1.2i"),
        ("us-2017", 'limit = "12 minutes"', 'limit = "13 minutes"', "1.4b"),
        ("us-2017", "deadline = { before = 2017-07-01 }\nthreshold", "deadline = { through = 2017-07-01 }\nthreshold", "1.1b"),
        ("us-2017", 'where = { case_type = "visa_complaint" }', 'where = { case_type = "asylum" }', "1.3"),
        ("us-2017", "filed = { since = 2017-03-01 }", "filed = { after = 2017-03-01 }", "1.2e"),
        ("us-2017", "announced_months = 8", "announced_months = 10", "1.2h"),
        ("us-2017", 'period = "2017"', 'period = "2017"\nmonth_end = "up"', "1.2a 1.2b 1.2c 1.2d 1.2f 1.2g 1.2h 1.2i 1.3"),
        ("us-2017", "requires = { less_than = 7 }", "requires = { at_most = 7 }", "4.2"),
        ("us-2019", "deadline = { before = 2019-03-01 }", "deadline = { through = 2019-03-01 }", "2.3a"),
        ("us-2019", 'end = "first_interview"', 'end = "decided"', "1.1a"),
        ("us-2022", 'limit = "90 days"', 'limit = "3 months"', "1.2d"),
        ("us-2022", "residence_basis = false }\nstart = \"filed\"\nend = \"decided\"", "residence_basis = true }\nstart = \"filed\"\nend = \"decided\"", "1.1b"),
        ("us-2022", 'limit = "3 weeks"', 'limit = "22 days"', "1.3a"),
        ("us-2022", 'on = "decided"', 'on = "filed"', "1.1a"),
        ("hjemrejsestyrelsen-2022", "fastest = 95", "fastest = 100", "1.2"),
        ("hjemrejsestyrelsen-2022", 'denominator = "settled"', 'denominator = "due"', "1.1c"),
        ("hjemrejsestyrelsen-2022", "at_least = 4 }", "more_than = 4 }", "1.1h"),
        ("hjemrejsestyrelsen-2022", "filed = { before = 2020-06-30 } }\nstart", "filed = { through = 2020-06-30 } }\nstart", "1.3b"),
        ("siri-2018", "having = { passed = true }", "having = { passed = false }", "1.6"),
        ("siri-2018", "deadline = { through = 2018-12-31 }\n\n[[targets.readings]]", 'deadline = "2018"\n\n[[targets.readings]]', "2.2a 2.2b 2.3a 2.3b 2.3c"),
    ],
)  # fmt: skip
def test_a_plan_that_says_something_else_fails(
    name: str, written: str, instead: str, targets: str
) -> None:
    text = PATHS[name].read_text(encoding="utf-8")
    assert written in text
    other = kpi.parse_plan(text.replace(written, instead), beside=PATHS[name].parent)
    differences = kpi.check_expected(other, beside(PATHS[name]))
    assert {one.target for one in differences} == set(targets.split())
    assert all(one.line for one in differences)


# Every boundary of every target has a case on both of its sides. A plan whose boundary lies one step
# further, or is not there, must make some case of that target come out otherwise; so a boundary
# with no case on one of its sides is one that can be moved unnoticed.
Mutant = tuple[str, kpi.Target]


def moved(window: kpi.Window, days: int = 1) -> Iterator[tuple[str, kpi.Window]]:
    """The window with each of its ends a step earlier, and a step later."""
    ends = {"since": window.first, "through": window.last}
    known = {bound: day for bound, day in ends.items() if day is not None}
    for bound, day in known.items():
        for step in (-days, days):
            bounds: dict[str, Any] = {**known, bound: day + step * DAY}
            yield f"{bound} {bounds[bound]}", kpi.Window(**bounds)


def without_value(test: OneOf) -> Iterator[tuple[str, OneOf]]:
    """The test with each of its values left out, or another put in its place; or all but one in."""
    for value in test.values:
        rest = tuple(other for other in test.values if other != value)
        another: dict[type, Any] = {bool: not value, int: 999, str: "nothing at all"}
        strange = another[type(value)]
        yield f"not {value}", evolve(test, values=rest or (strange,))
        if not isinstance(value, bool):
            yield f"anything for {value}", evolve(test, values=(strange,), negated=True)


def moved_bounds(test: Any, words: tuple[str, ...], step: Any) -> Iterator[tuple[str, Any]]:
    for word in words:
        bound = getattr(test, word)
        for by in (-step, step) if bound is not None else ():
            yield f"{word} {bound + by}", evolve(test, **{word: bound + by})


NUMBERS = ("at_least", "more_than", "at_most", "less_than")


def other_conditions(key: str, population: Population) -> Iterator[tuple[str, Population]]:
    """The population with one condition moved, or gone."""
    for n, condition in enumerate(population.conditions):
        before, after = population.conditions[:n], population.conditions[n + 1 :]
        yield f"{key} without {condition.column}", Population((*before, *after))
        tests: Iterator[tuple[str, Any]]
        if isinstance(condition.test, kpi.Window):
            tests = moved(condition.test)
        elif isinstance(condition.test, OneOf):
            tests = without_value(condition.test)
        else:
            assert isinstance(condition.test, Range)
            tests = moved_bounds(condition.test, NUMBERS, 1)
        for said, test in tests:
            other = evolve(condition, test=test)
            yield f"{key} {condition.column} {said}", Population((*before, other, *after))


def mutants(its: kpi.Plan, target: Any) -> Iterator[Mutant]:
    """The target with one of its boundaries a step further, or gone."""
    for key in ("where", "unless", "having"):
        for said, population in other_conditions(key, getattr(target, key, Population())):
            if key != "having" or population:
                yield said, evolve(target, **{key: population})
    deadline = getattr(target, "deadline", None)
    if deadline is not None:
        yield from ((f"deadline {s}", evolve(target, deadline=w)) for s, w in moved(deadline))
    elif target.has_key("window") and not isinstance(target, kpi.Reported):
        # Of a year that begins and ends on days off, the first and last working days count.
        step = 3 if isinstance(target, kpi.EveryWorkingDay) else 1
        for said, window in moved(target.window_of(its), step):
            yield f"window {said}", evolve(target, window=window)
    for key in ("at", "against", "open_at"):
        moment: Any = getattr(target, key, None)
        for by in (-DAY, DAY) if moment is not None else ():
            day = moment.day + by
            other = {"start_of" if key == "open_at" else "end_of": day}
            yield f"{key} {day}", evolve(target, **{key: other})
    if getattr(target, "open_at", None) is not None:
        yield "no open_at", evolve(target, open_at=None)
    if getattr(target, "on", None) is not None:
        yield "no on", evolve(target, on=None)
    if getattr(target, "denominator", "closed") != "closed":
        yield "closed", evolve(target, denominator="closed", on=None)
    if getattr(target, "denominator", None) == "settled":
        yield "due", evolve(target, denominator="due")
    if isinstance(target, kpi.Reported):
        for said, bounds in moved_bounds(target.requires, NUMBERS, 1):
            yield said, evolve(target, requires=bounds)
    limit = getattr(target, "limit", None)
    if isinstance(limit, Span) and not isinstance(target, kpi.Average) and reachable(its, target):
        if limit.is_clock:
            longer = evolve(limit, minutes=limit.minutes + 1)
        else:
            longer = evolve(limit, days=limit.days + 1)
        yield "a longer limit", evolve(target, limit=longer)


@pytest.mark.parametrize("name", PATHS)
def test_no_boundary_of_a_target_can_be_moved_unnoticed(name: str) -> None:
    unnoticed = []
    for target in plan(name).leaves():
        others = {f"{target.id} with {said}": m for said, m in mutants(plan(name), target)}
        assert others or isinstance(target, kpi.IntervalTarget), target.id
        asked = _of_all(expected(name), target, others)
        noticed = {one.target for one in asked.differences()} if others else set()
        unnoticed += [said for said in others if said not in noticed]
    assert unnoticed == []


def _of_all(
    cases: ExpectedCases, target: kpi.Target, others: dict[str, kpi.Target]
) -> ExpectedCases:
    """The cases of one target, expected of each of the others, all in one plan."""
    one = cases.plan.only(*{r.id for r in cases.plan.targets if target in r.leaves()})
    targets = [
        evolve(m, id=said, readings=(), goal=None, weight=None).reported_under(target.id)
        for said, m in others.items()
    ]
    rows = {
        table: tuple(
            evolve(
                row,
                expectations=tuple(
                    evolve(e, target=said)
                    for e in row.expectations
                    if e.target == target.id
                    for said in others
                ),
            )
            for row in its
            if table == target.table and any(e.target == target.id for e in row.expectations)
        )
        for table, its in cases.tables.items()
    }
    return evolve(cases, plan=evolve(one, targets=targets or one.targets), tables=rows, verdicts=())


def months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def later(start: Any, span: Span, sign: int = 1) -> Any:
    if span.is_clock:
        return start + dt.timedelta(hours=span.hours, minutes=span.minutes)
    months = sign * (12 * span.years + span.months)
    return months_later(start, months) + sign * dt.timedelta(span.days + 7 * span.weeks)


def due_of(limit: Any, start: Any, row: Any) -> Any:
    """When a row is due, worked out here; None where it has no limit."""
    if isinstance(limit, DueColumn):
        return row.values.get(limit.column)
    if isinstance(limit, ByValue):
        span = limit.limits.get(row.values.get(limit.column))
        return None if span is None else later(start, span)
    return later(start, limit.span, -1) if isinstance(limit, Before) else later(start, limit)


def reachable(its: kpi.Plan, target: Any) -> bool:
    """Whether a case can be late at all: of those filed since March, none is by the year's end."""
    firsts = [c.test.first for c in target.where if c.column == target.start]
    return not any(
        first is not None and later(first, target.limit) >= target.window_of(its).last
        for first in firsts
    )


def told(name: str, target: kpi.Target) -> Iterator[tuple[Any, str]]:
    """The rows that say what is expected of a target, each with the word for it."""
    for row in expected(name).tables.get(target.table, ()):
        for one in row.expectations:
            if one.target == target.id:
                yield row, one.word


def lacking(name: str, target: Any) -> Iterator[str]:
    """The sides of a target's limit, and the missing dates, that no case stands for."""
    rows = list(told(name, target))
    start, end = target.start, target.end
    limit = getattr(target, "limit", None)
    if limit is not None and not isinstance(target, kpi.Average):
        exact, late = set(), set()
        for row, word in rows:
            begun, ended = row.values.get(start), row.values.get(end)
            if begun is None or ended is None:
                continue
            due = due_of(limit, begun, row)
            value = row.values.get(limit.column) if isinstance(limit, ByValue) else None
            step = dt.timedelta(seconds=1) if isinstance(begun, dt.datetime) else DAY
            if due is not None and word == "met" and ended == due:
                exact.add(value)
            if due is not None and word == "not met" and ended == due + step:
                late.add(value)
        values = set(limit.limits) if isinstance(limit, ByValue) else {None}
        if not (isinstance(limit, Span) and not reachable(plan(name), target)):
            yield from (f"{target.id}: on the due day {v or ''}" for v in values - exact)
            yield from (f"{target.id}: a day late {v or ''}" for v in values - late)
    in_key = start in plan(name).table(target.table).key
    missing = f"rejected: {start} missing" if in_key else "excluded: start missing"
    if not any(start not in row.values and word == missing for row, word in rows):
        yield f"{target.id}: no {start}"
    open_ones = {word for row, word in rows if end not in row.values and start in row.values}
    counts_open = getattr(target, "denominator", None) not in ("closed", None)
    counts_open |= isinstance(target, kpi.Clearance | kpi.EveryWorkingDay)
    asked = "not met" if counts_open else "outside"
    if asked not in open_ones and not isinstance(target, kpi.Stock):
        yield f"{target.id}: not ended, {asked}"


@pytest.mark.parametrize("name", PATHS)
def test_every_limit_and_every_missing_date_has_its_case(name: str) -> None:
    gaps = [
        gap
        for target in plan(name).leaves()
        if isinstance(target, kpi.IntervalTarget)
        for gap in lacking(name, target)
    ]
    assert gaps == []


@pytest.mark.parametrize("name", PATHS)
def test_every_reported_fact_is_written_down_both_ways(name: str) -> None:
    for target in plan(name).leaves():
        facts = [target] if isinstance(target, FactTarget) else []
        conditions = [one for one in [condition_of(target)] if one is not None]
        for fact in [*facts, *conditions]:
            assert {"met", "not met"} <= {word for _, word in told(name, fact)}, fact.id


def test_a_file_that_lacks_a_side_is_found() -> None:
    cases = expected("us-2017")
    target = cases.plan.target("1.3")
    assert isinstance(target, kpi.Target)
    others = {f"1.3 with {said}": m for said, m in mutants(cases.plan, target)}
    name = "1.3: decided the day after the window"
    kept = tuple(row for row in cases.tables["cases"] if row.name != name)
    assert len(kept) == len(cases.tables["cases"]) - 1
    asked = _of_all(evolve(cases, tables={**cases.tables, "cases": kept}), target, others)
    noticed = {one.target for one in asked.differences()}
    assert set(others) - noticed == {"1.3 with window through 2018-01-01"}


@pytest.mark.parametrize(
    ("name", "target", "key", "stricter"),
    [
        ("us-2017", "1.1a", "limit", "209 days"),
        ("us-2017", "2.1a", "requires", {"at_least": 9}),
        ("us-2019", "1.1b", "limit", "119 days"),
        ("us-2019", "2.1a", "requires", {"at_least": 17}),
        ("us-2022", "1.1b", "limit", "119 days"),
        ("hjemrejsestyrelsen-2022", "1.1a", "change", {"less_than": -10}),
        ("hjemrejsestyrelsen-2022", "1.1b", "requires", {"at_least": 13}),
        ("hjemrejsestyrelsen-2022", "1.2", "limit", "119 days"),
        ("siri-2018", "1.2", "requires", {"at_least": 4}),
        # And of what is one too few, one less.
        ("us-2017", "2.2a", "requires", {"at_least": 19}),
    ],
)
def test_a_verdict_turns_with_one_step(name: str, target: str, key: str, stricter: object) -> None:
    its = plan(name)
    targets = [evolve(t, **{key: stricter}) if t.id == target else t for t in its.targets]
    differences = evolve(expected(name), plan=evolve(its, targets=targets)).differences()
    assert [(one.target, one.case) for one in differences] == [(target, None)]

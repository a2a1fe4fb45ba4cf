"""Expected cases beside a plan: the files of the five plans, what a mistake in one says, what they catch."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

import kpi
from kpi.cli import main
from kpi.conditions import OneOf, Population, Range
from kpi.expected import ExpectedCases, beside, load_expected
from kpi.limits import Before, ByValue, DueColumn, Span
from kpi.reported_fact import FactTarget, condition_of

EXAMPLES = Path(__file__).parents[1] / "examples"
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


# The five files.


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
        ("siri-2018", 'deadline = "2018"\n', 'deadline = { through = 2018-12-31 }\n', "2.2a 2.2b 2.3a 2.3b 2.3c"),
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
    elif hasattr(target, "window") and not isinstance(target, kpi.Reported):
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
        longer = evolve(limit, days=limit.days + 1)
        if limit.is_clock:
            longer = evolve(limit, minutes=limit.minutes + 1)
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
        evolve(m, id=said, readings=(), goal=None, weight=None).told_of(target.id)
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


# Verdicts: of what is exactly enough, one step more is asked.


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


# What a small file says.

SMALL = """
id = "small"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[tables.contacts]
key = "contact_id"
entry = "arrived"
events = ["served"]

[tables.reported]
key = "target"
events = ["done"]

[[targets]]
id = "1"
rule = "within"
where = { case_type = "visa", urgent = true, stage = { at_least = 2 } }
start = "filed"
end = "decided"
limit = "30 days"
threshold = 90

[[targets]]
id = "2"
rule = "average"
start = "filed"
end = "decided"
limit = "30 days"

[[targets]]
id = "3"
rule = "within"
table = "contacts"
start = "arrived"
end = "served"
denominator = "overdue"
limit = "1 hour"
threshold = 80

[[targets]]
id = "4"

[[targets.parts]]
id = "4a"
rule = "milestone"
deadline = { through = 2022-06-30 }

[[targets.parts]]
id = "4b"
rule = "reported"
requires = { less_than = 7 }
"""

VISA = 'case_type = "visa"\nurgent = true\nstage = 2\n'


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], list[str]]:
    """What comes out otherwise than a text says, in words."""

    def run(text: str) -> list[str]:
        file = tmp_path / "small.expected.toml"
        file.write_text(text, encoding="utf-8")
        found = kpi.check_expected(kpi.parse_plan(SMALL), file)
        return [str(one).removeprefix(f"{tmp_path}/") for one in found]

    return run


def test_a_difference_says_where_and_what(check: Callable[[str], list[str]]) -> None:
    text = f"""
[[cases]]
case_id = "as it should be"
{VISA}filed = 2022-03-01
decided = 2022-03-31
expect = {{ "1" = "met", "2" = "counted" }}

[[cases]]
case_id = "a day late"
{VISA}filed = 2022-03-01
decided = 2022-04-01
expect = {{ "1" = "met", "2" = "counted" }}

[[cases]]
{VISA}decided = 2022-04-01
expect = {{ "1" = "met" }}

[verdicts]
"1" = "met"
"""
    assert check(text) == [
        f"small.expected.toml:{said}"
        for said in (
            "18: cases, case 'a day late', target 1: expected met, found not met (due 2022-03-31)",
            "25: cases, case 'row 3', target 1: expected met, found excluded: start missing",
            "28: target 1: expected the verdict met, found missed",
        )
    ]


def test_a_difference_is_a_record(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(
        f'[[cases]]\n{VISA}filed = 2022-03-01\ndecided = 2022-04-01\nexpect = {{ "1" = "met" }}\n'
    )
    assert kpi.check_expected(kpi.parse_plan(SMALL), file) == [
        kpi.Difference(
            file=str(file),
            line=7,
            table="cases",
            case="row 1",
            target="1",
            expected="met",
            found="not met",
            due=dt.date(2022, 3, 31),
        )
    ]


@pytest.mark.parametrize(
    ("row", "target", "outcome"),
    [
        (f"{VISA}filed = 2022-03-01\ndecided = 2022-03-31", "1", "met"),
        (f"{VISA}filed = 2022-03-01\ndecided = 2022-04-01", "1", "not met"),
        ("filed = 2022-03-01\ndecided = 2022-03-31", "2", "counted"),
        (f"{VISA}filed = 2022-03-01", "1", "outside"),
        (f"{VISA}decided = 2022-03-01", "1", "excluded"),
        (f"{VISA}decided = 2022-03-01", "1", "excluded: start missing"),
        (f"{VISA}filed = 2022-09-01\ndecided = 2022-09-02", "1", "hidden"),
        # Known at the end of 31 August: the decision of the day after is not.
        (f"{VISA}filed = 2022-08-01\ndecided = 2022-09-01", "1", "outside"),
        # A time with a zone is a day of the plan's: 22:30 in London is half past midnight in Aarhus.
        (f"{VISA}filed = 2022-06-30T22:30:00Z\ndecided = 2022-07-31", "1", "met"),
        (f"{VISA}filed = 2022-06-30T21:30:00Z\ndecided = 2022-07-31T10:00:00", "1", "not met"),
    ],
)
def test_what_may_become_of_a_row(
    row: str, target: str, outcome: str, check: Callable[[str], list[str]]
) -> None:
    text = f'as_of = 2022-08-31\n[[cases]]\n{row}\nexpect = {{ "{target}" = "OUTCOME" }}\n'
    assert check(text.replace("OUTCOME", outcome)) == []
    others = {"met", "not met", "counted", "undetermined", "outside", "excluded", "hidden"}
    for other in others - {outcome.partition(":")[0]}:
        assert len(check(text.replace("OUTCOME", other))) == 1
    if ":" in outcome:
        assert len(check(text.replace("OUTCOME", "excluded: limit missing"))) == 1


def test_an_open_case_may_be_undetermined(check: Callable[[str], list[str]]) -> None:
    # In time only until the hour is over, which is on the day after the one we look at.
    text = """
as_of = 2022-08-31
[[contacts]]
arrived = 2022-08-31T23:30:00
expect = { "3" = "undetermined" }
[[contacts]]
arrived = 2022-08-31T22:30:00
expect = { "3" = "not met" }
"""
    assert check(text) == []


def test_a_row_that_cannot_be_used_is_rejected(tmp_path: Path) -> None:
    text = SMALL.replace('key = "contact_id"', 'key = ["contact_id", "arrived"]')
    file = tmp_path / "x.toml"
    file.write_text(
        '[[contacts]]\nserved = 2022-08-31T23:30:00\nexpect = { "3" = "rejected: arrived missing" }'
    )
    assert kpi.check_expected(kpi.parse_plan(text), file) == []


def test_without_an_as_of_the_plans_last_day_is_taken(check: Callable[[str], list[str]]) -> None:
    text = f'[[cases]]\n{VISA}filed = DAY\nexpect = {{ "1" = "WORD" }}\n'
    assert check(text.replace("DAY", "2022-12-31").replace("WORD", "outside")) == []
    assert check(text.replace("DAY", "2023-01-01").replace("WORD", "hidden")) == []


def test_a_fact_may_be_written_down_several_times(check: Callable[[str], list[str]]) -> None:
    text = """
[[reported]]
target = "4a"
done = 2022-06-30
expect = { "4a" = "met" }

[[reported]]
target = "4a"
done = 2022-07-01
expect = { "4a" = "not met" }

[[reported]]
target = "4b"
value = 6.9
expect = { "4b" = "met" }

[[reported]]
target = "4b"
value = 7
expect = { "4b" = "not met", "4a" = "outside" }

[[reported]]
target = "4b"
expect = { "4b" = "excluded: value missing" }

[verdicts]
"4" = "met"
"4b" = "met"
"""
    assert check(text) == []
    # The verdicts are those of the first of each, and a number is counted whatever it is.
    assert check(text.replace('{ "4b" = "met" }', '{ "4b" = "counted" }')) == []
    assert check(text.replace("6.9", "7.0")) == [
        "small.expected.toml:15: reported, case '4b', target 4b: expected met, found not met",
        "small.expected.toml:27: target 4: expected the verdict met, found missed",
        "small.expected.toml:28: target 4b: expected the verdict met, found missed",
    ]


def test_ids_that_are_not_given_repeat_none(check: Callable[[str], list[str]]) -> None:
    day = 'filed = 2022-03-01\ndecided = 2022-03-02\nexpect = { "2" = "counted" }\n'
    assert check(f'[[cases]]\ncase_id = "row 2"\n{day}[[cases]]\n{day}') == []
    twice = day.replace("counted", "excluded: repeated id")
    assert check(f"[[cases]]\ncase_id = 7\n{twice}" * 2) == []


def test_dates_need_not_be_as_the_tables_have_them(tmp_path: Path) -> None:
    text = SMALL.replace('entry = "filed"', 'entry = "filed"\ndate_format = "%d.%m.%Y"')
    file = tmp_path / "x.toml"
    file.write_text(
        '[[cases]]\nfiled = 2022-03-01\ndecided = 2022-03-02\nexpect = { "2" = "counted" }\n'
    )
    assert kpi.check_expected(kpi.parse_plan(text), file) == []


# Mistakes, a line each.

ROW = '[[cases]]\nfiled = 2022-03-01\nexpect = { "2" = "outside" }\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[case]]\nfiled = 2022-03-01\n", "1: case: unknown table; the plan declares: cases, contacts, reported (did you mean 'cases'?)"),
        ("as_off = 2022-12-31\n" + ROW, "1: as_off: unknown table; the plan declares: cases, contacts, reported (did you mean 'as_of'?)"),
        ("[cases]\nfiled = 2022-03-01\n", "1: cases: accepted: rows, each under a line [[cases]]"),
        ('as_of = "soon"\n' + ROW, "1: as_of: found 'soon'; accepted: a date that exists, written as 2017-03-01, without a time"),
        ("[[cases]]\nfield = 2022-03-01\n", "2: cases, row 1, field: unknown column; accepted: case_id, case_type, urgent, stage, filed, decided, expect (did you mean 'filed'?)"),
        ('[[cases]]\ncase_id = "A"\nexpected = { "1" = "met" }\n', "3: cases, case 'A', expected: unknown column; accepted: case_id, case_type, urgent, stage, filed, decided, expect (did you mean 'expect'?)"),
        ('[[cases]]\nfiled = "2022-03-01"\n', "2: cases, row 1, filed: found '2022-03-01'; accepted: a date or a time, without quotes, such as 2017-03-01 or 2017-03-01T09:30:00"),
        ("[[cases]]\nfiled = 09:30:00\n", "2: cases, row 1, filed: found 09:30:00; accepted: a date or a time, without quotes, such as 2017-03-01 or 2017-03-01T09:30:00"),
        ("[[cases]]\nfiled = 2022-02-30\n", "2: cases, row 1, filed: found '2022-02-30'; accepted: a date or a time, without quotes, such as 2017-03-01 or 2017-03-01T09:30:00"),
        ("[[contacts]]\narrived = 2022-03-01\n", "2: contacts, row 1, arrived: found 2022-03-01; the plan counts it in hours or minutes; accepted: a time such as 2017-03-01T09:30:00"),
        ("[[cases]]\ncase_type = 1\n", "2: cases, row 1, case_type: found 1; accepted: a text, in quotes"),
        ('[[cases]]\nurgent = "yes"\n', "2: cases, row 1, urgent: found 'yes'; accepted: true or false"),
        ("[[cases]]\nstage = 2.5\n", "2: cases, row 1, stage: found 2.5; accepted: a whole number"),
        ("[[cases]]\nstage = true\n", "2: cases, row 1, stage: found true; accepted: a whole number"),
        ("[[cases]]\nstage = 99999999999999999999\n", "2: cases, row 1, stage: found 99999999999999999999; accepted: at most 18 digits"),
        ('[[reported]]\ntarget = "4b"\nvalue = "7"\n', "3: reported, case '4b', value: found '7'; accepted: a number"),
        ('[[reported]]\ntarget = "4b"\nvalue = inf\n', "3: reported, case '4b', value: found inf; accepted: a number"),
        ('[[cases]]\nexpect = { "1a" = "met" }\n', "2: cases, row 1, expect, 1a: unknown target; accepted: 1, 2 (did you mean '1'?)"),
        ('[[cases]]\nexpect = { "3" = "met" }\n', "2: cases, row 1, expect, 3: reads the table contacts, not cases"),
        ('[[reported]]\nexpect = { "4" = "met" }\n', "2: reported, row 1, expect, 4: is a requirement of several parts; name one of them: 4a, 4b"),
        ('[[cases]]\nexpect = { "1" = "meet" }\n', "2: cases, row 1, expect, 1: unknown outcome 'meet'; accepted: met, not met, counted, undetermined, outside, excluded, rejected, hidden (did you mean 'met'?)"),
        ('[[cases]]\nexpect = { "1" = true }\n', "2: cases, row 1, expect, 1: found true; accepted: met, not met, counted, undetermined, outside, excluded, rejected, hidden"),
        ('[[cases]]\nexpect = { "1" = "outside: too early" }\n', "2: cases, row 1, expect, 1: found 'outside: too early'; accepted: 'outside', for only excluded, rejected take a reason"),
        ('[[cases]]\nexpect = "met"\n', '2: cases, row 1, expect: accepted: an outcome for each target, such as { "1.1a" = "met" }'),
        ('[[cases]]\n[cases.expect]\n"1" = "met"\n"2" = "mete"\n', "4: cases, row 1, expect, 2: unknown outcome 'mete'; accepted: met, not met, counted, undetermined, outside, excluded, rejected, hidden (did you mean 'met'?)"),
        ('[verdicts]\n"5" = "met"\n', "2: verdicts, 5: unknown target; accepted: 1, 2, 3, 4, 4a, 4b"),
        ('[verdicts]\n"1" = "mised"\n', "2: verdicts, 1: unknown verdict 'mised'; accepted: met, missed, not assessable, open, lapsed, indicator (did you mean 'missed'?)"),
        ('verdicts = "met"\n' + ROW, '1: verdicts: accepted: a section [verdicts] with lines such as "1.1a" = "missed"'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_a_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(kpi.PlanError) as caught:
        kpi.check_expected(kpi.parse_plan(SMALL), file)
    assert str(caught.value) == f"{file}:{said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ': expects nothing; write in a row, such as: expect = { "1.1a" = "met" }'),
        ("[[cases]]\nfiled = 2022-03-01\n", ': expects nothing; write in a row, such as: expect = { "1.1a" = "met" }'),
        ("[[cases]\n", ":1: not valid TOML: "),
    ],
)  # fmt: skip
def test_a_file_without_use_says_so(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(kpi.PlanError, match=re.escape(f"{file}{said}")):
        kpi.check_expected(kpi.parse_plan(SMALL), file)


def test_every_mistake_is_named_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(
        '[[cases]]\nexpect = { "1" = "no" }\n\n[[cases]]\nfild = 2022-03-01\n\n[verdicts]\n"9" = "met"\n'
    )
    with pytest.raises(kpi.PlanError) as caught:
        kpi.check_expected(kpi.parse_plan(SMALL), file)
    lines = str(caught.value).splitlines()
    assert [line.removeprefix(f"{file}:")[:1] for line in lines] == ["2", "5", "8"]
    assert [problem.place for problem in caught.value.problems] == [
        ("verdicts", "9"),
        ("cases", 0, "expect", "1"),
        ("cases", 1, "fild"),
    ]


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    its = kpi.parse_plan(SMALL)
    with pytest.raises(kpi.PlanError, match="no such file"):
        kpi.check_expected(its, tmp_path / "none.toml")
    with pytest.raises(kpi.PlanError, match="cannot be read"):
        kpi.check_expected(its, tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[[cases]]\ncase_id = "\xe6"\n')
    with pytest.raises(kpi.PlanError, match="not UTF-8 at byte 21; save it as UTF-8"):
        kpi.check_expected(its, tmp_path / "latin.toml")


# On the command line.


def invoke(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", *map(str, words)], catch_exceptions=False)
    return result.exit_code, result.output


def test_check_finds_the_file_beside_the_plan(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    path = tmp_path / "small.toml"
    alone = f"{path}: no mistakes; 4 targets over cases, contacts, reported\n"
    assert invoke(path) == (0, alone)
    file = tmp_path / "small.expected.toml"
    file.write_text(ROW)
    assert invoke(path) == (0, f"{alone}{file}: 1 case as expected\n")
    file.write_text(ROW * 2 + '[verdicts]\n"1" = "not assessable"\n')
    assert invoke(path) == (0, f"{alone}{file}: 2 cases and 1 verdict as expected\n")


def test_check_names_the_first_that_differs_and_exits_2(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    file = tmp_path / "others.toml"
    file.write_text(ROW + ROW.replace("outside", "counted") + ROW.replace("outside", "met"))
    code, output = invoke(tmp_path / "small.toml", "--expected", file)
    assert code == 2
    assert output.splitlines()[-1] == (
        f"kpi: {file}:6: cases, case 'row 2', target 2: expected counted, "
        "found outside: fails: decided in 2022; 1 more differs"
    )


def test_check_names_every_mistake_in_the_file_and_exits_2(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    file = tmp_path / "others.toml"
    file.write_text('[[cases]]\nfiled = 1\n[[case]]\n[[cases]]\nexpect = { "9" = "met" }\n')
    code, output = invoke(tmp_path / "small.toml", "--expected", file)
    assert code == 2
    lines = [line for line in output.splitlines() if line.startswith("kpi: ")]
    assert [line.removeprefix(f"kpi: {file}:")[:1] for line in lines] == ["2", "3", "5"]


def test_a_file_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    code, output = invoke(tmp_path / "small.toml", "--expected", tmp_path / "none.toml")
    assert (code, output.splitlines()[-1]) == (2, f"kpi: {tmp_path / 'none.toml'}: no such file")


PAUSED = """
id = "paused"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
derived = { complete = { latest = ["filed", "documented"] } }

[tables.stops]
key = "case_id"
entry = "from"
events = ["to"]
pauses = "cases"

[[targets]]
id = "1"
rule = "within"
start = "complete"
end = "decided"
limit = "30 days"
pauses = ["stops"]
threshold = 90
"""


def test_pauses_and_derived_dates_count(tmp_path: Path) -> None:
    # 30 days from 5 March are over on 4 April, and with ten more on 14 April.
    text = """
[[cases]]
case_id = "paused"
filed = 2022-03-01
documented = 2022-03-05
decided = 2022-04-14
expect = { "1" = "met" }

[[cases]]
filed = 2022-03-01
documented = 2022-03-05
decided = 2022-04-14
expect = { "1" = "not met" }

[[stops]]
case_id = "paused"
from = 2022-03-10
to = 2022-03-20
"""
    its, file = kpi.parse_plan(PAUSED), tmp_path / "x.toml"
    file.write_text(text)
    assert kpi.check_expected(its, file) == []
    file.write_text(text.replace("04-14", "04-15"))
    found = kpi.check_expected(its, file)
    assert [(one.case, one.due) for one in found] == [("paused", dt.date(2022, 4, 14))]
    file.write_text(text.replace("documented", "complete"))
    with pytest.raises(kpi.PlanError, match="complete: is derived by the plan; give what it is"):
        kpi.check_expected(its, file)

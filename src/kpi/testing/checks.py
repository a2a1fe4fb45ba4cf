"""Checks of a plan, or of a rule, against the oracle and every law, on generated tables."""

from __future__ import annotations

import datetime as dt
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import hypothesis
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.time_options import MONTH_ENDS
from kpi.definitions.windows import Window
from kpi.errors import PlanError
from kpi.testing import oracle, strategies
from kpi.testing.comparable import day_of
from kpi.testing.comparison import assert_matches_oracle, matches_oracle
from kpi.testing.failure_report import definition, tables_left
from kpi.testing.frames import Given, Tables, frames
from kpi.testing.laws import LAWS, Law
from kpi.testing.shrink import shrink
from kpi.testing.strategies import CASES, Rows
from kpi.testing.strategies.days import YEARS

_SECONDS = 15
"""Seconds for which a smaller case is searched once a case that fails has been found."""

Run: TypeAlias = tuple[Plan, dict[str, Rows], dt.date | None, int]


def check_plan(plan: Plan, examples: int = 100, *, seed: int | None = None) -> None:
    """Check a plan on generated tables: the engine and the oracle agree, and every law holds.

    The tables are those of `strategies.tables_for(plan)`, near the plan's limits, windows and
    conditions. A plan of twenty targets takes a second an example.

    Args:
        plan: the plan.
        examples: how many sets of tables are generated.
        seed: what the choices depend on, so that a check can be repeated (default: chance).

    Raises:
        AssertionError: naming the law that does not hold, with its sentence, the smallest case
            that shows it, and the numbers of that case.
    """
    _check(st.just(plan), examples, seed)


def check_rule(
    rule: type[Target],
    targets: SearchStrategy[Target],
    examples: int = 100,
    *,
    table: Table = CASES,
    expected: oracle.Rule | None = None,
    seed: int | None = None,
) -> None:
    """Check a rule on generated targets and tables against the oracle and every law.

    Targets are checked alone, two at a time, and beside built-in ones. The rule's oracle is
    installed in the entry point group `kpi.oracles` under the rule's name, or given here.

    Args:
        rule: the kind of target.
        targets: a strategy for targets of that kind; their ids do not matter.
        examples: how many plans and sets of tables are generated.
        table: the table that the targets read (default: `strategies.CASES`).
        expected: the oracle's function: of a target, the cases of its table and the circumstances.
        seed: what the choices depend on, so that a check can be repeated (default: chance).

    Raises:
        AssertionError: naming the law that does not hold, with its sentence, the smallest case
            that shows it, and the numbers of that case.
        PlanError: where the rule has no oracle, or the strategy draws no such target.
    """
    with _oracle(rule.rule, expected):
        _check(_plans_of(rule, targets, table), examples, seed)


@contextmanager
def _oracle(name: str, expected: oracle.Rule | None) -> Iterator[None]:
    before = oracle.RULES.get(name)
    if expected is not None:
        oracle.RULES[name] = expected
    try:
        try:
            oracle.RULES[name]
        except KeyError:
            raise PlanError(
                f"the rule {name!r} has no oracle; install one in the entry point group "
                "'kpi.oracles', or give it as expected="
            ) from None
        yield
    finally:
        if expected is not None and before is None:
            del oracle.RULES[name]
        elif before is not None:
            oracle.RULES[name] = before


@st.composite
def _plans_of(
    draw: DrawFn, rule: type[Target], targets: SearchStrategy[Target], table: Table
) -> Plan:
    """Generate plans of one or two targets of a rule, sometimes beside a built-in one."""
    drawn: list[Target] = []
    for n in range(draw(st.sampled_from((1, 1, 2)))):
        target = draw(targets)
        if not isinstance(target, rule) or target.table != table.name:
            raise PlanError(f"drew {target!r}; accepted: a {rule.__name__} on {table.name}")
        drawn.append(evolve(target, id=str(n + 1), goal=None, weight=None))
    if draw(st.sampled_from((False, False, True))):
        drawn.append(draw(strategies.TARGETS["within"](table, YEARS, "beside")))
    return Plan(
        id="generated",
        period=draw(st.sampled_from(tuple(Window(f"{year}") for year in YEARS))),
        month_end=draw(st.sampled_from(MONTH_ENDS)),
        tables=[table],
        targets=drawn,
    )


# One example after the other


@st.composite
def _runs(draw: DrawFn, plans: SearchStrategy[Plan]) -> Run:
    plan = draw(plans)
    tables = draw(strategies.tables_for(plan))
    return plan, tables, draw(strategies.as_ofs(plan, tables)), draw(st.integers(0, 2**16))


def the_engine_and_the_oracle_agree(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """The engine and the oracle say the same of every target: all numbers, parts, verdicts, rows."""
    both = Tables(tables, frames(plan, tables))
    assert matches_oracle(plan, both, as_of), "they differ"
    return True


class _EnoughError(KeyboardInterrupt):
    """Stop of the search for a smaller case, which Hypothesis would go on with for minutes."""


def _check(plans: SearchStrategy[Plan], examples: int, seed: int | None) -> None:
    broken: list[tuple[Law, Run, Exception]] = []
    since = 0.0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(_runs(plans))
    def holds(run: Run) -> None:
        nonlocal since
        if broken and time.monotonic() - since > _SECONDS:
            raise _EnoughError
        # Once a law has been broken, only examples that break it too are looked for.
        for law in (broken[-1][0],) if broken else (the_engine_and_the_oracle_agree, *LAWS):
            try:
                _apply(law, run)
            except Exception as error:
                since = since if broken else time.monotonic()
                broken.append((law, run, error))
                raise

    try:
        (holds if seed is None else hypothesis.seed(seed)(holds))()
    except (Exception, _EnoughError) as error:
        if not broken:
            raise
        law, run, reason = min(broken, key=lambda failure: _size(failure[1]))
        raise AssertionError(_report(law, run, reason)) from (
            None if isinstance(reason, AssertionError) else error
        )


def _size(run: Run) -> tuple[int, int]:
    """Return how large a case is: its number of rows, then the length of its text."""
    return sum(map(len, run[1].values())), len(repr(run))


def _apply(law: Law, run: Run) -> None:
    plan, tables, as_of, number = run
    law(plan, tables, as_of, random.Random(number))  # noqa: S311 - choices, not secrets


def _report(law: Law, run: Run, reason: Exception) -> str:
    """Return the failure report: the law, its sentence, and the smallest case that breaks it."""
    plan, rows, as_of, number = run
    day = day_of(plan, as_of)
    name = getattr(law, "__name__", str(law))
    sentence = (law.__doc__ or "").partition("\n\n")[0]
    report = [f"the law {name} does not hold: {' '.join(sentence.split())}"]
    if law is the_engine_and_the_oracle_agree and isinstance(reason, AssertionError):
        try:
            assert_matches_oracle(plan, rows, as_of)
        except AssertionError as error:
            return "\n\n".join((*report, str(error)))

    errors = [reason]

    def fails(tables: Tables) -> bool:
        try:
            _apply(law, (plan, dict(tables.rows), as_of, number))
        except type(reason) as error:
            errors.append(error)
            return True
        return False

    whole = Tables(rows, frames(plan, rows))
    least = shrink(whole, fails)
    fails(least)
    kind = f"{type(reason).__name__}: " if not isinstance(reason, AssertionError) else ""
    named = re.match(r"target (.+?)[,:]", str(errors[-1]))
    leaves = plan.leaves()
    of_one = [t for t in leaves if named is not None and t.id == named[1]]
    report += [f"{kind}{errors[-1]} (as of {day})"]
    report += [definition(plan, target) for target in of_one or plan.targets]
    return "\n\n".join([*report, *tables_left(plan, of_one or leaves, least.rows, whole.rows)])

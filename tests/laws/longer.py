"""The engine against the oracle for as long as asked: `python -m tests.laws.longer --minutes 30`.

What the tests do with a few examples, with as many as fit: plans and tables for every rule, the ways
of counting time that most plans are without, dense tables of pauses, and every law on the example
plans, one after another. An example is a case under a
target, of which both must say the same: bucket, reason, in time or not, days, due date. On the first
difference it stops and shows it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import time
import warnings
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import kpi
from kpi.testing import check_plan, strategies
from tests.laws.generated import varied
from tests.laws.test_engine_against_oracle import agree, dense_pauses

_FEW = settings(
    max_examples=50,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
_VARIED = 250
"""How many rows are made of those that are drawn, which costs a tenth of drawing them."""
_TIMED = ("average", "every_working_day", "percentile", "within")


EXAMPLES = [
    kpi.load_plan(path)
    for path in sorted((Path(__file__).parents[2] / "examples" / "plans").glob("*.toml"))
    if not path.name.endswith(".expected.toml")
]


def compare(
    rule: str, number: int, plans: Counter[str], examples: Counter[str], *, elaborate: bool
) -> None:
    """Compares one plan after another with a target of a rule, or two.

    Args:
        rule: the rule.
        number: what the choices depend on.
        plans: where the plans are counted, by rule.
        examples: where the examples are counted, by rule.
        elaborate: whether time is counted in the ways that most plans are without.
    """

    def holds(data: st.DataObject) -> None:
        drawn = strategies.plans(most=2, rules=(rule,), elaborate=elaborate)
        plan = data.draw(drawn, label="plan")
        tables = data.draw(strategies.tables_for(plan, most=20), label="tables")
        as_of = data.draw(strategies.as_ofs(plan, tables), label="as_of")
        chance = random.Random(data.draw(st.integers(0, 2**32), label="chance"))  # noqa: S311
        for its in (tables, varied(plan, tables, chance, _VARIED)):
            agree(plan, its, as_of)
            examples[rule] += sum(len(its[target.table]) for target in plan.leaves())
        plans[rule] += 1

    _FEW(seed(number)(given(st.data())(holds)))()


def work(worker: int, workers: int, until: float) -> tuple[Counter[str], Counter[str]]:
    """Goes through the rules by turns until the time is up; every worker with other choices."""
    warnings.simplefilter("ignore")
    plans: Counter[str] = Counter()
    examples: Counter[str] = Counter()
    number = worker
    rules = sorted(strategies.TARGETS)
    # Each worker begins elsewhere, so that a short run goes through more of them.
    first = worker * len(rules) // workers % len(rules)
    while time.monotonic() < until:
        for rule in (*rules[first:], *rules[:first]):
            compare(rule, number, plans, examples, elaborate=False)
            if rule in _TIMED:
                compare(rule, number, plans, examples, elaborate=True)
            if time.monotonic() >= until:
                break
        check_plan(EXAMPLES[number % len(EXAMPLES)], examples=1, seed=number)
        plans["laws on an example plan"] += 1
        plans["pauses"] += 1
        examples["pauses"] += dense_pauses(number)
        number += workers
    return plans, examples


def main() -> None:
    """Compares for as long as asked on every core, and says how much was compared."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    asked = parser.parse_args()
    until = time.monotonic() + 60 * asked.minutes
    with multiprocessing.get_context("spawn").Pool(asked.workers) as pool:
        jobs = [
            pool.apply_async(work, (asked.seed + n, asked.workers, until))
            for n in range(asked.workers)
        ]
        # A difference that a worker finds is raised here.
        done = [job.get() for job in jobs]
    plans: Counter[str] = sum((its for its, _ in done), Counter())
    examples: Counter[str] = sum((its for _, its in done), Counter())
    for rule in sorted(plans):
        print(f"{examples[rule]:>11,} examples of {plans[rule]:>7,} plans: {rule}")  # noqa: T201
    print(f"{examples.total():>11,} examples of {plans.total():>7,} plans; no difference")  # noqa: T201


if __name__ == "__main__":
    main()

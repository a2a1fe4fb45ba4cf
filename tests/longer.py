"""The engine against the oracle for as long as asked: `python tests/longer.py --minutes 30`.

What the tests do with a few examples, with as many as fit: plans and tables for every rule, the ways
of counting time that most plans are without, and dense tables of pauses. On the first difference it
stops and shows it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
import warnings
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from kpi.testing import strategies
from test_engine_against_oracle import agree, dense_pauses

_FEW = settings(
    max_examples=50,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
_TIMED = ("average", "every_working_day", "percentile", "within")


def compare(rule: str, number: int, counts: Counter[str], *, elaborate: bool) -> None:
    """Compares one plan after another with a target of a rule, or two.

    Args:
        rule: the rule.
        number: what the choices depend on.
        counts: where examples are counted, by rule, and the rows that each target looked at.
        elaborate: whether time is counted in the ways that most plans are without.
    """

    def examples(data: st.DataObject) -> None:
        drawn = strategies.plans(most=2, rules=(rule,), elaborate=elaborate)
        plan = data.draw(drawn, label="plan")
        tables = data.draw(strategies.tables_for(plan, most=20), label="tables")
        agree(plan, tables, data.draw(strategies.as_ofs(plan, tables), label="as_of"))
        counts[rule] += 1
        counts["rows"] += sum(len(tables[target.table]) for target in plan.leaves())

    _FEW(seed(number)(given(st.data())(examples)))()


def work(worker: int, workers: int, until: float) -> Counter[str]:
    """Goes through the rules by turns until the time is up; every worker with other choices."""
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    number = worker
    while time.monotonic() < until:
        for rule in sorted(strategies.TARGETS):
            compare(rule, number, counts, elaborate=False)
            if rule in _TIMED:
                compare(rule, number, counts, elaborate=True)
            counts["pauses"] += 1
            counts["rows"] += dense_pauses(number)
            if time.monotonic() >= until:
                break
        number += workers
    return counts


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
        counts: Counter[str] = sum((job.get() for job in jobs), Counter())
    rows = counts.pop("rows")
    for what, n in sorted(counts.items()):
        print(f"{n:>9,} {what}")  # noqa: T201 - what the command is for
    print(f"{sum(counts.values()):>9,} in all; {rows:,} rows looked at by a target; no difference")  # noqa: T201


if __name__ == "__main__":
    main()

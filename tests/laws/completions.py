"""The engine's bounds and verdicts before the end against every completion: `python -m tests.laws.completions --completions 100000`.

Draws small situations and evaluates each completion of them with the oracle as of the last day (F2,
H1), until so many were evaluated. What the engine says of each target must be what they say: verdict,
bounds, what newcomers can do. Every kind of difference is shown once, with its situation and how often
it was found; with `--shrink` it stops at the first, made as small as it gets.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from attrs import evolve, field, frozen
from hypothesis import HealthCheck, Phase, given, seed, settings

import kpi
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.results.possible import Newcomers, Possibilities, Range
from kpi.testing.frames import frames
from kpi.testing.oracle.follow_up import possibilities
from kpi.testing.outlooks import Outlook, differences
from kpi.testing.strategies import SMALL_TARGETS, Rows, Situation, situations

_FEW = 12
"""How many situations are drawn with one seed and for one rule."""

_RULES = ("within", "average", "within", *sorted(SMALL_TARGETS), "within", "within")
"""The rules by turns, those with most to them more often."""


_UNTOLD = Possibilities(
    verdict="open",
    possible=Range(None, None),
    known=Range(None, None),
    sharp=False,
    may_be_empty=True,
    newcomers=Newcomers(can_help=True, can_hurt=True),
)
"""What is said of a target where nothing is: anything may come of it."""


def outlooks(plan: Plan, tables: Mapping[str, Rows], as_of: dt.date) -> dict[str, Outlook]:
    """What the engine says of each target, by its id.

    A condition of which nobody has reported leaves a target not assessable from the first (S28); of
    every completion it is open.
    """
    found = kpi.evaluate(plan, frames(plan, tables), as_of)
    return {
        leaf.id: evolve(
            _UNTOLD if leaf.possible is None else leaf.possible,
            verdict="open" if leaf.verdict == "not_assessable" else leaf.verdict,  # type: ignore[arg-type]  # final verdicts too
        )
        for leaf in found.leaves()
    }


Say: TypeAlias = Callable[[Plan, Mapping[str, Rows], dt.date], Mapping[str, Outlook]]
"""What says something of each target of a plan, by its id."""


@frozen
class Done:
    """What was compared, by kind of target.

    Attributes:
        evaluated: completions that were evaluated.
        completions: completions that those stand for.
        targets: targets, by kind and verdict.
        wrong: differences, by their kind.
        shown: the first situation of each kind of difference, and the words.
    """

    evaluated: Counter[str] = field(factory=Counter)
    completions: Counter[str] = field(factory=Counter)
    targets: Counter[tuple[str, str]] = field(factory=Counter)
    wrong: Counter[str] = field(factory=Counter)
    shown: dict[str, str] = field(factory=dict)

    def take(self, other: Done) -> None:
        """Adds what another worker has done."""
        for name in ("evaluated", "completions", "targets", "wrong"):
            getattr(self, name).update(getattr(other, name))
        self.shown.update({k: v for k, v in other.shown.items() if k not in self.shown})


def kind_of(target: Target) -> str:
    """The rule, and of shares within a limit the denominator."""
    denominator = getattr(target, "denominator", None)
    return target.rule if denominator is None else f"{target.rule} {denominator}"


def compared(situation: Situation, done: Done, say: Say = outlooks) -> Iterator[str]:
    """Yields the differences of a situation in words, and counts what was compared."""
    said = say(situation.plan, situation.tables, situation.as_of)
    every = possibilities(
        situation.plan, situation.tables, situation.as_of, values=situation.values
    )
    for target, found in zip(situation.plan.leaves(), every, strict=True):
        kind = kind_of(target)
        done.evaluated[kind] += found.evaluated
        done.completions[kind] += found.completions
        done.targets[kind, found.verdict] += 1
        for words in differences(found, said[target.id], target.rule):
            if target.each is not None and words.startswith("verdict: open"):
                # Newcomers of one value turn one segment; of several at a time two are tried.
                continue
            what = f"{kind}: {words.partition(':')[0]}"
            done.wrong[what] += 1
            shown = f"{words}\n  {target!r}\n  as of {situation.as_of}\n  {situation.tables}"
            done.shown.setdefault(what, shown)
            yield f"{kind} {target.id}: {words}"


def work(number: int, step: int, completions: int, *, shrink: bool) -> Done:
    """Compares situations of one seed after another until so many completions were evaluated."""
    warnings.simplefilter("ignore")
    done = Done()
    few = settings(
        max_examples=_FEW,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
    )

    def agrees(situation: Situation) -> None:
        found = list(compared(situation, done))
        assert not (shrink and found), "\n".join(found)

    while done.evaluated.total() < completions:
        rule = _RULES[number // step % len(_RULES)]
        few(seed(number)(given(situations(rules=(rule,)))(agrees)))()
        number += step
    return done


def main() -> None:
    """Compares on several cores, and says how much was compared and what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--completions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--shrink", action="store_true")
    asked = parser.parse_args()
    began = time.monotonic()
    each = -(-asked.completions // asked.workers)
    done = Done()
    with multiprocessing.get_context("spawn").Pool(asked.workers) as pool:
        jobs = [
            pool.apply_async(work, (asked.seed + n, asked.workers, each), {"shrink": asked.shrink})
            for n in range(asked.workers)
        ]
        for job in jobs:
            done.take(job.get())
    seconds = time.monotonic() - began
    lines: list[str] = []
    for kind in sorted(done.evaluated):
        verdicts = {v: n for (k, v), n in sorted(done.targets.items()) if k == kind}
        lines.append(
            f"{done.evaluated[kind]:>10,} completions for {done.completions[kind]:>15,}: {kind}, "
            + ", ".join(f"{verdict} {n}" for verdict, n in verdicts.items())
        )
    for what, n in done.wrong.most_common():
        lines += [f"{n} x {what}", done.shown[what]]
    lines.append(
        f"{done.evaluated.total():>10,} completions for {done.completions.total():>15,} of "
        f"{done.targets.total():,} targets in {seconds:.0f} s; {done.wrong.total()} differences"
    )
    print("\n".join(lines))  # noqa: T201
    if done.wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

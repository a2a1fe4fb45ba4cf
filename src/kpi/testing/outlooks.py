"""Bounds and verdicts of an engine held against every completion, and the differences in words.

An engine's statement about a target before its last day is right where it is what the completions
say (F1 to F14): exactly where it calls itself sharp, and never narrower where it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from kpi.testing.oracle.follow_up import Possibilities


class Range(Protocol):
    """Worst and best value, by the direction of the requirement; None where there is none."""

    @property
    def worst(self) -> Fraction | None:
        """The worst value."""

    @property
    def best(self) -> Fraction | None:
        """The best value."""


class Newcomers(Protocol):
    """What cases that enter after the day can do to a target (F6)."""

    @property
    def can_help(self) -> bool:
        """Whether one can be met."""

    @property
    def can_hurt(self) -> bool:
        """Whether one can be missed."""


class Outlook(Protocol):
    """What an engine says of a target before its last day."""

    @property
    def verdict(self) -> str:
        """The verdict: `open`, `secured`, `lost`, or the final one."""

    @property
    def known(self) -> Range:
        """The bounds without newcomers."""

    @property
    def possible(self) -> Range:
        """The bounds with newcomers; None on a side without a bound."""

    @property
    def sharp(self) -> bool:
        """Whether the bounds are reached (F14)."""

    @property
    def may_be_empty(self) -> bool:
        """Whether nothing at all may be counted (F7)."""

    @property
    def newcomers(self) -> Newcomers:
        """What newcomers can do."""


_NEVER_EMPTY = ("count", "flow", "stock")
"""The rules for which no row at all is a number too (S22, S23)."""


_FACTS = ("milestone", "reported")


def differences(found: Possibilities, outlook: Outlook, rule: str) -> Iterator[str]:
    """Yield what an engine says of a target and the completions do not, or the other way round.

    Args:
        found: the possibilities of the target, of every completion.
        outlook: what the engine says of it.
        rule: the target's rule.
    """
    yield from _of_verdict(found, outlook)
    if found.verdict in ("indicator", "lapsed"):
        # Nothing is asked, so that nothing is told.
        return
    values = [final.value for final in found.known if final.value is not None]
    if outlook.sharp:
        yield from _of_ends(found, outlook.known)
    else:
        yield from _outside("known", found, outlook.known, values)
    more = [final.value for final in found.with_newcomers if final.value is not None]
    yield from _outside("possible", found, outlook.possible, more)
    if rule not in _NEVER_EMPTY:
        is_wrong = outlook.may_be_empty != found.may_be_empty
        if is_wrong and (outlook.sharp or found.may_be_empty):
            yield f"may_be_empty: {outlook.may_be_empty}, of every completion {found.may_be_empty}"
    yield from _of_newcomers(found, outlook, rule)


def _of_verdict(found: Possibilities, outlook: Outlook) -> Iterator[str]:
    certain = outlook.verdict in ("secured", "lost")
    if outlook.verdict != found.verdict and (outlook.sharp or certain):
        verdicts = sorted({final.verdict for final in found.with_newcomers})
        yield f"verdict: {outlook.verdict}, of every completion {found.verdict} ({', '.join(verdicts)})"


def _of_ends(found: Possibilities, known: Range) -> Iterator[str]:
    """Yield where sharp bounds without newcomers are no value of a completion.

    Where no completion counts anything, no bounds are wrong (F7 writes 1 and 0 for a share).
    """
    if found.least is None:
        return
    said, reached = (known.worst, known.best), (found.worst, found.best)
    if found.direction is None and known.worst is not None and known.best is not None:
        # A range has no worse side.
        said = (min(known.worst, known.best), max(known.worst, known.best))
    for word, bound, value in zip(("worst", "best"), said, reached, strict=True):
        if bound != value:
            yield f"known {word}: {bound}, of every completion {value}"


def _outside(
    name: str, found: Possibilities, bounds: Range, values: list[Fraction]
) -> Iterator[str]:
    """Yield the least and the greatest value that lie outside bounds; None bounds nothing."""
    if not values:
        return
    low, high = bounds.worst, bounds.best
    if found.direction == "small":
        low, high = high, low
    elif found.direction is None and low is not None and high is not None:
        low, high = min(low, high), max(low, high)
    elif found.direction is None and low is None and high is not None and min(values) >= high:
        # A range without an end has its one bound on either side.
        return
    if low is not None and min(values) < low:
        yield f"{name}: {min(values)} of a completion is below {low}"
    if high is not None and max(values) > high:
        yield f"{name}: {max(values)} of a completion is above {high}"


def _of_newcomers(found: Possibilities, outlook: Outlook, rule: str) -> Iterator[str]:
    """Yield where newcomers do what they cannot, or one that can be met or missed is never."""
    if rule in _FACTS:
        # Reports of a fact are no cases, and anything may be reported (F10).
        return
    said = [
        ("help", outlook.newcomers.can_help, found.newcomers_met, found.helped),
        ("hurt", outlook.newcomers.can_hurt, found.newcomers_missed, found.hurt),
    ]
    if rule == "every_working_day":
        # A day within the limit undoes no other, though it may be the last that is missing (F6).
        del said[0]
    for word, can, one_is, turned in said:
        if not can and (one_is or turned):
            yield f"newcomers cannot {word}, but one of a completion does"
        if can and one_is is False and not turned and outlook.sharp:
            yield f"newcomers can {word}, but none of any completion does"

"""An engine's bounds held against every completion: each kind of mistake is said in words (F14)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve, field, frozen

from kpi.definitions.time_units import Span
from kpi.rules.average import Average
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing.oracle.follow_up import Possibilities
from kpi.testing.outlooks import differences
from tests.testing.follow_up.cases import WEEK, cases, june, still_possible


@frozen
class Ends:
    worst: Fraction | int | None
    best: Fraction | int | None


@frozen
class Can:
    can_help: bool
    can_hurt: bool


@frozen(kw_only=True)
class Said:
    verdict: str = "open"
    known: Any = Ends(0, 1)
    possible: Any = Ends(0, 1)
    sharp: bool = True
    may_be_empty: bool = True
    newcomers: Any = field(default=Can(can_help=True, can_hurt=False))


@pytest.fixture(scope="module")
def late() -> Possibilities:
    """One case in time and one late, 5 days at most, closed; as of the 7th newcomers cannot be late.

    Without newcomers 1 of 1 or 1 of 2 are in time; with two of them up to 3 of 4, or of 3.
    """
    target = Within(
        id="1", start="filed", end="decided", limit=Span(days=5), threshold=60, window=WEEK
    )
    return still_possible(target, cases((1, 6), (1, None)), june(7))


RIGHT = Said(
    known=Ends(Fraction(1, 2), 1),
    possible=Ends(Fraction(1, 2), 1),
    may_be_empty=False,
)


def test_what_is_right_has_no_difference(late: Possibilities) -> None:
    assert list(differences(late, RIGHT, "within")) == []
    wide = evolve(
        RIGHT, sharp=False, known=Ends(0, 1), possible=Ends(None, None), may_be_empty=True
    )
    assert list(differences(late, wide, "within")) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verdict": "secured"}, "verdict: secured, of every completion open (met, missed)"),
        ({"verdict": "lost", "sharp": False}, "verdict: lost, of every completion open"),
        ({"known": Ends(0, 1)}, "known worst: 0, of every completion 1/2"),
        ({"known": Ends(Fraction(1, 2), None)}, "known best: None, of every completion 1"),
        (
            {"known": Ends(Fraction(2, 3), 1), "sharp": False},
            "known: 1/2 of a completion is below 2/3",
        ),
        ({"possible": Ends(Fraction(3, 5), None)}, "possible: 1/2 of a completion is below 3/5"),
        ({"possible": Ends(0, Fraction(1, 2))}, "possible: 1 of a completion is above 1/2"),
        ({"may_be_empty": True}, "may_be_empty: True, of every completion False"),
        ({"newcomers": Can(False, False)}, "newcomers cannot help, but one of a completion does"),
        ({"newcomers": Can(True, True)}, "newcomers can hurt, but none of any completion does"),
    ],
)
def test_each_mistake_is_said(late: Possibilities, change: dict[str, Any], words: str) -> None:
    (said,) = differences(late, evolve(RIGHT, **change), "within")
    assert said.startswith(words)


def test_an_open_verdict_is_no_mistake_where_bounds_are_wide() -> None:
    """One met that nothing can turn is secured; a wide engine may leave it open, a sharp one not."""
    target = Within(
        id="1", start="filed", end="decided", limit=Span(days=5), threshold=60, window=WEEK
    )
    found = still_possible(target, cases((1, 6)), june(7))
    said = evolve(RIGHT, known=Ends(1, 1), possible=Ends(1, 1))
    assert list(differences(found, evolve(said, verdict="secured"), "within")) == []
    assert len(list(differences(found, said, "within"))) == 1
    assert list(differences(found, evolve(said, sharp=False), "within")) == []


def test_of_a_mean_the_worst_is_the_greatest() -> None:
    """A case of 5 days and one of 6 to 10: 5 to 7.5 days. With newcomers of 0 to 4 days, less."""
    target = Average(id="1", start="filed", end="decided", limit=Span(days=5), window=WEEK)
    found = still_possible(target, cases((1, 6), (2, None)), june(7))
    said = evolve(RIGHT, known=Ends(Fraction(15, 2), 5), possible=Ends(Fraction(15, 2), 0))
    assert list(differences(found, said, "average")) == []
    narrow = evolve(said, possible=Ends(7, 4))
    assert [words.partition(":")[0] for words in differences(found, narrow, "average")] == [
        "possible",
        "possible",
    ]


def test_a_figure_without_a_direction_is_held_against_its_range() -> None:
    """Two open cases: 0 to 2 at the end of the week, more with newcomers; two bounds have no worst."""
    target = Stock(
        id="1",
        start="filed",
        end="decided",
        at={"end_of": "2022-06"},
        level={"at_least": 1, "at_most": 2},
    )
    found = still_possible(target, cases((1, None), (2, None)), june(28))
    said = evolve(RIGHT, known=Ends(2, 0), possible=Ends(0, None), may_be_empty=True)
    said = evolve(said, newcomers=Can(can_help=True, can_hurt=True))
    assert list(differences(found, said, "stock")) == []


def test_of_nothing_counted_no_bounds_are_wrong() -> None:
    """F7 writes 1 and 0 where no case can be counted."""
    target = Within(
        id="1",
        start="filed",
        end="decided",
        limit=Span(days=5),
        threshold=60,
        window=WEEK,
        denominator="due",
    )
    found = still_possible(target, [], june(7))
    said = evolve(RIGHT, known=Ends(1, 0), may_be_empty=True, newcomers=Can(False, False))
    assert list(differences(found, said, "within")) == []
    wide = evolve(said, sharp=False)
    assert list(differences(found, wide, "within")) == []

"""Which occurrence of which event is a date of a case, as it is declared (S13)."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from kpi.definitions.occurrences import Occurrence, Pick, in_turn, to_occurrences

WAYS = "first, last, first_of, last_of, in_order"
ALTERNATIVE = "accepted: the name of an event, or such as {'last': 'event'}"
MISTAKES: dict[str, tuple[Any, str]] = {
    "no mapping": ("submitted", "found 'submitted'; accepted: a mapping from date to event, such as {'filed': 'submitted'}"),
    "no dates": ({}, "found {}; accepted: a mapping from date to event, such as {'filed': 'submitted'}"),
    "a name that is none": ({1: "x"}, "found 1; accepted: a text that names a date"),
    "a number": ({"filed": 1}, f"filed: found 1; accepted: the name of an event, or a mapping with one of {WAYS}"),
    "a list": ({"filed": ["x", "y"]}, "filed: found a list; accepted: {'first_of': [...]} for the first that happened, {'in_order': [...]} for the first of the list that happened at all"),
    "an unknown way": ({"filed": {"frist": "x"}}, f"filed: unknown key 'frist' (did you mean 'first'?); accepted: {WAYS}, after, before"),
    "two ways": ({"filed": {"first": "x", "last": "x"}}, f"filed: found first, last; accepted: one of {WAYS}"),
    "no way": ({"filed": {"after": "x"}}, f"filed: found no choice; accepted: one of {WAYS}"),
    "several for one": ({"filed": {"last": ["x", "y"]}}, "filed.last: found ['x', 'y']; accepted: the name of an event; for several, last_of"),
    "one for several": ({"filed": {"first_of": "x"}}, "filed.first_of: found 'x'; accepted: a list of events"),
    "none of several": ({"filed": {"in_order": []}}, "filed.in_order: found []; accepted: a list of events"),
    "no event among several": ({"filed": {"last_of": ["x", ""]}}, "filed.last_of.1: found ''; accepted: the name of an event"),
    "no event in order": ({"filed": {"in_order": [{"last_of": ["x"]}]}}, "filed.in_order.0: found {'last_of': ['x']}; accepted: the name of an event, or such as {'last': 'event'}"),
    "a number for one": ({"filed": {"first": 1}}, "filed.first: found 1; accepted: the name of an event"),
    "a list in order": ({"filed": {"in_order": [["x"]]}}, f"filed.in_order.0: found ['x']; {ALTERNATIVE}"),
    "nothing in order": ({"filed": {"in_order": ["x", {}]}}, f"filed.in_order.1: found {{}}; {ALTERNATIVE}"),
    "two ways in order": ({"filed": {"in_order": [{"first": "x", "last": "y"}]}}, f"filed.in_order.0: found {{'first': 'x', 'last': 'y'}}; {ALTERNATIVE}"),
    "an unknown way in order": ({"filed": {"in_order": [{"next": "x"}]}}, f"filed.in_order.0: found {{'next': 'x'}}; {ALTERNATIVE}"),
    "no event of a way in order": ({"filed": {"in_order": [{"last": 1}]}}, f"filed.in_order.0: found {{'last': 1}}; {ALTERNATIVE}"),
    "no name, and more": ({1: "x", "filed": 2}, f"found 1; accepted: a text that names a date\nfiled: found 2; accepted: the name of an event, or a mapping with one of {WAYS}"),
    "an event twice": ({"filed": {"first_of": ["x", "x"]}}, "filed.first_of: found 'x' twice; name it once"),
    "an event twice in order": ({"filed": {"in_order": ["x", {"last": "x"}]}}, "filed.in_order: found 'x' twice; name it once"),
    "after nothing": ({"paid": {"first": "payment", "after": "decidd"}, "decided": "x"}, "paid.after: no date 'decidd' is declared (did you mean 'decided'?); declared: paid, decided"),
    "after an event": ({"paid": {"first": "payment", "after": "accepted"}, "decided": "accepted"}, "paid.after: no date 'accepted' is declared (it is an event of 'decided': name that date); declared: paid, decided"),
    "after a number": ({"paid": {"first": "payment", "after": 1}}, "paid.after: found 1; accepted: the name of a declared date"),
    "before nothing": ({"paid": {"last": "payment", "before": "decidd"}, "decided": "x"}, "paid.before: no date 'decidd' is declared (did you mean 'decided'?); declared: paid, decided"),
    "before a number": ({"paid": {"last": "payment", "before": 1}}, "paid.before: found 1; accepted: the name of a declared date"),
    "before itself": ({"a": {"last": "x", "before": "a"}}, "a.before: no date waits for itself: a before a"),
    "in a ring of both": ({"a": {"last": "x", "before": "b"}, "b": {"first": "y", "after": "a"}}, "a.before: no date waits for itself: a before b after a"),
    "after itself": ({"a": {"first": "x", "after": "a"}}, "a.after: no date comes after itself: a after a"),
    "in a ring": ({"c": {"first": "x", "after": "a"}, "a": {"first": "x", "after": "b"}, "b": {"first": "x", "after": "a"}}, "a.after: no date comes after itself: a after b after a"),
    "several at once": ({"a": 1, "b": 2}, f"a: found 1; accepted: the name of an event, or a mapping with one of {WAYS}\nb: found 2; accepted: the name of an event, or a mapping with one of {WAYS}"),
}  # fmt: skip


@pytest.mark.parametrize(("dates", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_clear_line(dates: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        to_occurrences(dates)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("declared", "occurrence"),
    [
        ("x", Occurrence((Pick(("x",)),))),
        ({"first": "x"}, Occurrence((Pick(("x",), last=False),))),
        ({"last": "x"}, Occurrence((Pick(("x",), last=True),))),
        ({"first_of": ["x", "y"]}, Occurrence((Pick(("x", "y"), last=False),))),
        ({"last_of": ("x", "y")}, Occurrence((Pick(("x", "y"), last=True),))),
        (
            {"in_order": ["x", {"last": "y"}, {"first": "z"}]},
            Occurrence((Pick(("x",)), Pick(("y",), last=True), Pick(("z",)))),
        ),
        ({"first": "x", "after": None}, Occurrence((Pick(("x",)),))),
    ],
)
def test_what_is_declared(declared: Any, occurrence: Occurrence) -> None:
    assert to_occurrences({"filed": declared}) == {"filed": occurrence}


def test_a_date_after_another() -> None:
    dates = to_occurrences({"paid": {"last": "payment", "after": "decided"}, "decided": "rejected"})
    assert dates["paid"] == Occurrence((Pick(("payment",), last=True),), after="decided")
    assert dates["decided"].after is None


def test_a_date_before_another() -> None:
    dates = to_occurrences(
        {"heard": {"last": "letter", "before": "decided"}, "decided": "rejected"}
    )
    assert dates["heard"] == Occurrence((Pick(("letter",), last=True),), before="decided")
    assert list(in_turn(dates)) == ["decided", "heard"]


def test_the_dates_in_turn() -> None:
    """Each comes behind the one that it is after, and else they keep their order."""
    dates = to_occurrences(
        {
            "d": {"first": "x", "after": "c"},
            "a": "x",
            "c": {"first": "x", "after": "b"},
            "b": {"last": "x", "after": "a"},
            "e": "y",
        }
    )
    assert list(in_turn(dates)) == ["a", "e", "b", "c", "d"]


def test_the_events_that_are_named_each_once() -> None:
    (found,) = to_occurrences({"a": {"in_order": ["x", "y", "z"]}}).values()
    assert found.events == ("x", "y", "z")
    assert Occurrence((Pick(("x", "y")), Pick(("x",)))).events == ("x", "y")


@pytest.mark.parametrize(
    ("dates", "after"),
    [
        # The ring is found from the date that stands in it, not from one that only leads there.
        ({"c": "a", "a": "b", "b": "a"}, ("a", "a after b after a")),
        ({"a": "b", "b": "c", "c": "a"}, ("a", "a after b after c after a")),
        ({"x": "a", "a": "a"}, ("a", "a after a")),
    ],
)
def test_a_ring_is_told_once(dates: dict[str, str], after: tuple[str, str]) -> None:
    declared = {name: {"first": "x", "after": its} for name, its in dates.items()}
    with pytest.raises(kpi.PlanError) as caught:
        to_occurrences(declared)
    name, chain = after
    assert str(caught.value) == f"{name}.after: no date comes after itself: {chain}"

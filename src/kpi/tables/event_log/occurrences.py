"""Declaration of the dates of a case: which occurrence of which event; needs no Polars (S13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeGuard

from attrs import frozen

from kpi.errors import DataError, listed, suggest

Dates: TypeAlias = Mapping[str, str | Mapping[str, Any]]
"""Declaration: for each date of a case the event that gives the date, or how to choose one."""

_LISTS = ("first_of", "last_of", "in_order")
_WAYS = ("first", "last", *_LISTS)
_PLACE = "dates"


@frozen
class Pick:
    """Choice of the first or the last occurrence of any of some events.

    Attributes:
        events: the events; they are not told apart.
        last: whether the last occurrence is chosen, not the first.
    """

    events: tuple[str, ...]
    last: bool = False


@frozen
class Occurrence:
    """Choice of the occurrence that gives a date of a case: the first pick that the case has.

    Attributes:
        picks: the picks in the order in which they are tried.
        after: the date behind whose row the occurrence must stand; a case without that date has no
            occurrence. None where it may stand anywhere.
    """

    picks: tuple[Pick, ...]
    after: str | None = None

    @property
    def events(self) -> tuple[str, ...]:
        """The events that the picks name, each once."""
        return tuple(dict.fromkeys(event for pick in self.picks for event in pick.events))


def parse_dates(dates: object) -> dict[str, Occurrence]:
    """Parse and check the declared dates, in their order.

    Raises:
        DataError: naming every mistake, a line each: the place, what was found, what is accepted.
    """
    if not isinstance(dates, Mapping) or not dates:
        raise DataError(
            f"{_PLACE}: found {dates!r}; accepted: a mapping from date to event, such as "
            "{'filed': 'submitted'}"
        )
    parsed: dict[str, Occurrence] = {}
    problems: list[str] = []
    for name, value in dates.items():
        if not _is_text(name):
            problems.append(f"{_PLACE}: found {name!r}; accepted: a text that names a date")
            continue
        try:
            parsed[name] = _occurrence(f"{_PLACE}.{name}", value)
        except DataError as error:
            problems.append(str(error))
    names = [name for name in dates if _is_text(name)]
    for name, occurrence in parsed.items():
        if occurrence.after is not None and occurrence.after not in names:
            hint = _hint(occurrence.after, names, parsed)
            problems.append(
                f"{_PLACE}.{name}.after: no date {occurrence.after!r} is declared{hint}; "
                f"declared: {listed(names)}"
            )
    if not problems:
        problems += _rings(parsed)
    if problems:
        raise DataError("\n".join(problems))
    return parsed


def in_turn(dates: Mapping[str, Occurrence]) -> Iterator[str]:
    """Yield the names of the dates in topological order: each behind the date that it comes after.

    Args:
        dates: declared dates as `parse_dates` gives them: without a ring.
    """
    done: set[str | None] = {None}
    while left := [name for name in dates if name not in done]:
        ready = [name for name in left if dates[name].after in done]
        yield from ready
        done.update(ready)


def _occurrence(place: str, value: object) -> Occurrence:
    if _is_text(value):
        return Occurrence((Pick((value,)),))
    if isinstance(value, list | tuple):
        raise DataError(
            f"{place}: found a list; accepted: {{'first_of': [...]}} for the first that happened, "
            "{'in_order': [...]} for the first of the list that happened at all"
        )
    if not isinstance(value, Mapping):
        raise DataError(
            f"{place}: found {value!r}; accepted: the name of an event, or a mapping with one of "
            f"{listed(_WAYS)}"
        )
    accepted = (*_WAYS, "after")
    for key in value:
        if key not in accepted:
            hint = suggest(str(key), accepted)
            raise DataError(f"{place}: unknown key {key!r}{hint}; accepted: {listed(accepted)}")
    ways = [key for key in _WAYS if key in value]
    if len(ways) != 1:
        raise DataError(
            f"{place}: found {listed(ways) or 'no choice'}; accepted: one of {listed(_WAYS)}"
        )
    after = value.get("after")
    if after is not None and not _is_text(after):
        raise DataError(f"{place}.after: found {after!r}; accepted: the name of a declared date")
    return Occurrence(_picks(f"{place}.{ways[0]}", ways[0], value[ways[0]]), after)


def _picks(place: str, way: str, value: object) -> tuple[Pick, ...]:
    if way not in _LISTS:
        if not _is_text(value):
            hint = f"; for several, {way}_of" if isinstance(value, list | tuple) else ""
            raise DataError(f"{place}: found {value!r}; accepted: the name of an event{hint}")
        return (Pick((value,), last=way == "last"),)
    if not isinstance(value, list | tuple) or not value:
        raise DataError(f"{place}: found {value!r}; accepted: a list of events")
    if way == "in_order":
        picks = tuple(_in_order(f"{place}[{n}]", word) for n, word in enumerate(value))
        _refuse_twice(place, [pick.events[0] for pick in picks])
        return picks
    for n, word in enumerate(value):
        if not _is_text(word):
            raise DataError(f"{place}[{n}]: found {word!r}; accepted: the name of an event")
    _refuse_twice(place, list(value))
    return (Pick(tuple(value), last=way == "last_of"),)


def _in_order(place: str, value: object) -> Pick:
    """Parse one alternative: an event, whose first occurrence counts, or `first` or `last` of one.

    Raises:
        DataError: where it is something else.
    """
    if _is_text(value):
        return Pick((value,))
    if isinstance(value, Mapping) and len(value) == 1:
        ((way, event),) = value.items()
        if way in ("first", "last") and _is_text(event):
            return Pick((event,), last=way == "last")
    raise DataError(
        f"{place}: found {value!r}; accepted: the name of an event, or such as {{'last': 'event'}}"
    )


def _refuse_twice(place: str, events: list[str]) -> None:
    twice = [event for n, event in enumerate(events) if event in events[:n]]
    if twice:
        raise DataError(f"{place}: found {twice[0]!r} twice; name it once")


def _hint(after: str, names: list[str], parsed: Mapping[str, Occurrence]) -> str:
    for name, occurrence in parsed.items():
        if after in occurrence.events:
            return f" (it is an event of {name!r}: name that date)"
    return suggest(after, names)


def _rings(dates: Mapping[str, Occurrence]) -> Iterator[str]:
    """Yield a message where dates come after each other in a ring, so that none can be first."""
    for name in dates:
        chain = [name]
        while (after := dates[chain[-1]].after) is not None:
            chain.append(after)
            if after == name:
                yield f"{_PLACE}.{name}.after: no date comes after itself: {' after '.join(chain)}"
                return
            if after in chain[:-1]:  # a ring further on, found from one of its own dates
                break


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())

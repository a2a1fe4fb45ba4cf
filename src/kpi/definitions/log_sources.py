"""Tables that are made of event logs: cases by their dates, pauses by what stops the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.fields import NAMES, about, choice, names, optional_text, placed
from kpi.definitions.occurrences import Occurrence, to_occurrences
from kpi.definitions.sections import from_section
from kpi.errors import PlanError, Problem, listed

Reopened: TypeAlias = Literal["first", "last"]
"""Filing that a case counts from that was filed more than once (S13)."""

_EVENTS = {"anyOf": [NAMES["anyOf"][0], {**NAMES["anyOf"][1], "minItems": 1}]}
REOPENED: tuple[Reopened, ...] = ("first", "last")


def _reopened(value: object) -> Reopened | None:
    return None if value is None else choice(value, REOPENED)


def _some(value: object) -> tuple[str, ...]:
    events = names(value)
    if not events:
        raise PlanError("found no event; accepted: the name of an event, or a list of them")
    return events


@frozen(field_transformer=placed, kw_only=True)
class _Log:
    """Columns of an event log."""

    case: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about(
            "The column that names the case (default: case_id, or XES's case:concept:name)."
        ),
    )
    event: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("The column that names the event (default: event, or XES's concept:name)."),
    )
    time: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("The column of the event's time (default: time, or XES's time:timestamp)."),
    )
    time_format: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("How times are written where they are text (default: ISO 8601)."),
    )


@frozen(field_transformer=placed, kw_only=True)
class CasesFromEvents(_Log):
    """Table of cases that is made of an event log: what `kpi.cases_from_events` takes (S13).

    Raises:
        PlanError: where the filing is no date that can be one.
    """

    dates: Mapping[str, Occurrence] = field(
        converter=to_occurrences,
        hash=False,
        metadata=about(
            "For each date of a case the event that it is the time of, or how to choose one.",
            {"$ref": "#/$defs/occurrences"},
        ),
    )
    columns: tuple[str, ...] = field(
        default=(),
        converter=names,
        metadata=about("Columns to carry along; a case gets the first value that it has.", NAMES),
    )
    reopened: Reopened | None = field(
        default=None,
        converter=_reopened,
        metadata=about(
            "The filing that a case counts from that was filed more than once.",
            {"enum": list(REOPENED)},
        ),
    )
    filing: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("The date that is the filing, with reopened (default: the first date)."),
    )

    def __attrs_post_init__(self) -> None:
        self.filing_date()

    def filing_date(self) -> str | None:
        """Return the name of the date that is the filing; None where `reopened` is not given.

        Raises:
            PlanError: where the date cannot be the filing, or `filing` is given alone.
        """
        if self.reopened is None:
            if self.filing is not None:
                message = (
                    f"found {self.filing!r} and no reopened; accepted with it: reopened = "
                    f"{listed([repr(which) for which in REOPENED])}"
                )
                raise PlanError([Problem(("filing",), message)])
            return None
        name = next(iter(self.dates)) if self.filing is None else self.filing
        try:
            choice(name, self.dates)
        except PlanError as error:
            raise PlanError(error.within("filing")) from None
        filing = self.dates[name]
        if filing.after is not None or filing.before is not None or len(filing.picks) > 1:
            message = (
                "is the filing, which takes first, last, first_of or last_of and no after or "
                "before; name another date by filing"
            )
            raise PlanError([Problem(("dates", name), message)])
        if self.reopened == "first" and filing.picks[0].last:
            message = "is the last filing, where reopened='first' asks the first"
            raise PlanError([Problem(("dates", name), message)])
        return name


@frozen(field_transformer=placed, kw_only=True)
class PausesFromEvents(_Log):
    """Table of pauses that is made of an event log: what stops the clock, what starts it (S14).

    Raises:
        PlanError: where an event both stops and starts the clock.
    """

    stops: tuple[str, ...] = field(
        converter=_some, metadata=about("The events that stop the clock.", _EVENTS)
    )
    starts: tuple[str, ...] = field(
        converter=_some, metadata=about("The events that start the clock again.", _EVENTS)
    )

    def __attrs_post_init__(self) -> None:
        both = [event for event in self.starts if event in self.stops]
        if both:
            message = f"found {both[0]!r}, which stops the clock; accepted: other events"
            raise PlanError([Problem(("starts",), message)])


def parse_from_events(value: object) -> CasesFromEvents | PausesFromEvents | None:
    """Return how a table is made of an event log, from a section of an extract file.

    Raises:
        PlanError: naming every mistake, each with its place in the section.
    """
    if value is None or isinstance(value, CasesFromEvents | PausesFromEvents):
        return value
    if not isinstance(value, Mapping):
        raise PlanError(f"found {value!r}; accepted: dates, or stops and starts, by event")
    if "stops" in value or "starts" in value:
        return from_section(PausesFromEvents, value)
    return from_section(CasesFromEvents, value)

"""Figures of earlier follow-ups as they were reported then, beside those rebuilt from today's extract (F50)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from attrs import frozen

from kpi.definitions.messages import Listing
from kpi.definitions.notes import Note
from kpi.errors import DataError, KpiError, reason
from kpi.evaluation.chart_series.points import Point
from kpi.evaluation.chart_series.to_date import CERTAIN, IF, MET, STATUS, bounds_point, month_to
from kpi.results.possible import Counts, Range
from kpi.results.provenance import SCHEMA

REPORTED = "reported"
"""Before the kind of a figure as it was reported: "reported status"."""

_ACCEPTED = "accepted: what kpi follow --format json writes"


@frozen
class Reported:
    """An earlier follow-up of the same plan, as it was written then.

    Attributes:
        file: the name of the file.
        as_of: the day that it is as of.
        targets: its targets by id, parts included, as the JSON has them (F61).
    """

    file: str
    as_of: dt.date
    targets: Mapping[str, Mapping[str, Any]]


def read_reported(files: Sequence[str | Path], plan: str, as_of: dt.date) -> tuple[Reported, ...]:
    """Read earlier follow-ups of a plan, in the order of their days.

    Args:
        files: the paths of what `FollowUp.to_json` gave.
        plan: the id of the plan.
        as_of: the day of the follow-up that they stand beside.

    Raises:
        KpiError: where a file cannot be read.
        DataError: where a file holds no follow-up, one of another plan, one of a later day, or one of
            a day that another file has.
    """
    found = [_read(Path(file), plan, as_of) for file in files]
    by_day: dict[dt.date, str] = {}
    for earlier in found:
        other = by_day.setdefault(earlier.as_of, earlier.file)
        if other is not earlier.file:
            raise DataError(f"{earlier.file}: is of {earlier.as_of}, as {other} is; leave one out")
    return tuple(sorted(found, key=lambda earlier: earlier.as_of))


def reported_points(earlier: Sequence[Reported], target: str) -> Iterator[Point]:
    """Yield the figures of a target as they were reported, in the order of their days."""
    for of_day in earlier:
        if target in of_day.targets:
            yield from _points(target, of_day)


def _points(target: str, of_day: Reported) -> Iterator[Point]:
    record = of_day.targets[target]
    status, certain, conditional = record["status"], record["certain"], record["if"]
    period = month_to(of_day.as_of)
    counted = status.get("counted_as", status)["counted"]

    def point(kind: str, **cells: Any) -> Point:
        return Point(target=target, period=period, kind=f"{REPORTED} {kind}", **cells)

    yield point(STATUS, value=status["value"], n=counted, mark=status["verdict"])
    if status["met"] is not None:
        yield point(MET, value=status["met"], n=counted)
    named = {"target": target, "period": period}
    if certain is not None:
        yield bounds_point(f"{REPORTED} {CERTAIN}", _range(certain["possible"]), named)
    for condition in conditional[:1]:
        yield bounds_point(f"{REPORTED} {IF}", _range(condition), named)


def _range(data: Mapping[str, Any]) -> Range:
    """Return the bounds that plain data hold, each `[numerator, denominator]` or null."""
    worst, best = (_counts(data[end]) for end in ("worst", "best"))
    values = [None if of is None else Fraction(*of) for of in (worst, best)]
    return Range(values[0], values[1], worst, best)


def _counts(pair: Sequence[int] | None) -> Counts | None:
    return None if pair is None else (pair[0], pair[1])


def _read(file: Path, plan: str, as_of: dt.date) -> Reported:
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise KpiError(f"{file}: cannot be read: {reason(error)}") from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise DataError(f"{file}: is no JSON; {_ACCEPTED}") from None
    try:
        schema, of_plan, day = data["schema"], data["plan"], dt.date.fromisoformat(data["as_of"])
        targets = {
            of["id"]: of
            for requirement in data["targets"]
            for of in (requirement, *requirement.get("parts", ()))
        }
        # What is shown of each is looked at once here, so that a wrong file is told by its name.
        for name in targets:
            tuple(_points(name, Reported(str(file), day, targets)))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        raise DataError(f"{file}: is no follow-up of kpi; {_ACCEPTED}") from None
    if schema != SCHEMA:
        raise DataError(
            f"{file}: has version {schema} of the schema, and this version of kpi reads {SCHEMA}"
        )
    if of_plan != plan:
        raise DataError(f"{file}: is a follow-up of {of_plan}; accepted: one of {plan}")
    if day > as_of:
        raise DataError(f"{file}: is of {day}; accepted: a follow-up as of {as_of} or earlier")
    return Reported(str(file), day, targets)


def unknown_targets(earlier: Sequence[Reported], known: Collection[str]) -> Iterator[Note]:
    """Yield a note on the targets that the plan does not have, for each file."""
    for of_day in earlier:
        lacking = [name for name in of_day.targets if name not in known]
        if lacking:
            yield Note(
                "series-unknown-target",
                "{file}: left out, for the plan has no such target: {ids}",
                file=of_day.file,
                ids=Listing(lacking),
            )

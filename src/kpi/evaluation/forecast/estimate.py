"""Estimates of targets, as they are read and written (F61)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from kpi.definitions.measurement import Unit
from kpi.evaluation.forecast.interval import NOMINAL
from kpi.evaluation.forecast.outlook import OutlookWord
from kpi.evaluation.forecast.track_record import TrackRecord


@frozen(kw_only=True)
class Estimate:
    """The figure that a target is expected to end with, its interval and its track record (F20-F29).

    An estimate, not a certainty: anything may make it false.

    Attributes:
        value: the figure in `unit`, if the rest of the window goes as `assumes` says.
        low: the lower end of the interval; None without an interval, see `reason`.
        high: the upper end of the interval; None likewise.
        unit: the unit of the value.
        outlook: where the target is expected to end, in one word (F26); None for an indicator, of
            which nothing is required (S31).
        reason: why there is no interval, or no outlook; None where there are both.
        method: the way in which it is estimated: "life table, 12 months" or "last year".
        assumes: what is assumed, a sentence each (F20).
        dormant: the open cases that are older than any that was ended in the last 12 months (F22);
            None without a life table.
        warnings: what makes the estimate weak, a sentence each (F28).
        track: how such estimates did before (F27).
        parts: the estimate of each value that must reach the target on its own (S28), by that value;
            empty where all cases are asked together.
    """

    value: float
    low: float | None
    high: float | None
    unit: Unit
    outlook: OutlookWord | None
    reason: str | None = None
    method: str
    assumes: tuple[str, ...]
    dormant: int | None
    warnings: tuple[str, ...] = ()
    track: TrackRecord
    parts: Mapping[str, Estimate | NoEstimate] = field(factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain data, fractions of a row and all as JSON has them."""
        plain: dict[str, Any] = {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "nominal": float(NOMINAL),
            "unit": self.unit,
            "method": str(self.method),
            "assumes": list(map(str, self.assumes)),
            "dormant": self.dormant,
            "warnings": list(map(str, self.warnings)),
            "track": self.track.to_dict(),
        }
        if self.reason is not None:
            plain["reason"] = str(self.reason)
        if self.parts:
            plain["parts"] = {
                name: {"outlook": part.outlook, "estimate": part.to_dict()}
                for name, part in self.parts.items()
            }
        return plain


@frozen
class NoEstimate:
    """No estimate of a target, and why (F29).

    Attributes:
        reason: why the target is not estimated, a sentence.
    """

    reason: str

    @property
    def outlook(self) -> OutlookWord:
        """The word "no estimate"."""
        return "no estimate"

    def to_dict(self) -> dict[str, Any]:
        """Return the reason as plain data."""
        return {"reason": str(self.reason)}

"""Track record of estimates: what the trials ended with, beside what was said (F27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum
from typing import Any

from attrs import frozen

from kpi.definitions.messages import Message
from kpi.evaluation.forecast.error_scale import Scale
from kpi.evaluation.forecast.figures import Figure
from kpi.evaluation.forecast.interval import half_width, interval_around
from kpi.evaluation.forecast.outlook import outlook


@frozen(kw_only=True)
class Trial:
    """What was estimated at one time, and what became of it.

    Attributes:
        estimate: the estimate as of then.
        actual: the figure that it ended with.
        standing: the value as it stood then; None where there was none.
        last_year: the value with what the same remaining days of the year before gave; None likewise.
    """

    estimate: Figure
    actual: Figure
    standing: float | None
    last_year: float | None

    def error(self, scale: Scale) -> float:
        """Return the error on a scale (F24): of an estimate that was too high, above 0."""
        assert self.estimate.value is not None, "a trial has an estimate"
        assert self.actual.value is not None, "a trial has an end"
        return scale.of(self.estimate.value) - scale.of(self.actual.value)


@frozen(kw_only=True)
class TrackRecord:
    """How estimates of the same question did at earlier month ends (F27).

    Attributes:
        trials: the trials.
        held: trials whose end lay in the interval that the errors of the other trials give; None
            where there are too few others for an interval.
        right: trials with an outlook that came true; None without intervals, or where nothing is
            required.
        wrong: trials with an outlook that did not; None likewise.
        uncertain: trials whose outlook was "uncertain"; None likewise.
        error: mean absolute error of the estimates, in the unit of the value; None without trials.
        error_as_it_stands: the same of the value as it stood; None where it never had one.
        error_last_year: the same of what stood with what the same days of last year gave; None likewise.
    """

    trials: int
    held: int | None
    right: int | None
    wrong: int | None
    uncertain: int | None
    error: float | None
    error_as_it_stands: float | None
    error_last_year: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {
            "trials": self.trials,
            "held": self.held,
            "right": self.right,
            "wrong": self.wrong,
            "uncertain": self.uncertain,
            "error": self.error,
            "error_as_it_stands": self.error_as_it_stands,
            "error_last_year": self.error_last_year,
        }

    def notes(self) -> Iterator[Message]:
        """Yield a sentence for each simpler figure that came nearer than the estimate."""
        simple = (
            (Message("the figure as it stood"), self.error_as_it_stands),
            (
                Message("what stood and what the same days of the year before gave"),
                self.error_last_year,
            ),
        )
        for words, error in simple:
            if error is not None and self.error is not None and error < self.error:
                yield Message(
                    "in {trials} trials {figure} came nearer to the end than the estimate: mean "
                    "error {error:.3g} against {of_estimate:.3g}",
                    trials=self.trials,
                    figure=words,
                    error=error,
                    of_estimate=self.error,
                )


def track_record(trials: Sequence[Trial], scale: Scale) -> TrackRecord:
    """Return the record of trials, each against the interval that the others give.

    Args:
        trials: the trials.
        scale: the scale of the errors.
    """
    errors = [trial.error(scale) for trial in trials]
    held, right, wrong, uncertain = 0, 0, 0, 0
    judged = all(trial.estimate.required is not None for trial in trials)
    has_intervals = False
    for n, trial in enumerate(trials):
        half = half_width([*errors[:n], *errors[n + 1 :]])
        if half is None:
            break
        has_intervals = True
        held += abs(errors[n]) <= half
        assert trial.estimate.value is not None, "a trial has an estimate"
        word = outlook(interval_around(trial.estimate.value, half, scale), trial.estimate.required)
        uncertain += word == "uncertain"
        right += (word, trial.actual.reached) in _RIGHT
        wrong += (word, trial.actual.reached) in _WRONG
    judged = judged and has_intervals
    return TrackRecord(
        trials=len(trials),
        held=held if has_intervals else None,
        right=right if judged else None,
        wrong=wrong if judged else None,
        uncertain=uncertain if judged else None,
        error=_mean([(trial.estimate.value, trial.actual.value) for trial in trials]),
        error_as_it_stands=_mean([(trial.standing, trial.actual.value) for trial in trials]),
        error_last_year=_mean([(trial.last_year, trial.actual.value) for trial in trials]),
    )


_RIGHT = (("expected met", True), ("expected missed", False))
_WRONG = (("expected met", False), ("expected missed", True))


def _mean(pairs: Sequence[tuple[float | None, float | None]]) -> float | None:
    """Return the mean absolute difference of the pairs; None where a pair lacks a value."""
    errors = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    return fsum(errors) / len(errors) if errors and len(errors) == len(pairs) else None

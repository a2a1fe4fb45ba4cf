"""Records of a comparison: the figures of a target, and what each bucket of cases changed (F40 to F44)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from kpi.evaluation.comparison.buckets import StepName
from kpi.results.target_result import TargetResult, Verdict

CHANGED = ("rows", "outside", "counted", "excluded", "undetermined", "met", "total", "counted_as")
"""The integers of a figure, of which each bucket has its change (F42)."""

_CERTAIN: dict[str, frozenset[str]] = {
    "secured": frozenset({"secured", "met"}),
    "lost": frozenset({"lost", "missed"}),
}
"""The verdicts that a later one must be among where an earlier one was certain (F12)."""


def integers(record: TargetResult) -> dict[str, int | None]:
    """Return the integers of a figure by name; null where the target has no such number."""
    return {
        "rows": record.rows,
        "outside": record.outside,
        "counted": record.counted,
        "excluded": sum(record.excluded.values()),
        "undetermined": record.undetermined,
        "met": record.met,
        "total": record.total,
        "counted_as": None if record.counted_as is None else record.counted_as.counted,
    }


def difference(before: TargetResult, after: TargetResult) -> dict[str, int | None]:
    """Return the change of each integer from one figure to another; null where neither has it."""
    old, new = integers(before), integers(after)
    return {
        name: None
        if old[name] is None and new[name] is None
        else (new[name] or 0) - (old[name] or 0)
        for name in CHANGED
    }


@frozen(kw_only=True)
class BucketChange:
    """What the cases of one bucket changed in a target.

    Attributes:
        bucket: the bucket.
        cases: number of keys in it; None where they are not told apart (F46).
        before: the record before the rows of the bucket were exchanged.
        after: the record after that.
    """

    bucket: str
    cases: int | None
    before: TargetResult
    after: TargetResult

    @property
    def change(self) -> dict[str, int | None]:
        """The change of each integer of `CHANGED`; null where the target has no such number."""
        return difference(self.before, self.after)

    @property
    def turns(self) -> bool:
        """Whether the verdict is another one after the bucket."""
        return self.before.verdict != self.after.verdict


@frozen(kw_only=True)
class Turn:
    """Verdict that turned between two figures, and the first bucket at which it did (F44).

    Attributes:
        before: the verdict of the first figure.
        after: the verdict of the second.
        bucket: the first bucket after which the verdict was not `before` any more.
    """

    before: Verdict
    after: Verdict
    bucket: str


@frozen(kw_only=True)
class Step:
    """Step from one figure of a target to the next, bucket by bucket.

    Attributes:
        name: "restated", or "news".
        before: the first figure.
        after: the second figure.
        buckets: the changes by bucket, in the order in which they are applied (F43).
    """

    name: StepName
    before: TargetResult
    after: TargetResult
    buckets: tuple[BucketChange, ...]

    @property
    def change(self) -> dict[str, int | None]:
        """The change of each integer from the first figure to the second."""
        return difference(self.before, self.after)

    @property
    def turned(self) -> Turn | None:
        """The verdict that turned; None where it is the same."""
        if self.before.verdict == self.after.verdict:
            return None
        bucket = next(b.bucket for b in self.buckets if b.after.verdict != self.before.verdict)
        return Turn(before=self.before.verdict, after=self.after.verdict, bucket=bucket)


@frozen(kw_only=True)
class TargetComparison:
    """Figures of one target in two extracts (F40).

    Attributes:
        id: the target's id.
        then: OLD as of D, under the plan of OLD; None where that plan has no such target.
        then_under_plan: OLD as of D under the plan that judges; None without another plan for OLD.
        then_known_now: NEW as of D.
        now: NEW as of D2.
        restated: the step from OLD to NEW, both as of D and under one plan.
        news: the step from NEW as of D to NEW as of D2.
    """

    id: str
    then: TargetResult | None
    then_under_plan: TargetResult | None
    then_known_now: TargetResult
    now: TargetResult
    restated: Step
    news: Step

    @property
    def contradicted(self) -> bool:
        """Whether OLD said secured or lost and NEW says otherwise: an assumption of F2 failed (F44)."""
        allowed = _CERTAIN.get(self.restated.before.verdict)
        later = {self.then_known_now.verdict, self.now.verdict}
        return allowed is not None and not later <= allowed

    @property
    def figures(self) -> Iterator[tuple[str, TargetResult | None]]:
        """The figures by name, in the order of time; that under the plan only where it was asked for."""
        yield "then", self.then
        if self.then_under_plan is not None:
            yield "then_under_plan", self.then_under_plan
        yield "then_known_now", self.then_known_now
        yield "now", self.now

    @property
    def steps(self) -> tuple[Step, Step]:
        """Both steps."""
        return self.restated, self.news

    def to_dict(self) -> dict[str, Any]:
        """Return the figures and the steps as plain data (schema: docs/comparison.schema.json)."""
        asked = self.now
        return {
            "id": self.id,
            "title": asked.title,
            "requirement": asked.requirement,
            "unit": asked.unit,
            "contradicted": self.contradicted,
            **{name: None if figure is None else _figure(figure) for name, figure in self.figures},
            **{step.name: _step(step) for step in self.steps},
        }


def _figure(record: TargetResult) -> dict[str, Any]:
    return {**_integers(integers(record)), "value": record.value, "verdict": record.verdict}


def _integers(numbers: dict[str, int | None]) -> dict[str, int | None]:
    """Return the integers, without that of persons where rows count as none (S32)."""
    left_out = {"counted_as"} if numbers["counted_as"] is None else set[str]()
    return {name: n for name, n in numbers.items() if name not in left_out}


def _step(step: Step) -> dict[str, Any]:
    turned = step.turned
    return {
        "change": _integers(step.change),
        "turned": None
        if turned is None
        else {"before": turned.before, "after": turned.after, "bucket": turned.bucket},
        "buckets": [
            {
                "bucket": change.bucket,
                "cases": change.cases,
                **_integers(change.change),
                "value_after": change.after.value,
                "verdict_after": change.after.verdict,
            }
            for change in step.buckets
        ],
    }

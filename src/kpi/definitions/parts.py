"""Requirements of several parts, which must all hold (S28)."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from kpi.definitions.fields import about, placed
from kpi.definitions.target import Requirement, Target
from kpi.errors import PlanError, Problem


def _parts(value: object) -> tuple[Target, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 2:
        raise PlanError("accepted: two targets or more")
    for n, part in enumerate(value):
        if not isinstance(part, Target):
            raise PlanError([Problem((n,), f"found {part!r}; accepted: a target")])
        for key in ("goal", "weight"):
            if getattr(part, key) is not None:
                message = "a part has none of its own; accepted: on the requirement itself"
                raise PlanError([Problem((n, key), message)])
    return tuple(value)


@frozen(kw_only=True, field_transformer=placed)
class Parts(Requirement):
    """Requirement of several parts, which must all hold (S28).

    The verdict is the worst of the parts' verdicts, in the order open, missed, not assessable, met.
    A part whose condition did not come about lapses and is ignored.
    """

    parts: tuple[Target, ...] = field(
        converter=_parts,
        metadata=about(
            "Its parts, each a target; all must hold.",
            {"type": "array", "items": {"$ref": "#/$defs/target"}, "minItems": 2},
        ),
    )

    def leaves(self) -> tuple[Target, ...]:
        """Return the parts."""
        return self.parts

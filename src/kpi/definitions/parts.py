"""Requirements of several parts, of which all or any must hold (S28)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.fields import about, choice, placed
from kpi.definitions.target import Requirement, Target
from kpi.errors import PlanError, Problem

MustHold: TypeAlias = Literal["all", "any"]
"""Which parts must hold: every part, or at least one of them."""

MUST_HOLD: tuple[MustHold, ...] = ("all", "any")


def _must_hold(value: object) -> MustHold:
    return choice(value, MUST_HOLD)


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
    """Requirement of several parts, of which all must hold, or any (S28).

    Where all must hold, the verdict is the worst of the parts' verdicts, in the order open, missed,
    not assessable, met; where any, the best, in the order met, open, not assessable, missed. A part
    whose condition did not come about lapses and is ignored.
    """

    must_hold: MustHold = field(
        default="all",
        converter=_must_hold,
        metadata=about("Which of the parts must hold (default: all).", {"enum": list(MUST_HOLD)}),
    )
    parts: tuple[Target, ...] = field(
        converter=_parts,
        metadata=about(
            "Its parts, each a target; those of a plan file share the keys of their requirement.",
            {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 2},
        ),
    )

    def leaves(self) -> tuple[Target, ...]:
        """Return the parts."""
        return self.parts

"""Goals: headings over requirements, which may share one weight (S28)."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.fields import about, choice, optional_text, optional_weight, placed, text

Sharing: TypeAlias = Literal["all", "split"]
"""Sharing of a weight among requirements: earned when all are met, or in equal parts (S28)."""

SHARINGS: tuple[Sharing, ...] = ("all", "split")


def _sharing(value: object) -> Sharing:
    return choice(value, SHARINGS)


@frozen(kw_only=True, field_transformer=placed)
class Goal:
    """Goal of a plan: a heading over requirements, which may share one weight (S28).

    Raises:
        PlanError: naming the key, what was found and what is accepted.
    """

    id: str = field(converter=text, metadata=about("The document's own number."))
    title: str | None = field(
        default=None, converter=optional_text, metadata=about("A short title of your own.")
    )
    title_da: str | None = field(
        default=None, converter=optional_text, metadata=about("The same title in Danish.")
    )
    note: str | None = field(
        default=None, converter=optional_text, metadata=about("What a reader should know.")
    )
    weight: Decimal | None = field(
        default=None,
        converter=optional_weight,
        metadata=about(
            "The one weight that its requirements share (default: each has its own).",
            {"type": "number", "minimum": 0, "maximum": 100},
        ),
    )
    sharing: Sharing = field(
        default="all",
        converter=_sharing,
        metadata=about(
            "How they share it: earned when all are met (all, the default), or equally (split).",
            {"enum": list(SHARINGS)},
        ),
    )

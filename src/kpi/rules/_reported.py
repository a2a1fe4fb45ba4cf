"""Targets on what a person reports: a row of the table `reported` for each fact (S25, S28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import evolve, field, frozen

from kpi.definitions.fields import about, optional_text, placed, text
from kpi.definitions.population import Condition, OneOf
from kpi.definitions.reserved import FACTS
from kpi.definitions.target import Read, Target
from kpi.polars_on_demand import pl
from kpi.rules import _population as population

KEY, DONE, VALUE, CONDITION = "target", "done", "value", "condition"
"""The columns of the table `reported`: which fact, done when, what number, did its condition hold."""


@frozen(kw_only=True, field_transformer=placed, eq=False, repr=False)
class FactTarget(Target):
    """A target on one reported fact."""

    fact_columns: ClassVar[tuple[Read, ...]] = ()
    """What the rule reads of the table beside which fact it is."""

    table: str = field(
        default=FACTS,
        converter=text,
        metadata=about("The table it reads (default: reported)."),
    )
    fact: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("The row of the table that tells it (default: the target's id)."),
    )

    @property
    def fact_id(self) -> str:
        """Which row of the table tells it."""
        return self.fact or self.id

    @classmethod
    def reads_of(cls, values: Mapping[str, object]) -> Iterator[Read]:
        """Every column the target reads: those of the table, and those of its conditions."""
        yield Read(KEY, "text", ("rule",))
        yield from cls.fact_columns
        yield from super().reads_of(values)

    def reported_under(self, name: str) -> Target:
        """The target told of under another target's id, where it names no fact of its own."""
        own = self if self.fact is not None else evolve(self, fact=name)
        return super(FactTarget, own).reported_under(name)

    def conditions(self) -> Iterator[Condition]:
        """Which fact, and every other condition."""
        yield Condition(KEY, OneOf((self.fact_id,)))
        yield from super().conditions()

    def tests(self) -> list[tuple[str, pl.Expr]]:
        """The tests for being the row that tells it."""
        mine = (f"fails: {KEY} is {self.fact_id}", pl.col(KEY) == self.fact_id)
        return [mine, *population.tests(self.where, self.unless, None)]

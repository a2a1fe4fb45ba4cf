"""Base of the targets on reported facts: a row of the table `reported` for each fact (S25, S28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import evolve, field, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.fields import about, optional_text, placed, text
from kpi.definitions.population import Condition, OneOf
from kpi.definitions.reserved import FACTS
from kpi.definitions.target import Read, Target
from kpi.polars_on_demand import pl
from kpi.rules import _population as population

KEY, DONE, VALUE, CONDITION = "target", "done", "value", "condition"
"""Columns of the table `reported`: fact, date done, number, whether its condition held."""


@frozen(kw_only=True, field_transformer=placed, eq=False, repr=False)
class FactTarget(Target):
    """A target on one reported fact."""

    fact_columns: ClassVar[tuple[Read, ...]] = ()
    """Columns that the rule reads of the table beside that of the fact."""

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
        """The name of the fact, which a row of the table reports."""
        return self.fact or self.id

    @classmethod
    def reads_of(cls, values: Mapping[str, object]) -> Iterator[Read]:
        """Yield every column that the target reads, for the fact and for the conditions."""
        yield Read(KEY, "text", ("rule",))
        yield from cls.fact_columns
        yield from super().reads_of(values)

    def reported_under(self, name: str) -> Target:
        """Return the target with its fact reported under an id, where it names no fact itself."""
        own = self if self.fact is not None else evolve(self, fact=name)
        return super(FactTarget, own).reported_under(name)

    def conditions(self) -> Iterator[Condition]:
        """Yield the condition on the fact, and every other condition."""
        yield Condition(KEY, OneOf((self.fact_id,)))
        yield from super().conditions()

    def tests(self, columns: Columns) -> list[tuple[str, pl.Expr]]:
        """Return the predicates of the row that reports the fact, with words for failing them."""
        is_the_fact = (f"fails: {KEY} is {self.fact_id}", pl.col(KEY) == self.fact_id)
        return [is_the_fact, *population.tests(columns, self.where, self.unless, None)]

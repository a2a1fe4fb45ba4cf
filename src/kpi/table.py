"""What a table of an extract holds: its key, and which of its columns are dates (S13, S15)."""

from __future__ import annotations

from attrs import field, frozen

from kpi.errors import PlanError, Problem, listed
from kpi.fields import NAMES, about, names, optional_text, placed, text


@frozen(field_transformer=placed)
class Table:
    """What a table of an extract holds, by column (S13, S15).

    Columns that no one declares and no condition names are welcome and ignored.

    Raises:
        PlanError: where a column has two of the roles entry, event and date, or the key is empty.
    """

    name: str = field(converter=text, metadata=about("The table's name: its file in an extract."))
    key: tuple[str, ...] = field(
        kw_only=True,
        converter=names,
        metadata=about(
            "The column, or columns, whose value names a row: one row is one case.", NAMES
        ),
    )
    entry: str | None = field(
        default=None,
        kw_only=True,
        converter=optional_text,
        metadata=about(
            "The date on which a row came to exist; later ones are not there at `as_of`."
        ),
    )
    events: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=names,
        metadata=about(
            "Dates of what happened to the case; later ones are unknown at `as_of`.", NAMES
        ),
    )
    dates: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=names,
        metadata=about(
            "Dates that are neither, such as due dates; `as_of` never hides them.", NAMES
        ),
    )
    date_format: str | None = field(
        default=None,
        kw_only=True,
        converter=optional_text,
        metadata=about(
            "How dates are written where they are text, such as '%d-%m-%Y'; else ISO 8601."
        ),
    )

    def __attrs_post_init__(self) -> None:
        if not self.key:
            raise PlanError([Problem(("key",), "found no column; accepted: at least one")])
        twice = sorted({c for c in self.date_columns if self.date_columns.count(c) > 1})
        if twice:
            raise PlanError(f"{listed(twice)}: a column is the entry, an event or a date, only one")

    @property
    def date_columns(self) -> tuple[str, ...]:
        """Every column that holds dates: entry, events, dates."""
        return (*([self.entry] if self.entry else []), *self.events, *self.dates)

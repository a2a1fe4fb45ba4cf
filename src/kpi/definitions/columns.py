"""The columns of a checked table, from which a rule makes its expressions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import frozen

from kpi.definitions.defaults import Defaults
from kpi.definitions.table import Table


@frozen(eq=False, repr=False)
class Columns:
    """Columns of a checked table, and the choices of the plan: all that a rule may ask for.

    Attributes:
        plan: the choices of the plan that is evaluated.
        table: the declaration of the table.
        bounds: the smallest and largest day number (days since 1970-01-01) of each date column;
            a column that is null throughout is absent.
        flags: the names of all columns of the snapshot, those that the check added among them (see
            `kpi.definitions.reserved`).
        as_of: the date of the snapshot (S15).
    """

    plan: Defaults
    table: Table
    bounds: Mapping[str, tuple[int, int]]
    flags: frozenset[str]
    as_of: dt.date

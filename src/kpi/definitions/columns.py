"""The columns of one checked table: all that a rule may ask of a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import frozen

from kpi.definitions.defaults import Defaults
from kpi.definitions.table import Table


@frozen(eq=False, repr=False)
class Columns:
    """What a rule may ask of a table.

    Attributes:
        plan: the choices of the plan that is evaluated.
        table: the declaration of the table.
        bounds: the smallest and largest day number of each date column that holds a date.
        flags: which columns are there, those made by the check among them.
        as_of: the date that the table is looked at from (S15).
    """

    plan: Defaults
    table: Table
    bounds: Mapping[str, tuple[int, int]]
    flags: frozenset[str]
    as_of: dt.date

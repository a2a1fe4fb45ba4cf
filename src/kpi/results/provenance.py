"""Provenance of a result: plan, as-of date and period, and the version of `kpi` that computed it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from attrs import frozen

from kpi import __version__
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PROVENANCE_COLUMNS
from kpi.definitions.windows import window_name

SCHEMA = 2
"""The version of the JSON of results and readings (docs/result.schema.json)."""


@frozen(kw_only=True)
class Provenance:
    """Origin of a result, which every file for machines carries.

    Attributes:
        plan: the id of the plan.
        period: the name of the plan's period, or its first and last day.
        as_of: the as-of date (S15).
        version: the version of `kpi`.
    """

    plan: str
    period: str
    as_of: dt.date
    version: str

    @classmethod
    def of(cls, plan: Plan, as_of: dt.date) -> Provenance:
        """Return the provenance of what this version computes for a plan at an as-of date."""
        return cls(plan=plan.id, period=window_name(plan.period), as_of=as_of, version=__version__)

    def to_dict(self) -> dict[str, Any]:
        """Return the keys of the JSON: `kpi` (the version), `plan`, `period`, `as_of`."""
        return {
            "kpi": self.version,
            "plan": self.plan,
            "period": self.period,
            "as_of": self.as_of.isoformat(),
        }

    def metadata(self) -> dict[str, str]:
        """Return the metadata of a Parquet file: the same keys behind `kpi.`, the version too."""
        keys = {"version": self.version, **self.to_dict()}
        del keys["kpi"]
        return {f"kpi.{key}": value for key, value in keys.items()}

    def columns(self) -> list[pl.Expr]:
        """Return the columns that frames in files end with, the same value in each row.

        `plan_id`, `plan_period`, `as_of` (Date) and `kpi_version` (`definitions/reserved.py`).
        """
        values = (self.plan, self.period, self.as_of, self.version)
        return [
            pl.lit(value).alias(name)
            for name, value in zip(PROVENANCE_COLUMNS, values, strict=True)
        ]

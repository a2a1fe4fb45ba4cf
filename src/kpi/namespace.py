"""The namespace `kpi` of Polars frames: `df.kpi.evaluate(plan)`, once this module is imported.

    import kpi.namespace

It is a module of its own since `import kpi` loads no Polars.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl
from attrs import frozen

from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.time_units import Span
from kpi.evaluation.evaluate import evaluate
from kpi.results.result import Result


@pl.api.register_dataframe_namespace("kpi")
@pl.api.register_lazyframe_namespace("kpi")
@frozen
class FrameOfCases:
    """What `kpi` does with a frame: the rows of the one table of a plan, or of its first table.

    Attributes:
        frame: the frame.
    """

    frame: pl.DataFrame | pl.LazyFrame

    def evaluate(
        self,
        plan: Plan,
        as_of: dt.date | str | None = None,
        *,
        by: str | Sequence[str] = (),
        every: Every | None = None,
        rolling: Span | str | None = None,
    ) -> Result:
        """Evaluate a plan over the frame; arguments and errors are those of `kpi.evaluate`.

        Args:
            plan: the plan.
            as_of: the as-of date (S15).
            by: the columns of a break-down.
            every: the length of the periods of a series (S30).
            rolling: the length of the window that ends with each period.
        """
        return evaluate(plan, self.frame, as_of, by=by, every=every, rolling=rolling)

"""Plan as plain data that need no file beside them: what travels with a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kpi.definitions.fields import percentage
from kpi.definitions.limits import ByValue
from kpi.definitions.plan import Plan
from kpi.definitions.time_units import parse_span
from kpi.errors import PlanError, listed
from kpi.planfile.dump import dump_plan
from kpi.planfile.load import parse_with_limits
from kpi.rules import rules


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as data of JSON; `plan_of_data` returns an equal plan.

    Returns:
        `toml`, the text of `kpi.dump_plan`, and `limits`: what was read from the files of limits
        beside the plan, by file, column and table.

    Raises:
        PlanError: where a rule is of Python alone, which no plan file can name.
    """
    known = rules()
    strange = [leaf.id for leaf in plan.leaves() if known.get(leaf.rule) is not type(leaf)]
    if strange:
        raise PlanError(
            f"plan {plan.id}: the rule of {listed(strange)} is in no entry point, so that no file can "
            "name it; register it (kpi.rules)"
        )
    return {
        "toml": dump_plan(plan),
        "limits": [
            {
                "file": file,
                "by": by,
                "table": table,
                "limits": {value: str(span.data()) for value, span in limits.limits.items()},
                "thresholds": {value: str(n) for value, n in limits.thresholds.items()},
            }
            for (file, by, table), limits in _limits_of_files(plan)
        ],
    }


def plan_of_data(data: Mapping[str, Any], name: str) -> Plan:
    """Return the plan out of the data of `plan_data`.

    Args:
        data: the data.
        name: the name of the plan's text in messages.

    Raises:
        PlanError: naming every mistake.
    """
    limits = {
        (read["file"], read["by"], read["table"]): ByValue(
            read["by"],
            {value: parse_span(text) for value, text in read["limits"].items()},
            {value: percentage(text) for value, text in read["thresholds"].items()},
            read["file"],
        )
        for read in data["limits"]
    }
    return parse_with_limits(data["toml"], name, limits)


def _limits_of_files(plan: Plan) -> Iterator[tuple[tuple[str, str, str], ByValue]]:
    """Yield the limits that were read from files, those of other readings (S26) too, each once."""
    found: dict[tuple[str, str, str], ByValue] = {}
    for leaf in plan.leaves():
        changes = (reading.changes.get("limit") for reading in leaf.readings)
        for limit in (leaf.limit, *changes):
            if isinstance(limit, ByValue) and limit.file is not None:
                found[limit.file, limit.column, leaf.table] = limit
    yield from found.items()

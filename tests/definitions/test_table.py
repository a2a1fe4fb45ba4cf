"""Tables of pauses that are refused."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from tests.builders import TABLE, WAITING, within


@pytest.mark.parametrize(
    ("target", "tables", "message"),
    [
        ({"pauses": "waitin"}, [], "targets.0.pauses: 'waitin' is no table of pauses of cases; accepted: waiting (did you mean 'waiting'?)"),
        ({"unless_paused": "cases"}, [], "targets.0.unless_paused: 'cases' is no table of pauses"),
        ({"pauses": "waiting", "limit": "2 hours"}, [], "pauses: found 'pauses' with the limit 2 hours"),
        ({"pauses": "waiting", "limit": "1 month before"}, [], "found 'pauses' with the limit 1 month before; accepted: with a limit in days, forwards"),
        ({"roll": "next working day", "limit": "2 hours"}, [], "roll: found 'roll' with the limit 2 hours; accepted: with a limit in days"),
        ({"roll": "monday"}, [], "roll: found 'monday'; accepted: none, next working day"),
        ({}, [kpi.Table("more", key="case", entry="from", events="to", pauses="case")], "tables.more.pauses: unknown table of cases 'case'; accepted: cases (did you mean 'cases'?)"),
        ({}, [kpi.Table("more", key=["a", "b"], entry="from", events="to", pauses="cases")], "tables.more.key: accepted: as many columns as the key of cases has (1)"),
        ({"readings": [{"name": "net", "pauses": "waitin"}]}, [], "targets.0.readings.0.pauses: 'waitin' is no table of pauses"),
    ],
)  # fmt: skip
def test_pauses_that_a_plan_cannot_have(
    target: dict[str, Any], tables: list[kpi.Table], message: str
) -> None:
    with pytest.raises(kpi.PlanError) as raised:
        kpi.Plan(
            id="p",
            period="2017",
            tables=[TABLE, WAITING, *tables],
            targets=[within(target.pop("limit", "20 days"), **target)],
        )
    assert message in str(raised.value)


def test_a_table_of_pauses_has_a_beginning_and_an_end() -> None:
    for wrong in ({"entry": "from"}, {"events": "to"}, {"entry": "a", "events": ["b", "c"]}):
        with pytest.raises(kpi.PlanError, match="pauses: accepted: with an entry"):
            kpi.Table("waiting", key="case", pauses="cases", **wrong)

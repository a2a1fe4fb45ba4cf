"""The engine against the oracle on few examples, for the short suite (docs/versions.md)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpi.testing import assert_matches_oracle, strategies

FEW = settings(
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
@pytest.mark.parametrize("elaborate", [False, True], ids=["plain", "elaborate"])
@pytest.mark.parametrize("rule", sorted(strategies.TARGETS))
@given(data=st.data())
@FEW
def test_the_engine_and_the_oracle_agree_on_few_examples(
    rule: str, elaborate: bool, engine: Any, data: st.DataObject
) -> None:
    plan = data.draw(strategies.plans(most=3, rules=(rule,), elaborate=elaborate), label="plan")
    tables = data.draw(strategies.tables_for(plan, most=25), label="tables")
    as_of = data.draw(strategies.as_ofs(plan, tables), label="as_of")
    assert_matches_oracle(plan, tables, as_of, engine=engine)

"""The engine against the oracle on the same few plans every time, for mutation testing.

A mutant must be killed in a second or two, and by the same example on every run: so the examples are
few and dense, always the same, and not made smaller when one fails. `test_engine_against_oracle.py`
holds the properties themselves.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kpi.testing import strategies
from tests.laws.generated import SETTINGS
from tests.laws.test_engine_against_oracle import agree, dense_pauses

FEW = settings(SETTINGS, max_examples=3, derandomize=True, database=None, phases=[Phase.generate])
TIMED = ("average", "every_working_day", "percentile", "within")


@pytest.mark.parametrize("rule", sorted(strategies.TARGETS))
@given(data=st.data())
@FEW
def test_one_rule_in_brief(rule: str, data: st.DataObject) -> None:
    plan = data.draw(strategies.plans(most=3, rules=(rule,)))
    tables = data.draw(strategies.tables_for(plan, most=25))
    agree(plan, tables, data.draw(strategies.as_ofs(plan, tables)))


@pytest.mark.parametrize("rule", TIMED)
@given(data=st.data())
@FEW
def test_ways_of_counting_time_in_brief(rule: str, data: st.DataObject) -> None:
    plan = data.draw(strategies.plans(most=3, rules=(rule,), elaborate=True))
    tables = data.draw(strategies.tables_for(plan, most=25))
    agree(plan, tables, data.draw(strategies.as_ofs(plan, tables)))


def test_dense_pauses_in_brief() -> None:
    assert dense_pauses(0) == 4_000

"""Test kit for plans and rules: an oracle, generated plans and tables, laws, and checks.

All of the kit is public, so that a user's own plan or rule can be held to the same:

- `assert_matches_oracle` compares the engine with the oracle on tables of your own.
- `check_plan` and `check_rule` do so on generated tables, and check every law on them.
- `kpi.testing.laws` holds the laws, each a function of a plan and its tables.
- `kpi.testing.oracle` evaluates a plan in plain Python, case by case, straight from the numbered
  rules. It shares the words of a plan with the engine, never its arithmetic.
- `kpi.testing.strategies` generates plans, tables and `as_of` days for Hypothesis, aimed at the
  edges: limits, month ends, window bounds, open cases, nulls.

They need the extra `kpi[testing]`.
"""

try:
    from kpi.testing import laws, oracle, strategies
    from kpi.testing.checks import check_plan, check_rule
    from kpi.testing.comparison import assert_matches_oracle
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error.msg}; kpi.testing needs its extra: pip install 'kpi[testing]'", name=error.name
    ) from error

__all__ = [
    "assert_matches_oracle",
    "check_plan",
    "check_rule",
    "laws",
    "oracle",
    "strategies",
]

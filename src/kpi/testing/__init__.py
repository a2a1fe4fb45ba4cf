"""What a rule is tested with: the oracle, and strategies that generate plans and tables.

Both are public, so that a rule of a user's own can be held to the same examples:

- `kpi.testing.oracle` evaluates a plan in plain Python, case by case, straight from the numbered
  rules. It shares the words of a plan with the engine, never its arithmetic.
- `kpi.testing.strategies` generates plans, tables and `as_of` days for Hypothesis, aimed at the
  edges: limits, month ends, window bounds, open cases, nulls.

They need the extra `kpi[testing]`.
"""

try:
    from kpi.testing import oracle, strategies
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error.msg}; kpi.testing needs its extra: pip install 'kpi[testing]'", name=error.name
    ) from error

__all__ = ["oracle", "strategies"]

"""Files of tests that run without coverage, which costs more than the tests do.

Coverage makes a test about two and a half times as long. What is reported is at most too low, for
branches that these files alone go through count as not covered.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

import pytest

WITHOUT_COVERAGE = (
    "counting_rules/test_s01_skipped_times.py",
    "counting_rules/test_s03_days_and_hours.py",
    "counting_rules/test_s03_due_columns_with_times.py",
    "counting_rules/test_s04_months.py",
    "counting_rules/test_s07_working_days.py",
    "counting_rules/test_s08_rolling_with_pauses.py",
    "counting_rules/test_s10_population.py",
    "counting_rules/test_s11_denominator.py",
    "counting_rules/test_s14_derived_ends.py",
    "counting_rules/test_s14_due_dates.py",
    "counting_rules/test_s14_open_pause.py",
    "counting_rules/test_s14_pauses.py",
    "counting_rules/test_s16_average_in_working_days.py",
    "counting_rules/test_s17_fastest.py",
    "counting_rules/test_s18_percentile.py",
    "counting_rules/test_s18_percentile_in_working_days.py",
    "counting_rules/test_s19_printed_shares.py",
    "counting_rules/test_s19_share.py",
    "counting_rules/test_s22_stock.py",
    "counting_rules/test_s28_parts.py",
    "docs/test_instructions.py",
    "docs/test_recipes.py",
    "laws/test_dense_times.py",
    "laws/test_fuzz.py",
    "planfile/test_every_key.py",
    "plans/test_edges.py",
    "plans/test_example_plans.py",
    "plans/test_expected_cases.py",
    "plans/test_fines_in_every_form.py",
    "plans/test_limits.py",
    "report/test_csv.py",
    "rules/test_flow_series.py",
    "tables/event_log/test_against_oracle.py",
    "tables/profile/test_dialects.py",
    "tables/sources/test_kinds_of_file.py",
    "tables/sources/test_unquoted_csv.py",
    "tables/test_extreme_dates.py",
    "test_architecture.py",
    "test_benchmarks.py",
    "test_loading.py",
)
"""Paths below `tests/`: long files whose branches other tests go through too.

Chosen by a run with `--cov-context=test`: those that lose the fewest branches for their time.
"""

_MOST = 2
"""How often a test runs with coverage; with further parameters it goes through the same branches."""

_TESTS = PurePath(__file__).parent


def mark_without_coverage(items: list[pytest.Item]) -> None:
    """Mark the tests for which pytest-cov then pauses.

    Those of `WITHOUT_COVERAGE`, and of a test with parameters all runs but the first two. The order of
    the tests decides which are first, so that each worker marks the same ones.
    """
    runs: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        runs[test] += 1
        if runs[test] > _MOST or item.path.relative_to(_TESTS).as_posix() in WITHOUT_COVERAGE:
            item.add_marker(pytest.mark.no_cover)

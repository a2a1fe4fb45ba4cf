"""Tests that run without coverage, which costs more than the tests do.

Coverage makes a test about two and a half times as long. What is reported is at most too low, for
branches that these tests alone go through count as not covered.
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
    "counting_rules/test_s08_rolling.py",
    "counting_rules/test_s08_rolling_with_pauses.py",
    "counting_rules/test_s10_population.py",
    "counting_rules/test_s11_denominator.py",
    "counting_rules/test_s12_buckets.py",
    "counting_rules/test_s14_derived_ends.py",
    "counting_rules/test_s14_due_dates.py",
    "counting_rules/test_s14_last_day.py",
    "counting_rules/test_s14_open_pause.py",
    "counting_rules/test_s14_pauses.py",
    "counting_rules/test_s15_as_of.py",
    "counting_rules/test_s16_average_in_working_days.py",
    "counting_rules/test_s17_fastest.py",
    "counting_rules/test_s18_percentile.py",
    "counting_rules/test_s18_percentile_in_working_days.py",
    "counting_rules/test_s19_printed_shares.py",
    "counting_rules/test_s19_share.py",
    "counting_rules/test_s22_stock.py",
    "counting_rules/test_s23_count.py",
    "counting_rules/test_s24_every_working_day.py",
    "counting_rules/test_s28_parts.py",
    "counting_rules/test_s32_weights.py",
    "counting_rules/test_s34_conditions_between_dates.py",
    "counting_rules/test_s36_clocks_that_restart.py",
    "counting_rules/test_s36_starts_that_move.py",
    "docs/test_counting_rules.py",
    "docs/test_instructions.py",
    "docs/test_recipes.py",
    "docs/test_timelines.py",
    "engine/test_audit_trail.py",
    "engine/test_compile.py",
    "engine/test_fork_guard.py",
    "evaluation/comparison/test_path_laws.py",
    "evaluation/forecast/test_expected_figures.py",
    "evaluation/test_month_ends.py",
    "laws/test_dense_times.py",
    "laws/test_fuzz.py",
    "laws/test_open_round_the_clock.py",
    "planfile/test_every_key.py",
    "plans/test_edges.py",
    "plans/test_example_plans.py",
    "plans/test_expected_cases.py",
    "plans/test_fines_in_every_form.py",
    "plans/test_hjemrejsestyrelsen_2022.py",
    "plans/test_inspected.py",
    "plans/test_limits.py",
    "plans/test_scores.py",
    "plans/test_us_2017_cases.py",
    "plans/test_us_2019.py",
    "plans/test_us_2022.py",
    "report/test_csv.py",
    "report/test_standard_output.py",
    "rules/test_flow.py",
    "rules/test_flow_series.py",
    "tables/event_log/test_against_oracle.py",
    "tables/profile/test_dialects.py",
    "tables/sources/test_kinds_of_file.py",
    "tables/sources/test_unquoted_csv.py",
    "tables/test_bad_cells.py",
    "tables/test_extreme_dates.py",
    "tables/test_redaction.py",
    "test_architecture.py",
    "test_benchmarks.py",
    "test_loading.py",
    "test_needs.py",
    "test_packaging_build.py",
    "test_versions.py",
    "testing/follow_up/test_bounds.py",
    "testing/follow_up/test_newcomers.py",
    "testing/test_users_rule.py",
    "time/test_in_time.py",
)
"""Paths below `tests/`: long files whose branches other tests go through too.

Chosen by a run with `--cov-context=test`: those that lose the fewest branches for their time.
"""

FIRST_RUNS_ALONE = (
    "cli/test_exit_codes.py",
    "counting_rules/test_s01_dates.py",
    "counting_rules/test_s08_ends_of_periods.py",
    "counting_rules/test_s28_score.py",
    "counting_rules/test_s35_working_hours.py",
    "docs/test_pages.py",
    "docs/test_schemas.py",
    "evaluation/comparison/test_buckets.py",
    "evaluation/test_expected_file.py",
    "laws/test_engine_against_oracle.py",
    "laws/test_laws.py",
    "laws/test_work_list.py",
    "report/test_hostile_text.py",
    "rules/test_units.py",
    "sample/test_sample.py",
    "sample/test_sample_of_derived_dates.py",
    "sample/test_tiers.py",
    "tables/event_log/test_cases.py",
    "tables/sources/test_csv_records.py",
    "tables/sources/test_objects.py",
    "tables/test_bad_tables.py",
    "tables/test_date_hints.py",
    "tables/test_foreign_columns.py",
    "tables/test_key_columns.py",
    "tables/test_sources.py",
    "tables/test_unique_keys.py",
    "testing/test_testing.py",
    "time/test_derived_dates.py",
    "time/test_due_dates.py",
)
"""Files of which a test with parameters runs with coverage twice: further runs add few branches."""

_FIRST = 2
_TESTS = PurePath(__file__).parent


def mark_without_coverage(items: list[pytest.Item]) -> None:
    """Mark the tests for which pytest-cov then pauses.

    Which runs of a test with parameters are the first, the order of the tests decides, which is the same
    in each worker.
    """
    runs: Counter[str] = Counter()
    for item in items:
        file = item.path.relative_to(_TESTS).as_posix()
        test = item.nodeid.partition("[")[0]
        runs[test] += 1
        if file in WITHOUT_COVERAGE or (file in FIRST_RUNS_ALONE and runs[test] > _FIRST):
            item.add_marker(pytest.mark.no_cover)

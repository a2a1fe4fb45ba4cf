"""Laws: properties that hold for every plan and every table, whatever the numbers are.

Each law is a function of a plan, its tables, an `as_of` day and the source of its random choices;
the docstring begins with the sentence of the law. The function raises an AssertionError where the
law is broken, returns True where it was checked, and False where there was nothing to check: no
target to which the law applies, or none of the rows that it is about. Tables are frames or rows, as
`assert_matches_oracle` takes them.

    laws.any_split_merges_to_the_whole(plan, tables)
"""

from kpi.testing.laws.bases import (
    a_base_is_its_target_in_that_window,
    against_its_own_window_nothing_changes,
)
from kpi.testing.laws.case_weights import a_case_of_several_persons_is_as_many_cases
from kpi.testing.laws.common import Law
from kpi.testing.laws.conditions import alternatives_count_the_rows_of_each
from kpi.testing.laws.follow_up import (
    the_end_lies_within_what_was_possible,
    what_is_certain_stays_so,
)
from kpi.testing.laws.independence import (
    a_case_outside_changes_nothing_else,
    a_target_is_the_same_alone,
    any_split_merges_to_the_whole,
    streaming_and_in_memory_agree,
    the_order_of_rows_does_not_matter,
    the_order_of_targets_does_not_matter,
)
from kpi.testing.laws.indicators import without_a_demand_no_number_changes
from kpi.testing.laws.series import a_period_of_a_series_is_its_target_in_that_period
from kpi.testing.laws.splits import a_merged_result_is_the_whole_or_says_that_it_is_not
from kpi.testing.laws.sums import (
    parts_add_up_to_their_target,
    the_audit_trail_adds_up_to_the_state,
    the_score_is_the_weight_of_what_was_met,
)
from kpi.testing.laws.time import (
    a_day_later_is_never_more_in_time,
    a_later_day_never_undecides_a_case,
    a_longer_limit_never_lowers_a_share,
)

__all__ = [
    "LAWS",
    "Law",
    "a_base_is_its_target_in_that_window",
    "a_case_of_several_persons_is_as_many_cases",
    "a_case_outside_changes_nothing_else",
    "a_day_later_is_never_more_in_time",
    "a_later_day_never_undecides_a_case",
    "a_longer_limit_never_lowers_a_share",
    "a_merged_result_is_the_whole_or_says_that_it_is_not",
    "a_period_of_a_series_is_its_target_in_that_period",
    "a_target_is_the_same_alone",
    "against_its_own_window_nothing_changes",
    "alternatives_count_the_rows_of_each",
    "any_split_merges_to_the_whole",
    "parts_add_up_to_their_target",
    "streaming_and_in_memory_agree",
    "the_audit_trail_adds_up_to_the_state",
    "the_end_lies_within_what_was_possible",
    "the_order_of_rows_does_not_matter",
    "the_order_of_targets_does_not_matter",
    "the_score_is_the_weight_of_what_was_met",
    "what_is_certain_stays_so",
    "without_a_demand_no_number_changes",
]

LAWS: tuple[Law, ...] = (
    the_audit_trail_adds_up_to_the_state,
    parts_add_up_to_their_target,
    any_split_merges_to_the_whole,
    a_merged_result_is_the_whole_or_says_that_it_is_not,
    a_period_of_a_series_is_its_target_in_that_period,
    the_order_of_rows_does_not_matter,
    the_order_of_targets_does_not_matter,
    a_target_is_the_same_alone,
    a_case_outside_changes_nothing_else,
    alternatives_count_the_rows_of_each,
    a_case_of_several_persons_is_as_many_cases,
    a_day_later_is_never_more_in_time,
    a_longer_limit_never_lowers_a_share,
    a_later_day_never_undecides_a_case,
    the_score_is_the_weight_of_what_was_met,
    without_a_demand_no_number_changes,
    a_base_is_its_target_in_that_window,
    against_its_own_window_nothing_changes,
    the_end_lies_within_what_was_possible,
    what_is_certain_stays_so,
    streaming_and_in_memory_agree,
)
"""Every law, in the order in which they are checked."""

"""Working days of a derived date in a calendar of its own (S7): cases worked out by hand."""

from __future__ import annotations

from tests.counting_rules.hand_worked import D, derived_due

SCHOOL = {"off": [D(2017, 7, day) for day in range(3, 32)], "covers": "2017"}
"""A school's days: closed on every weekday of July 2017 but for none."""


def test_s07_a_date_counts_working_days_in_a_calendar_of_its_own() -> None:
    # Friday 30 June 2017: 2 school days later is 2 August, 2 working days in Denmark are 4 July.
    school = {"due_by": {"date": "filed", "plus": "2 working days", "calendar": SCHOOL}}
    assert derived_due(school, filed=D(2017, 6, 30)) == D(2017, 8, 2)
    plans = {"due_by": {"date": "filed", "plus": "2 working days"}}
    assert derived_due(plans, filed=D(2017, 6, 30)) == D(2017, 7, 4)
    back = {"due_by": {"date": "filed", "minus": "1 working day", "calendar": SCHOOL}}
    assert derived_due(back, filed=D(2017, 8, 1)) == D(2017, 6, 30)


def test_s07_the_earlier_of_school_days_and_working_days() -> None:
    made = {
        "in_school": {"date": "filed", "plus": "20 working days", "calendar": SCHOOL},
        "in_office": {"date": "filed", "plus": "40 working days"},
        "latest_day": {"earliest": ["in_school", "in_office"]},
    }
    # From 6 June to 30 June are 19 weekdays, and the 20th school day is 1 August; 40 working
    # days are 8 weeks, to 31 July.
    assert derived_due(made, filed=D(2017, 6, 5)) == D(2017, 7, 31)
    # From 1 March 20 weekdays lead to the 29th.
    assert derived_due(made, filed=D(2017, 3, 1)) == D(2017, 3, 29)


def test_s07_a_date_is_rolled_in_its_own_calendar() -> None:
    made = {
        "due_by": {
            "date": "filed",
            "plus": "5 days",
            "roll": "next working day",
            "calendar": SCHOOL,
        }
    }
    assert derived_due(made, filed=D(2017, 6, 28)) == D(2017, 8, 1)  # 3 July is off


def test_s07_a_date_beyond_its_own_calendar_is_not_known() -> None:
    """2018 is not covered, so that the date is null; of two the other is left (S12)."""
    school = {"due_by": {"date": "filed", "plus": "5 working days", "calendar": SCHOOL}}
    assert derived_due(school, filed=D(2017, 12, 28)) is None
    assert derived_due(school, filed=D(2017, 12, 22)) == D(2017, 12, 29)
    both = {
        **school,
        "late": {"date": "filed", "plus": "30 days"},
        "either": {"earliest": ["due_by", "late"]},
    }
    assert derived_due(both, filed=D(2017, 12, 28)) == D(2018, 1, 27)

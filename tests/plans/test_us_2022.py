"""The 2022 plan of Udlændingestyrelsen: its edges."""

from __future__ import annotations

import datetime as dt

from tests.plans.small_tables import WEEKDAYS, pairs, reads, run, slots, tally


def test_2022_the_window_of_first_interviews_flatters() -> None:
    asylum = {"case_type": "asylum", "residence_basis": False}
    cases = [
        {**asylum, "filed": "2022-02-01", "first_interview": "2022-02-20", "decided": "2022-06-01"},
        {**asylum, "filed": "2021-09-01", "first_interview": "2021-12-01", "decided": "2022-06-01"},
        {**asylum, "filed": "2022-02-01", "first_interview": "2022-06-20", "decided": None},
    ]
    cases += [{**cases[0], "case_type": "passport"}, {**cases[0], "residence_basis": True}]
    assert tally(run("us-2022", cases=cases)["1.1a"]) == (1, 1, "met")
    assert tally(reads("us-2022", "1.1a", "decided in 2022", cases=cases)) == (1, 2, "missed")
    assert tally(reads("us-2022", "1.1a", "filed in 2022", cases=cases)) == (1, 2, "missed")


def test_2022_the_cohort_of_the_act_on_afghanistan() -> None:
    cases = pairs(
        ("2021-09-01", "2021-12-31"),
        ("2021-09-01", "2022-03-31"),
        ("2021-12-31", None),
        ("2022-01-01", "2022-02-01"),
        special_act="afghanistan",
    )
    cases += pairs(("2021-09-01", "2022-03-31"))
    assert tally(run("us-2022", cases=cases)["1.1c"]) == (3, 4, "missed")
    assert tally(reads("us-2022", "1.1c", "filed before 2022", cases=cases)) == (2, 3, "missed")
    reading = "open at the start of 2022"
    assert tally(reads("us-2022", "1.1c", reading, cases=cases)) == (1, 2, "missed")


def test_2022_passports_in_90_days_or_three_months() -> None:
    passport = pairs(("2022-02-01", "2022-05-02"), case_type="passport")
    assert run("us-2022", cases=passport)["1.2d"].verdict == "met"
    assert reads("us-2022", "1.2d", "three months", cases=passport).verdict == "missed"
    summer = pairs(("2022-07-01", "2022-10-01"), case_type="passport")
    assert run("us-2022", cases=summer)["1.2d"].verdict == "missed"
    assert reads("us-2022", "1.2d", "three months", cases=summer).verdict == "met"


def test_2022_every_working_day_has_a_free_appointment_within_three_weeks() -> None:
    assert len(WEEKDAYS) == 253
    full = run("us-2022", slots=slots(WEEKDAYS))["1.3a"]
    assert (full.counted, full.verdict) == (253, "met")
    one_late = slots(WEEKDAYS[1:]) + slots(WEEKDAYS[:1], wait=22)
    assert run("us-2022", slots=one_late)["1.3a"].verdict == "missed"
    one_gone = run("us-2022", slots=slots(WEEKDAYS[1:]))["1.3a"]
    assert (one_gone.counted, one_gone.verdict) == (252, "not_assessable")
    # A day over the limit decides, though another has no row.
    late_and_gone = slots(WEEKDAYS[2:]) + slots(WEEKDAYS[:1], wait=22)
    assert run("us-2022", slots=late_and_gone)["1.3a"].verdict == "missed"
    booked_out = [*slots(WEEKDAYS[1:]), {"date": str(WEEKDAYS[0]), "next_free": None}]
    assert run("us-2022", slots=booked_out)["1.3a"].verdict == "missed"


def test_2022_saturdays_and_the_friday_after_ascension_are_readings() -> None:
    saturday = slots([dt.date(2022, 3, 5)], wait=60)
    assert run("us-2022", slots=slots(WEEKDAYS) + saturday)["1.3a"].verdict == "met"
    other = reads("us-2022", "1.3a", "Saturdays counted", slots=slots(WEEKDAYS) + saturday)
    assert (other.counted, other.verdict) == (254, "missed")
    friday = dt.date(2022, 5, 27)
    without = slots(day for day in WEEKDAYS if day != friday)
    assert run("us-2022", slots=without)["1.3a"].verdict == "not_assessable"
    other = reads("us-2022", "1.3a", "the Friday after Ascension off", slots=without)
    assert (other.counted, other.verdict) == (252, "met")

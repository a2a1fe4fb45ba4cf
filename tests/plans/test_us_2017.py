"""The 2017 plan of Udlændingestyrelsen: its edges."""

from __future__ import annotations

import pytest

from tests.plans.small_tables import SERVED, Rows, pairs, reads, run, tally, times


def test_2017_seven_months_and_210_days_are_two_readings() -> None:
    # 1 June to 1 January is seven months and 214 days.
    cases = pairs(("2016-06-01", "2017-01-01"), case_type="asylum")
    assert run("us-2017", cases=cases)["1.1a"].verdict == "missed"
    assert reads("us-2017", "1.1a", "seven months", cases=cases).verdict == "met"
    late = pairs(("2016-06-01", "2017-01-02"), case_type="asylum")
    assert reads("us-2017", "1.1a", "seven months", cases=late).verdict == "missed"


def test_2017_a_case_of_new_years_day_is_in_neither_asylum_target() -> None:
    cases = pairs(("2016-01-01", "2017-03-01"), case_type="asylum")
    result = run("us-2017", cases=cases)
    assert [result[t].counted for t in ("1.1a", "1.1b")] == [0, 0]
    cases += pairs(("2015-12-31", "2017-03-01"), case_type="asylum")
    cases += pairs(("2016-01-01", "2017-03-01"), case_type="another")
    assert reads("us-2017", "1.1a", "filed since 1 January 2016", cases=cases).counted == 1


def test_2017_inden_1_july_may_be_read_as_through_it() -> None:
    cases = pairs(("2015-12-31", "2017-07-01"), case_type="asylum")
    assert run("us-2017", cases=cases)["1.1b"].verdict == "missed"
    assert reads("us-2017", "1.1b", "decided through 1 July", cases=cases).verdict == "met"
    late = pairs(("2015-12-31", "2017-07-02"), case_type="asylum")
    assert reads("us-2017", "1.1b", "decided through 1 July", cases=late).verdict == "missed"


def test_2017_visa_complaints_may_be_those_not_announced_alone() -> None:
    cases = pairs(("2017-01-01", "2017-02-01"), case_type="visa_complaint")
    cases += [{**cases[0], "announced_on": day} for day in ("2017-02-28", "2017-03-01")]
    assert run("us-2017", cases=cases)["1.3"].counted == 3
    reading = "only cases with no announced target"
    assert reads("us-2017", "1.3", reading, cases=cases).counted == 2


@pytest.mark.parametrize(
    ("name", "target", "channel"),
    [
        ("us-2017", "1.4a", "in_person"),
        ("us-2017", "1.4b", "phone"),
        ("us-2019", "1.3a", "in_person"),
        ("us-2019", "1.3b", "phone"),
        ("us-2022", "1.3b", "phone"),
    ],
)
def test_who_gave_up_counts_unless_served_contacts_alone_do(
    name: str, target: str, channel: str
) -> None:
    day = f"{name[-4:]}-05-02"
    served = {"channel": channel, "arrived": f"{day} 10:00", "served": f"{day} 10:05"}
    contacts = [*times(3, served), {**served, "served": None}]
    assert tally(run(name, contacts=contacts)[target]) == (3, 4, "missed")
    assert tally(reads(name, target, SERVED[0], contacts=contacts)) == (3, 3, "met")


def test_2017_1_2e_cannot_be_missed_and_says_so() -> None:
    cases = pairs(("2017-03-01", "2017-12-31"), case_type="family_simple")
    found = run("us-2017", cases=cases)["1.2e"]
    assert found.verdict == "met"
    assert [r for r in found.remarks if r.startswith("cannot be missed")]


def test_2017_questions_due_in_the_year_and_received_in_it() -> None:
    questions: Rows = [
        {"received": "2016-12-20", "due": "2017-01-10", "answered": "2017-01-11"},
        {"received": "2017-12-20", "due": "2018-01-10", "answered": None},
        {"received": "2017-12-20", "due": "2018-01-10", "answered": "2017-12-22"},
    ]
    assert tally(run("us-2017", questions=questions)["4.1"]) == (0, 1, "missed")
    other = reads("us-2017", "4.1", "received in 2017", questions=questions)
    assert (tally(other), other.undetermined) == ((1, 1, "met"), 1)

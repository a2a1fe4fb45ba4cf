"""The 2022 plan of Hjemrejsestyrelsen: its edges."""

from __future__ import annotations

import pytest

import kpi
from tests.plans.small_tables import frame, in_return, pairs, plan, reads, run, tally


def test_return_agency_the_real_stocks_of_2021_and_2022() -> None:
    found = run("hjemrejsestyrelsen-2022", in_return=in_return(806, 548))["1.1a"]
    assert found.verdict == "met"
    assert found.figures["stock"] == 548
    assert found.figures["base"] == 806
    assert found.value is not None
    assert f"{100 * found.value:.1f} %" == "-32.0 %"


@pytest.mark.parametrize(
    ("base", "end", "verdict"),
    [
        (10, 9, "met"),
        (806, 725, "met"),  # a fall of 10.05 %
        (806, 726, "missed"),  # 9.93 %
        (10, 10, "missed"),
        (10, 12, "missed"),
        (5, 0, "met"),
        (0, 5, "not_assessable"),
        (0, 0, "not_assessable"),
    ],
)
def test_return_agency_a_fall_of_a_tenth(base: int, end: int, verdict: str) -> None:
    found = run("hjemrejsestyrelsen-2022", in_return=in_return(base, end))
    assert found["1.1a"].verdict == verdict


def test_return_agency_what_other_denominators_make_of_transfers() -> None:
    none = {"extension": "none"}
    transfers = [
        {**none, "clock_start": "2022-01-10", "transferred": "2022-03-01"},
        {**none, "clock_start": "2022-03-01"},
        {**none, "clock_start": "2022-11-01", "transferred": "2022-12-01"},
        {**none, "clock_start": "2021-03-01", "transferred": "2022-05-01"},
        {**none, "clock_start": "2021-10-01", "transferred": "2022-02-01"},
    ]
    name = "hjemrejsestyrelsen-2022"
    assert tally(run(name, transfers=transfers)["1.1c"]) == (3, 4, "missed")
    assert tally(reads(name, "1.1c", "due in 2022", transfers=transfers)) == (2, 3, "missed")
    closed = reads(name, "1.1c", "transferred in 2022", transfers=transfers)
    assert tally(closed) == (3, 4, "missed")


def test_return_agency_a_transfer_that_is_not_due_yet_is_undetermined() -> None:
    transfers = [{"extension": "none", "clock_start": "2022-03-01"}]
    found = run("hjemrejsestyrelsen-2022", "2022-06-30", transfers=transfers)["1.1c"]
    assert (found.counted, found.undetermined, found.verdict) == (0, 1, "open")


def test_return_agency_expulsions_of_the_last_fortnight_flatter() -> None:
    eu = {"destination_eu": True}
    expulsions = [
        {**eu, "decided": "2022-12-20", "expelled": "2022-12-22"},
        {**eu, "decided": "2022-12-20"},
        {**eu, "decided": "2022-06-01"},
    ]
    name = "hjemrejsestyrelsen-2022"
    assert tally(run(name, expulsions=expulsions)["1.1d"]) == (0, 1, "missed")
    other = reads(name, "1.1d", "decided in 2022, open ones when due", expulsions=expulsions)
    assert (tally(other), other.undetermined) == ((1, 2, "missed"), 1)


def test_return_agency_half_served_in_the_year_is_another_reading() -> None:
    convicted = [
        {"sentence_months": 4, "half_served": "2022-01-31", "first_interview": "2021-12-31"},
        {"sentence_months": 12, "half_served": "2022-06-15", "first_interview": "2022-05-15"},
        {"sentence_months": 12, "half_served": "2023-01-15"},
    ]
    name = "hjemrejsestyrelsen-2022"
    assert tally(run(name, convicted=convicted)["1.1h"]) == (1, 2, "missed")
    other = reads(name, "1.1h", "half served in 2022", convicted=convicted)
    assert tally(other) == (2, 2, "met")


def test_return_agency_the_average_of_the_fastest_95_per_cent() -> None:
    name = "hjemrejsestyrelsen-2022"
    spontaneous = {"case_type": "spontaneous"}
    # Nineteen of 120 days and one of a year: the slowest is left out.
    appeals = pairs(
        *[("2022-01-01", "2022-05-01")] * 19, ("2021-05-01", "2022-05-01"), **spontaneous
    )
    found = run(name, appeals=appeals)["1.2"]
    assert (found.total, found.counted, found.verdict) == (19 * 120, 19, "met")
    assert sum(found.excluded.values()) == 1
    assert tally(reads(name, "1.2", "95 % within 120 days", appeals=appeals)) == (19, 20, "met")
    # Two of a year: one of them is among the fastest 95 %.
    appeals += pairs(("2021-05-01", "2022-05-01"), **spontaneous)
    found = run(name, appeals=appeals)["1.2"]
    assert (found.total, found.counted, found.verdict) == (19 * 120 + 365, 20, "missed")
    assert tally(reads(name, "1.2", "95 % within 120 days", appeals=appeals)) == (19, 21, "missed")


def test_return_agency_each_type_of_appeal_by_itself() -> None:
    name = "hjemrejsestyrelsen-2022"
    appeals = pairs(*[("2022-01-01", "2022-02-01")] * 5, case_type="spontaneous")
    appeals += pairs(("2022-01-01", "2022-05-02"), case_type="revocation")
    assert run(name, appeals=appeals)["1.2"].verdict == "met"
    assert reads(name, "1.2", "each type by itself", appeals=appeals).verdict == "missed"
    appeals[-1]["decided"] = "2022-05-01"
    # A type without an appeal lapses.
    assert reads(name, "1.2", "each type by itself", appeals=appeals).verdict == "met"
    other = pairs(("2021-01-01", "2022-12-31"), case_type="another")
    assert run(name, appeals=other)["1.2"].counted == 0


def test_return_agency_old_complaints_of_all_time() -> None:
    name = "hjemrejsestyrelsen-2022"
    complaints = pairs(*[("2019-01-01", "2020-01-01")] * 18, ("2020-06-29", "2022-12-31"))
    complaints += pairs(("2020-06-29", None))
    assert tally(run(name, complaints=complaints)["1.3b"]) == (1, 2, "missed")
    other = reads(name, "1.3b", "all ever filed before that day", complaints=complaints)
    assert tally(other) == (19, 20, "met")
    last_day = pairs(("2020-06-30", None), ("2020-07-01", None))
    assert run(name, complaints=last_day)["1.3b"].counted == 0
    other = reads(name, "1.3b", "filed through 30 June 2020", complaints=last_day)
    assert tally(other) == (0, 1, "missed")


def test_return_agency_looked_at_after_the_year_a_late_decision_is_late() -> None:
    name = "hjemrejsestyrelsen-2022"
    late = pairs(("2020-06-29", "2023-01-01"))
    assert tally(run(name, "2023-03-31", complaints=late)["1.3b"]) == (0, 1, "missed")
    data = {"complaints": frame(plan(name), "complaints", late)}
    found = next(t for t in kpi.readings(plan(name), data, "2023-03-31").targets if t.id == "1.3b")
    assert tally(dict(found.others)["all ever filed before that day"]) == (0, 1, "missed")
    assert run(name, "2023-03-31", complaints=late)["1.3a"].value == 0

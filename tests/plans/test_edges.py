"""Cases on both sides of each boundary of the example plans, typed out by hand."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

import kpi
from tests.plans.small_tables import ANNOUNCED, TABLE, TEN, run, times

IN, LATE, OUTSIDE, OPEN = "in time", "late", "outside", "undetermined"


COUNTED, NO_START, NO_LIMIT = "counted", "start missing", "limit missing"


Edges = list[tuple[dict[str, Any], str]]


# plan, target, table, a row, and what becomes of it with each change.
EDGES: list[tuple[str, str, str, dict[str, Any], Edges]] = [
    ("us-2017", "1.1a", "cases", {"case_type": "asylum", "filed": "2016-01-02"}, [
        ({"decided": "2017-01-01"}, COUNTED),
        ({"decided": "2017-12-31"}, COUNTED),
        ({"decided": "2016-12-31"}, OUTSIDE),
        ({"decided": "2017-01-01", "filed": "2016-01-01"}, OUTSIDE),
        ({"decided": "2017-01-01", "case_type": "asylum_extension"}, OUTSIDE),
        ({}, OUTSIDE),
    ]),
    ("us-2017", "1.1b", "cases", {"case_type": "asylum", "filed": "2015-12-31"}, [
        ({"decided": "2017-06-30"}, IN),
        ({"decided": "2017-07-01"}, LATE),
        ({}, LATE),
        ({"decided": "2017-01-01"}, IN),
        ({"decided": "2016-12-31"}, OUTSIDE),
        ({"filed": "2016-01-01"}, OUTSIDE),
    ]),
    # 30 September and five months are 28 February.
    ("us-2017", "1.2a", "cases", {"case_type": "family_simple", **ANNOUNCED, "announced_months": 5, "documented": "2016-09-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({}, OUTSIDE),
        ({"decided": "2016-12-31"}, OUTSIDE),
        ({"decided": "2017-02-28", "documented": None}, NO_START),
        ({"decided": "2017-02-28", "announced_on": "2017-03-01"}, OUTSIDE),
        ({"decided": "2017-02-28", "announced_months": 10}, OUTSIDE),
    ]),
    ("us-2017", "1.2b", "cases", {"case_type": "family_spouse_complex", **ANNOUNCED, "announced_months": 10, "documented": "2016-04-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"decided": "2017-02-28", "case_type": "family_child_complex"}, OUTSIDE),
    ]),
    ("us-2017", "1.2c", "cases", {"case_type": "family_child_complex", **ANNOUNCED, "announced_months": 10, "documented": "2016-08-31"}, [
        ({"decided": "2017-06-30"}, IN),
        ({"decided": "2017-07-01"}, LATE),
    ]),
    # A leap day and twelve months are 28 February.
    ("us-2017", "1.2d", "cases", {"case_type": "family_simple", "filed": "2016-02-29"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"filed": "2017-02-28", "decided": "2017-12-31"}, IN),
        ({"filed": "2017-03-01", "decided": "2017-12-31"}, OUTSIDE),
        ({"decided": "2017-02-28", "announced_on": "2017-02-28"}, OUTSIDE),
        ({"decided": "2017-02-28", "announced_on": "2017-03-01"}, IN),
    ]),
    ("us-2017", "1.2e", "cases", {"case_type": "family_child_complex", "filed": "2017-03-01"}, [
        ({"decided": "2017-12-31"}, IN),
        ({"decided": "2017-12-31", "filed": "2017-02-28"}, OUTSIDE),
    ]),
    ("us-2017", "1.2f", "cases", {"case_type": "asylum_extension", **ANNOUNCED, "announced_months": 5, "documented": "2016-09-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"decided": "2017-02-28", "case_type": "residence_extension"}, IN),
    ]),
    ("us-2017", "1.2g", "cases", {"case_type": "residence_extension", "filed": "2016-07-31"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"decided": "2017-02-28", "announced_on": "2017-01-01"}, OUTSIDE),
    ]),
    ("us-2017", "1.2h", "cases", {"case_type": "permanent_residence", **ANNOUNCED, "announced_months": 8, "documented": "2016-06-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
    ]),
    ("us-2017", "1.2i", "cases", {"case_type": "permanent_residence", "filed": "2016-07-01"}, [
        ({"decided": "2017-03-01"}, IN),
        ({"decided": "2017-03-02"}, LATE),
    ]),
    ("us-2017", "1.3", "cases", {"case_type": "visa_complaint", "filed": "2016-03-01"}, [
        ({"decided": "2017-03-01"}, IN),
        ({"decided": "2017-03-02"}, LATE),
        ({"decided": "2017-03-01", "announced_on": "2017-01-01"}, IN),
    ]),
    ("us-2017", "1.4a", "contacts", {"channel": "in_person", "arrived": TEN}, [
        ({"served": "2017-05-02 11:00"}, IN),
        ({"served": "2017-05-02 11:00:01"}, LATE),
        ({}, LATE),
        # Not served by the end of the year, and not due by then either.
        ({"arrived": "2017-12-31 23:30"}, LATE),
        ({"arrived": "2016-12-31 23:50", "served": "2017-01-01 00:10"}, OUTSIDE),
        # Clocks go from two to three that night: an hour of elapsed time.
        ({"arrived": "2017-03-26 01:30", "served": "2017-03-26 03:30"}, IN),
    ]),
    ("us-2017", "1.4b", "contacts", {"channel": "phone", "arrived": TEN}, [
        ({"served": "2017-05-02 10:12"}, IN),
        ({"served": "2017-05-02 10:12:01"}, LATE),
        ({}, LATE),
        ({"arrived": "2017-12-31 23:55"}, LATE),
    ]),
    ("us-2017", "2.1a", "actions", {"kind": "register_check"}, [
        ({"done": "2017-01-01"}, COUNTED),
        ({"done": "2017-12-31"}, COUNTED),
        ({"done": "2016-12-31"}, OUTSIDE),
        ({"done": "2017-05-01", "kind": "media_case"}, OUTSIDE),
    ]),
    ("us-2017", "4.1", "questions", {"received": "2017-11-01", "due": "2017-12-31"}, [
        ({"answered": "2017-12-31"}, IN),
        ({}, LATE),
        ({"due": "2017-12-20", "answered": "2017-12-21"}, LATE),
        ({"due": "2018-01-01"}, OUTSIDE),
        ({"received": "2016-12-20", "due": "2017-01-01", "answered": "2016-12-30"}, IN),
        ({"due": None, "answered": "2017-11-02"}, NO_LIMIT),
    ]),
    ("us-2019", "1.1a", "cases", {"case_type": "asylum", "filed": "2019-01-01", "decided": "2019-06-01"}, [
        ({"first_interview": "2019-01-31"}, IN),
        ({"first_interview": "2019-02-01"}, LATE),
        ({}, LATE),
        # Not due by the end of the year, but decided with no interview held.
        ({"filed": "2019-12-10", "decided": "2019-12-20"}, LATE),
        ({"first_interview": "2019-01-31", "decided": None}, OUTSIDE),
        ({"first_interview": "2018-12-31"}, "end before start"),
    ]),
    ("us-2019", "1.1b", "cases", {"case_type": "asylum", "filed": "2018-06-01"}, [
        ({"decided": "2019-01-01"}, COUNTED),
        ({"decided": "2018-12-31"}, OUTSIDE),
        ({"decided": "2019-01-01", "case_type": "asylum_extension"}, OUTSIDE),
        ({}, OUTSIDE),
    ]),
    ("us-2019", "1.1c", "cases", {"case_type": "asylum_extension", "filed": "2018-07-31"}, [
        ({"decided": "2019-02-28"}, IN),
        ({"decided": "2019-03-01"}, LATE),
    ]),
    ("us-2019", "1.2a", "cases", {"case_type": "family_reunification", "filed": "2018-04-30"}, [
        ({"decided": "2019-02-28"}, IN),
        ({"decided": "2019-03-01"}, LATE),
    ]),
    ("us-2019", "1.2b", "cases", {"case_type": "residence_extension", "filed": "2018-07-31"}, [
        ({"decided": "2019-02-28"}, IN),
        ({"decided": "2019-03-01"}, LATE),
    ]),
    ("us-2019", "1.2c", "cases", {"case_type": "permanent_residence", "filed": "2018-04-01"}, [
        ({"decided": "2019-02-01"}, IN),
        ({"decided": "2019-02-02"}, LATE),
    ]),
    ("us-2019", "1.3a", "contacts", {"channel": "in_person", "arrived": "2019-05-02 10:00"}, [
        ({"served": "2019-05-02 11:00"}, IN),
        ({"served": "2019-05-02 11:01"}, LATE),
        ({}, LATE),
        ({"arrived": "2019-12-31 23:30"}, LATE),
    ]),
    ("us-2019", "1.3b", "contacts", {"channel": "phone", "arrived": "2019-05-02 10:00"}, [
        ({"served": "2019-05-02 10:15"}, IN),
        ({"served": "2019-05-02 10:16"}, LATE),
        ({}, LATE),
        ({"arrived": "2019-12-31 23:55"}, LATE),
    ]),
    ("us-2022", "1.1a", "cases", {"case_type": "asylum", "residence_basis": False, "filed": "2022-03-01", "decided": "2022-10-01"}, [
        ({"first_interview": "2022-03-31"}, IN),
        ({"first_interview": "2022-04-01"}, LATE),
        ({}, LATE),
        ({"filed": "2022-12-10", "decided": "2022-12-20"}, LATE),
        ({"first_interview": "2022-03-31", "residence_basis": True}, OUTSIDE),
        ({"first_interview": "2022-03-31", "residence_basis": None}, OUTSIDE),
        ({"first_interview": "2022-01-05", "filed": "2021-12-31"}, OUTSIDE),
        ({"first_interview": "2022-03-31", "decided": None}, OUTSIDE),
    ]),
    ("us-2022", "1.1b", "cases", {"case_type": "asylum", "residence_basis": False, "filed": "2021-06-01"}, [
        ({"decided": "2022-07-01"}, COUNTED),
        ({"decided": "2022-06-30"}, OUTSIDE),
        ({"decided": "2022-07-01", "residence_basis": True}, OUTSIDE),
        ({"decided": "2022-07-01", "residence_basis": None}, OUTSIDE),
        ({"decided": "2022-07-01", "case_type": "passport"}, OUTSIDE),
    ]),
    ("us-2022", "1.1c", "cases", {"special_act": "afghanistan", "filed": "2021-09-01"}, [
        ({"decided": "2022-03-31"}, IN),
        ({"decided": "2022-04-01"}, LATE),
        ({}, LATE),
        ({"decided": "2021-12-01"}, IN),
        ({"filed": "2022-03-31", "decided": "2022-03-31", "case_type": "passport"}, IN),
        ({"filed": "2022-03-31"}, LATE),
        ({"filed": "2022-04-01"}, OUTSIDE),
        ({"special_act": None, "decided": "2022-03-31"}, OUTSIDE),
    ]),
    ("us-2022", "1.1d", "cases", {"case_type": "asylum_extension", "filed": "2021-08-31"}, [
        ({"decided": "2022-02-28"}, IN),
        ({"decided": "2022-03-01"}, LATE),
    ]),
    ("us-2022", "1.2a", "cases", {"case_type": "family_reunification", "filed": "2021-07-31"}, [
        ({"decided": "2022-02-28"}, IN),
        ({"decided": "2022-03-01"}, LATE),
    ]),
    ("us-2022", "1.2b", "cases", {"case_type": "residence_extension", "filed": "2021-07-01"}, [
        ({"decided": "2022-01-01"}, IN),
        ({"decided": "2022-01-02"}, LATE),
    ]),
    ("us-2022", "1.2c", "cases", {"case_type": "permanent_residence", "filed": "2021-09-15"}, [
        ({"decided": "2022-07-15"}, IN),
        ({"decided": "2022-07-16"}, LATE),
        ({"decided": "2022-06-30"}, OUTSIDE),
    ]),
    # 90 days are 2 May, three months are 1 May.
    ("us-2022", "1.2d", "cases", {"case_type": "passport", "filed": "2022-02-01"}, [
        ({"decided": "2022-05-02"}, IN),
        ({"decided": "2022-05-03"}, LATE),
    ]),
    ("us-2022", "1.3a", "slots", {"date": "2022-03-01"}, [
        ({"next_free": "2022-03-22"}, IN),
        ({"next_free": "2022-03-23", "date": "2022-03-01"}, LATE),
        ({"next_free": None, "date": "2022-05-27"}, LATE),
        ({"date": "2022-03-05", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-05-13", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-05-26", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-06-06", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-12-26", "next_free": "2022-12-31"}, OUTSIDE),
        ({"date": "2021-12-31", "next_free": "2022-12-01"}, OUTSIDE),
    ]),
    ("us-2022", "1.3b", "contacts", {"channel": "phone", "arrived": "2022-05-02 10:00"}, [
        ({"served": "2022-05-02 10:20"}, IN),
        ({"served": "2022-05-02 10:21"}, LATE),
        ({}, LATE),
        ({"arrived": "2022-12-31 23:55"}, LATE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1a", "in_return", {"entered": "2020-01-01"}, [
        ({}, COUNTED),
        ({"left": "2021-12-31"}, OUTSIDE),
        ({"left": "2022-01-01"}, COUNTED),
        ({"entered": "2021-12-31", "left": "2022-12-31"}, COUNTED),
        ({"entered": "2022-01-01", "left": "2022-12-31"}, OUTSIDE),
        ({"entered": "2022-12-31"}, COUNTED),
        ({"left": "2019-12-31"}, "end before start"),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1c", "transfers", {"extension": "none", "clock_start": "2021-07-31"}, [
        ({"transferred": "2022-01-31"}, IN),
        ({"transferred": "2022-02-01"}, LATE),
        ({}, LATE),
        # Overdue since 2021: its outcome was certain before the year.
        ({"clock_start": "2021-06-30", "transferred": "2022-03-01"}, OUTSIDE),
        ({"clock_start": "2022-06-30"}, LATE),
        ({"clock_start": "2022-07-01"}, OUTSIDE),
        ({"extension": "imprisoned", "clock_start": "2021-02-28", "transferred": "2022-02-28"}, IN),
        ({"extension": "imprisoned", "clock_start": "2021-02-28", "transferred": "2022-03-01"}, LATE),
        ({"extension": "absconded", "clock_start": "2020-12-01", "transferred": "2022-06-01"}, IN),
        ({"extension": "absconded", "clock_start": "2020-12-01", "transferred": "2022-06-02"}, LATE),
        ({"extension": None, "transferred": "2022-01-31"}, NO_LIMIT),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1d", "expulsions", {"destination_eu": True, "decided": "2022-03-01"}, [
        ({"expelled": "2022-03-16"}, IN),
        ({"expelled": "2022-03-17"}, LATE),
        ({}, LATE),
        ({"decided": "2022-12-16"}, LATE),
        ({"decided": "2022-12-17", "expelled": "2022-12-20"}, OUTSIDE),
        ({"decided": "2021-12-17", "expelled": "2021-12-20"}, IN),
        ({"destination_eu": False}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1e", "return_cases", {"deadline_days": 7, "deadline_set": "2022-05-02"}, [
        ({"first_interview": "2022-05-09"}, IN),
        ({"first_interview": "2022-05-10"}, LATE),
        ({}, LATE),
        ({"deadline_set": "2021-12-28", "first_interview": "2022-01-03"}, IN),
        ({"deadline_set": "2022-12-28", "first_interview": "2022-12-30"}, OUTSIDE),
        ({"deadline_days": 15}, OUTSIDE),
        ({"deadline_days": None}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1g", "refusals", {"relevant": True, "received": "2022-04-01"}, [
        ({"interview_booked_for": "2022-04-09"}, IN),
        ({"interview_booked_for": "2022-04-10"}, LATE),
        ({}, LATE),
        ({"received": "2021-12-28", "interview_booked_for": "2022-01-05"}, IN),
        ({"received": "2022-12-28", "interview_booked_for": "2022-12-30"}, OUTSIDE),
        ({"relevant": False}, OUTSIDE),
        # Booked for a day after the as-of date: the booking is known.
        ({"received": "2022-12-23", "interview_booked_for": "2023-01-02"}, LATE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1h", "convicted", {"sentence_months": 4, "half_served": "2022-03-31"}, [
        ({"first_interview": "2022-02-28"}, IN),
        ({"first_interview": "2022-03-01"}, LATE),
        ({}, LATE),
        ({"first_interview": "2022-04-15"}, LATE),
        ({"sentence_months": 3}, OUTSIDE),
        ({"half_served": "2023-01-31", "first_interview": "2022-12-31"}, IN),
        ({"half_served": "2022-01-31", "first_interview": "2021-12-31"}, OUTSIDE),
        ({"half_served": "2023-03-31", "first_interview": "2022-12-01"}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.2", "appeals", {"case_type": "spontaneous", "filed": "2021-12-01"}, [
        ({"decided": "2022-01-01"}, COUNTED),
        ({"decided": "2022-01-01", "case_type": "revocation"}, COUNTED),
        ({"decided": "2022-01-01", "case_type": "extension_refusal"}, COUNTED),
        ({"decided": "2022-01-01", "case_type": "another"}, OUTSIDE),
        ({"decided": "2021-12-31"}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.3a", "complaints", {"filed": "2021-05-01"}, [
        ({"decided": "2022-12-31"}, COUNTED),
        ({"decided": "2021-12-31"}, OUTSIDE),
        ({}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.3b", "complaints", {"filed": "2020-06-29"}, [
        ({"decided": "2022-12-31"}, IN),
        ({}, LATE),
        ({"decided": "2022-01-01"}, IN),
        ({"decided": "2021-12-31"}, OUTSIDE),
        ({"filed": "2020-06-30"}, OUTSIDE),
    ]),
    ("siri-2018", "1.5a", "cases", {"case_type": "pay_limit", "documented": "2018-03-01"}, [
        ({"decided": "2018-03-31"}, IN),
        ({"decided": "2018-04-01"}, LATE),
        ({"case_type": "fast_track", "decided": "2018-03-11"}, IN),
        ({"case_type": "fast_track", "decided": "2018-03-12"}, LATE),
        ({"case_type": "grant_payment", "decided": "2018-03-11"}, NO_LIMIT),
        ({"case_type": None, "decided": "2018-03-11"}, NO_LIMIT),
        ({"documented": None, "decided": "2018-03-31"}, NO_START),
        ({}, OUTSIDE),
    ]),
    ("siri-2018", "1.5b", "grants", {"case_type": "grant_payment", "documented": "2018-03-01"}, [
        ({"decided": "2018-03-31"}, IN),
        ({"decided": "2018-04-01"}, LATE),
        ({"case_type": "pay_limit", "decided": "2018-03-11"}, NO_LIMIT),
    ]),
    ("siri-2018", "1.6", "sample", {"checked": "2018-12-31"}, [
        ({"passed": True}, IN),
        ({"passed": False}, LATE),
        ({"passed": None}, LATE),
        ({"passed": True, "checked": "2017-12-31"}, OUTSIDE),
    ]),
]  # fmt: skip


def buckets(result: kpi.Result, target: str) -> dict[int, str]:
    """By the number of the row: in time, late, the reason for excluding it, or its bucket."""
    trail = result.audit().filter(pl.col("target") == target).collect()
    found = {}
    for row in trail.iter_rows(named=True):
        bucket = row["bucket"]
        if bucket == "counted" and row["met"] is not None:
            bucket = IN if row["met"] else LATE
        found[int(re.split(r"\W", row["case"])[0])] = (
            row["reason"] if bucket == "excluded" else bucket
        )
    return found


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "edges"), EDGES, ids=[f"{e[0]} {e[1]}" for e in EDGES]
)
def test_cases_on_both_sides_of_the_boundary(
    name: str, target: str, table: str, row: dict[str, Any], edges: Edges
) -> None:
    rows = [{**row, **changes} for changes, _ in edges]
    if name == "us-2022" and table == "slots":
        # The day is the key: one row a day.
        found = [buckets_of_days(row)[0] for row in rows]
    else:
        by_number = buckets(run(name, **{table: rows}), target)
        found = [by_number[n] for n in range(1, len(rows) + 1)]
    assert found == [becomes for _, becomes in edges]


def buckets_of_days(row: dict[str, Any]) -> list[str]:
    trail = run("us-2022", slots=[row]).audit().collect()
    return [
        found["bucket"] if found["bucket"] != "counted" else IN if found["met"] else LATE
        for found in trail.iter_rows(named=True)
    ]


# Of any type, or of any that has a limit.
ANY_TYPE = {("us-2022", "1.1c"), ("siri-2018", "1.5a"), ("siri-2018", "1.5b")}


TYPED = [
    (edge[0], edge[1], edge[2], {**edge[3], **edge[4][0][0]}, column)
    for edge in EDGES
    for column in ("case_type", "channel", "kind")
    if column in edge[3] and (edge[0], edge[1]) not in ANY_TYPE
]


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "column"), TYPED, ids=[f"{e[0]} {e[1]}" for e in TYPED]
)
def test_cases_of_another_type_are_not_counted(
    name: str, target: str, table: str, row: dict[str, Any], column: str
) -> None:
    rows = [row, {**row, column: "another"}, {**row, column: None}]
    found = buckets(run(name, **{table: rows}), target)
    assert found[1] in {IN, COUNTED}
    assert (found[2], found[3]) == (OUTSIDE, OUTSIDE)


SHARES = [
    edge
    for edge in EDGES
    if edge[2] != "slots" and {IN, LATE} <= {becomes for _, becomes in edge[4]}
]


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "edges"), SHARES, ids=[f"{e[0]} {e[1]}" for e in SHARES]
)
def test_the_threshold_itself_is_met_and_one_case_fewer_is_missed(
    name: str, target: str, table: str, row: dict[str, Any], edges: Edges
) -> None:
    percent = {r[0]: r[3] for r in TABLE[name]}[target] or 90
    good = next({**row, **changes} for changes, becomes in edges if becomes == IN)
    bad = next({**row, **changes} for changes, becomes in edges if becomes == LATE)
    enough = percent // 5
    met = run(name, **{table: times(enough, good) + times(20 - enough, bad)})[target]
    assert (met.met, met.counted, met.verdict) == (enough, 20, "met")
    missed = run(name, **{table: times(enough - 1, good) + times(21 - enough, bad)})[target]
    assert (missed.met, missed.counted, missed.verdict) == (enough - 1, 20, "missed")
    nothing = run(name, **{table: []})[target]
    assert (nothing.counted, nothing.verdict) == (0, "not_assessable")

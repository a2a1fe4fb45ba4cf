"""A case in a pause that is not over has no due date yet (S14, S11, S12)."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

import kpi
from kpi.testing import assert_matches_oracle
from kpi.testing.oracle import Row
from tests.builders import day
from tests.builders import pauses as waiting
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, frame, m, plan_of_2022
from tests.counting_rules.reckoning import DAY, Pause, is_paused, is_working


def within(limit: Any = "10 days", **more: Any) -> kpi.Within:
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": 90, "pauses": "waiting"}
    return kpi.Within(**{"limit": limit, "denominator": "overdue", **given, **more})


def row(target: kpi.Within, tables: Any, as_of: str) -> dict[str, Any]:
    """The only row of the trail, after checking that the record has it in the same bucket."""
    result = kpi.evaluate(plan_of_2022(target), tables, as_of)
    found = result.audit().collect().to_dicts()
    record = result["t"]
    assert len(found) == 1 == record.rows
    number = {
        "outside": record.outside,
        "excluded": sum(record.excluded.values()),
        "undetermined": record.undetermined,
        "counted": record.counted,
    }
    assert number[found[0]["bucket"]] == 1
    return found[0]


# Filed on 1 March with 10 days, paused from the due day, 11 March, to 25 April, decided that day.
PAUSED = {
    "cases": frame(("2022-03-01", "2022-04-25")),
    "waiting": waiting(("a", "2022-03-11", "2022-04-25")),
}


@pytest.mark.parametrize(
    ("as_of", "denominator", "bucket", "met", "due"),
    [
        ("2022-03-10", "overdue", "undetermined", None, "2022-03-11"),
        ("2022-03-11", "overdue", "undetermined", None, None),
        ("2022-03-31", "overdue", "undetermined", None, None),
        ("2022-04-24", "overdue", "undetermined", None, None),
        # 45 days later than 11 March.
        ("2022-04-25", "overdue", "counted", True, "2022-04-25"),
        ("2022-03-10", "settled", "undetermined", None, "2022-03-11"),
        ("2022-03-31", "settled", "undetermined", None, None),
        ("2022-04-24", "settled", "undetermined", None, None),
        ("2022-04-25", "settled", "counted", True, "2022-04-25"),
        ("2022-03-10", "due", "outside", None, None),
        ("2022-03-31", "due", "outside", None, None),
        ("2022-04-24", "due", "outside", None, None),
        ("2022-04-25", "due", "counted", True, "2022-04-25"),
        # Open cases of a cohort are not met whatever their due date.
        ("2022-03-31", "cohort", "counted", False, None),
        ("2022-04-25", "cohort", "counted", True, "2022-04-25"),
        ("2022-03-31", "closed", "outside", None, None),
        ("2022-04-25", "closed", "counted", True, "2022-04-25"),
    ],
)
def test_s14_paused_on_the_due_day_and_still(
    as_of: str, denominator: str, bucket: str, met: bool | None, due: str | None
) -> None:
    found = row(within(denominator=denominator), PAUSED, as_of)
    assert (found["bucket"], found["met"], found["due"]) == (bucket, met, day(due))


@pytest.mark.parametrize(
    ("limit", "more", "since", "waits"),
    [
        # Ten days from 1 March are over on the 11th.
        ("10 days", {}, "2022-03-11", True),
        ("10 days", {}, "2022-03-12", False),
        ("10 days", {}, "2022-02-01", True),
        # Friday the 11th: a pause from Saturday comes too late, in working days too.
        ("8 working days", {}, "2022-03-11", True),
        ("8 working days", {}, "2022-03-12", False),
        # Saturday the 12th moves to Monday.
        ("11 days", {"roll": "next working day"}, "2022-03-14", True),
        ("11 days", {"roll": "next working day"}, "2022-03-15", False),
        ("11 days", {}, "2022-03-13", False),
        # A month ends on 1 April.
        ("1 month", {}, "2022-04-01", True),
        ("1 month", {}, "2022-04-02", False),
        ("0 days", {}, "2022-03-01", True),
        ("0 days", {}, "2022-03-02", False),
        # The start itself, which no pause moves.
        ("0 working days", {}, "2022-03-01", False),
        ({"by": "kind", "limits": {"visa": "10 days", "work": "30 days"}}, {}, "2022-03-11", True),
        ({"by": "kind", "limits": {"visa": "10 days", "work": "30 days"}}, {}, "2022-03-12", False),
        (
            {"dated": "filed", "first": "30 days", "since": {"2022-02-01": "10 days"}},
            {},
            "2022-03-12",
            False,
        ),
        (
            {"dated": "filed", "first": "10 days", "since": {"2022-03-02": "30 days"}},
            {},
            "2022-03-11",
            True,
        ),
    ],
)
def test_s14_only_a_pause_that_began_by_the_due_day(
    limit: Any, more: dict[str, Any], since: str, waits: bool
) -> None:
    tables = {"cases": frame(("2022-03-01", None)), "waiting": waiting(("a", since, None))}
    found = row(within(limit, **more), tables, "2022-06-30")
    bucket = ("undetermined", None) if waits else ("counted", False)
    assert (found["bucket"], found["met"]) == bucket
    assert (found["due"] is None) is waits


def test_s14_a_due_date_of_a_column_waits_too() -> None:
    cases = frame(("2022-03-01", None)).with_columns(due=dt.date(2022, 3, 11))
    for since, waits in (("2022-03-11", True), ("2022-03-12", False)):
        tables = {"cases": cases, "waiting": waiting(("a", since, None))}
        found = row(within({"column": "due"}), tables, "2022-06-30")
        assert (found["bucket"] == "undetermined", found["due"] is None) == (waits, waits)


@pytest.mark.parametrize(
    ("due", "bucket"),
    [
        # The pause takes time from 1 March, the start: after 28 February, not after the start itself.
        ("2022-02-28", ("counted", False)),
        ("2022-03-01", ("undetermined", None)),
    ],
)
def test_s14_a_pause_from_before_the_start_holds_no_earlier_due_date_up(
    due: str, bucket: tuple[str, bool | None]
) -> None:
    cases = frame(("2022-03-01", None)).with_columns(due=day(due))
    tables = {"cases": cases, "waiting": waiting(("a", "2022-02-01", None))}
    target = within({"column": "due"})
    found = row(target, tables, "2022-06-30")
    assert (found["bucket"], found["met"]) == bucket
    assert_matches_oracle(plan_of_2022(target), tables, "2022-06-30")


@pytest.mark.parametrize(
    ("to", "as_of", "due"),
    [
        # On the day that counts again the pause is over, and its days are known.
        ("2022-03-21", "2022-03-20", None),
        ("2022-03-21", "2022-03-21", "2022-03-21"),
        ("2022-03-21", "2022-06-30", "2022-03-21"),
        # A later end is not known yet.
        ("2022-12-24", "2022-06-30", None),
    ],
)
def test_s14_whether_a_pause_is_over_is_asked_at_the_end_of_the_day(
    to: str, as_of: str, due: str | None
) -> None:
    tables = {"cases": frame(("2022-03-01", None)), "waiting": waiting(("a", "2022-03-11", to))}
    assert row(within(), tables, as_of)["due"] == day(due)


def test_s14_an_earlier_pause_moves_the_due_day_that_an_open_one_must_reach() -> None:
    """Three days from 5 March: due on the 14th, when the open pause begins; or on the 15th."""
    for since, waits in (("2022-03-14", True), ("2022-03-15", False)):
        its = waiting(("a", "2022-03-05", "2022-03-08"), ("a", since, None))
        tables = {"cases": frame(("2022-03-01", None)), "waiting": its}
        assert (row(within(), tables, "2022-06-30")["bucket"] == "undetermined") is waits


def test_s14_an_ended_case_does_not_wait_for_its_pause() -> None:
    tables = {
        "cases": frame(("2022-03-01", "2022-03-15")),
        "waiting": waiting(("a", "2022-03-11", None)),
    }
    found = row(within(), tables, "2022-06-30")
    # Paused from the 11th to the end: 4 days.
    assert (found["met"], found["due"], found["days"]) == (True, day("2022-03-15"), 10)


def test_s14_what_has_no_start_or_no_limit_is_excluded_and_not_undetermined() -> None:
    its = waiting(("a", "2022-03-05", None))
    limits = {"by": "kind", "limits": {"work": "10 days"}}
    tables = {"cases": frame(("2022-03-01", None)), "waiting": its}
    assert row(within(limits), tables, "2022-06-30")["reason"] == "limit missing"
    nothing = {"cases": frame((None, None)), "waiting": its}
    assert row(within(), nothing, "2022-06-30")["reason"] == "start missing"


@pytest.mark.parametrize("limit", ["10 days", "6 working days", "1 day", "1 working day"])
@pytest.mark.parametrize("as_of", [f"2022-03-{n:02}" for n in range(2, 31, 4)])
def test_s14_as_reckoned_day_by_day(limit: str, as_of: str) -> None:
    """Ten open cases with pauses, of which those that end later are not known to end."""
    known = dt.date.fromisoformat(as_of)
    number, working = int(limit.split(maxsplit=1)[0]), "working" in limit
    start, rows, expected = dt.date(2022, 3, 1), [], []
    for seed, case in enumerate("abcdefghij"):
        rng = random.Random(seed)  # noqa: S311 - a test, not a secret
        since, pauses = start, []
        for _ in range(rng.randrange(1, 4)):
            since += dt.timedelta(rng.randrange(8))
            to = since + dt.timedelta(rng.randrange(1, 12))
            rows.append((case, str(since), str(to)))
            if since <= known:
                pauses.append((since, to if to <= known else None))
            since = to
        expected.append(_due(start, number, pauses, working=working))
    tables = {"cases": frame(*[(str(start), None)] * 10), "waiting": waiting(*rows)}
    trail = kpi.evaluate(plan_of_2022(within(limit)), tables, as_of).audit().collect()
    assert trail["due"].to_list() == expected
    assert trail["bucket"].to_list() == [
        "undetermined" if due is None or due > known else "counted" for due in expected
    ]


def _due(start: dt.date, number: int, pauses: list[Pause], *, working: bool) -> dt.date | None:
    """The last day in time; None where it never comes, as a pause goes on for ever."""
    date, used = start, 0
    for _ in range(400):
        if working:
            if used == number:
                return date
            date += DAY
            used += is_working(date) and not is_paused(date, pauses)
        else:
            # What ends on the day after has taken this day too, unless it is paused.
            used += not is_paused(date, pauses)
            if used > number:
                return date
            date += DAY
    return None


def test_s14_batches_with_and_without_an_open_pause_add_up() -> None:
    cases = frame(*[("2022-03-01", None)] * 3)
    its = waiting(("a", "2022-03-05", None), ("b", "2022-03-05", "2022-03-08"))
    made = plan_of_2022(within())
    parts = [
        kpi.partial(made, {"cases": cases[n : n + 1], "waiting": its[n : n + 1]}, "2022-06-30")
        for n in range(3)
    ]
    merged = kpi.finish(kpi.merge(*parts))["t"]
    assert (merged.undetermined, merged.counted, merged.met) == (1, 2, 0)


FILED: dict[str, object] = {"filed": m(1), "decided": D(2017, 4, 25)}


UNDETERMINED, OUTSIDE = Row("undetermined"), Row("outside")


UNDETERMINED, OUTSIDE = Row("undetermined"), Row("outside")


def miss(due: dt.date, paused: int = 0) -> Row:
    return Row("counted", met=False, due=due, paused=paused)


@pytest.mark.parametrize(
    ("denominator", "became"),
    [
        ("overdue", UNDETERMINED),
        ("settled", UNDETERMINED),
        ("due", OUTSIDE),
        ("closed", OUTSIDE),
        # Not ended is not met; it has no due date all the same.
        ("cohort", Row("counted", met=False, paused=20)),
    ],
)
def test_s14_no_due_date_while_a_pause_is_not_over(denominator: str, became: Row) -> None:
    """Ten days from 1 March; paused on the tenth, 11 March, until 25 April, and decided that day."""
    target = hand_worked.within(limit="10 days", denominator=denominator, pauses="waiting")
    stops = [(m(11), D(2017, 4, 25))]
    assert hand_worked.row(target, FILED, waiting=stops, as_of=m(31)) == became
    # 55 days less 45, on the day itself.
    ended = Row("counted", met=True, days=10, due=D(2017, 4, 25), paused=45)
    assert hand_worked.row(target, FILED, waiting=stops, as_of=D(2017, 4, 25)) == ended


@pytest.mark.parametrize(
    ("stop", "as_of", "became"),
    [
        # It began a day after the due date, and changes nothing.
        ((m(12), None), m(31), miss(m(11), paused=19)),
        ((m(10), None), m(31), UNDETERMINED),
        # It began on the as-of date, which is the due date.
        ((m(11), None), m(11), UNDETERMINED),
        # It is not there yet.
        ((m(12), None), m(11), miss(m(11))),
        # Over on the as-of date, twenty days later, and not known to be over the day before.
        ((m(11), m(31)), m(31), miss(m(31), paused=20)),
        ((m(11), m(31)), m(30), UNDETERMINED),
        # Before the start, and never over.
        ((D(2017, 2, 1), None), m(31), UNDETERMINED),
        # Without a beginning it cannot be used.
        ((None, None), m(31), miss(m(11))),
    ],
)
def test_s14_a_pause_counts_that_began_on_the_due_date_or_before(
    stop: tuple[Any, Any], as_of: dt.date, became: Row
) -> None:
    target = hand_worked.within(limit="10 days", denominator="overdue", pauses="waiting")
    assert hand_worked.row(target, {"filed": m(1)}, waiting=[stop], as_of=as_of) == became


def test_s14_an_earlier_pause_moves_the_due_date_onto_one_that_is_open() -> None:
    """Due on the 11th, moved to the 13th by the first pause; the second began on the 13th."""
    target = hand_worked.within(limit="10 days", denominator="overdue", pauses="waiting")
    stops = [(m(3), m(5)), (m(13), None)]
    assert hand_worked.row(target, {"filed": m(1)}, waiting=stops, as_of=m(20)) == UNDETERMINED
    stops = [(m(3), m(5)), (m(14), None)]
    assert hand_worked.row(target, {"filed": m(1)}, waiting=stops, as_of=m(20)).due == m(13)


def test_s14_in_working_days() -> None:
    """Five working days from Wednesday 1 March: the 8th."""
    target = hand_worked.within(limit="5 working days", denominator="overdue", pauses="waiting")
    case = {"filed": m(1)}
    assert hand_worked.row(target, case, waiting=[(m(8), None)], as_of=m(20)) == UNDETERMINED
    assert hand_worked.row(target, case, waiting=[(m(9), None)], as_of=m(20)).due == m(8)


def test_s14_no_working_days_are_over_with_the_start_whatever_is_paused() -> None:
    target = hand_worked.within(limit="0 working days", denominator="overdue", pauses="waiting")
    stops = [(D(2017, 2, 1), None)]
    assert hand_worked.row(target, {"filed": m(1)}, waiting=stops, as_of=m(8)).due == m(1)


def test_s14_a_pause_that_is_open_through_the_rolled_day_leaves_no_due_date() -> None:
    """Ten days from 1 March 2017 with a Saturday at the end: rolled to Monday the 13th."""
    target = hand_worked.within(
        limit="10 days", denominator="overdue", pauses="waiting", roll="next working day"
    )
    case = {"filed": m(1)}
    assert hand_worked.row(target, case, waiting=[], as_of=m(31)).due == m(13)
    assert hand_worked.row(target, case, waiting=[(m(13), None)], as_of=m(31)) == UNDETERMINED
    assert hand_worked.row(target, case, waiting=[(m(14), None)], as_of=m(31)).due == m(13)


def test_s14_a_due_date_of_the_case_waits_too() -> None:
    target = hand_worked.within(limit={"column": "due"}, denominator="due", pauses="waiting")
    case = {"filed": m(1), "due": m(11)}
    assert hand_worked.row(target, case, waiting=[(m(11), None)], as_of=m(31)) == OUTSIDE
    assert hand_worked.row(target, case, waiting=[(m(12), None)], as_of=m(31)).due == m(11)


def test_s14_a_case_that_is_excluded_is_so_whether_it_waits_or_not() -> None:
    target = hand_worked.within(
        limit="1 month", month_end="refuse", denominator="overdue", pauses="waiting"
    )
    case = {"filed": D(2017, 1, 31)}
    found = hand_worked.row(target, case, waiting=[(D(2017, 2, 1), None)], as_of=m(31))
    assert found == Row("excluded", "refused month end")


@pytest.mark.parametrize("denominator", ["due", "overdue", "settled"])
@pytest.mark.parametrize(
    "covers",
    [
        # No day of the case is covered: whether the pause began by the due day is not known.
        {"since": "2017-06-01", "through": "2017-12-31"},
        # Nine working days have gone by when the calendar ends, and the tenth is not known.
        {"since": "2017-01-01", "through": "2017-03-14"},
    ],
)
def test_s14_a_case_whose_calendar_ends_is_outside_the_calendar_whether_it_waits_or_not(
    covers: dict[str, str], denominator: str
) -> None:
    target = hand_worked.within(
        limit="10 working days",
        calendar={"off": [], "covers": covers},
        denominator=denominator,
        pauses="waiting",
    )
    found = hand_worked.row(target, {"filed": m(1)}, waiting=[(m(7), None)], as_of=m(31))
    assert found == Row("excluded", "outside the calendar")

"""Targets that are compared with themselves in another window (S33): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any, TypeAlias

import polars as pl
import pytest

import kpi
from kpi.report import words
from kpi.rules.average import Average
from kpi.rules.count import Count
from kpi.rules.percentile import Percentile
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing.oracle import Outcome
from tests.counting_rules.hand_worked import CASES, D, T, plan, rows, run

Cases: TypeAlias = list[dict[str, object]]

SPAN: dict[str, Any] = {"id": "1", "start": "filed", "end": "decided", "against": "2016"}


def took(year: int, *days: int, **cells: object) -> Cases:
    """Cases that were filed on 1 March of a year and took so many days."""
    start = D(year, 3, 1)
    return [{"filed": start, "decided": start + dt.timedelta(n), **cells} for n in days]


def count(**more: Any) -> Count:
    return Count(**{"id": "1", "on": "decided", "against": "2016", **more})


def figures(outcome: Outcome) -> tuple[object, ...]:
    """The value, that of the base, the difference, the change, and the verdict."""
    shown = outcome.figures
    return outcome.value, shown["base"], shown["difference"], shown["change"], outcome.verdict


def test_s33_ten_per_cent_more_than_the_year_before() -> None:
    """From 10 to 11 is 10 % more, which is at least 10 % and not more than 10 %."""
    cases = took(2016, *[1] * 10) + took(2017, *[1] * 11)
    for bounds, verdict in (({"at_least": 10}, "met"), ({"more_than": 10}, "missed")):
        outcome = run(count(change=bounds), *cases)
        assert figures(outcome) == (11, 10, 1, Fraction(1, 10), verdict)


def test_s33_so_many_more_than_the_year_before() -> None:
    cases = took(2016, 1, 1) + took(2017, *[1] * 5)
    assert figures(run(count(difference={"at_least": 3}), *cases)) == (5, 2, 3, 1.5, "met")
    assert run(count(difference={"at_least": 4}), *cases).verdict == "missed"


def test_s33_the_rows_of_the_base_have_an_accounting_of_their_own() -> None:
    """Of six rows two are of the window, three of the base, one of neither; one has no date."""
    cases: Cases = [
        *took(2016, 1, 1, 1),
        *took(2017, 1, 1),
        *took(2015, 1),
        {"filed": D(2016, 1, 1)},
    ]
    outcome = run(count(), *cases)
    assert (outcome.rows, outcome.outside, outcome.counted) == (7, 5, 2)
    assert outcome.base is not None
    assert (outcome.base.rows, outcome.base.outside, outcome.base.counted) == (7, 4, 3)
    assert [row.bucket for row in outcome.base.trail] == ["counted"] * 3 + ["outside"] * 4
    found = kpi.evaluate(plan(count()), rows(*cases))
    trail = found.audit().collect()
    buckets = trail.filter(pl.col("target") == "1, base")["bucket"].to_list()
    assert buckets == ["counted"] * 3 + ["outside"] * 4
    assert found["1"].to_dict()["base"] == {
        "window": "2016",
        "rows": 7,
        "outside": 4,
        "counted": 3,
        "excluded": {},
        "undetermined": 0,
        "met": None,
        "total": None,
        "value": 3,
    }


def test_s33_eight_days_faster() -> None:
    """40 and 50 days are 45 on average, and 30 and 44 are 37."""
    cases = took(2016, 40, 50) + took(2017, 30, 44)
    for most, verdict in ((-8, "met"), ("-8.01", "missed")):
        target = Average(**SPAN, difference={"at_most": most})
        assert figures(run(target, *cases)) == (37, 45, -8, Fraction(-8, 45), verdict)


def test_s33_averages_are_compared_exactly() -> None:
    """A third of a day is less than 0.3334 and more than 0.3333."""
    cases = took(2016, 10) + took(2017, 10, 10, 11)
    for bound, verdict in (("0.3334", "met"), ("0.3333", "missed")):
        outcome = run(Average(**SPAN, difference={"at_most": bound}), *cases)
        assert outcome.figures["difference"] == Fraction(1, 3)
        assert outcome.verdict == verdict


def test_s33_a_printed_difference_stands_to_its_bound_as_the_exact_one_does() -> None:
    cases = took(2016, 10) + took(2017, 10, 10, 11)
    record = kpi.evaluate(plan(Average(**SPAN, difference={"at_most": "0.3"})), rows(*cases))["1"]
    assert (record.verdict, words.difference(record)) == ("missed", "+0.33 days")
    assert words.change(record) == "+3.3 %"
    record = kpi.evaluate(plan(Average(**SPAN, change={"at_most": "3.3"})), rows(*cases))["1"]
    assert (record.verdict, words.change(record)) == ("missed", "+3.33 %")


def test_s33_an_average_in_working_days_and_by_the_clock() -> None:
    """Friday 3 to Monday 6 March 2017 is 1 working day; Tuesday 1 to Friday 4 March 2016 are 3."""
    cases = [
        {"filed": D(2016, 3, 1), "decided": D(2016, 3, 4)},
        {"filed": D(2017, 3, 3), "decided": D(2017, 3, 6)},
    ]
    target = Average(**SPAN, unit="working days", difference={"at_most": -2})
    assert figures(run(target, *cases)) == (1, 3, -2, Fraction(-2, 3), "met")
    calls = [
        {"filed": T(2016, 3, 1, 9), "decided": T(2016, 3, 1, 9, 20)},
        {"filed": T(2017, 3, 1, 9), "decided": T(2017, 3, 1, 9, 12)},
    ]
    target = Average(**SPAN, unit="minutes", difference={"at_most": -8})
    assert figures(run(target, *calls)) == (12, 20, -8, Fraction(-2, 5), "met")


def test_s33_two_percentage_points_better() -> None:
    """Of 50 cases 40 were in time, and of 50 then 41: 80 % and 82 %, a change of 2.5 %."""
    cases = took(2016, *[1] * 40, *[90] * 10) + took(2017, *[1] * 41, *[90] * 9)
    target = Within(**SPAN, limit="30 days", difference={"at_least": 2})
    outcome = run(target, *cases)
    assert figures(outcome) == (
        Fraction(41, 50),
        Fraction(4, 5),
        Fraction(1, 50),
        Fraction(1, 40),
        "met",
    )
    assert target.requirement == (
        "share within 30 days, difference at least 2 percentage points against 2016"
    )
    assert run(Within(**SPAN, limit="30 days", change={"at_least": "2.6"}), *cases).verdict == (
        "missed"
    )


def test_s33_a_share_with_a_property() -> None:
    cases = took(2016, 1, flag=False) + took(2016, 1, flag=True) + took(2017, 1, flag=True)
    target = Share(id="1", on="decided", having={"flag": True}, against="2016")
    assert figures(run(target, *cases)) == (1, 0.5, 0.5, 1, "indicator")
    assert target.requirement == "share where flag is true against 2016"


def test_s33_a_percentile_in_months() -> None:
    """Filed on 1 March: 31 days are 1 month, 62 need 3 (1 May is 61 days on), and 20 need 1."""
    cases = took(2016, 62, 62) + took(2017, 20, 31)
    target = Percentile(**SPAN, percentile=50, unit="months", difference={"at_most": -2})
    assert figures(run(target, *cases)) == (1, 3, -2, Fraction(-2, 3), "met")


def test_s33_without_a_demand_both_values_are_shown() -> None:
    cases = took(2016, 40, 50) + took(2017, 30)
    record = kpi.evaluate(plan(Average(**SPAN)), rows(*cases))["1"]
    assert record.verdict == "indicator"
    assert record.requirement == "average against 2016"
    assert words.figures(record) == (
        "base 45.0 days (2016, 2 counted), difference -15.0 days, change -33.3 %"
    )


@pytest.mark.parametrize("key", ["change", "difference"])
def test_s33_a_base_without_cases_is_not_assessable(key: str) -> None:
    for target in (count(**{key: {"at_least": 0}}), Average(**SPAN, **{key: {"at_most": 0}})):
        outcome = run(target, *took(2017, 1, 2))
        assert (outcome.figures["change"], outcome.verdict) == (None, "not_assessable")


def test_s33_a_base_of_zero_has_a_difference_and_no_change() -> None:
    """All of 2016 were decided on the day, and in 2017 it took 2 days."""
    cases = took(2016, 0, 0) + took(2017, 2)
    assert run(Average(**SPAN, change={"at_most": 0}), *cases).verdict == "not_assessable"
    outcome = run(Average(**SPAN, difference={"at_most": 2}), *cases)
    assert figures(outcome) == (2, 0, 2, None, "met")


def test_s33_none_in_the_window_is_a_fall_of_all() -> None:
    outcome = run(count(change={"at_least": 0}), *took(2016, 1, 2))
    assert figures(outcome) == (0, 2, -2, -1, "missed")
    assert run(Average(**SPAN, change={"at_most": 0}), *took(2016, 1)).verdict == "not_assessable"


def test_s33_the_verdict_falls_when_both_windows_are_over() -> None:
    cases = took(2016, 1) + took(2017, 1, 1)
    target = count(change={"at_least": 10})
    assert run(target, *cases, as_of=D(2017, 12, 30)).verdict == "open"
    assert run(target, *cases, as_of=D(2017, 12, 31)).verdict == "met"
    later = count(window="2016", against="2017", change={"at_most": -50})
    assert run(later, *cases, as_of=D(2017, 12, 30)).verdict == "open"
    assert run(later, *cases, as_of=D(2017, 12, 31)).verdict == "met"


def test_s33_each_value_stands_against_its_own_base() -> None:
    """Visas went from 2 to 3 and work from 1 to 0; study had none before."""
    cases: Cases = [
        *took(2016, 1, 1, case_type="visa"),
        *took(2016, 1, case_type="work"),
        *took(2017, 1, 1, 1, case_type="visa"),
        *took(2017, 1, case_type="study"),
    ]
    outcome = run(count(each="case_type", change={"at_least": 0}), *cases)
    assert {part: figures(of) for part, of in outcome.each.items()} == {
        ("visa",): (3, 2, 1, 0.5, "met"),
        ("work",): (0, 1, -1, -1, "missed"),
        ("study",): (1, 0, None, None, "not_assessable"),
    }
    assert outcome.verdict == "missed"


def test_s33_groups_have_bases_of_their_own() -> None:
    cases: Cases = [*took(2016, 10, case_type="visa"), *took(2017, 8, case_type="visa")]
    cases += took(2016, 4, case_type="work")
    record = kpi.evaluate(
        plan(Average(**SPAN, difference={"at_most": -2})), rows(*cases), by="case_type"
    )["1"]
    groups = {
        g.group["case_type"]: (g.value, g.base and g.base.value, g.verdict) for g in record.groups
    }
    assert groups == {"visa": (8.0, 10.0, "met"), "work": (None, 4.0, "not_assessable")}


def test_s33_a_number_is_asked_of_all_groups_together_and_a_change_of_each() -> None:
    cases = took(2016, 1, case_type="visa") + took(2017, 1, 1, case_type="visa")
    for key, verdict in (("difference", "indicator"), ("change", "met")):
        target = count(**{key: {"at_least": 1}})
        record = kpi.evaluate(plan(target), rows(*cases), by="case_type")["1"]
        assert (record.verdict, [g.verdict for g in record.groups]) == ("met", [verdict])


def test_s33_every_month_stands_against_the_month_in_its_place() -> None:
    """In 2016 one case in March and one in May; in 2017 two in March, and none in May."""
    cases = [
        {"filed": day, "decided": day}
        for day in (D(2016, 3, 5), D(2016, 5, 5), D(2017, 3, 20), D(2017, 3, 21))
    ]
    outcome = run(count(every="month", change={"at_least": 0}), *cases)
    assert figures(outcome.each[("2017-03",)]) == (2, 1, 1, 1, "met")
    assert figures(outcome.each[("2017-05",)]) == (0, 1, -1, -1, "missed")
    assert figures(outcome.each[("2017-04",)]) == (0, 0, None, None, "not_assessable")
    assert outcome.verdict == "missed"
    record = kpi.evaluate(plan(count(every="month")), rows(*cases))["1"]
    assert record.each[2].base_window == "2016-03"


def test_s33_rolling_windows_stand_against_rolling_windows() -> None:
    """The two months to the end of March: 2 cases, against 1 of the year before."""
    cases = [{"filed": d, "decided": d} for d in (D(2016, 2, 9), D(2017, 2, 1), D(2017, 3, 9))]
    target = count(every="quarter", rolling="2 months", change={"at_least": 0})
    outcome = run(target, *cases)
    assert figures(outcome.each[("2017-Q1",)]) == (2, 1, 1, 1, "met")


def test_s33_a_series_that_is_looked_at_shows_bases_too() -> None:
    cases: Cases = [*took(2016, 1, 1), {"filed": D(2017, 6, 1), "decided": D(2017, 6, 1)}]
    record = kpi.evaluate(plan(count()), rows(*cases), every="quarter")["1"]
    shown = {g.group["period"]: (g.value, g.base and g.base.value) for g in record.groups}
    assert shown == {"2017-Q1": (0, 2), "2017-Q2": (1, 0), None: (0, None)}


def test_s33_periods_without_a_base_are_indicators_and_a_note_says_so() -> None:
    cases = took(2016, 1) + took(2017, 1)
    found = kpi.evaluate(plan(count(change={"at_least": 0})), rows(*cases), every="week")
    assert [g.base for g in found["1"].groups] == [None] * len(found["1"].groups)
    assert {g.verdict for g in found["1"].groups} == {"indicator"}
    note = next(note for note in found.notes if note.code == "periods-without-base")
    assert "1 (2017 and 2016)" in note


def test_s33_periods_that_do_not_pair_are_refused() -> None:
    message = (
        r"every: found periods of 2017 against 2016-H2; accepted: windows of as many whole periods, "
        r"each month against that in its place \(S33\)"
    )
    with pytest.raises(kpi.PlanError, match=message):
        plan(count(every="month", against="2016-H2"))
    with pytest.raises(kpi.PlanError, match="found periods of 2017 against 2016"):
        plan(count(every="week"))


def test_s33_a_distinct_value_counts_once_in_the_window_and_once_in_the_base() -> None:
    """Persons a and b in 2016, a and c in 2017: in batches they are the same two and two."""
    people = [(2016, "a"), (2016, "a"), (2016, "b"), (2017, "a"), (2017, "c"), (2017, "a")]
    cases = rows(*(took(year, 1, case_type=person)[0] for year, person in people))
    target = count(distinct="case_type", change={"at_least": 0})
    definition = plan(target)
    whole = kpi.evaluate(definition, cases)["1"]
    states = [kpi.partial(definition, cases[n::2]) for n in (0, 1)]
    merged = kpi.finish(kpi.merge(*states))["1"]
    for record in (whole, merged):
        assert record.base is not None
        assert (record.counted, record.base.counted, record.verdict) == (2, 2, "met")
        assert record.excluded == record.base.excluded == {"counted already": 1}


def test_s33_a_base_that_begins_before_the_data_is_noted() -> None:
    found = kpi.evaluate(plan(count()), rows(*took(2016, 1), *took(2017, 1)))
    note = next(note for note in found.notes if note.code == "base-before-data")
    assert "1 (2016-01-01, and cases with 2016-03-01)" in note
    whole: Cases = [{"filed": D(2016, 1, 1), "decided": D(2016, 1, 1)}, *took(2017, 1)]
    assert "base-before-data" not in [
        n.code for n in kpi.evaluate(plan(count()), rows(*whole)).notes
    ]


@pytest.mark.parametrize(
    ("oldest", "calendar", "is_noted"),
    [
        (D(2016, 1, 4), "denmark", False),
        (D(2016, 1, 5), "denmark", True),
        (D(2016, 1, 4), {"off": [], "covers": "2017"}, True),
        (
            D(2016, 1, 4),
            {"off": [], "covers": {"since": "2015-01-01", "through": "2016-01-02"}},
            True,
        ),
    ],
)
def test_s33_a_base_lacks_nothing_where_the_days_before_the_data_are_days_off(
    oldest: dt.date, calendar: Any, is_noted: bool
) -> None:
    """2016 began with a holiday, a Friday; the Monday after it, 4 January, was a working day."""
    cases: Cases = [{"filed": oldest, "decided": oldest}, *took(2017, 1)]
    found = kpi.evaluate(plan(count(), calendar=calendar), rows(*cases))
    assert ("base-before-data" in [note.code for note in found.notes]) is is_noted


def test_s33_excluded_cases_of_the_base_may_turn_the_verdict() -> None:
    """2 of 4 were in time in 2016 beside one without a start, and 3 of 5 now.

    With the excluded case in time 3 of 5 were so in 2016: no difference.
    """
    without: Cases = [{"decided": D(2016, 5, 1)}]
    cases = took(2016, 1, 1, 90, 90) + took(2017, 1, 1, 1, 90, 90)
    target = Within(**SPAN, limit="30 days", difference={"at_least": 5})
    codes = {
        len(more): [n.code for n in kpi.evaluate(plan(target), rows(*cases, *more)).notes]
        for more in ([], without)
    }
    assert "hangs-on-excluded" not in codes[0]
    assert "hangs-on-excluded" in codes[1]


def test_s33_undetermined_cases_may_turn_the_verdict() -> None:
    """Filed on 1 December 2017, due after the year: in time it is 2 of 2, and late 1 of 2."""
    cases: Cases = [*took(2016, 1, 90), *took(2017, 1), {"filed": D(2017, 12, 20)}]
    target = Within(**SPAN, limit="30 days", denominator="overdue", difference={"at_least": 10})
    found = kpi.evaluate(plan(target), rows(*cases))
    assert (found["1"].verdict, found["1"].undetermined) == ("met", 1)
    assert "could-turn" in [note.code for note in found.notes]


def test_s33_rejected_rows_may_turn_the_verdict() -> None:
    """A row without a key may be of either year: one more of 2016 makes 3 of 3, no growth."""
    cases = rows(*took(2016, 1, 1), *took(2017, 1, 1, 1))
    cases.append({**cases[0], "case_id": None})
    for least, turns in ((10, True), (-60, False)):
        found = kpi.evaluate(plan(count(change={"at_least": least})), cases)
        assert found["1"].verdict == "met"
        assert ("hangs-on-rejected" in [note.code for note in found.notes]) is turns


def test_s33_a_reading_may_take_another_base() -> None:
    cases = took(2015, 1, 1, 1) + took(2016, 1) + took(2017, 1, 1)
    target = count(change={"at_least": 0}, readings=[{"name": "against 2015", "against": "2015"}])
    found = kpi.readings(plan(target), rows(*cases))
    assert found.turning == ("1",)
    assert [r.verdict for _, r in found.targets[0].records()] == ["met", "missed"]


def test_s33_a_condition_that_did_not_come_about_lapses_the_comparison() -> None:
    reported = kpi.Table("reported", key="target", events="done")
    target = count(on_condition={"that": "the law is passed"}, change={"at_least": 0})
    definition = plan(target, tables=[CASES, reported])
    facts = pl.DataFrame({"target": ["1"], "condition": [False], "done": [None]})
    found = kpi.evaluate(definition, {"cases": rows(*took(2016, 1)), "reported": facts})
    assert found["1"].verdict == "lapsed"


def test_s33_without_its_table_nothing_is_assessable() -> None:
    found = kpi.evaluate(plan(count(change={"at_least": 0})), {})["1"]
    assert (found.verdict, found.figures["base"]) == ("not_assessable", None)


def test_s33_open_cases_are_listed_once() -> None:
    cases: Cases = [*took(2016, 1), {"filed": D(2017, 5, 1)}]
    target = Within(**SPAN, limit="30 days")
    found = kpi.evaluate(plan(target), rows(*cases))
    assert found.open_cases().collect()["target"].to_list() == ["1"]


def test_s33_a_frame_has_the_base_in_columns_of_its_own() -> None:
    found = kpi.evaluate(plan(count()), rows(*took(2016, 1, 1), *took(2017, 1)))
    shown = found.frame.select("value", "counted", "base", "base_counted", "difference", "change")
    assert shown.row(0) == (1.0, 1, 2.0, 2, -1.0, -0.5)
    alone = kpi.evaluate(plan(count(against=None)), rows(*took(2017, 1)))
    assert "base" not in alone.frame.columns


def test_s33_a_stock_may_be_asked_for_the_difference() -> None:
    """Three were open at the end of 2016, and one at the end of 2017: 2 fewer."""
    cases = [
        {"filed": D(2016, 5, 1), "decided": end} for end in (D(2017, 2, 1), D(2017, 3, 1), None)
    ]
    usual: dict[str, Any] = {"id": "1", "start": "filed", "end": "decided"}
    usual |= {"at": {"end_of": "2017"}, "against": {"end_of": "2016"}}
    for most, verdict in ((-2, "met"), (-3, "missed")):
        outcome = run(Stock(**usual, difference={"at_most": most}), *cases)
        assert (outcome.value, outcome.verdict) == (Fraction(-2), verdict)
    assert (
        Stock(**usual, difference={"at_most": -3}).requirement
        == "difference at most -3 from 2016-12-31 to 2017-12-31"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: count(requires={"at_least": 1}), "against: found 'against' beside 'requires'; accepted: one or the other"),
        (lambda: Average(**SPAN, limit="30 days"), "against: found 'against' beside 'limit'; accepted: one or the other"),
        (lambda: Within(**SPAN, limit="30 days", threshold=90), "against: found 'against' beside 'threshold'; accepted: one or the other"),
        (lambda: Within(**SPAN, limit="30 days", late={"at_most": 1}), "against: found 'against' beside 'late'; accepted: one or the other"),
        (lambda: Within(**SPAN, limit="30 days", denominator="open", at={"end_of": "2017"}), "against: found 'against' with the denominator open, which has a day and no window; accepted: with another"),
        (lambda: count(change={"at_least": 1}, difference={"at_least": 1}), "difference: found 'difference' beside 'change'; accepted: one or the other"),
        (lambda: count(against=None, change={"at_least": 1}), "change: found 'change' without the window of its base; accepted: with 'against'"),
        (lambda: count(against=None, difference={"at_least": 1}), "difference: found 'difference' without the window of its base; accepted: with 'against'"),
        (lambda: count(against={"since": "2016-01-01"}), "against: found a window since 2016-01-01; accepted: one with an end"),
    ],
)  # fmt: skip
def test_s33_what_cannot_be_compared_is_refused(make: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError) as refused:
        make()
    assert message in str(refused.value)


def test_s33_a_base_is_called_as_no_other_target_is() -> None:
    other = count(id="1, base", against=None)
    with pytest.raises(kpi.PlanError, match="found a target '1, base', as the base of 1 is called"):
        kpi.Plan(id="p", period="2017", tables=[CASES], targets=[count(), other])

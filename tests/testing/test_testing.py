"""What `kpi.testing` offers to others: agreement with the oracle, and plans and rules held to the laws."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve, field, frozen
from hypothesis import strategies as st

import kpi
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, placed
from kpi.definitions.plan import Plan
from kpi.sample import sample
from kpi.testing import assert_matches_oracle, check_plan, check_rule, laws, oracle, strategies
from kpi.testing.frames import frames, in_both_forms, rows_of

ROOT = Path(__file__).parents[2]
# The contracts, whose names end in a year; `tests/plans/test_example_plans.py` asks of the others.
CONTRACTS = [
    *sorted((ROOT / "examples" / "plans").glob("*[0-9].toml")),
    ROOT / "examples" / "permit-receipts" / "plan.toml",
]
# A small contract, working hours with pauses by the minute, and rolling windows with agreed due dates;
# `tests.laws.longer` checks every plan that is there.
LAWFUL = [
    ROOT / "examples" / "permit-receipts" / "plan.toml",
    *(ROOT / "examples" / "plans" / f"{name}.toml" for name in ("service-desk", "uk-planning")),
]

CASES = kpi.Table("cases", key="case_id", entry="filed", events=["decided"], dates=["due"])
WAITING = kpi.Table("waiting", key="case_id", entry="from", events="to", pauses="cases")


def plan_of(*targets: kpi.Target, **more: Any) -> Plan:
    return Plan(id="p", period="2022", tables=[CASES], targets=targets, **more)


def within(name: str = "1", **more: Any) -> kpi.Within:
    keys = {"start": "filed", "end": "decided", "limit": "30 days", "threshold": 90}
    return kpi.Within(id=name, **(keys | more))


def filed_and_decided(*days: int | None) -> list[dict[str, object]]:
    """Cases filed on 1 January 2022 and decided so many days later."""
    first = dt.date(2022, 1, 1)
    return [
        {
            "case_id": f"c{n}",
            "filed": first,
            "decided": None if took is None else first + dt.timedelta(took),
            "case_type": "visa",
        }
        for n, took in enumerate(days)
    ]


def words(text: str) -> list[str]:
    """The lines of a message with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines()]


# Agreement


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.parent.name + "/" + path.stem)
def test_a_plan_agrees_with_the_oracle_on_a_synthetic_extract(path: Path) -> None:
    plan = kpi.load_plan(path)
    assert_matches_oracle(plan, sample(plan, 150))


def test_tables_may_be_frames_or_rows() -> None:
    plan, rows = plan_of(within()), filed_and_decided(3, 30, 31, None)
    for tables in (rows, {"cases": rows}, pl.DataFrame(rows), {"cases": pl.LazyFrame(rows)}):
        assert_matches_oracle(plan, tables)
        assert_matches_oracle(plan, tables, "2022-01-15")
        assert_matches_oracle(plan, tables, dt.date(2022, 1, 15), engine="streaming")


def test_one_table_that_stands_for_several_is_refused() -> None:
    tables = [kpi.Table(name, key="id", entry="day") for name in ("a", "b")]
    target = kpi.Count(id="1", table="a", on="day", requires={"at_least": 1})
    plan = Plan(id="p", period="2022", tables=tables, targets=[target])
    with pytest.raises(kpi.DataError, match="one table without a name; the plan declares a, b"):
        assert_matches_oracle(plan, [])
    with pytest.raises(kpi.DataError, match="unknown table 'c'; the plan declares a, b"):
        assert_matches_oracle(plan, {"c": []})
    with pytest.raises(kpi.DataError, match=r"found 3 among rows; accepted: mappings"):
        assert_matches_oracle(plan, {"a": [3]})


def test_frames_become_rows_of_python_values() -> None:
    """Dates as they came, or as their texts say; other columns as what the plan takes them for."""
    table = evolve(CASES, dates=["due", "seen"])
    target = within(where={"months": {"at_least": 2}, "case_type": "visa", "flag": True})
    plan = Plan(id="p", period="2022", tables=[table], targets=[target])
    frame = pl.DataFrame(
        {
            "case_id": ["a", None, "b"],
            "filed": ["2022-01-01", "2022-01-01", "2022-02-01T08:30:00Z"],
            "decided": [dt.datetime(2022, 1, 2, 9), None, None],
            "due": pl.Series([None, None, dt.date(2022, 3, 1)], dtype=pl.Date),
            "seen": ["long ago", "", "2022-01-03"],
            "months": ["2", "3", "1.0"],
            "case_type": pl.Series(["visa", "visa", None], dtype=pl.Categorical),
            "flag": ["true", "", "False"],
            "of no interest": [1, 2, 3],
        }
    )
    first, second = rows_of(plan, frame)["cases"]
    assert first == {
        "case_id": "a",
        "filed": dt.date(2022, 1, 1),
        "decided": dt.datetime(2022, 1, 2, 9),
        "due": None,
        "seen": None,
        "months": 2,
        "case_type": "visa",
        "flag": True,
    }
    assert second["filed"] == dt.datetime(2022, 2, 1, 8, 30, tzinfo=dt.UTC)
    assert (second["due"], second["seen"]) == (dt.date(2022, 3, 1), dt.date(2022, 1, 3))
    assert (second["months"], second["case_type"], second["flag"]) == (1, None, False)
    # The row without a key is in neither form.
    both = in_both_forms(plan, frame)
    assert both.frames["cases"]["case_id"].to_list() == ["a", "b"]
    assert_matches_oracle(plan, frame)


def test_dates_in_a_declared_format_become_rows() -> None:
    table = evolve(CASES, dates=(), date_format="%d-%m-%Y")
    plan = Plan(id="p", period="2022", tables=[table], targets=[within()])
    frame = pl.DataFrame({"case_id": [7], "filed": ["03-02-2022"], "decided": [""]})
    (row,) = rows_of(plan, frame)["cases"]
    assert row == {"case_id": 7, "filed": dt.date(2022, 2, 3), "decided": None}


def test_rows_become_frames_of_the_kinds_that_the_plan_reads() -> None:
    """Also where generated plans take a column of that name for another kind."""
    plan = plan_of(within(where={"months": "two", "flag": 3}))
    row = {"case_id": 1, "filed": dt.date(2022, 1, 1), "months": "two", "flag": 3, "else": 0}
    frame = frames(plan, {"cases": [row]})["cases"]
    assert frame.select("case_id", "filed", "months", "flag", "decided").rows() == [
        (1, dt.date(2022, 1, 1), "two", 3, None)
    ]
    assert "else" not in frame.columns
    assert_matches_oracle(plan, [row])


def test_a_difference_is_shown_on_the_smallest_case() -> None:
    """An oracle that is wrong on one day: of a hundred rows and three targets the one that tells."""
    real = oracle.due_date

    def wrong(start: dt.date, span: kpi.Span, mode: str) -> dt.date | None:
        due = real(start, span, mode)
        return due - dt.timedelta(1) if due == dt.date(2022, 1, 31) and span.days else due

    plan = plan_of(
        within("1", limit="1 month"),
        within("2", where={"case_type": "visa"}, title="In thirty days"),
        within("3", limit="40 days"),
    )
    rows = filed_and_decided(*[3, 29, 31, None] * 24, 30)
    for row in rows[:50]:
        row["filed"] = dt.date(2021, 12, 1)
    with (
        mock.patch("kpi.testing.oracle.limits.due_date", wrong),
        pytest.raises(AssertionError) as raised,
    ):
        assert_matches_oracle(plan, rows)
    said = words(str(raised.value))
    assert said[0] == "the engine and the oracle differ on target 2 as of 2022-12-31"
    assert 'limit = "30 days"' in said
    assert "In thirty days" not in str(raised.value)
    at = said.index("cases: 1 of 97 rows left")
    assert said[at + 1] == "case_id filed decided case_type"
    beside = said[at + 4 :]
    assert beside[0].startswith("case c")
    assert beside[0].endswith("engine oracle")
    assert "bucket counted counted" in beside
    assert "due 2022-01-31 2022-01-30 <- differs" in beside


def test_a_difference_in_met_shows_rows_and_numbers() -> None:
    plan, rows = plan_of(within()), filed_and_decided(3, 30, 31)
    with (
        mock.patch("kpi.testing.oracle.rules.within.in_time", return_value=False),
        pytest.raises(AssertionError) as raised,
    ):
        assert_matches_oracle(plan, rows)
    said = words(str(raised.value))
    assert "cases: 1 of 3 rows left" in said
    for line in ("met yes no <- differs", "target 1 engine oracle", "rows 1 1"):
        assert line in said
    assert "met 1 0 <- differs" in said
    assert "verdict met missed <- differs" in said


def test_pauses_and_facts_of_the_smallest_case_are_shown() -> None:
    told = {"that": "the law is passed"}
    target = within(pauses="waiting", on_condition=told)
    tables = [CASES, WAITING, kpi.Table("reported", key="target", events="done")]
    plan = Plan(id="p", period="2022", tables=tables, targets=[target])
    rows = {
        "cases": filed_and_decided(40, 3),
        "waiting": [
            {"case_id": "c0", "from": dt.date(2022, 1, 10), "to": dt.date(2022, 1, 25)},
            {"case_id": "c0", "from": dt.date(2022, 2, 20), "to": None},
        ],
        "reported": [{"target": "1", "condition": True}],
    }
    assert_matches_oracle(plan, rows)
    with (
        mock.patch("kpi.testing.oracle.limits.deducted", return_value=frozenset()),
        pytest.raises(AssertionError) as raised,
    ):
        assert_matches_oracle(plan, rows)
    said = words(str(raised.value))
    assert "c0 2022-01-10 2022-01-25" in said
    assert "days 25 40 <- differs" in said
    assert "cases: 1 of 2 rows left" in said
    assert "waiting: 1 of 2 rows left" in said


def test_a_difference_that_only_targets_together_show() -> None:
    """A requirement of several parts has no rows of its own, and is shown all the same."""
    parts = kpi.Parts(id="1", parts=[within("1a"), within("1b", limit="40 days")])
    plan = Plan(id="p", period="2022", tables=[CASES], targets=[parts])
    with (
        mock.patch("kpi.testing.oracle.combined", return_value="missed"),
        pytest.raises(AssertionError) as raised,
    ):
        assert_matches_oracle(plan, filed_and_decided(3, 29))
    said = words(str(raised.value))
    assert said[0] == "the engine and the oracle differ on target 1 as of 2022-12-31"
    # Without any case it shows already.
    assert "verdict not_assessable missed <- differs" in said


# Plans


@pytest.mark.parametrize("path", LAWFUL, ids=lambda path: path.parent.name + "/" + path.stem)
def test_the_example_plans_keep_the_laws(path: Path) -> None:
    check_plan(kpi.load_plan(path), examples=1, seed=1)


def test_a_plan_on_which_the_engine_is_wrong() -> None:
    """Where the engine takes every case for met, the agreement says so first."""
    real = kpi.Within.rows

    def wrong(self: kpi.Within, columns: kpi.Columns) -> kpi.Rows:
        return evolve(real(self, columns), met=pl.lit(value=True), sums={"met": pl.lit(value=True)})

    with (
        mock.patch.object(kpi.Within, "rows", wrong),
        mock.patch("kpi.testing.checks._SECONDS", 1),
        pytest.raises(AssertionError) as raised,
    ):
        check_plan(plan_of(within()), examples=50, seed=1)
    said = words(str(raised.value))
    assert said[0].startswith("the law the_engine_and_the_oracle_agree does not hold: The engine")
    assert any(line.startswith("cases: 1 of ") for line in said)
    assert "met yes no <- differs" in said


def test_an_engine_that_fails_is_told_too() -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    with mock.patch.object(kpi.Within, "rows", fails), pytest.raises(AssertionError) as raised:
        check_plan(plan_of(within()), examples=5, seed=1)
    assert "ZeroDivisionError: division by zero (as of 2022-12-31)" in str(raised.value)


def test_a_plan_is_checked_on_as_many_examples_as_are_asked_for() -> None:
    with mock.patch("kpi.testing.checks.LAWS", [seen := mock.Mock(return_value=True)]):
        check_plan(plan_of(within()), examples=7, seed=1)
    assert seen.call_count == 7
    assert {call.args[0].id for call in seen.call_args_list} == {"p"}


# Rules


@frozen(kw_only=True, field_transformer=placed)
class Fewest(kpi.IntervalTarget):
    """At least so many cases ended within the plan's period."""

    rule = "fewest"

    least: int = field(metadata=about("How many at least.", {"type": "integer"}))

    @property
    def limit_text(self) -> None:
        return None

    @property
    def requirement(self) -> str:
        return f"at least {self.least}"

    def window_of(self, plan: Defaults) -> kpi.Window:
        return plan.period

    def rows(self, columns: kpi.Columns) -> kpi.Rows:
        return kpi.Rows(
            tests=(*self.population(columns), self.inside(self.end, columns.plan.period)),
            exclusions=self.exclusions(columns),
            days=self.days(),
            event=pl.col(self.end),
        )

    def measure(self, sums: kpi.Sums) -> kpi.Measure:
        counted = sums["counted"]
        return kpi.Measure(value=counted, unit="count", reached=counted >= self.least)


del kpi.Target.kinds["fewest"]


def fewest(target: Any, cases: Any, at: oracle.Counting) -> oracle.Outcome:
    """The same, case by case."""
    trail = []
    for case in cases:
        if not oracle.in_population(target, at, case) or not oracle.happened_in(
            target, at.plan.period, target.end, case
        ):
            trail.append(oracle.Row("outside"))
            continue
        row = oracle.excluded(target, case)
        days = [case.day(name) for name in (target.start, target.end)]
        if row is None:
            assert days[0] is not None
            assert days[1] is not None
            row = oracle.Row("counted", days=(days[1] - days[0]).days)
        trail.append(row)
    counted: Any = sum(row.bucket == "counted" for row in trail)
    last = oracle.last_day(at.plan.period)
    assert last is not None
    return oracle.outcome(trail, last, at.as_of, reached=counted >= target.least, value=counted)


FEWEST = st.builds(
    Fewest,
    id=st.just("any"),
    start=st.just("filed"),
    end=st.sampled_from(("decided", "documented")),
    least=st.integers(0, 3),
)


def test_a_rule_keeps_the_laws() -> None:
    check_rule(Fewest, FEWEST, examples=4, expected=fewest)
    assert "fewest" not in dict(oracle.RULES)


def test_a_rule_without_an_oracle_is_refused() -> None:
    with pytest.raises(kpi.PlanError, match="the rule 'fewest' has no oracle; install one in the"):
        check_rule(Fewest, FEWEST)


def test_what_draws_something_else_is_refused() -> None:
    with pytest.raises(kpi.PlanError, match="accepted: a Fewest on cases"):
        check_rule(Fewest, st.just(within()), expected=fewest)


def test_a_built_in_rule_can_be_checked_in_the_same_way() -> None:
    check_rule(kpi.Percentile, strategies.percentiles(), examples=3, seed=1)


def test_the_laws_are_named_in_the_package() -> None:
    named = {getattr(law, "__name__", "") for law in laws.LAWS}
    assert named == set(laws.__all__) - {"LAWS", "Law"}
    for law in laws.LAWS:
        assert (law.__doc__ or "").partition("\n")[0].endswith(".")

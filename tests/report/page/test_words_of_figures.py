"""Figures of a report: in English those of the terminal, in Danish the same numbers (R2, R10, S19)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from attrs import evolve

import kpi
from kpi.definitions.limits import parse_limit
from kpi.evaluation.report_figures.figures import figures_of
from kpi.report import words
from kpi.report.follow_words import bounds as bounds_of_terminal
from kpi.report.page import charts, conditions, periods, values
from kpi.report.page.catalogue import catalogue
from kpi.report.page.compose import compose
from kpi.report.page.counting import rules_of
from kpi.report.page.requirement import requirement
from kpi.results.possible import Range
from kpi.results.target_result import TargetResult
from kpi.sample import sample
from tests.report.page import small_plan

PLANS = Path(__file__).parents[3] / "examples" / "plans"
EN, DA = catalogue("en"), catalogue("da")


@pytest.mark.parametrize("name", ["us-2019", "service-desk", "court-cepej", "nhs-england-ae"])
def test_each_value_of_an_example_plan_is_that_of_the_terminal(name: str) -> None:
    plan = kpi.load_plan(PLANS / f"{name}.toml")
    first, last = plan.period.closed
    tables = sample(plan, 60, seed=5)
    for day in (last, first + (last - first) // 2):
        result = kpi.evaluate(plan, tables, day)
        for record in (*result.leaves(parents=True), *(e for t in result.leaves() for e in t.each)):
            if record.rule != "milestone" and record.unit != "parts":
                assert values.value(EN, record) == words.value(record)
            if record.possible is not None:
                shown = values.bounds(EN, record.possible.known, record)
                assert shown.replace(" to ", "–") == bounds_of_terminal(
                    record.possible.known, record
                ).replace(" to ", "–")
            assert (values.with_excluded(EN, record) or "") == words.share_range(record)
        for language in ("en", "da"):
            view = compose(figures_of(result), language, 5)
            assert len(view.sections) == len(list(result.leaves(parents=True)))


def _record(**changes: object) -> TargetResult:
    base = kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-12-31")["2"]
    return evolve(base, **changes)  # type: ignore[arg-type]  # fields of a record


def test_values_in_danish_by_hand() -> None:
    share = _record(unit="share", met=1234, counted=1235, value=1234 / 1235, threshold=Decimal(90))
    assert values.value(DA, share) == "99,9 %"
    assert values.value(DA, _record(unit="count", value=12345)) == "12.345"
    assert values.value(DA, _record(unit="months", value=1)) == "1 måned"
    assert (
        values.value(DA, _record(unit="days", value=1.5, total=3, met=None, counted=2))
        == "1,5 dage"
    )
    assert values.value(DA, _record(value=None)) == "–"
    assert values.value(DA, _record(unit="number", value=6.9, met=None, bounds=None)) == "6,9"
    near = kpi.Bounds(less_than=7)
    number = _record(
        unit="number", value=7.0, exact=Fraction(7), met=None, bounds=near, verdict="met"
    )
    assert values.value(DA, number) == "lige under 7"


def test_milestones_and_parts_by_hand() -> None:
    done = _record(rule="milestone", unit="share", value=1, met=1)
    assert values.value(DA, done) == "gjort"
    assert values.value(DA, evolve(done, met=0, value=0, verdict="missed")) == "ikke i tide"
    assert values.value(DA, evolve(done, met=0, value=0, verdict="open")) == "ikke endnu"
    parts = _record(unit="parts", parts=(done, evolve(done, verdict="met")))
    assert values.value(DA, parts) == "1 af 2"
    assert values.value(DA, evolve(parts, parts=(evolve(done, verdict="indicator"),))) == "–"
    assert values.counted(DA, parts) == ""


def test_ranges_by_hand() -> None:
    record = _record(unit="count", bounds=None)
    assert values.bounds(DA, Range(Fraction(8), None), record) == "8 eller mere"
    assert values.bounds(DA, Range(None, None), record) == "alt er muligt"
    assert values.bounds(DA, Range(Fraction(8), Fraction(8)), record) == "8"
    done = _record(rule="milestone")
    ends = ((0, 1, "gjort eller ikke"), (1, 1, "gjort"), (0, 0, "ikke i tide"))
    for worst, best, shown in ends:
        assert values.bounds(DA, Range(Fraction(worst), Fraction(best)), done) == shown
    share = _record(unit="share", threshold=None, bounds=None)
    assert values.bounds(DA, Range.of_counts((1, 1), (0, 1)), share) == "intet tæller med"
    half = values.bounds(DA, Range(Fraction(1, 2), Fraction(3, 4)), share)
    assert half == "50,0–75,0 %"


def test_figures_beside_a_value_by_hand() -> None:
    record = _record(unit="days")
    shown = [
        values.figure(DA, name, number, record)
        for name, number in (
            ("stock", 1548), ("clearance_rate", 0.95), ("mean_age", 12.25), ("allowed", 900),
            ("backlog", None), ("of_my_own", 2),
        )
    ]  # fmt: skip
    assert shown == [
        "beholdning 1.548", "afviklingsgrad 95,0 %", "gennemsnitlig alder 12,2 dage",
        "tilladt 900 dage", "pukkel –", "of my own 2",
    ]  # fmt: skip
    counted = evolve(record, counted_as=kpi.evaluate(_PERSONS, _FAMILIES)["1"].counted_as)
    assert values.counted(DA, counted) == "14 (5 persons)"


_PERSONS = kpi.Plan(
    id="p",
    period="2022",
    tables=[kpi.Table("cases", key="id", entry="filed", events="decided")],
    targets=[
        kpi.Within(id="1", start="filed", end="decided", limit="1 month", threshold=90, count_as="persons")
    ],
)  # fmt: skip
_FAMILIES = {
    "cases": [
        {"id": "a", "filed": dt.date(2022, 1, 1), "decided": dt.date(2022, 1, 5), "persons": 2},
        {"id": "b", "filed": dt.date(2022, 1, 1), "decided": dt.date(2022, 1, 5), "persons": 3},
    ]
}


def test_differences_in_danish_by_hand() -> None:
    english = ("-8.0 days", "+2.5 percentage points", "+12", "-10.0 %", "–")
    assert [values.moved(DA, written) for written in english] == [
        "-8,0 dage", "+2,5 procentpoint", "+12", "-10,0 %", "–",
    ]  # fmt: skip


def test_numbers_that_are_asked_for_by_hand() -> None:
    for limit, unit, asked in (
        ("30 days", "days", 30), ("2 weeks", "days", 14), ("1 month", "days", None),
        ("5 working days", "working days", 5), ("5 days", "working days", None),
        ("3 months", "months", 3), ("90 minutes", "minutes", 90), ("2 hours", "hours", 2),
        ("2 days", "hours", None), ("30 days", "share", None),
    ):  # fmt: skip
        found = charts.limit_in_unit(
            _record(unit=unit, threshold=None, bounds=None), parse_limit(limit)
        )
        assert found == asked, limit
    both = kpi.Bounds(at_least=3, at_most=8)
    assert charts.number_asked(_record(bounds=both)) is None
    assert charts.number_asked(_record(bounds=kpi.Bounds(at_most=-10), unit="change")) == Fraction(
        -1, 10
    )
    assert charts.number_asked(_record(unit="days", threshold=Decimal(90))) is None


def test_periods_in_danish_by_hand() -> None:
    named = {
        "2022": "2022",
        "2024/25": "2024/25",
        "2022-H2": "2. halvår 2022",
        "2024/25-Q3": "3. kvartal 2024/25",
        "2022-03": "marts 2022",
        "2022-W05": "uge 05 i 2022",
        "2022-03-10 to 2022-03-31": "10. marts 2022 til 31. marts 2022",
        "2022-03-31": "31. marts 2022",
        "something else": "something else",
    }
    assert {name: periods.period(DA, name) for name in named} == named
    short = ("2022-03", "2022-W05", "2022", "2022-03-10 to 2022-03-31")
    assert [periods.short_period(DA, name) for name in short] == [
        "mar",
        "W05",
        "2022",
        "2022-03-10",
    ]


_CASES = 'start = "filed"\nend = "decided"\n'


def _target(keys: str) -> kpi.Target:
    table = 'id = "p"\nperiod = "2022"\n[tables.cases]\nkey = "id"\nentry = "filed"\nevents = ["decided"]\ndates = ["due"]\n[tables.stops]\nkey = "id"\npauses = "cases"\nentry = "begun"\nevents = ["over"]\n'
    (target,) = kpi.parse_plan(f'{table}[[targets]]\nid = "1"\n{keys}').leaves()
    return target


@pytest.mark.parametrize(
    ("where", "danish"),
    [
        ("{ n = { at_least = 3, less_than = 8 } }", "n >= 3 og < 8"),
        ("{ n = { not = 4 }, is_new = true }", "n er ikke 4 og is_new er sand"),
        ('{ kind = ["a", "b"] }', "kind er en af a, b"),
        ('{ kind = { not = ["a", "b"] } }', "kind er ingen af a, b"),
        ("{ kind = { missing = true }, n = { missing = false } }", "kind mangler og n mangler ikke"),
        ('{ decided = { in = "2022-H1" } }', "decided i 1. halvår 2022"),
        ("{ due = { since = 2022-01-01, before = 2022-07-01 } }", "due fra og med 1. januar 2022 og før 1. juli 2022"),
        ('{ decided = { after = { date = "filed" } } }', "decided efter filed"),
        ('{ n = 1, any_of = [{ kind = "a" }, { kind = "b", n = 2 }] }', "n er 1 og (kind er a eller (kind er b og n er 2))"),
        ('{ any_of = [{ kind = "a" }, { kind = "b" }] }', "kind er a eller kind er b"),
    ],
)  # fmt: skip
def test_conditions_in_danish_by_hand(where: str, danish: str) -> None:
    target = _target(f'rule = "count"\non = "decided"\nwhere = {where}')
    assert conditions.population(DA, target.where) == danish


@pytest.mark.parametrize(
    ("keys", "danish", "rules"),
    [
        ('limit = { by = "kind", limits = { a = "1 month", b = "10 days" } }\nthreshold = 90', "90 % inden for 1 måned (a), 10 dage (b)", {"S3", "S4"}),
        ('limit = { dated = "decided", first = "2 weeks", since = { 2022-07-01 = "1 week" } }\nthreshold = 90', "90 % inden for 2 uger (decided før 1. juli 2022), 1 uge (decided fra og med 1. juli 2022)", {"S3"}),
        ('limit = { column = "due", by = "instant" }\nthreshold = 90', "90 % senest due (som klokkeslæt)", {"S11"}),
        ('limit = { column = "due", by = "date" }\nthreshold = 90', "90 % senest due (som dag)", {"S11"}),
        ('limit = "5 working days"\nroll = "none"\ncalendar = "sweden"\nmonth_end = "up"\nthreshold = 90', "90 % inden for 5 arbejdsdage (månedsslut lagt på næste måneds første dag, arbejdsdage i Sverige, frist på enhver dag)", {"S7", "S8"}),
        ('limit = "30 days"\npauses = "stops"\nthreshold = 90', "90 % inden for 30 dage fratrukket pauserne i stops", {"S14"}),
        ('limit = "30 days"\nunless_paused = "stops"\nthreshold = 90', "90 % inden for 30 dage undtagen hvis sat i bero i stops", {"S3"}),
        ('limit = "1 month before"\nthreshold = 90', "90 % senest 1 måned før filed", {"S6"}),
        ('limit = "30 days"', "andel inden for 30 dage", {"S31"}),
        ('limit = "30 days"\nagainst = "2021"\ndifference = { at_least = 2 }', "andel inden for 30 dage, forskel mindst 2 procentpoint i forhold til 2021", {"S33"}),
        ('limit = "30 days"\neach = "kind"\nthreshold = { by = "kind", thresholds = { a = 90, b = 80 } }', "90 % (a), 80 % (b) inden for 30 dage, for hver kind", {"S28"}),
        ('limit = "30 days"\nthreshold = { dated = "decided", first = 80, since = { 2022-07-01 = 90 } }', "80 % (decided før 1. juli 2022), 90 % (decided fra og med 1. juli 2022) inden for 30 dage", {"S19"}),
        ('limit = "30 days"\ndenominator = "open"\nat = { end_of = 2022-06-30 }\nthreshold = 90', "90 % af de åbne ved udgangen af 30. juni 2022 inden for 30 dage", {"S29"}),
        ('limit = "30 days"\nwhere = { decided = { after = { date = "filed" } } }\nthreshold = 90', "90 % inden for 30 dage", {"S34"}),
        ('limit = "8 working hours"\ncalendar = { name = "denmark", hours = { weekdays = "08:00-16:00" } }\nthreshold = 90', None, {"S35"}),
        ('limit = "30 days"\nevery = "month"\nrolling = "12 months"\nthreshold = 90', "90 % inden for 30 dage, over 12 måneder, hver måned", {"S30"}),
    ],
)  # fmt: skip
def test_limits_in_danish_by_hand(keys: str, danish: str | None, rules: set[str]) -> None:
    target = _target(f'rule = "within"\n{_CASES}{keys}')
    assert danish is None or requirement(DA, target) == danish
    assert rules <= {*rules_of(target)}


@pytest.mark.parametrize(
    ("keys", "danish"),
    [
        (f'rule = "average"\n{_CASES}limit = "30 days"\ntrimmed = 5', "højst 30 dage uden 5 % i hver ende"),
        (f'rule = "average"\n{_CASES}mean_of_means = "kind"', "gennemsnit som gennemsnit af gennemsnittene efter kind"),
        (f'rule = "average"\n{_CASES}against = "2021"\nchange = {{ at_most = -10 }}', "gennemsnit, ændring højst -10 % i forhold til 2021"),
        (f'rule = "average"\n{_CASES}against = "2021"', "gennemsnit i forhold til 2021"),
        (f'rule = "every_working_day"\n{_CASES}limit = "1 day"\ncalendar = "sweden"', "inden for 1 dag på hver arbejdsdag i Sverige"),
        (f'rule = "stock"\n{_CASES}at = {{ end_of = "2022" }}\nagainst = {{ end_of = "2021" }}\nchange = {{ at_most = -20 }}', "ændring højst -20 % fra 31. december 2021 til 31. december 2022"),
        (f'rule = "stock"\n{_CASES}at = {{ end_of = "2022" }}\nagainst = {{ end_of = "2021" }}\ndifference = {{ at_most = 0 }}', "forskel højst 0 fra 31. december 2021 til 31. december 2022"),
        (f'rule = "stock"\n{_CASES}at = {{ end_of = "2022" }}', "antal ved udgangen af 2022"),
        ('rule = "count"\non = "decided"\ndistinct = "person"', "antal, hver person én gang"),
        (f'rule = "flow"\n{_CASES}indicator = "intake"', "tilgang"),
        (f'rule = "flow"\n{_CASES}requires = {{ at_least = 100 }}', "afviklingsgrad mindst 100 %"),
        (f'rule = "clearance"\n{_CASES}open_at = {{ start_of = "2022" }}\ndeadline = {{ through = 2022-06-30 }}', "andel afsluttet til og med 30. juni 2022"),
        ('rule = "share"\non = "decided"\nhaving = { kind = "a" }', "andel hvor kind er a"),
    ],
)  # fmt: skip
def test_other_rules_in_danish_by_hand(keys: str, danish: str) -> None:
    target = _target(keys)
    assert requirement(DA, target) == danish
    assert rules_of(target)

"""The table of targets in a terminal: titles, what a narrow window leaves out, the sum, the order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.report import terminal, words
from kpi.report.order import by_verdict
from tests.builders import average, cases, plan, spans, within
from tests.commands import GOOD, HEADER, PLAN, run
from tests.sampled import US_2017, sampled

WIDTHS = (40, 60, 80, 120, 160)


def text(result: kpi.Result, width: int) -> str:
    return terminal.plain(terminal.result_table(result, width), width)


def squeezed(shown: str) -> str:
    """A text without its blanks and line breaks, which wrapping changes."""
    return re.sub(r"\s", "", shown)


@pytest.fixture(scope="module")
def us_2017() -> kpi.Result:
    return kpi.evaluate(US_2017, sampled())


@pytest.mark.parametrize("width", WIDTHS)
def test_every_target_has_a_line_with_its_figures_at_any_width(
    us_2017: kpi.Result, width: int
) -> None:
    shown = text(us_2017, width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    lines = [line.split() for line in shown.splitlines()]
    for target in us_2017.leaves():
        (line,) = [line for line in lines if line[:1] == [target.id] and len(line) > 2]
        joined = " ".join(line)
        assert words.value(target) in joined
        assert words.count(target.counted) in line
        assert joined.endswith(words.VERDICTS[target.verdict].split()[0]) or width >= 60
        assert target.title is not None
        assert squeezed(target.title) in squeezed(shown)
        assert squeezed(target.requirement) in squeezed(shown)


def test_a_title_stands_on_a_line_of_its_own_above_the_figures(us_2017: kpi.Result) -> None:
    lines = text(us_2017, 80).splitlines()
    (line,) = [n for n, line in enumerate(lines) if line.startswith("1.2h ")]
    assert lines[line - 1].strip() == "Permanent residence: service target"
    assert "8 months" in lines[line]
    wide = [line for line in text(us_2017, 160).splitlines() if line.startswith("  1.2h ")]
    wide = wide or [line for line in text(us_2017, 160).splitlines() if line.startswith("1.2h ")]
    assert "Permanent residence: service target" in wide[0]


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (40, "excluded rows, the share with the excluded rows"),
        (55, "excluded rows, the share with the excluded rows"),
        (56, "the share with the excluded rows"),
        (95, "the share with the excluded rows"),
        (96, None),
        (160, None),
    ],
)
def test_what_a_narrow_window_leaves_out_is_said(width: int, left_out: str | None) -> None:
    # One of three is excluded: 0 of 2, and of all three 0 to 1.
    frame = spans(("2017-01-01", "2017-03-01"), ("2017-01-01", "2017-03-01"), (None, "2017-03-01"))
    shown = " ".join(text(kpi.evaluate(plan(within()), frame), width).split())
    said = re.findall(r"not shown in a window this narrow: (.*?); 96 columns show all of it", shown)
    assert said == ([left_out] if left_out else [])
    assert ("0.0–33.3 %" in shown) is (left_out is None)


def test_nothing_is_said_to_be_left_out_where_nothing_is() -> None:
    frame = spans(("2017-01-01", "2017-01-02"))
    for width in WIDTHS:
        assert "not shown" not in text(kpi.evaluate(plan(within()), frame), width)


LONG = "a-target-whose-id-is-very-long-indeed-and-has-no-blanks-at-all-in-it"


@pytest.mark.parametrize("width", WIDTHS)
def test_long_ids_titles_and_groups_are_wrapped_and_never_cut(width: int) -> None:
    title = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    row = {"filed": "2017-01-01", "decided": "2017-06-01"}
    frame = cases({**row, "case_type": title}, {**row, "case_type": LONG})
    made = plan(within(id=LONG, title=title, each="case_type"), average(id="2"))
    found = kpi.evaluate(made, frame, by="case_type", every="month")
    shown = text(found, width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    for whole in (LONG, title, "151.0 days", "2017-06"):
        assert squeezed(whole) in squeezed(shown)
    assert "missed" in shown


def test_groups_without_room_stand_above_their_figures() -> None:
    row = {"filed": "2017-01-01", "decided": "2017-06-01"}
    frame = cases({**row, "case_type": "visas"})
    frame = frame.with_columns(office=pl.lit("Copenhagen"), team=pl.lit("residence"))
    found = kpi.evaluate(plan(within()), frame, by=("office", "case_type", "team"), every="month")
    narrow = [line.rstrip() for line in text(found, 50).splitlines()]
    start = narrow.index("office, case_type, team, period")
    assert narrow[start + 1 : start + 4] == [
        "  Value  Counted  Verdict",
        "Copenhagen, visas, residence, 2017-06",
        "  0.0 %        1  missed",
    ]
    wide = [line.rstrip() for line in text(found, 80).splitlines()]
    start = wide.index("office      case_type  team       period   Value  Counted  Verdict")
    assert wide[start + 1] == "Copenhagen  visas      residence  2017-06  0.0 %        1  missed"


def result(**verdicts: str) -> kpi.Result:
    """A result of cases in time (met), late (missed) or none (not assessable), by target."""
    of = {"met": "2017-01-02", "missed": "2017-12-01"}
    targets = [within(id=name, where={"case_type": name}) for name in verdicts]
    rows = [
        {"case_type": name, "filed": "2017-01-01", "decided": of[verdict]}
        for name, verdict in verdicts.items()
        if verdict in of
    ]
    return kpi.evaluate(plan(*targets), cases(*rows))


def test_a_line_sums_the_verdicts_up() -> None:
    found = result(a="met", b="missed", c="none", d="met", e="met")
    assert words.totals(found) == "3 met, 1 missed, 1 not assessable"
    for width in WIDTHS:
        assert "\n3 met, 1 missed, 1 not assessable\n" in text(found, width)
    assert words.totals(result(a="met")) == "1 met"


def test_a_requirement_of_parts_is_summed_up_once() -> None:
    parts = kpi.Parts(id="p", parts=[within(id="p1"), average(id="p2")])
    found = kpi.evaluate(plan(parts, average(id="q")), spans(("2017-01-01", "2017-01-02")))
    assert words.totals(found) == "2 met"


def test_bad_news_first_keeps_the_order_of_the_plan_within_a_verdict() -> None:
    found = by_verdict(result(a="met", b="missed", c="none", d="met", e="missed"))
    assert [target.id for target in found] == ["b", "e", "c", "a", "d"]


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_sort_by_verdict_in_every_format(form: str, here: Path) -> None:
    second = '\n[[targets]]\nid = "2"\nrule = "average"\nstart = "filed"\nend = "decided"\nlimit = "{}"\n'
    (here / "plan.toml").write_text(
        PLAN + second.format("1 day") + second.format("99 days").replace('"2"', '"3"')
    )
    (here / "cases.csv").write_text(HEADER + GOOD)
    orders = {}
    for order in ("plan", "verdict"):
        shown = run("evaluate", "plan.toml", "cases.csv", "--format", form, "--sort", order).stdout
        if form == "json":
            orders[order] = [target["id"] for target in json.loads(shown)["targets"]]
        else:
            orders[order] = re.findall(
                r"^(?:\| )?([123])(?=[ ,])(?! missed| met)", shown, re.MULTILINE
            )
    assert orders == {"plan": ["1", "2", "3"], "verdict": ["2", "1", "3"]}

"""A report as a workbook, opened again by another library: typed cells, no formula, nothing given away (R11, R12)."""

from __future__ import annotations

import builtins
import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi
from kpi.errors import KpiError, OutputError
from kpi.evaluation.report_figures.figures import ReportFigures, figures_of
from kpi.report.page.write import report_bytes, report_text
from tests.commands import run
from tests.report.page import small_plan
from tests.report.page.read_back import Page
from tests.report.page.test_hostile import HOSTILE, _cases, _figures, _plan
from tests.report.page.test_small_cells import worked_out

FIGURES = small_plan.figures()


def opened(
    figures: ReportFigures,
    language: str = "en",
    hide_below: int = 0,
    *,
    hide_headlines: bool = False,
) -> Any:
    made = report_bytes(
        figures,
        "xlsx",
        "r.xlsx",
        language=language,
        hide_below=hide_below,
        hide_headlines=hide_headlines,
    )
    return openpyxl.load_workbook(io.BytesIO(made))


def rows(sheet: Any, heads: int = 1) -> list[list[Any]]:
    """The values of the cells of a sheet below its headings, up to the first empty row."""
    found = []
    for row in sheet.iter_rows(min_row=heads + 1, values_only=True):
        if not any(row):
            break
        found.append(list(row))
    return found


def test_a_sheet_for_each_kind_of_figure_in_both_languages_with_heads_that_stay() -> None:
    english, danish = opened(FIGURES), opened(FIGURES, "da")
    assert english.sheetnames == [
        "Summary", "Requirements", "Series", "Times", "Groups", "Left out", "Open cases", "Readings",
        "Notes", "How it was counted",
    ]  # fmt: skip
    assert danish.sheetnames == [
        "Overblik", "Resultatkrav", "Perioder", "Tider", "Opdeling", "Udeladt", "Åbne sager",
        "Læsninger", "Noter", "Sådan er der talt",
    ]  # fmt: skip
    assert [sheet.freeze_panes for sheet in english] == ["A4", *["A2"] * 9]
    assert (danish["Overblik"]["A1"].value, english["Summary"]["A1"].value) == (
        "En lille plan",
        "A small plan",
    )


def test_cells_are_numbers_shares_and_dates() -> None:
    summary = opened(FIGURES)["Summary"]
    # 12 of 13; 74 days over 13; 14 decided.
    values = {row[0].value: row[3] for row in summary.iter_rows(min_row=4, max_row=8)}
    assert (values["1a"].value, values["1a"].number_format) == (12 / 13, "#,##0.0 %")
    # A spreadsheet holds sixteen digits.
    assert values["1b"].value == pytest.approx(74 / 13, rel=1e-15)
    assert values["1b"].number_format == '#,##0.0" days"'
    assert (values["2"].value, values["2"].number_format) == (14, "#,##0")
    days = [c for row in summary.iter_rows() for c in row if isinstance(c.value, dt.datetime)]
    assert [(day.value, day.number_format) for day in days] == [
        (dt.datetime(2022, 12, 31), "[$-809]d mmmm yyyy")
    ]
    # "Without a goal" has fourteen characters, and a cell takes two; openpyxl adds the padding.
    assert summary.column_dimensions["B"].width == pytest.approx(16.7, abs=0.1)


def test_every_figure_is_the_json_s() -> None:
    data, book = FIGURES.result.to_dict(), opened(FIGURES)
    summary = {row[0]: row for row in rows(book["Summary"], 3)}
    groups = {(row[0], row[2]): row for row in rows(book["Groups"])}
    heads = [cell.value for cell in book["Groups"][1]]
    for target in data["targets"]:
        row = summary[target["id"]]
        assert row[3] == pytest.approx(target["value"], rel=1e-15)
        assert (row[4], row[5] or 0) == (target["counted"], sum(target["excluded"].values()))
        for group in target["groups"]:
            found = dict(zip(heads, groups[target["id"], group["group"]["office"]], strict=True))
            assert found["Value"] == pytest.approx(group["value"], rel=1e-15)
            assert found["Counted"] == group["counted"]
            if target["unit"] == "share":
                assert found["In time"] == group["met"]
    series = [row for row in rows(book["Series"]) if row[0] == "1b"]
    months = kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-12-31", every="month")["1b"]
    assert [(row[3], row[5]) for row in series] == [
        (month.value, month.counted) for month in months.groups if month.group["period"]
    ]


def test_charts_are_the_workbook_s_own_and_draw_their_rows() -> None:
    book = opened(FIGURES)
    # A line for each target, and a histogram for the two that have times.
    assert {sheet.title: len(sheet._charts) for sheet in book if sheet._charts} == {
        "Series": 3, "Times": 2,
    }  # fmt: skip
    first = book["Series"]._charts[0]
    # 1a has ten months with a case, in the rows 2 to 11; I has the values, J the limit.
    assert [line.val.numRef.f for line in first.series] == [
        "Series!$I$2:$I$11", "Series!$J$2:$J$11",
    ]  # fmt: skip
    assert first.series[0].cat.strRef.f == "Series!$C$2:$C$11"
    assert {row[9] for row in rows(book["Series"]) if row[0] == "1a"} == {0.9}


def test_no_text_is_a_formula() -> None:
    text = '=cmd|" /C calc"!A0'
    for form in (text, "+1+1", "@SUM(A1)", "=HYPERLINK(A1)"):
        book = opened(_figures(form))
        kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        assert "f" not in kinds
        assert book["Summary"]["A1"].value == form
        # Nor is a title of a chart the place of one.
        assert all(chart.title.tx.rich is not None for chart in book["Times"]._charts)


def test_signs_that_do_not_print_are_escaped_and_a_text_too_long_for_a_cell_is_told() -> None:
    assert opened(_figures("a\u202eb\x1b"))["Summary"]["A1"].value == "a\\u202eb\\x1b"
    with pytest.raises(
        OutputError, match=r"r\.xlsx: a text has 40,0\d\d characters, and a cell .* \.html"
    ):
        opened(_figures("x" * 40_000))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_of_plan_and_data_are_texts(text: str) -> None:
    book = opened(_figures(text))
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    assert book["Summary"]["A1"].value == shown
    assert shown in {row[2] for row in rows(book["Groups"])}


def test_two_columns_of_one_name_stay_apart() -> None:
    frame = small_plan.CASES.with_columns(small_plan.CASES["office"].alias("Counted"))
    result = kpi.evaluate(small_plan.SMALL, frame, "2022-12-31", by=("Counted",))
    found = rows(opened(figures_of(result))["Groups"])[0]
    assert found[2:6] == ["north", 0.9, 9, 10]


def test_an_empty_extract_and_a_plan_of_one_target() -> None:
    result = kpi.evaluate(_plan("p", 1), _cases("a").clear(), "2022-12-31", by=("case_type",))
    book = opened(figures_of(result))
    assert "Series" not in book.sheetnames
    assert rows(book["Summary"], 4)[0][6] == "? not assessable"


def test_a_spreadsheet_that_sets_no_heights_itself_shows_every_line() -> None:
    long = "A sentence of the plan that is longer than the widest column of the workbook has characters."
    plan = kpi.parse_plan(small_plan.PLAN.replace("The document says ten.", long))
    sheet = opened(figures_of(kpi.evaluate(plan, small_plan.CASES, "2022-12-31")))["Requirements"]
    heights = {row[3].value: sheet.row_dimensions[row[3].row].height for row in sheet.iter_rows()}
    # 92 letters in lines of 66: two lines of 15 points.
    assert (len(long), heights[long], heights["at least 20"]) == (92, 30, None)


def test_headings_stand_where_their_cells_do() -> None:
    summary = opened(FIGURES)["Summary"]
    aligned = {cell.value: cell.alignment.horizontal for cell in summary[3]}
    assert (aligned["Value"], aligned["Counted"]) == ("right", "right")
    assert (aligned["Limit"], aligned["Verdict"]) == ("left", "left")


_DRAWN = (("1a", "In ten days"), ("1b", "On average"))


def test_the_axis_of_shares_goes_to_a_hundred_per_cent() -> None:
    charts = {text: of for sheet in opened(FIGURES) for of in sheet._charts for text in _titles(of)}
    share, average = (charts[f"{name} by period: {title}"].y_axis for name, title in _DRAWN)
    assert (share.scaling.min, share.scaling.max, share.number_format.formatCode) == (0, 1, "0 %")
    assert (average.scaling.min, average.scaling.max) == (0, None)


def _titles(chart: Any) -> list[str]:
    return ["".join(run.t for part in chart.title.tx.rich.p for run in part.r or ())]


def test_the_same_figures_give_the_same_bytes() -> None:
    first, second = (report_bytes(small_plan.figures(), "xlsx", "r.xlsx") for _ in range(2))
    assert first == second


def test_it_is_written_from_python_and_by_the_command(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "plan.toml").write_text(small_plan.PLAN)
    small_plan.CASES.write_csv(here / "cases.csv")
    assert run("report", "plan.toml", "cases.csv", "--out", "r.xlsx").exit_code == 0
    assert openpyxl.load_workbook("r.xlsx")["Overblik"]["A1"].value == "En lille plan"
    result = kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-12-31")
    assert result.report("s.xlsx", language="en") == ""
    assert openpyxl.load_workbook("s.xlsx")["Summary"]["A1"].value == "A small plan"
    with pytest.raises(KpiError, match="a workbook is no text: name a file"):
        result.report(form="xlsx")
    imported = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "xlsxwriter":
            raise ImportError(name)
        return imported(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(KpiError, match=r"pip install 'kpi\[excel\]'"):
        result.report("t.xlsx")


# Small cells, in every format.

_ROWS = st.lists(
    st.integers(0, 14).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=2,
    max_size=5,
)


def _figures_with(counts: list[tuple[int, int]]) -> ReportFigures:
    """The figures of a target whose groups have so many counted cases, and so many in time."""
    cases = [
        (f"{place}-{n}", f"g{place}", dt.date(2022, 1, 1), dt.date(2022, 1, 4 if n < met else 28))
        for place, (counted, met) in enumerate(counts)
        for n in range(counted)
    ]
    columns = ("case_id", "office", "filed", "decided")
    frame = {name: [case[n] for case in cases] for n, name in enumerate(columns)}
    plan = kpi.Plan(
        id="p",
        period="2022",
        tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided")],
        targets=[kpi.Within(id="1", start="filed", end="decided", limit="10 days", threshold=90)],
    )
    table = pl.DataFrame(frame, schema_overrides={"filed": pl.Date, "decided": pl.Date})
    return figures_of(kpi.evaluate(plan, table, "2022-12-31", by="office"))


def _shown(figures: ReportFigures) -> list[dict[str, tuple[str, str]]]:
    """For each format the counted cases and those in time of each group, as it shows them."""
    page = Page.of(report_text(figures, "html", language="en"))
    of_page = {row[0]: (row[3], row[2]) for row in page.table("By office").rows}
    text = report_text(figures, "markdown", language="en").split("**By office**")[1]
    cells = [line.strip("| ").split(" | ") for line in text.split("\n\n")[1].splitlines()[2:]]
    of_text = {row[0]: (row[3], row[2]) for row in cells}
    sheet = rows(opened(figures, hide_below=5)["Groups"])
    of_sheet = {row[2]: (str(row[5]), str(row[4])) for row in sheet}
    return [of_page, of_text, of_sheet]


@settings(max_examples=5, derandomize=True, deadline=None)
@given(_ROWS)
def test_no_format_gives_a_small_count_away(counts: list[tuple[int, int]]) -> None:
    named = {f"g{n}": of for n, of in enumerate(counts) if of[0]}
    if not named:
        return
    of_page, *others = _shown(_figures_with(counts))
    assert others == [of_page, of_page]
    assert of_page.keys() == named.keys()
    known = [named[name] for name in of_page]
    hidden = {n for n, cell in enumerate(of_page.values()) if cell == ("–", "–")}
    for n, (cell, true) in enumerate(zip(of_page.values(), known, strict=True)):
        assert n in hidden or cell == (str(true[0]), str(true[1]))
    totals = [sum(c for c, _ in known), sum(m for _, m in known), sum(c - m for c, m in known)]
    if len(known) > 1 and not any(0 < total < 5 for total in totals):
        assert not [count for count in worked_out(known, hidden) if 0 < count < 5]


def _shown_cells(figures: ReportFigures) -> list[str]:
    """The cells of all tables of a page with headlines withheld but the headings of rows."""
    text = report_text(figures, "html", language="en", hide_headlines=True)
    return [cell for table in Page.of(text).tables for row in table.rows for cell in row[1:]]


@settings(max_examples=8, derandomize=True, deadline=None)
@given(_ROWS)
def test_with_headlines_withheld_no_small_number_is_on_the_page(
    counts: list[tuple[int, int]],
) -> None:
    figures = _figures_with([pair for pair in counts if pair[0]] or [(1, 1)])
    assert not {"1", "2", "3", "4"} & {cell.strip() for cell in _shown_cells(figures)}


def test_withheld_headlines_by_hand_in_every_format() -> None:
    # Of 1a one case is late, of 1b one is excluded, and of 2 one row is outside: it has no decision.
    found = opened(FIGURES, hide_headlines=True, hide_below=5)
    by_id = {row[0]: row for row in rows(found["Summary"], 3)}
    assert by_id["1a"][3:7] == ["–", "–", "–", "✓ met"]
    assert by_id["1b"][3:7] == ["–", "–", "–", "✓ met"]
    assert by_id["2"][3:7] == ["–", "–", "–", "✗ missed"]
    assert found.sheetnames == ["Summary", "Requirements", "Notes", "How it was counted"]
    # 30 of 50 in time, 20 late, none excluded and none outside: nothing is small.
    large = report_text(
        _figures_with([(20, 10), (30, 20)]), "markdown", language="en", hide_headlines=True
    )
    assert "| 60.0 % | 90 % within 10 days | 50 |" in large
    for form in ("html", "markdown"):
        text = report_text(FIGURES, form, language="en", hide_headlines=True)
        for figure in ("92.3", "5.7 days", "hangs on", "five days"):
            assert figure not in text
        assert "The figures are withheld, as one of them is of fewer than 5 cases." in text
        assert "One note with a small number is left out." in text
        assert "92.3" in report_text(FIGURES, form, language="en")


def test_a_hidden_month_is_not_drawn() -> None:
    # Every month of 1a has one or two cases: none is shown, and none is in what the chart draws.
    book = opened(FIGURES, hide_below=5)
    series = [row for row in rows(book["Series"]) if row[0] == "1a"]
    assert [(row[3], row[8], row[9]) for row in series] == [("–", None, None)] * 10

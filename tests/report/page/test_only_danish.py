"""A report in Danish of a plan in Danish has no English word: neither in notes nor anywhere else (R2)."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

import kpi
from kpi.evaluation.report_figures.figures import report_figures
from kpi.report import terminal
from kpi.report.page.catalogue import catalogue
from kpi.report.page.terminal_words import terminal_words
from kpi.report.page.write import report_bytes, report_text
from tests.report.page.read_back import Page
from tests.report.page.test_messages import templates

SPAN = 'start = "indgivet"\nend = "afgjort"\n'
ELSEWHERE = ("k13", "k14", "k15")
"""The targets that are not of the cases."""
TARGETS = {
    "k1": f'rule = "within"\n{SPAN}limit = "1 month"\nthreshold = 90\ngoal = "m1"',
    "k2": f'rule = "average"\n{SPAN}limit = "40 days"\ncount_as = "personer"\ngoal = "m1"',
    "k3": f'rule = "average"\n{SPAN}limit = "40 days"\nmean_of_means = "kontor"',
    "k4": f'rule = "within"\n{SPAN}limit = "10 days"\nthreshold = 0.5\neach = "kontor"',
    "k5": f'rule = "within"\n{SPAN}limit = "20 working days"\nwindow = "2022-H2"\n'
    'against = "2021-H2"\ndifference = { at_least = 0 }\nroll = "next working day"',
    "k6": f'rule = "percentile"\n{SPAN}percentile = 90\nlimit = "60 days"\n'
    'month_end = "sticky"\ncalendar = { name = "denmark", off = ["christmas eve"] }',
    "k7": f'rule = "flow"\n{SPAN}',
    "k8": f'rule = "stock"\n{SPAN}at = {{ end_of = 2022-12-31 }}\nlevel = {{ at_most = 9 }}',
    "k9": f'rule = "clearance"\n{SPAN}open_at = {{ start_of = 2022-09-01 }}\n'
    "deadline = { through = 2022-12-31 }\nthreshold = 50",
    "k10": 'rule = "count"\non = "afgjort"\nrequires = { at_least = 20 }\ndistinct = "kontor"',
    "k11": 'rule = "share"\non = "afgjort"\nhaving = { sagstype = "familie" }\nthreshold = 90',
    "k12": f'rule = "every_working_day"\n{SPAN}limit = "90 days"',
    "k13": 'rule = "milestone"\nfact = "gjort"\ndeadline = { through = 2022-12-31 }',
    "k14": 'rule = "reported"\nfact = "antal"\nrequires = { at_least = 1 }',
    "k15": f'rule = "average"\n{SPAN}limit = "40 days"\ntable = "klager"',
    "k16": f'rule = "within"\n{SPAN}limit = "1 month"\nthreshold = 1\nwhere = {{ sagstype = "fami" }}',
    "k17": f'rule = "within"\n{SPAN}limit = "12 months"\nthreshold = 90\n'
    "where = { indgivet = { since = 2022-06-01 } }",
    "k18": f'rule = "within"\n{SPAN}limit = "30 days"\nthreshold = 90\ndenominator = "overdue"\n'
    'on = "indgivet"\nrolling = "3 months"\nevery = "month"',
}
PLAN = kpi.parse_plan(
    """\
id = "prøve"
title_da = "En prøve"
title = "En prøve"
period = "2022"
weights = "reconstructed"
calendar = "denmark"

[tables.sager]
key = "sagsnr"
entry = "oprettet"
events = ["afgjort"]
dates = ["indgivet"]

[tables.klager]
key = "sagsnr"
entry = "oprettet"
events = ["afgjort"]
dates = ["indgivet"]

[tables.reported]
key = "target"
events = ["done"]

[[goals]]
id = "m1"
title_da = "Et mål"
weight = 50
"""
    + "".join(
        f'[[targets]]\nid = "{name}"\n{rest}\n' + ("" if name in ELSEWHERE else 'table = "sager"\n')
        for name, rest in TARGETS.items()
    )
)


@cache
def tables() -> dict[str, pl.DataFrame]:
    """Some hundred cases, and rows with every mistake that is counted."""
    first = dt.date(2020, 11, 20)
    rows = [
        (
            f"s{n}",
            ("nord", "syd", "vest")[n % 3],
            ("familie", "arbejde")[n % 2],
            str(1 + n % 3),
            str(first + dt.timedelta(3 * n)),
            None if n % 9 == 5 else str(first + dt.timedelta(3 * n + 5 + n % 70)),
        )
        for n in range(280)
    ]
    rows += [rows[8], ("s900", "nord", "familie", "0", "i går", "2022-05-01")]
    rows += [("s901", "nord", "arbejde", "2", "2022-03-01", "2022-02-01"), ("", *rows[7][1:])]
    rows += [("s902", "syd", "arbejde", "2", "1900-01-01", "2022-03-01")]
    sager = pl.DataFrame(
        rows,
        schema=["sagsnr", "kontor", "sagstype", "personer", "indgivet", "afgjort"],
        orient="row",
    ).with_columns(oprettet="indgivet", personer=pl.col("personer").cast(pl.Int64))
    reported = pl.DataFrame({"target": ["antal"], "done": [None], "value": [None]})
    return {
        "sager": sager,
        "reported": reported.cast({"done": pl.Date, "value": pl.Float64}),
    }


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text.casefold()))


def _texts(language: str) -> set[str]:
    """The words of all texts of a language, without the names of what is filled in."""
    parts = catalogue(language).sections.values()
    texts = [text for part in parts for text in part.values()]
    lines = [line for text in texts for line in ([text] if isinstance(text, str) else text)]
    return _words(re.sub(r"{[^}]*}", " ", " ".join(lines)))


@cache
def english() -> frozenset[str]:
    """The words of the English texts that are in no Danish text."""
    notes = re.sub(r"{[^}]*}", " ", " ".join(templates()))
    return frozenset((_texts("en") | _words(notes)) - _texts("da"))


# The table of facts, a key of plan files, versions, and the code of a calendar.
NAMES = {
    "reported",
    "target",
    "done",
    "value",
    "threshold",
    "kpi",
    "polars",
    "holidays",
    "report",
    "dk",
}


def _english_in(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("Lav den igen")]
    return [(word, line) for line in lines for word in sorted((_words(line) & english()) - NAMES)]


def test_the_words_that_are_looked_for_are_english() -> None:
    assert {"the", "cases", "of", "rows", "rejected", "estimate", "march"} <= english()
    assert _english_in("af de sager, der er talt med, the rows") != []


@pytest.fixture(scope="module")
def result() -> kpi.Result:
    return kpi.evaluate(PLAN, tables(), "2022-12-31", by="kontor", every="month")


def test_a_report(result: kpi.Result) -> None:
    figures = report_figures(PLAN, tables(), "2022-12-31", by=("kontor",))
    text = report_text(figures, "markdown", language="da")
    assert _english_in(text) == []
    page = Page.of(report_text(figures, "html", language="da"))
    assert _english_in(page.text) == []
    with ZipFile(
        BytesIO(report_bytes(figures, "xlsx", "x", language="da", hide_headlines=True))
    ) as book:
        parts = [
            n for n in book.namelist() if "sharedStrings" in n or "chart" in n or "book.xml" in n
        ]
        xml = " ".join(book.read(name).decode() for name in parts)
    cells = re.findall(r"<(?:t|c:v|a:t)(?: [^>]*)?>([^<]*)<|<sheet name=\"([^\"]*)\"", xml)
    assert len(cells) > 300
    assert _english_in("\n".join("".join(cell) for cell in cells)) == []
    codes = {note.code for note in result.notes}
    assert len(codes) > 18, codes


def test_a_table_of_a_terminal(result: kpi.Result) -> None:
    shown = terminal.plain(terminal.result_table(result, 120, terminal_words("da", PLAN)), 120)
    assert _english_in(shown) == []


def test_a_follow_up_with_what_moved(tmp_path: Path) -> None:
    plan = PLAN.only("k1", "k8", "k13")
    old = {**tables(), "sager": tables()["sager"][:200]}
    followed = kpi.follow(plan, tables(), "2022-09-30", estimate=False)
    since = kpi.compare(plan, old, tables(), "2022-03-31", "2022-09-30")
    text = followed.report(tmp_path / "x.md", language="da", comparison=since)
    assert _english_in(text) == []
    assert "det nye udtræk: sager: 1 af 285 rækker afvist: oprettet er ikke en dato" in text

"""A comparison in words: shares, means, counts, facts, requirements of several parts (F40, F43)."""

from __future__ import annotations

import polars as pl

import kpi
from kpi.report.comparison_markdown import comparison_markdown
from kpi.report.comparison_table import comparison_table
from kpi.report.comparison_words import figure, signed
from kpi.report.terminal import plain
from tests.builders import TABLE, cases, day, within

OLD = cases({"filed": "2017-01-01", "decided": "2017-01-20"})
NEW = cases(
    {"filed": "2017-01-01", "decided": "2017-01-20"},
    {"filed": "2017-02-01", "decided": "2017-04-20"},
)
REPORTED = kpi.Table("reported", key="target", events="done")


def compared() -> kpi.Comparison:
    targets = [
        kpi.Parts(id="whole", parts=[within(id="part.1"), within("3 months", id="part.2")]),
        kpi.Count(id="count", on="filed", requires={"at_least": 2}),
        kpi.Percentile(id="median", start="filed", end="decided", limit="2 months", percentile=50),
        kpi.Milestone(id="fact", deadline={"through": "2017-03-31"}, table="reported"),
    ]
    plan = kpi.Plan(
        id="p", title="A plan", period="2017", tables=[TABLE, REPORTED], targets=targets
    )
    facts = pl.DataFrame({"target": ["fact"], "done": [day("2017-03-01")]})
    old, new = ({"cases": rows, "reported": facts} for rows in (OLD, NEW))
    return kpi.compare(plan, old, new, "2017-12-31")


def test_figures_in_words() -> None:
    """Of the late case 78 days: not within a month, and within three."""
    words = {t.id: [figure(record) for _, record in t.figures] for t in compared()}
    assert words == {
        "whole": ["2 of 2", "1 of 2", "1 of 2"],
        "part.1": ["100.0 % of 1", "50.0 % of 2", "50.0 % of 2"],
        "part.2": ["100.0 % of 1", "100.0 % of 2", "100.0 % of 2"],
        "count": ["1", "2", "2"],
        "median": ["1 month of 1", "1 month of 2", "1 month of 2"],
        "fact": ["done", "done", "done"],
    }
    assert figure(None) == "–"
    assert (signed(None), signed(0), signed(-1_234)) == ("", "0", "-1,234")


def test_a_table_and_a_page_name_the_bucket_at_which_the_verdict_turned() -> None:
    comparison = compared()
    text, page = plain(comparison_table(comparison, 80), 80), comparison_markdown(comparison)
    for found in (text, page):
        assert "whole, restated" in found
        assert "part.1, restated" in found
        assert 'met → missed, first at "registered late"' in found
        assert "No figure moved: fact" in found
        assert "A plan" in found
    assert max(map(len, text.splitlines())) <= 80

"""Limits and thresholds out of a file beside the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi
from tests.builders import LIMITS_PLAN, each_type, of_types, with_limits

PLAN = LIMITS_PLAN.replace('rule = "within"\n', 'rule = "within"\neach = "case_type"\n')


def each_with_limits(tmp_path: Path, text: str, extra: str = "") -> kpi.Plan:
    return with_limits(tmp_path, text, extra, PLAN)


LIMITS = (
    "table,case_type,limit,threshold\ncases,a,30 days,90\ncases,b,1 month,50\ngrants,a,1 day,100\n"
)


def test_limits_and_thresholds_out_of_a_file(tmp_path: Path) -> None:
    made = each_with_limits(tmp_path, LIMITS)
    found = kpi.evaluate(made, of_types(a=(9, 1), b=(1, 1)))["t"]
    assert each_type(found) == {"a": (9, 10, "met"), "b": (1, 2, "met")}
    assert [e.threshold for e in found.each] == [90, 50]
    assert (found.threshold, found.verdict) == (None, "met")
    assert kpi.evaluate(made, of_types(a=(8, 2), b=(9, 1)))["t"].verdict == "missed"
    assert kpi.dump_plan(made) == (tmp_path / "plan.toml").read_text("utf-8").replace(
        "[tables", "\n[tables"
    ).replace("[[targets", "\n[[targets")


def test_a_file_without_thresholds_leaves_it_to_the_plan(tmp_path: Path) -> None:
    text = "table,case_type,limit\ncases,a,30 days\n"
    made = each_with_limits(tmp_path, text, "threshold = 50\n")
    assert kpi.evaluate(made, of_types(a=(1, 1)))["t"].verdict == "met"
    unasked = each_with_limits(tmp_path, text)
    assert kpi.evaluate(unasked, of_types(a=(1, 1)))["t"].verdict == "indicator"


@pytest.mark.parametrize(
    ("text", "extra", "message"),
    [
        ("table,case_typ,limit\n", "", "no column case_type (did you mean 'case_typ'?)"),
        ("table,case_typ,limit\ncases,a,1 day\n", "", "no column case_type (did you mean 'case_typ'?)"),
        ("table,case_type,limit\ngrants,a,1 day\n", "", "no row for the table cases"),
        ("table,case_type,limit\ncases,a,1 dya\n", "", "limits.csv:2: unknown unit 'dya'"),
        ("table,case_type,limit\ncases,a,1 day\ncases,a,2 days\n", "", "limits.csv:3: case_type 'a' is missing or stands twice"),
        ("table,case_type,limit,threshold\ncases,a,1 day,90\ncases,b,1 day,\n", "", "no threshold for b"),
        ("table,case_type,limit,threshold\ncases,a,1 day,900\n", "", "limits.csv:2: found 900"),
        (LIMITS, "threshold = 90\n", "the file of limits has thresholds of its own"),
    ],
)  # fmt: skip
def test_files_with_mistakes(tmp_path: Path, text: str, extra: str, message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        each_with_limits(tmp_path, text, extra)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert "plan.toml:1" in str(caught.value)


def test_an_average_takes_no_thresholds(tmp_path: Path) -> None:
    text = PLAN.replace("within", "average")
    (tmp_path / "limits.csv").write_text(LIMITS, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(kpi.PlanError, match="an average has none"):
        kpi.load_plan(tmp_path / "plan.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    with pytest.raises(kpi.PlanError, match=r"limits\.csv: cannot be read: No such file"):
        kpi.load_plan(tmp_path / "plan.toml")
    with pytest.raises(kpi.PlanError, match="load the plan from its file"):
        kpi.parse_plan(PLAN)
    with pytest.raises(kpi.PlanError, match="the name of a file beside the plan"):
        kpi.parse_plan(PLAN.replace("limits.csv", "../limits.csv"), beside=tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("table,case_type,limit\ncases,,1 day\n", "limits.csv:2: case_type '' is missing or stands twice"),
        ("table,case_type,limit\ngrants,a,1 day\ncases,a,1 dya\n", "limits.csv:3: unknown unit 'dya'"),
    ],
)  # fmt: skip
def test_where_in_a_file_a_mistake_is(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        with_limits(tmp_path, text, "threshold = 50\n")
    assert message in str(caught.value)


def test_a_file_without_its_column_is_refused(tmp_path: Path) -> None:
    made = LIMITS_PLAN.replace(', by = "case_type"', "")
    with pytest.raises(
        kpi.PlanError, match=r"target t, limit: found { file = 'limits.csv' }; accepted"
    ):
        with_limits(tmp_path, "table,case_type,limit\n", "threshold = 50\n", made)


def test_a_file_that_a_spreadsheet_wrote(tmp_path: Path) -> None:
    """With a byte-order mark."""
    text = "\ufefftable,case_type,limit\ncases,a,30 days\n"
    made = with_limits(tmp_path, text, "threshold = 50\n")
    assert made.leaves()[0].limit_text == "the limit of its case_type"


def test_a_reading_takes_the_limits_of_its_target_s_table(tmp_path: Path) -> None:
    made = LIMITS_PLAN.replace("cases", "grants").replace(
        'limit = { file = "limits.csv", by = "case_type" }',
        'table = "grants"\nlimit = "1 day"\nthreshold = 50\n[[targets.readings]]\nname = "own"\n'
        'limit = { file = "limits.csv", by = "case_type" }',
    )
    text = "table,case_type,limit\ngrants,a,2 days\ncases,a,3 days\n"
    target = with_limits(tmp_path, text, made=made).leaves()[0]
    other = target.with_reading(target.readings[0])
    assert isinstance(other, kpi.Within)
    assert (
        other.limit
        == kpi.parse_plan(made, beside=tmp_path).leaves()[0].readings[0].changes["limit"]
    )
    assert str(getattr(other.limit, "limits", None)) == str({"a": kpi.Span(days=2)})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        # A longer row before any other, and a column that is missing.
        ("table,case_type\ncases,a,30 days\n", r"limits\.csv: no column limit; accepted"),
        ("table,case_type,limit\n\n\ncases,a\n", r"limits\.csv:4: a row of another length"),
        (
            'table,case_type,limit\ncases,"a\nb",1 day\ncases,c,1 moth\n',
            r"limits\.csv:4: unknown unit",
        ),
    ],
)
def test_a_mistake_in_a_file_of_limits_is_named_by_its_line(
    text: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(kpi.PlanError, match=complaint):
        each_with_limits(tmp_path, text)

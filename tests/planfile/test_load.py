"""Plan files read: every mistake at once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi
from tests.commands import PLAN

PARTS = """\
id = "p"
period = "2017"

[tables.reported]
key = "target"
events = "done"

[[targets]]
id = "1"
title = "Two things"

[[targets.parts]]
id = "1a"
rule = "milestone"
deadline = { through = 2017-06-30 }

[[targets.parts.readings]]
name = "before"
deadline = { before = 2017-06-30 }

[[targets.parts]]
id = "1b"
rule = "milestone"
deadline = "2017"
"""


def test_parts_in_a_plan_file() -> None:
    made = kpi.parse_plan(PARTS)
    assert [leaf.id for leaf in made.leaves()] == ["1a", "1b"]
    assert kpi.dump_plan(made).replace('["done"]', '"done"') == PARTS
    broken = PARTS.replace('deadline = "2017"', 'deadlin = "2017"').replace(
        "before = 2017-06-30", "befor = 2017-06-30"
    )
    with pytest.raises(kpi.PlanError) as caught:
        kpi.parse_plan(broken)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("plan:21: target 1, part 1b, deadline: missing")
    assert lines[1].startswith("plan:24: target 1, part 1b, deadlin: unknown key")
    misread = PARTS.replace("before = 2017-06-30", "befor = 2017-06-30")
    with pytest.raises(
        kpi.PlanError,
        match=r"plan:19: target 1, part 1a, reading before, deadline\.befor: unknown key",
    ):
        kpi.parse_plan(misread)


def mistakes(text: str) -> list[str]:
    with pytest.raises(kpi.PlanError) as caught:
        kpi.parse_plan(text, "plan.toml")
    return str(caught.value).splitlines()


def test_every_mistake_at_once_each_with_line_place_found_and_accepted() -> None:
    text = """\
id = "x"
period = "2017-H3"
perid = 1

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[tables.other]
key = "id"
evnts = ["decided"]

[[targets]]
id = "1"
rule = "withn"

[[targets]]
id = "2"
rule = "within"
where = { filed = { since = 2017-02-30, befor = 2018-01-01 }, case_type = "a" }
start = "flied"
end = "decided"
limit = "7 moths"
treshold = 90
threshold = 190

[[targets]]
id = "2"
rule = "within"
start = "filed"
end = "decided"
limit = "7 months"
window = { since = 2018-01-01, before = 2017-01-01 }
threshold = 90
"""
    found = mistakes(text)
    expected = [
        ("plan.toml:2: period: found '2017-H3'", "accepted: a year '2022'"),
        ("plan.toml:3: perid: unknown key", "did you mean 'period'?"),
        ("plan.toml:12: table other, evnts: unknown key", "did you mean 'events'?"),
        ("plan.toml:16: target 1, rule: unknown rule 'withn'", "reported, share, stock, within (did you mean 'within'?)"),
        ("plan.toml:21: target 2, where.filed.befor: unknown key", "did you mean 'before'?"),
        ("plan.toml:21: target 2, where.filed.since: found '2017-02-30'", "a date that exists"),
        ("plan.toml:22: target 2, start: 'flied' is not a declared date", "accepted: filed, decided (did you mean 'filed'?)"),
        ("plan.toml:24: target 2, limit: unknown unit 'moths'", "(years, months, weeks, days, working days, working hours, working minutes, hours, minutes), such as '7 months' (did you mean 'months'?)"),
        ("plan.toml:25: target 2, treshold: unknown key", "did you mean 'threshold'?"),
        ("plan.toml:26: target 2, threshold: found 190", "at most 100"),
        ("plan.toml:29: target 2, id: duplicate id '2'", "target number 2 has it already"),
        ("plan.toml:34: target 2, window: the window ends before it starts", "since 2018-01-01 and before 2017-01-01"),
    ]  # fmt: skip
    assert len(found) == len(expected)
    for line, (start, part) in zip(found, expected, strict=True):
        assert line.startswith(start)
        assert part in line


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('id = "1"\n', "", "plan.toml:9: target number 1, id: missing; accepted: the document's own number"),
        ('rule = "within"\n', "", "plan.toml:9: target 1, rule: missing; accepted: average"),
        ('limit = "1 month"\n', "", "plan.toml:9: target 1, limit: missing; accepted: the longest time"),
        ("threshold = 90", "threshold = 0", "plan.toml:16: target 1, threshold: found 0; accepted"),
        ("threshold = 90", "threshold = true", "plan.toml:16: target 1, threshold: found true"),
        ("threshold = 90", "threshold = nan", "plan.toml:16: target 1, threshold: found NaN"),
        ('"1 month"', '"7"', "plan.toml:15: target 1, limit: found '7'; accepted: a whole number"),
        ('"1 month"', "7", "plan.toml:15: target 1, limit: found 7; accepted: a whole number"),
        ('"1 month"', '"-7 days"', "plan.toml:15: target 1, limit: found '-7 days'; accepted"),
        ('"1 month"', '"7.5 months"', "plan.toml:15: target 1, limit: found '7.5 months'"),
        ('"1 month"', '"101 years"', "plan.toml:15: target 1, limit: found 101 years; accepted: at most 100"),
        ('"1 month"', '"99999999 days"', "plan.toml:15: target 1, limit: found 99999999 days"),
        ('"1 month"', '"1 day and 2 days"', "plan.toml:15: target 1, limit: found days twice"),
        ('"1 month"', '{ colum = "due" }', "plan.toml:15: target 1, limit: found { colum = 'due' }; accepted: a text such as '7 months'"),
        ('"1 month"', '{ column = "due" }', "plan.toml:15: target 1, limit.column: 'due' is not a declared date"),
        ('end = "decided"', 'end = ""', "plan.toml:14: target 1, end: found ''; accepted: a text"),
        ('"visa"', "[]", "plan.toml:12: target 1, where.case_type: an empty list"),
        ('"visa"', '["a", 1]', "plan.toml:12: target 1, where.case_type: found values of several kinds"),
        ('"visa"', "1.5", "plan.toml:12: target 1, where.case_type: found 1.5"),
        ('"visa"', "{ at_least = 1, before = 2017-01-01 }", "plan.toml:12: target 1, where.case_type: found bounds of dates and of numbers"),
        ('"visa"', '{ not = "a", in = "2017" }', "plan.toml:12: target 1, where.case_type: 'in' stands alone"),
        ('"visa"', "{ in = 2017 }", "plan.toml:12: target 1, where.case_type.in: found 2017"),
        ('"visa"', "{ in = \"2017\" }", "plan.toml:12: target 1, where.case_type: 'case_type' is not a declared date"),
        ('"visa"', '{ at_least = "1" }', "plan.toml:12: target 1, where.case_type.at_least: found '1'"),
        ('"visa"', "{}", "plan.toml:12: target 1, where.case_type: an empty condition"),
        ('case_type = "visa"', 'filed = "2017"', "plan.toml:12: target 1, where.filed: 'filed' is a date; accepted: since"),
        ('case_type = "visa"', "filed = { since = 2017-01-01, after = 2017-01-01 }", "plan.toml:12: target 1, where.filed: found both since and after"),
        ('{ case_type = "visa" }', '"visa"', "plan.toml:12: target 1, where: found 'visa'; accepted: conditions"),
        ('rule = "within"', 'rule = "within"\non = "filed"', "plan.toml:12: target 1, on: found 'on' with the denominator closed"),
        ('rule = "within"', 'rule = "within"\ndenominator = "cohrt"', "plan.toml:12: target 1, denominator: found 'cohrt'; accepted: closed, cohort, overdue, due, settled, open (did you mean 'cohort'?)"),
        ('rule = "within"', 'rule = "within"\ntable = "case"', "plan.toml:12: target 1, table: unknown table 'case'; accepted: cases (did you mean 'cases'?)"),
        ('rule = "within"', 'rule = "within"\nmonth_end = "upp"', "plan.toml:12: target 1, month_end: found 'upp'; accepted: down, sticky, up, refuse"),
        ('period = "2017"', "period = { since = 2017-01-01 }", "plan.toml:2: period: found a window since 2017-01-01; accepted: one with both ends"),
        ('period = "2017"', 'period = "2017"\ntime_zone = "Europe/Kobenhavn"', "plan.toml:3: time_zone: unknown time zone 'Europe/Kobenhavn'; accepted: a time zone's name, such as 'Europe/Copenhagen' (did you mean 'Europe/Copenhagen'?)"),
        ('rule = "within"', 'rule = "within"\nwindow = { since = 2017-01-01 }', "plan.toml:12: target 1, window: found a window since 2017-01-01; accepted: one with an end"),
        ('key = "case_id"', "key = []", "plan.toml:5: table cases, key: found no column"),
        ('key = "case_id"', "key = 1", "plan.toml:5: table cases, key: found 1; accepted: a column's name"),
        ('events = ["decided"]', 'events = ["decided", "filed"]', "plan.toml:4: table cases: filed: a column is the entry, an event or a date"),
        ('events = ["decided"]', 'events = ["decided", "decided"]', "plan.toml:7: table cases, events: found a name twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(old: str, new: str, line: str) -> None:
    assert old in PLAN
    found = mistakes(PLAN.replace(old, new, 1))
    assert len(found) == 1
    assert found[0].startswith(line)


def test_a_column_cannot_be_text_and_a_number() -> None:
    second = (
        PLAN[PLAN.index("[[targets]]") :].replace('id = "1"', 'id = "2"').replace('"visa"', "5")
    )
    assert mistakes(PLAN + "\n" + second) == [
        "plan.toml:21: target 2, where.case_type: found integer; target 1 takes 'case_type' for text"
    ]


def test_a_plan_without_targets_or_tables() -> None:
    assert mistakes('id = "p"\nperiod = "2017"\n') == [
        "plan.toml: targets: found none; accepted: at least one target"
    ]
    assert "unknown table 'cases'; accepted: none is declared" in mistakes(
        PLAN.replace("[tables.cases]", "[tables]").replace('key = "case_id"\nentry = "filed"\nevents = ["decided"]\n', "")
    )[0]  # fmt: skip
    assert mistakes(PLAN.replace("[tables.cases]", "[[tables]]"))[0] == (
        "plan.toml:4: tables: accepted: a section [tables.NAME] for each table"
    )
    assert mistakes('id = "p"\nperiod = "2017"\ntargets = 5\n') == [
        "plan.toml:3: targets: accepted: targets, each under a line [[targets]]"
    ]


def test_a_text_that_is_no_toml() -> None:
    assert mistakes("id = \nperiod = 1") == ["plan.toml:1: not valid TOML: Invalid value"]
    assert mistakes('id = "a"\nid = "b"')[0].startswith(
        "plan.toml:2: not valid TOML: Cannot overwrite a value"
    )


def test_a_date_that_does_not_exist_hides_no_other_mistake() -> None:
    text = PLAN.replace("case_type", "filed = { before = 2017-13-01 }, case_type").replace(
        "90", "900"
    )
    assert [line.split("; ")[0] for line in mistakes(text)] == [
        "plan.toml:12: target 1, where.filed.before: found '2017-13-01'",
        "plan.toml:16: target 1, threshold: found 900",
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes('id = "å"'.encode("latin-1"))
    for path, message in [
        (tmp_path / "none.toml", "no such file"),
        (tmp_path, "is a directory"),
        (latin, "not UTF-8 at byte 6; save the plan file as UTF-8"),
    ]:
        with pytest.raises(kpi.PlanError, match=message):
            kpi.load_plan(path)


def test_a_plan_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_text(PLAN, encoding="utf-8-sig")
    assert kpi.load_plan(path) == kpi.parse_plan(PLAN)


@pytest.mark.parametrize(
    "text",
    [
        PLAN.replace('id = "1"', 'id = ["a"]'),
        PLAN.replace('id = "1"', "id = { a = 1 }"),
        PLAN.replace('rule = "within"', 'rule = "within"\ntable = ["cases"]'),
        PLAN.replace('rule = "within"', 'rule = "within"\nnote = """\n[]\n[{}]\n"""').replace(
            "90", "900"
        ),
        PLAN.replace("90", "1e99999999999999999999"),
        PLAN.replace("90", "9" * 5000),
        PLAN.replace('"visa"', "[" * 5000),
        PLAN.replace('"visa"', str(2**63)),
        PLAN.replace('"visa"', "{ at_least = " + str(2**200) + " }"),
        PLAN.replace('rule = "within"', 'rule = "within"\nwindow = { before = 0001-01-01 }'),
        PLAN.replace("visa", "\ud800"),
    ],
)
def test_no_text_leads_out_of_the_error_tree(text: str) -> None:
    assert all(line.startswith("plan.toml") for line in mistakes(text))


def test_a_date_inside_a_text_does_not_hide_where_toml_is_wrong() -> None:
    text = PLAN.replace('id = "p"', 'id = "p"\nnote = "on 2017-02-30 x"') + "oops\n"
    assert mistakes(text)[0].startswith("plan.toml:18: not valid TOML")


def test_a_table_is_declared_once() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events="decided")
    for tables, message in (
        ([table, table], "a table twice"),
        ([1], "found 1; accepted: a kpi.Table"),
    ):
        with pytest.raises(kpi.PlanError, match=message):
            kpi.Plan(id="p", period="2017", tables=tables, targets=[])  # type: ignore[arg-type]

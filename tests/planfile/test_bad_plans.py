"""Plan files and files of limits that are refused, a line for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import GOOD, HEADER, PLAN, mistakes

pytestmark = pytest.mark.usefixtures("here")


def of_plan(text: str | bytes, command: str = "check") -> list[str]:
    Path("wrong.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return mistakes(command, "wrong.toml")


def changed(old: str, new: str) -> str:
    assert old in PLAN
    return PLAN.replace(old, new, 1)


PLANS: dict[str, tuple[str | bytes, str]] = {
    "Latin-1": (changed('id = "p"', 'id = "æ"').encode("latin-1"), "wrong.toml: not UTF-8 at byte 6; save the plan file as UTF-8"),
    "UTF-16": (PLAN.encode("utf-16"), "wrong.toml: not UTF-8 at byte 0; save the plan file as UTF-8"),
    "an unclosed quote": (changed('"filed"', '"filed'), "wrong.toml:6: not valid TOML: a text is not closed: its line lacks the second quote"),
    "an unclosed long quote": (changed('"filed"', '"""filed"'), "wrong.toml:6: not valid TOML: Unterminated string"),
    "a key twice": (changed('entry = "filed"', 'entry = "filed"\nentry = "x"'), "wrong.toml:7: not valid TOML: Cannot overwrite a value"),
    "no TOML": ("a plan\n", "wrong.toml:1: not valid TOML: Expected '=' after a key in a key/value pair"),
    "a table": (HEADER + GOOD, "wrong.toml:1: not valid TOML: Expected '=' after a key in a key/value pair"),
    "an empty file": ("", "wrong.toml: id: missing; accepted: a short name for the plan"),
    "a key of the plan in a section": (changed('entry = "filed"', 'entry = "filed"\ntime_zone = "Europe/Oslo"'), "wrong.toml:7: table cases, time_zone: a key of the plan, which stands above the first section; accepted here: "),
    "a key of the plan in a target": (changed("threshold = 90", 'threshold = 90\nweights = "stated"'), "wrong.toml:17: target 1, weights: a key of the plan, which stands above the first section; accepted here: "),
    "a number": (changed('"visa"', "1.5"), "wrong.toml:12: target 1, where.case_type: found 1.5; accepted: "),
    "a date": (changed('"1 month"', "2022-01-01"), "wrong.toml:15: target 1, limit: found 2022-01-01; accepted: "),
    "true": (changed("90", "true"), "wrong.toml:16: target 1, threshold: found true; accepted: "),
    "a table within": (changed('"1 month"', '{ days = 1.5, a = { "b c" = true } }'), "wrong.toml:15: target 1, limit: found { days = 1.5, a = { 'b c' = true } }; accepted: "),
    "a list": (changed('"filed"', "[2022-01-01, 'a']"), "wrong.toml:6: table cases, entry: found [2022-01-01, 'a']; accepted: a text"),
    "no date is declared": (PLAN.replace('entry = "filed"\nevents = ["decided"]\n', "").replace('end = "decided"', 'end = "filed"'), "wrong.toml:11: target 1, start: 'filed' is not a declared date of table cases; accepted: none is declared"),
    "an unknown encoding": (changed('entry = "filed"', 'entry = "filed"\nencoding = "latn1"'), "wrong.toml:7: table cases, encoding: found 'latn1'; accepted: utf-8, utf-16, windows-1252, iso-8859-1, iso-8859-15, cp850, cp865, cp437, or another that Python knows (did you mean 'latin1'?)"),
    "goals that are a text": ('goals = "x"\n' + PLAN, "wrong.toml:1: goals: accepted: goals, each under a line [[goals]]"),
    "parts that are a number": (changed("threshold = 90", "threshold = 90\n[[targets]]\nid = '2'\nparts = 3"), "wrong.toml:19: target 2, parts: accepted: parts, each under a line [[targets.parts]]"),
    "parts that are one section": (PLAN + "[[targets]]\nid = '2'\n[targets.parts]\nid = '2a'\n", "wrong.toml:19: target 2, parts: accepted: parts, each under a line [[targets.parts]]"),
    "a table that is a number": (changed("[tables.cases]", "[tables]\nother = 1\n[tables.cases]"), "wrong.toml:4: tables: accepted: a section [tables.NAME] for each table"),
    "a goal that is a list": (changed('id = "1"', 'id = "1"\ngoal = []'), "wrong.toml:11: target 1, goal: "),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line"), PLANS.values(), ids=PLANS)
def test_a_mistake_in_a_plan_is_a_line(text: str | bytes, line: str) -> None:
    found = of_plan(text)
    if text == "":
        assert line in found  # beside what else it lacks
    elif "declared date" in line or "goal" in line:
        assert found[0].startswith(line)  # of two dates, or of a goal that is none either
    else:
        assert len(found) == 1
        assert found[0].startswith(line)


def test_paths_that_lead_to_no_plan(here: Path) -> None:
    (here / "cases.csv").write_text(HEADER + GOOD)
    assert mistakes("check", "none.toml") == ["none.toml: no such file"]
    assert mistakes("check", ".") == [".: is a directory; expected a plan file (TOML)"]
    assert mistakes("evaluate", "cases.csv", "plan.toml") == [
        "cases.csv: is no plan file (TOML); the plan comes first, then the tables"
    ]


@pytest.mark.parametrize(
    ("limits", "lines"),
    [
        (None, ["limits.csv: cannot be read: No such file or directory"]),
        ("table,case_type,limit\ncases,æ,1 month\n".encode("latin-1"), ["limits.csv: not UTF-8; save it as UTF-8"]),
        (b"table;case_type;limit\ncases;visa;1 month\n", ["limits.csv: no column table, case_type, limit; accepted: table, case_type, limit and perhaps threshold"]),
        (b"Table,case_type,limit\ncases,visa,1 month\n", ["limits.csv: no column table (did you mean 'Table'?); accepted: table, case_type, limit and perhaps threshold"]),
        (b"table,case_type,limit\ncases,visa\ncases,visa,1 mth\ncases,,1 month\n", ["limits.csv:2: a row of another length than the header", "limits.csv:3: unknown unit 'mth'", "limits.csv:4: case_type '' is missing or stands twice"]),
        (b"table,case_type,limit\nother,visa,1 month\n", ["limits.csv: no row for the table cases"]),
        (b"", ["limits.csv: no column table, case_type, limit"]),
    ],
)  # fmt: skip
def test_mistakes_in_a_file_of_limits_are_a_line_each(
    limits: bytes | None, lines: list[str], here: Path
) -> None:
    if limits is not None:
        (here / "limits.csv").write_bytes(limits)
    found = of_plan(changed('"1 month"', '{ file = "limits.csv", by = "case_type" }'))
    assert len(found) == len(lines)
    for said, line in zip(found, lines, strict=True):
        assert said.startswith(f"wrong.toml:15: target 1, limit.file: {line}")

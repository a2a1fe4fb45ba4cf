"""Files of expected cases: what they may say, and what a mistake in them is told as."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import kpi
from kpi.cli import main

SMALL = """
id = "small"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[tables.contacts]
key = "contact_id"
entry = "arrived"
events = ["served"]

[tables.reported]
key = "target"
events = ["done"]

[[targets]]
id = "1"
rule = "within"
where = { case_type = "visa", urgent = true, stage = { at_least = 2 } }
start = "filed"
end = "decided"
limit = "30 days"
threshold = 90

[[targets]]
id = "2"
rule = "average"
start = "filed"
end = "decided"
limit = "30 days"

[[targets]]
id = "3"
rule = "within"
table = "contacts"
start = "arrived"
end = "served"
denominator = "overdue"
limit = "1 hour"
threshold = 80

[[targets]]
id = "4"

[[targets.parts]]
id = "4a"
rule = "milestone"
deadline = { through = 2022-06-30 }

[[targets.parts]]
id = "4b"
rule = "reported"
requires = { less_than = 7 }
"""


VISA = 'case_type = "visa"\nurgent = true\nstage = 2\n'


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], list[str]]:
    """What comes out otherwise than a text says, in words."""

    def run(text: str) -> list[str]:
        file = tmp_path / "small.expected.toml"
        file.write_text(text, encoding="utf-8")
        found = kpi.check_expected(kpi.parse_plan(SMALL), file)
        return [str(one).removeprefix(f"{tmp_path}/") for one in found]

    return run


def test_a_difference_says_where_and_what(check: Callable[[str], list[str]]) -> None:
    text = f"""
[[cases]]
case_id = "as it should be"
{VISA}filed = 2022-03-01
decided = 2022-03-31
expect = {{ "1" = "met", "2" = "counted" }}

[[cases]]
case_id = "a day late"
{VISA}filed = 2022-03-01
decided = 2022-04-01
expect = {{ "1" = "met", "2" = "counted" }}

[[cases]]
{VISA}decided = 2022-04-01
expect = {{ "1" = "met" }}

[verdicts]
"1" = "met"
"""
    assert check(text) == [
        f"small.expected.toml:{said}"
        for said in (
            "18: cases, case 'a day late', target 1: expected met, found not met (due 2022-03-31)",
            "25: cases, case 'row 3', target 1: expected met, found excluded: start missing",
            "28: target 1: expected the verdict met, found missed",
        )
    ]


def test_a_difference_is_a_record(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(
        f'[[cases]]\n{VISA}filed = 2022-03-01\ndecided = 2022-04-01\nexpect = {{ "1" = "met" }}\n'
    )
    assert kpi.check_expected(kpi.parse_plan(SMALL), file) == [
        kpi.Difference(
            file=str(file),
            line=7,
            table="cases",
            case="row 1",
            target="1",
            expected="met",
            found="not met",
            due=dt.date(2022, 3, 31),
        )
    ]


@pytest.mark.parametrize(
    ("row", "target", "outcome"),
    [
        (f"{VISA}filed = 2022-03-01\ndecided = 2022-03-31", "1", "met"),
        (f"{VISA}filed = 2022-03-01\ndecided = 2022-04-01", "1", "not met"),
        ("filed = 2022-03-01\ndecided = 2022-03-31", "2", "counted"),
        (f"{VISA}filed = 2022-03-01", "1", "outside"),
        (f"{VISA}decided = 2022-03-01", "1", "excluded"),
        (f"{VISA}decided = 2022-03-01", "1", "excluded: start missing"),
        (f"{VISA}filed = 2022-09-01\ndecided = 2022-09-02", "1", "hidden"),
        # Known at the end of 31 August: the decision of the day after is not.
        (f"{VISA}filed = 2022-08-01\ndecided = 2022-09-01", "1", "outside"),
        # A time with a zone is a day of the plan's: 22:30 in London is half past midnight in Aarhus.
        (f"{VISA}filed = 2022-06-30T22:30:00Z\ndecided = 2022-07-31", "1", "met"),
        (f"{VISA}filed = 2022-06-30T21:30:00Z\ndecided = 2022-07-31T10:00:00", "1", "not met"),
    ],
)
def test_what_may_become_of_a_row(
    row: str, target: str, outcome: str, check: Callable[[str], list[str]]
) -> None:
    def text(*outcomes: str) -> str:
        rows = (f'[[cases]]\n{row}\nexpect = {{ "{target}" = "{word}" }}\n' for word in outcomes)
        return "\n".join(["as_of = 2022-08-31", *rows])

    assert check(text(outcome)) == []
    words = {"met", "not met", "counted", "undetermined", "outside", "excluded", "hidden"}
    others = sorted(words - {outcome.partition(":")[0]})
    if ":" in outcome:
        others.append("excluded: limit missing")
    said = check(text(*others))
    assert len(said) == len(others)
    assert all(
        f"'{other}'" in line or other in line for other, line in zip(others, said, strict=True)
    )


def test_an_open_case_may_be_undetermined(check: Callable[[str], list[str]]) -> None:
    # In time only until the hour is over, which is on the day after the one we look at.
    text = """
as_of = 2022-08-31
[[contacts]]
arrived = 2022-08-31T23:30:00
expect = { "3" = "undetermined" }
[[contacts]]
arrived = 2022-08-31T22:30:00
expect = { "3" = "not met" }
"""
    assert check(text) == []


def test_a_row_that_cannot_be_used_is_rejected(tmp_path: Path) -> None:
    text = SMALL.replace('key = "contact_id"', 'key = ["contact_id", "arrived"]')
    file = tmp_path / "x.toml"
    file.write_text(
        '[[contacts]]\nserved = 2022-08-31T23:30:00\nexpect = { "3" = "rejected: arrived missing" }'
    )
    assert kpi.check_expected(kpi.parse_plan(text), file) == []


def test_without_an_as_of_the_plans_last_day_is_taken(check: Callable[[str], list[str]]) -> None:
    text = f'[[cases]]\n{VISA}filed = DAY\nexpect = {{ "1" = "WORD" }}\n'
    assert check(text.replace("DAY", "2022-12-31").replace("WORD", "outside")) == []
    assert check(text.replace("DAY", "2023-01-01").replace("WORD", "hidden")) == []


def test_a_fact_may_be_written_down_several_times(check: Callable[[str], list[str]]) -> None:
    text = """
[[reported]]
target = "4a"
done = 2022-06-30
expect = { "4a" = "met" }

[[reported]]
target = "4a"
done = 2022-07-01
expect = { "4a" = "not met" }

[[reported]]
target = "4b"
value = 6.9
expect = { "4b" = "met" }

[[reported]]
target = "4b"
value = 7
expect = { "4b" = "not met", "4a" = "outside" }

[[reported]]
target = "4b"
expect = { "4b" = "excluded: value missing" }

[verdicts]
"4" = "met"
"4b" = "met"
"""
    assert check(text) == []
    # The verdicts are those of the first of each, and a number is counted whatever it is.
    assert check(text.replace('{ "4b" = "met" }', '{ "4b" = "counted" }')) == []
    assert check(text.replace("6.9", "7.0")) == [
        "small.expected.toml:15: reported, case '4b', target 4b: expected met, found not met",
        "small.expected.toml:27: target 4: expected the verdict met, found missed",
        "small.expected.toml:28: target 4b: expected the verdict met, found missed",
    ]


def test_ids_that_are_not_given_repeat_none(check: Callable[[str], list[str]]) -> None:
    day = 'filed = 2022-03-01\ndecided = 2022-03-02\nexpect = { "2" = "counted" }\n'
    assert check(f'[[cases]]\ncase_id = "row 2"\n{day}[[cases]]\n{day}') == []
    twice = day.replace("counted", "excluded: repeated id")
    assert check(f"[[cases]]\ncase_id = 7\n{twice}" * 2) == []


def test_dates_need_not_be_as_the_tables_have_them(tmp_path: Path) -> None:
    text = SMALL.replace('entry = "filed"', 'entry = "filed"\ndate_format = "%d.%m.%Y"')
    file = tmp_path / "x.toml"
    file.write_text(
        '[[cases]]\nfiled = 2022-03-01\ndecided = 2022-03-02\nexpect = { "2" = "counted" }\n'
    )
    assert kpi.check_expected(kpi.parse_plan(text), file) == []


ROW = '[[cases]]\nfiled = 2022-03-01\nexpect = { "2" = "outside" }\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[case]]\nfiled = 2022-03-01\n", "1: case: unknown table; the plan declares: cases, contacts, reported (did you mean 'cases'?)"),
        ("as_off = 2022-12-31\n" + ROW, "1: as_off: unknown table; the plan declares: cases, contacts, reported (did you mean 'as_of'?)"),
        ("[cases]\nfiled = 2022-03-01\n", "1: cases: accepted: rows, each under a line [[cases]]"),
        ('as_of = "soon"\n' + ROW, "1: as_of: found 'soon'; accepted: a date that exists, written as 2017-03-01, without a time"),
        ("[[cases]]\nfield = 2022-03-01\n", "2: cases, row 1, field: unknown column; accepted: case_id, case_type, urgent, stage, filed, decided, expect (did you mean 'filed'?)"),
        ('[[cases]]\ncase_id = "A"\nexpected = { "1" = "met" }\n', "3: cases, case 'A', expected: unknown column; accepted: case_id, case_type, urgent, stage, filed, decided, expect (did you mean 'expect'?)"),
        ('[[cases]]\nfiled = "2022-03-01"\n', "2: cases, row 1, filed: found '2022-03-01'; accepted: a date or a time, without quotes, such as 2017-03-01 or 2017-03-01T09:30:00"),
        ("[[cases]]\nfiled = 09:30:00\n", "2: cases, row 1, filed: found 09:30:00; accepted: a date or a time, without quotes, such as 2017-03-01 or 2017-03-01T09:30:00"),
        ("[[cases]]\nfiled = 2022-02-30\n", "2: cases, row 1, filed: found '2022-02-30'; accepted: a date or a time, without quotes, such as 2017-03-01 or 2017-03-01T09:30:00"),
        ("[[contacts]]\narrived = 2022-03-01\n", "2: contacts, row 1, arrived: found 2022-03-01; the plan counts it in hours or minutes; accepted: a time such as 2017-03-01T09:30:00"),
        ("[[cases]]\ncase_type = 1\n", "2: cases, row 1, case_type: found 1; accepted: a text, in quotes"),
        ('[[cases]]\nurgent = "yes"\n', "2: cases, row 1, urgent: found 'yes'; accepted: true or false"),
        ("[[cases]]\nstage = 2.5\n", "2: cases, row 1, stage: found 2.5; accepted: a whole number"),
        ("[[cases]]\nstage = true\n", "2: cases, row 1, stage: found true; accepted: a whole number"),
        ("[[cases]]\nstage = 99999999999999999999\n", "2: cases, row 1, stage: found 99999999999999999999; accepted: at most 18 digits"),
        ('[[reported]]\ntarget = "4b"\nvalue = "7"\n', "3: reported, case '4b', value: found '7'; accepted: a number"),
        ('[[reported]]\ntarget = "4b"\nvalue = inf\n', "3: reported, case '4b', value: found inf; accepted: a number"),
        ('[[cases]]\nexpect = { "1a" = "met" }\n', "2: cases, row 1, expect, 1a: unknown target; accepted: 1, 2 (did you mean '1'?)"),
        ('[[cases]]\nexpect = { "3" = "met" }\n', "2: cases, row 1, expect, 3: reads the table contacts, not cases"),
        ('[[reported]]\nexpect = { "4" = "met" }\n', "2: reported, row 1, expect, 4: is a requirement of several parts; name one of them: 4a, 4b"),
        ('[[cases]]\nexpect = { "1" = "meet" }\n', "2: cases, row 1, expect, 1: unknown outcome 'meet'; accepted: met, not met, counted, undetermined, outside, excluded, rejected, hidden (did you mean 'met'?)"),
        ('[[cases]]\nexpect = { "1" = true }\n', "2: cases, row 1, expect, 1: found true; accepted: met, not met, counted, undetermined, outside, excluded, rejected, hidden"),
        ('[[cases]]\nexpect = { "1" = "outside: too early" }\n', "2: cases, row 1, expect, 1: found 'outside: too early'; accepted: 'outside', for only excluded, rejected take a reason"),
        ('[[cases]]\nexpect = "met"\n', '2: cases, row 1, expect: accepted: an outcome for each target, such as { "1.1a" = "met" }'),
        ('[[cases]]\n[cases.expect]\n"1" = "met"\n"2" = "mete"\n', "4: cases, row 1, expect, 2: unknown outcome 'mete'; accepted: met, not met, counted, undetermined, outside, excluded, rejected, hidden (did you mean 'met'?)"),
        ('[verdicts]\n"5" = "met"\n', "2: verdicts, 5: unknown target; accepted: 1, 2, 3, 4, 4a, 4b"),
        ('[verdicts]\n"1" = "mised"\n', "2: verdicts, 1: unknown verdict 'mised'; accepted: met, missed, not assessable, open, secured, lost, lapsed, indicator (did you mean 'missed'?)"),
        ('verdicts = "met"\n' + ROW, '1: verdicts: accepted: a section [verdicts] with lines such as "1.1a" = "missed"'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_a_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(kpi.PlanError) as caught:
        kpi.check_expected(kpi.parse_plan(SMALL), file)
    assert str(caught.value) == f"{file}:{said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ': expects nothing; write in a row, such as: expect = { "1.1a" = "met" }'),
        ("[[cases]]\nfiled = 2022-03-01\n", ': expects nothing; write in a row, such as: expect = { "1.1a" = "met" }'),
        ("[[cases]\n", ":1: not valid TOML: "),
    ],
)  # fmt: skip
def test_a_file_without_use_says_so(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(kpi.PlanError, match=re.escape(f"{file}{said}")):
        kpi.check_expected(kpi.parse_plan(SMALL), file)


def test_every_mistake_is_named_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(
        '[[cases]]\nexpect = { "1" = "no" }\n\n[[cases]]\nfild = 2022-03-01\n\n[verdicts]\n"9" = "met"\n'
    )
    with pytest.raises(kpi.PlanError) as caught:
        kpi.check_expected(kpi.parse_plan(SMALL), file)
    lines = str(caught.value).splitlines()
    assert [line.removeprefix(f"{file}:")[:1] for line in lines] == ["2", "5", "8"]
    assert [problem.place for problem in caught.value.problems] == [
        ("verdicts", "9"),
        ("cases", 0, "expect", "1"),
        ("cases", 1, "fild"),
    ]


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    its = kpi.parse_plan(SMALL)
    with pytest.raises(kpi.PlanError, match="no such file"):
        kpi.check_expected(its, tmp_path / "none.toml")
    with pytest.raises(kpi.PlanError, match="cannot be read"):
        kpi.check_expected(its, tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[[cases]]\ncase_id = "\xe6"\n')
    with pytest.raises(kpi.PlanError, match="not UTF-8 at byte 21; save it as UTF-8"):
        kpi.check_expected(its, tmp_path / "latin.toml")


def invoke(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", *map(str, words)], catch_exceptions=False)
    return result.exit_code, result.output


def test_check_finds_the_file_beside_the_plan(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    path = tmp_path / "small.toml"
    alone = f"{path}: no mistakes; 4 targets over cases, contacts, reported\n"
    assert invoke(path) == (0, alone)
    file = tmp_path / "small.expected.toml"
    file.write_text(ROW)
    assert invoke(path) == (0, f"{alone}{file}: 1 case as expected\n")
    file.write_text(ROW * 2 + '[verdicts]\n"1" = "not assessable"\n')
    assert invoke(path) == (0, f"{alone}{file}: 2 cases and 1 verdict as expected\n")


def test_check_names_the_first_that_differs_and_exits_2(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    file = tmp_path / "others.toml"
    file.write_text(ROW + ROW.replace("outside", "counted") + ROW.replace("outside", "met"))
    code, output = invoke(tmp_path / "small.toml", "--expected", file)
    assert code == 2
    assert output.splitlines()[-1] == (
        f"kpi: {file}:6: cases, case 'row 2', target 2: expected counted, "
        "found outside: fails: decided in 2022; 1 more differs"
    )


def test_check_names_every_mistake_in_the_file_and_exits_2(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    file = tmp_path / "others.toml"
    file.write_text('[[cases]]\nfiled = 1\n[[case]]\n[[cases]]\nexpect = { "9" = "met" }\n')
    code, output = invoke(tmp_path / "small.toml", "--expected", file)
    assert code == 2
    lines = [line for line in output.splitlines() if line.startswith("kpi: ")]
    assert [line.removeprefix(f"kpi: {file}:")[:1] for line in lines] == ["2", "3", "5"]


def test_a_file_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    code, output = invoke(tmp_path / "small.toml", "--expected", tmp_path / "none.toml")
    assert (code, output.splitlines()[-1]) == (2, f"kpi: {tmp_path / 'none.toml'}: no such file")


PAUSED = """
id = "paused"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
derived = { complete = { latest = ["filed", "documented"] } }

[tables.stops]
key = "case_id"
entry = "from"
events = ["to"]
pauses = "cases"

[[targets]]
id = "1"
rule = "within"
start = "complete"
end = "decided"
limit = "30 days"
pauses = ["stops"]
threshold = 90
"""


def test_pauses_and_derived_dates_count(tmp_path: Path) -> None:
    # 30 days from 5 March are over on 4 April, and with ten more on 14 April.
    text = """
[[cases]]
case_id = "paused"
filed = 2022-03-01
documented = 2022-03-05
decided = 2022-04-14
expect = { "1" = "met" }

[[cases]]
filed = 2022-03-01
documented = 2022-03-05
decided = 2022-04-14
expect = { "1" = "not met" }

[[stops]]
case_id = "paused"
from = 2022-03-10
to = 2022-03-20
"""
    its, file = kpi.parse_plan(PAUSED), tmp_path / "x.toml"
    file.write_text(text)
    assert kpi.check_expected(its, file) == []
    file.write_text(text.replace("04-14", "04-15"))
    found = kpi.check_expected(its, file)
    assert [(one.case, one.due) for one in found] == [("paused", dt.date(2022, 4, 14))]
    file.write_text(text.replace("documented", "complete"))
    with pytest.raises(kpi.PlanError, match="complete: is derived by the plan; give what it is"):
        kpi.check_expected(its, file)

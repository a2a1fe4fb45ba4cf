"""Foreign text through each text field of each format: it commands no terminal, no page, no spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kpi.cli import main
from kpi.foreign_text import json_text, markdown_text, terminal_text
from kpi.report.csv import csv_text

HOSTILE = "\x1b[31m\x07\u202e<b>x</b>|`*_[a](http://b)\n# =1+1\r\x9b\u200f"
"""Commands of a terminal, letters from the right, HTML, Markdown, line ends."""
COMMANDS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What may reach no terminal; a line feed ends the lines of every format."""

PLAN = """\
id = {0}
title = {0}
period = "2017"

[[goals]]
id = {1}
title = {0}
weight = 100

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = {0}
title = {0}
goal = {1}
rule = "within"
where = {{ case_type = {0} }}
start = "filed"
end = "decided"
each = "case_type"
limit = {{ by = "case_type", limits = {{ {0} = "1 month", "b" = "1 day" }} }}
threshold = 90

[[targets.readings]]
name = {0}
limit = "2 months"
"""


@pytest.fixture(autouse=True)
def extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    # TOML takes JSON's escapes.
    Path("plan.toml").write_text(PLAN.format(json.dumps(HOSTILE), json.dumps(f"g{HOSTILE}")))
    pl.DataFrame(
        {
            "case_id": [HOSTILE, f"{HOSTILE}2", None],
            "case_type": [HOSTILE, HOSTILE, HOSTILE],
            HOSTILE: [HOSTILE, None, HOSTILE],
            "filed": ["2017-01-31", "2017-01-01", "2017-01-01"],
            "decided": ["2017-03-01", HOSTILE, "2017-01-02"],
        }
    ).write_parquet("cases.parquet")


def output(*args: str) -> str:
    found = CliRunner().invoke(main, [args[0], "plan.toml", "cases.parquet", *args[1:]], catch_exceptions=False)  # fmt: skip
    assert found.exit_code == 0, found.output
    return found.output


BY = ("--by", HOSTILE)
FORMATS = ("table", "json", "csv", "markdown")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", [("evaluate", *BY), ("evaluate", *BY, "--every", "month"), ("readings",), ("readings", "--month-ends")])  # fmt: skip
def test_no_format_brings_a_command_to_the_terminal(command: tuple[str, ...], form: str) -> None:
    shown = output(*command, "--format", form)
    # A CSV may hold carriage returns only as part of a line end.
    assert not COMMANDS.search(shown)
    assert "x1b" in shown or "u001b" in shown


def test_nothing_of_a_case_brings_a_command_to_the_terminal() -> None:
    shown = output("explain", HOSTILE)
    assert not COMMANDS.search(shown)
    assert shown.startswith(terminal_text(HOSTILE)[:20])


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["check", "plan.toml", "--expected", HOSTILE], 2),
        (["evaluate", HOSTILE, "cases.parquet"], 2),
        (["evaluate", "plan.toml", HOSTILE], 3),
        (["evaluate", "plan.toml", "cases.parquet", "--by", f"{HOSTILE}x"], 3),
        (["evaluate", "plan.toml", "cases.parquet", "--as-of", HOSTILE], 2),
        (["evaluate", "plan.toml", "cases.parquet", "--format", HOSTILE], 2),
        (["evaluate", "plan.toml", "cases.parquet", "--out", f"none/{HOSTILE}"], 4),
        (["explain", "plan.toml", "cases.parquet", f"{HOSTILE}x"], 3),
        ([HOSTILE], 2),
    ],
)
def test_no_message_brings_a_command_to_the_terminal(args: list[str], code: int) -> None:
    found = CliRunner().invoke(main, args, catch_exceptions=False)
    assert found.exit_code == code, found.output
    assert not COMMANDS.search(found.output)


def test_markdown_shows_hostile_text_as_text() -> None:
    for args in (("evaluate", *BY), ("readings", "--month-ends")):
        shown = output(*args, "--format", "markdown")
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(shown)
        tags = set(re.findall(r"<(\w+)", html))
        assert tags <= {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong"}  # fmt: skip
        assert "&lt;b&gt;x&lt;/b&gt;|`*_[a](http://b)" in html.replace("<wbr>", "")
        for table in html.split("<table>")[1:]:
            rows = table.partition("</table>")[0].split("<tr>")[1:]
            cells = {len(re.findall("<t[hd][ >]", row)) for row in rows}
            assert len(cells) == 1  # a bar of the data begins no cell


def test_csv_has_no_formula_on_standard_output_either() -> None:
    """Escapes were once stripped behind the neutraliser, and let a formula through."""
    shown = csv_text(
        pl.DataFrame({"\x1b[0m=1+1": ["\x1b[0m=1+1", "\x00=1", "\u202e=1", "\ufeff=1", "=1"]})
    )
    rows = list(csv.reader(io.StringIO(shown)))
    assert rows == [
        ["\\x1b[0m=1+1"],
        ["\\x1b[0m=1+1"],
        ["\\x00=1"],
        ["\\u202e=1"],
        ["'\ufeff=1"],
        ["'=1"],
    ]


def test_json_keeps_every_text_as_it_is() -> None:
    made = json.loads(output("evaluate", *BY, "--format", "json"))
    (target,) = made["targets"]
    assert target["title"] == HOSTILE
    assert {group["group"].get(HOSTILE) for group in target["groups"]} >= {HOSTILE}


def test_parquet_keeps_every_text_as_it_is() -> None:
    output("evaluate", "--format", "parquet", "--out", "o.parquet")
    frame = pl.read_parquet("o.parquet")
    assert frame["title"].to_list()[0] == HOSTILE


def test_rejects_are_neutral() -> None:
    output("evaluate", "--rejects", "r.csv", "--format", "json")
    text = Path("r.csv").read_bytes().decode()
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200f\u202e]", text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("1. of the plan", "1\\. of the plan"), ("12) x", "12\\) x"), ("- x", "\\- x"), ("+", "\\+"),
        ("===", "\\==="), ("---", "\\---"), ("-5", "-5"), ("1.5", "1.5"), ("x - y", "x - y"), ("12", "12"),
    ],
)  # fmt: skip
def test_markdown_text_begins_no_list_and_underlines_no_heading(text: str, escaped: str) -> None:
    assert markdown_text(text) == escaped


@given(TEXTS)
def test_terminal_text_prints_and_shows_what_prints_as_it_is(text: str) -> None:
    shown = terminal_text(text)
    assert shown.isprintable()
    assert terminal_text(shown) == shown
    if text.isprintable():
        assert shown == text


@given(st.text(st.sampled_from("ab 1-+.#>|`*_[]()<&!~$\\:/@^={}\"'\n"), min_size=1, max_size=14))
def test_markdown_text_reads_as_the_text_itself(text: str) -> None:
    for before in ("", "- ", "# "):
        html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(before + markdown_text(f"x{text}"))  # fmt: skip
        body = re.sub(r"</?(p|ul|li|h1)>|\n", "", html)
        for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
            body = body.replace(mark, sign)
        assert body == terminal_text(f"x{text}".strip(" "))


@given(TEXTS)
def test_json_text_keeps_the_value(text: str) -> None:
    shown = json_text(json.dumps([text], ensure_ascii=False))
    assert json.loads(shown) == [text]
    assert shown.isprintable()

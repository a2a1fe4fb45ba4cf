"""Notes: each is its sentence, and has a code that stays where the wording changes."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import polars as pl

import kpi
from kpi.definitions.notes import Note, code_of

ROOT = Path(__file__).parents[2]
PLAN = kpi.Plan(
    id="p",
    period="2017",
    tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided")],
    targets=[
        kpi.Within(
            id="1",
            where={"case_type": "visa"},
            start="filed",
            end="decided",
            limit="1 month",
            threshold=90,
        )
    ],
)
CASES = pl.DataFrame(
    {
        "case_id": ["a", "b", "b", "c", "d"],
        "case_type": ["visa", "visa", "visa", "asylum", "visa"],
        "filed": ["2017-01-01", "2017-02-01", "2017-02-01", "2017-03-01", "x"],
        "decided": ["2017-01-20", "2017-02-03", "2017-02-03", "2017-03-02", "2017-12-30"],
    }
)


def test_each_kind_of_note_has_its_code_beside_the_sentence() -> None:
    result = kpi.evaluate(PLAN, CASES)
    assert {note: note.code for note in result.notes} == {
        "as of 2017-12-31, the last day of the plan's period, as no date was given": "default-as-of",
        "the newest entry or event in the tables is of 2017-03-02, more than a month earlier: the "
        "extract is probably from before the period's end": "old-extract",
        "cases: 1 of 5 rows rejected: filed is not a date as %Y-%m-%d": "rejected-rows",
        "cases.filed: unreadable: 1 × 'x'": "unreadable-texts",
        "cases: 2 rows with a repeated id, excluded; among them b": "repeated-ids",
        "cases: of the rows with a repeated id, 2 repeat one another whole and 0 contradict one "
        "another": "repeated-rows",
        "cases.case_type: 1 row with a value that no target names: 'asylum'": "values-unnamed",
        "time is counted with month ends down (S4), where a target says nothing else": "time-options",
        "1: the verdict hangs on the excluded cases (repeated id 2): with them it could be the "
        "other one": "hangs-on-excluded",
        "1: the verdict hangs on the rejected rows of cases: at most 1 of them would count, and "
        "with them it could be the other one": "hangs-on-rejected",
    }
    data = result.to_dict()
    assert data["notes"] == list(result.notes)
    assert data["note_codes"] == [note.code for note in result.notes]
    assert {type(note) for note in data["notes"]} == {str}


def test_a_remark_of_a_rule_keeps_its_code_behind_the_target() -> None:
    plan = kpi.load_plan(ROOT / "examples" / "plans" / "us-2017.toml")
    notes = {note.code: note for note in kpi.evaluate(plan, {}).notes}
    assert notes["cannot-be-missed"].startswith("1.2e: cannot be missed: ")
    assert (
        notes["weights-reconstructed"] == "the weights are a reconstruction: the score rests on it"
    )
    assert code_of("the remark of a rule of a user's own") == "remark"


def test_a_note_is_a_text_that_keeps_its_code_when_it_is_sent() -> None:
    note = Note("rejected-rows", "cases: 1 row rejected")
    assert note == "cases: 1 row rejected"
    for sent in (pickle.loads(pickle.dumps(note)), copy.copy(note), copy.deepcopy(note)):  # noqa: S301 - ours
        assert (sent, sent.code) == (note, "rejected-rows")


def test_the_page_of_results_names_every_code() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src" / "kpi").rglob("*.py"))
    used = set(re.findall(r'(?:\bNote\(\s*|\bcode=)"([a-z-]+)"', code)) | {"remark"}
    page = (ROOT / "docs" / "reference" / "results" / "index.md").read_text("utf-8")
    table = page.partition("### Notes")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \|$", table, re.MULTILINE)
    assert len(used) > 25
    assert sorted(listed) == sorted(used)

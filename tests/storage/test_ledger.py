"""Ledgers of nightly runs: what they hold, what they refuse, and runs that are killed."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from benchmarks.scans import as_if_large
from kpi.storage.new_file import write_new_file
from tests.builders import average, plan, spans, within
from tests.commands import mistakes, run
from tests.storage.killed_runs import add, batch, killed


def place(directory: Path) -> Path:
    """Return the directory of the only plan and as-of date of a ledger."""
    (found,) = directory.glob("*/*")
    return found


def test_batches_add_up_and_what_was_reported_is_kept(tmp_path: Path) -> None:
    first, second = add(tmp_path, "A"), add(tmp_path, "B")
    assert [(e.number, e.batch) for e in (first, second)] == [(1, "A"), (2, "B")]
    # 1 day, then 1 and 2 days.
    assert [(e.result["t"].counted, e.result["t"].total) for e in (first, second)] == [
        (1, 1),
        (2, 3),
    ]
    assert list(second.batches) == ["A", "B"]
    assert (second.plan, second.as_of) == ("p", dt.date(2017, 12, 31))
    assert list(kpi.Ledger(tmp_path).entries()) == [first, second]
    whole = kpi.evaluate(
        plan(average()), pl.concat([batch("A"), batch("B")]), "2017-12-31", fingerprint=True
    )
    assert second.result.targets == kpi.read_result(place(tmp_path) / "result.json").targets
    assert second.result.to_dict()["targets"] == json.loads(whole.to_json())["targets"]
    tables = second.result.to_dict()["fingerprint"]["tables"]
    assert tables == whole.to_dict()["fingerprint"]["tables"]
    written = (place(tmp_path) / "entries" / "00002.json").stat().st_mtime
    assert second.written == dt.datetime.fromtimestamp(written, dt.UTC)


def test_plans_and_days_stand_apart(tmp_path: Path) -> None:
    ledger = kpi.Ledger(tmp_path)
    frame = batch("A")
    for asked, day in (
        (plan(average()), "2017-12-31"),
        (plan(within()), "2017-12-31"),
        (plan(average()), "2017-06-30"),
    ):
        assert ledger.add(asked, frame, day, batch="A").number == 1
    assert len(list(tmp_path.glob("*/*"))) == 3
    assert ledger.add(plan(average()), kpi.check(plan(average()), frame), batch="A").number == 1


def test_a_batch_that_is_named_again_replaces_itself(tmp_path: Path) -> None:
    add(tmp_path, "A")
    assert add(tmp_path, "A").number == 1
    changed = spans(("2017-01-01", "2017-01-11")).with_columns(case_id=pl.lit("A"))
    entry = kpi.Ledger(tmp_path).add(plan(average()), changed, "2017-12-31", batch="A")
    assert (entry.number, entry.result["t"].total, entry.result["t"].counted) == (2, 10, 1)
    reported = [entry.result["t"].total for entry in kpi.Ledger(tmp_path).entries()]
    assert reported == [1, 10]


def test_the_same_cases_under_two_names_are_refused(tmp_path: Path) -> None:
    add(tmp_path, "A")
    before = sorted(tmp_path.rglob("*"))
    ledger, asked = kpi.Ledger(tmp_path), plan(average())
    said = (
        "batch 'copy': its table cases is that of the batch 'A', row for row; add it under one name"
    )
    with pytest.raises(kpi.DataError, match=said):
        ledger.add(asked, batch("A"), "2017-12-31", batch="copy")
    delta = pl.concat([batch("A").with_columns(decided=pl.date(2017, 5, 1)), batch("B")])
    said = (
        "batch 'delta': 1 key of cases stand in the batch 'A' too, and would count twice; changed rows are "
        "no addition"
    )
    with pytest.raises(kpi.DataError, match=said):
        ledger.add(asked, delta, "2017-12-31", batch="delta")
    with pytest.raises(kpi.DataError, match="state 2: is broken down by case_type, and state 1"):
        ledger.add(asked, batch("B"), "2017-12-31", batch="B", by="case_type")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_run_that_is_killed_is_run_again(tmp_path: Path) -> None:
    """The ledger that two runs wrote is that of one run, whenever the first of the two was killed."""
    template = tmp_path / "template"
    first = add(template, "A")
    context = multiprocessing.get_context("forkserver")
    # What is imported before a fork costs once; no query has run, so that the forks may run some.
    context.set_forkserver_preload(["tests.storage.killed_runs"])
    runs = {}
    for step in range(1, 21):
        directory = tmp_path / str(step)
        shutil.copytree(template, directory)
        runs[step] = context.Process(target=killed, args=(directory, "B", step))
        runs[step].start()
        # A few at a time.
        runs[max(step - 4, 1)].join()
    for process in runs.values():
        process.join()
    assert {step: process.exitcode for step, process in runs.items()} == dict.fromkeys(runs, -9)
    for step in runs:
        directory = tmp_path / str(step)
        second = add(directory, "B")
        entries = list(kpi.Ledger(directory).entries())
        assert [(e.number, e.batch, list(e.batches)) for e in entries] == [
            (1, "A", ["A"]),
            (2, "B", ["A", "B"]),
        ], step
        assert entries[0].result == first.result
        assert (second.result["t"].counted, second.result["t"].total) == (2, 3)
        assert kpi.read_result(place(directory) / "result.json") == second.result


def test_two_runs_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path, "A")
    entries = place(tmp_path) / "entries"
    # Another run writes its entry after this one has looked.
    monkeypatch.setattr("kpi.storage.ledger.finish", lambda state: _late(state, entries))
    with pytest.raises(kpi.DataError, match=r"00002.json: another run wrote it in the meantime"):
        add(tmp_path, "B")
    assert [path.name for path in sorted(entries.iterdir())] == ["00001.json", "00002.json"]


def _late(state: kpi.State, entries: Path) -> kpi.Result:
    shutil.copy(entries / "00001.json", entries / "00002.json")
    return kpi.finish(state)


def test_a_result_is_rebuilt_and_an_entry_is_never_changed(tmp_path: Path) -> None:
    add(tmp_path, "A")
    ledger = kpi.Ledger(tmp_path)
    (place(tmp_path) / "result.json").unlink()
    assert ledger.rebuild() == []
    assert kpi.read_result(place(tmp_path) / "result.json")["t"].total == 1
    # As if another version of kpi had reported another figure.
    path = place(tmp_path) / "entries" / "00001.json"
    data = json.loads(path.read_text("utf-8"))
    data["result"]["targets"][0]["total"] = 7
    path.write_text(json.dumps(data), "utf-8")
    (entry,) = ledger.rebuild()
    assert (entry.number, entry.batch, entry.result["t"].total) == (2, None, 1)
    assert [e.result["t"].total for e in ledger.entries()] == [7, 1]
    (place(tmp_path) / "entries").rename(place(tmp_path) / "entries.old")
    (place(tmp_path) / "entries").mkdir()
    assert ledger.rebuild() == []


def in_entry(**changes: Any) -> Callable[[Path], None]:
    def change(where: Path) -> None:
        path = where / "entries" / "00001.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")

    return change


def in_state(where: Path) -> None:
    (path,) = (where / "states").iterdir()
    path.write_bytes(path.read_bytes() + b"x")


def in_keys(where: Path) -> None:
    (path,) = (where / "keys").iterdir()
    path.write_bytes(b"PAR1")


def without(name: str) -> Callable[[Path], None]:
    def remove(where: Path) -> None:
        shutil.rmtree(where / name)
        (where / name).mkdir()

    return remove


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (in_entry(ledger=2), "is an entry of version 2, and this version of kpi reads 1"),
        (in_entry(result={}), "cannot be read: it is no entry of a ledger; restore it"),
        (lambda where: (where / "entries" / "00001.json").write_text("{"), "it is no entry"),
        (in_state, "was changed after it was written; restore it from a copy, or add the batch 'A' again"),
        (without("states"), "cannot be read: No such file or directory; restore it"),
        (in_keys, "was changed after it was written; restore it from a copy, or add the batch 'A' again"),
        (without("keys"), "cannot be read: No such file or directory; restore it"),
    ],
)  # fmt: skip
def test_a_ledger_that_was_harmed_says_what_to_do(
    harm: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    add(tmp_path, "A")
    harm(place(tmp_path))
    with pytest.raises(kpi.DataError, match=said) as caught:
        add(tmp_path, "B")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lost", ["states", "keys"])
def test_a_batch_whose_files_are_lost_is_added_again(lost: str, tmp_path: Path) -> None:
    add(tmp_path, "A")
    without(lost)(place(tmp_path))
    add(tmp_path, "A")
    assert add(tmp_path, "B").result["t"].counted == 2


def test_pauses_are_no_cases_of_their_own(tmp_path: Path) -> None:
    requests = kpi.Table(
        "requests", key="case_id", entry="asked", events="answered", pauses="cases"
    )
    targets = [within(pauses="requests")]
    asked = kpi.Plan(
        id="p", period="2017", tables=[*plan(average()).tables, requests], targets=targets
    )
    paused = pl.DataFrame({"case_id": ["A", "A"], "asked": [dt.date(2017, 1, 1)] * 2})
    paused = paused.with_columns(answered=pl.date(2017, 1, 2))
    ledger = kpi.Ledger(tmp_path)
    for name in ("A", "B"):
        tables = {"cases": batch(name), "requests": paused.with_columns(case_id=pl.lit(name))}
        assert list(ledger.add(asked, tables, "2017-12-31", batch=name).batches)[-1] == name


def test_cases_of_a_large_file_are_told_by_their_keys_too(tmp_path: Path) -> None:
    batch("A").write_parquet(tmp_path / "cases.parquet")
    with as_if_large():
        entry = kpi.Ledger(tmp_path / "l").add(
            plan(average()), tmp_path / "cases.parquet", batch="A"
        )
    assert entry.result["t"].total == 1
    with pytest.raises(kpi.DataError, match="its table cases is that of the batch 'A'"):
        add(tmp_path / "l", "A", batch_name="B")


def test_an_entry_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(kpi.KpiError, match=r"cannot be written: .*; make its directory first"):
        write_new_file(tmp_path / "none" / "00001.json", b"{}")


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(kpi.KpiError, match="cannot be written"):
        add(tmp_path / "file", "A")
    with pytest.raises(
        kpi.DataError, match="no such directory; a ledger begins with kpi ledger add"
    ):
        list(kpi.Ledger(tmp_path / "none").entries())


def test_the_commands(here: Path) -> None:
    assert run("ledger", "show", str(here)).output == (
        f"{here}: no entries; kpi ledger add makes them\n"
    )
    batch("A").write_csv("a.csv")
    batch("B").write_csv("b.csv")
    Path("p.toml").write_text(kpi.dump_plan(plan(average())), "utf-8")
    asked = ("--as-of", "2017-12-31", "--batch")
    line = "p as of 2017-12-31, entry 1: batch A; 1 batch together: 1 met"
    assert run("ledger", "add", "nights", "p.toml", "a.csv", *asked, "A").output == f"{line}\n"
    again = run("ledger", "add", "nights", "p.toml", "a.csv", *asked, "A").output
    assert again == f"{line}; there already, nothing added\n"
    run("ledger", "add", "nights", "p.toml", "b.csv", *asked, "B")
    shown = run("ledger", "show", "nights").output.splitlines()
    assert [text.split(" UTC  ")[1] for text in shown] == [
        line,
        "p as of 2017-12-31, entry 2: batch B; 2 batches together: 1 met",
    ]
    assert run("ledger", "rebuild", "nights").output == (
        "nights: every result comes out as it was reported\n"
    )
    (result,) = Path("nights").glob("*/*/entries/00002.json")
    result.write_text(result.read_text("utf-8").replace('"total": 3', '"total": 4'), "utf-8")
    assert run("ledger", "rebuild", "nights").output == (
        "p as of 2017-12-31, entry 3: rebuilt; 2 batches together: 1 met\n"
    )
    assert mistakes("ledger", "add", "nights", "p.toml", "a.csv", *asked, "C", code=3) == [
        "batch 'C': its table cases is that of the batch 'A', row for row; add it under one name"
    ]

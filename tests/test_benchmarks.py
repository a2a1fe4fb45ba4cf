"""The peers of the benchmarks answer what `kpi` answers: no race is run against a wrong runner.

Numbers of scans are looked at too; times are not, for they depend on the machine.
"""

import datetime as dt
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # plain `pytest` does not add it

from benchmarks import (
    answers,
    any_plan,
    check,
    child,
    curves,
    data,
    many_targets,
    plot,
    report,
    shares,
    whole_plan,
)
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.cases import TYPES, generate
from benchmarks.made_targets import made
from benchmarks.plan_2017 import PLANS, case_plan, case_targets, columns_read
from benchmarks.scans import exactly
from benchmarks.timing import Spread, heat, ratio, rounds, several

ROWS = 20_000


@pytest.fixture(scope="session", autouse=True)
def _room(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """No file that an earlier run has made is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPI_BENCHMARKS_DATA", str(tmp_path_factory.mktemp("benchmarks")))
        yield


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return generate(ROWS)


@pytest.mark.parametrize("name", check.QUESTIONS)
def test_a_question_is_answered_alike_by_everyone(name: str) -> None:
    assert check.QUESTIONS[name].small()


def test_every_question_has_a_line_in_the_readme_and_a_bar() -> None:
    readme = (Path(whole_plan.__file__).parent / "README.md").read_text(encoding="utf-8")
    for name, question in check.QUESTIONS.items():
        assert f"| `{name}` |" in readme
        assert f"`python -m benchmarks.{name}`" in readme
        assert any(bar.most is not None for bar in question.bars)


def test_every_target_of_2017_counts_some_cases_and_few_are_all_met(cases: pl.DataFrame) -> None:
    plan = case_plan()
    found = answers.kpi_answers(plan, kpi.check(plan, cases))
    assert all(counted > 0 for counted, _ in found.values())
    # 1.2e cannot be missed: what was filed in March 2017 falls due in January 2018.
    assert {name for name, (counted, met) in found.items() if met in (0, counted)} == {"1.2e"}


def test_the_cases_are_the_same_for_the_same_seed(cases: pl.DataFrame) -> None:
    assert generate(ROWS).equals(cases)
    assert not generate(ROWS, seed=1).equals(cases)


def test_the_cases_hold_every_hard_kind(cases: pl.DataFrame) -> None:
    def some(*tests: pl.Expr) -> bool:
        return not cases.filter(*tests).is_empty()

    filed, documented, decided = pl.col("filed"), pl.col("documented"), pl.col("decided")
    closed = decided.is_between(dt.date(2017, 1, 1), dt.date(2017, 12, 31))
    assert some(filed.is_null(), closed)
    assert some(documented.is_null(), closed)
    assert some(decided < filed, closed)
    assert some(decided == filed, closed)
    assert some(decided == documented, closed)
    assert some(decided.is_null(), filed < dt.date(2016, 1, 1))
    assert some(filed == filed.dt.month_end(), closed)
    assert some(decided == filed.dt.offset_by("7mo"), closed)
    assert some(decided == filed.dt.offset_by("7mo").dt.offset_by("1d"), closed)
    for day in (
        dt.date(2017, 1, 1),
        dt.date(2017, 6, 30),
        dt.date(2017, 7, 1),
        dt.date(2017, 12, 31),
    ):
        assert some(decided == day)
    assert set(cases["announced_months"].unique()) == {5, 8, 10, None}
    assert set(cases["case_type"].unique()) == set(TYPES)


def test_a_file_made_in_pieces_holds_every_id_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "PIECE", 300)
    ids = pl.read_parquet(data.parquet(1_001))["case_id"]
    assert sorted(ids) == list(range(1_001))
    ascending = (ids.diff().drop_nulls() > 0).mean()
    assert isinstance(ascending, float)
    assert 0.4 < ascending < 0.6, "in no order"


def test_cases_of_any_plan_are_the_same_for_the_same_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(any_plan, "_FEW", 500)
    plan = case_targets(kpi.load_plan(PLANS / "us-2022.toml"))
    found = any_plan.rows_for(plan, 600)
    assert found.equals(any_plan.rows_for(plan, 600))
    assert not found.equals(any_plan.rows_for(plan, 600, seed=1))
    assert found["case_id"].n_unique() == found.height == 600


def test_the_floor_is_of_the_columns_that_the_targets_read() -> None:
    read = columns_read(case_plan())
    expected = ["announced_months", "announced_on", "case_type", "decided", "documented", "filed"]
    assert sorted(read) == expected
    assert sorted(columns_read(case_plan().only("1.3"))) == ["case_type", "decided", "filed"]


def test_made_targets_differ_and_lists_begin_alike() -> None:
    found = made(200)
    assert found[:12] == made(12)
    assert len({evolve(one, name="", types=tuple(sorted(one.types))) for one in found}) == 200


def test_a_difference_in_answers_stops_the_race() -> None:
    with pytest.raises(SystemExit, match=r"b differs from a on 1\.3: \(2, 1\), not \(2, 2\)"):
        answers.same_answers({"a": lambda: {"1.3": (2, 2)}, "b": lambda: {"1.3": (2, 1)}})
    with pytest.raises(SystemExit, match="trail: found 2, not 1"):
        answers.same("trail", 1, 2)


def test_a_race_over_nothing_is_none() -> None:
    with pytest.raises(SystemExit, match=r"counts nothing: \['a'\]; met by every case: \['b'\]"):
        answers.every_case_is_asked({"a": (0, 0), "b": (2, 2), "c": (2, 1)})
    assert answers.every_case_is_asked({"b": (2, 2), "c": (2, 1)}, but=["b"])


def test_too_many_scans_are_told() -> None:
    assert exactly("one", 1, 1) == "one: gone over 1 times"
    with pytest.raises(SystemExit, match="one: gone over 2 times, 1 expected"):
        exactly("one", 2, 1)


def test_who_goes_first_moves_on() -> None:
    asked: list[str] = []
    seconds = rounds({name: lambda n=name: asked.append(n) for name in "abc"}, 4)  # type: ignore[misc]
    assert "".join(asked) == "abcbcacababc"
    assert {name: len(each) for name, each in seconds.items()} == {"a": 4, "b": 4, "c": 4}
    assert several({"a": lambda: None}, 2, 10)["a"] < [1.0, 1.0]


def test_a_form_that_takes_far_longer_is_timed_once() -> None:
    waits = {"quick": 0.0, "near": 0.001, "far": 0.2}
    forms = {name: partial(time.sleep, 0.15 + wait) for name, wait in waits.items()}
    racing, beaten = heat(forms)
    assert racing == ["quick", "near"]
    assert [name for name, (seconds,) in beaten.items() if seconds >= 0.35] == ["far"]


def test_a_ratio_is_taken_within_a_round() -> None:
    # That of the medians would be 1.5.
    seconds = {"a": [3.0, 4.0, 2.0], "b": [1.0, 2.0, 2.0]}
    assert ratio(seconds, "a", "b") == Spread(2.0, 1.0, 3.0)


def _question(found: float) -> Benchmark:
    return Benchmark(
        name="made_up",
        question="How long?",
        bars=[Bar("kept or not", "a over b", 2), Bar("looked at", "a over c")],
        measure=lambda _rows, repeats: Measured(
            seconds={"a": [0.5] * repeats},
            found={"kept or not": Spread.of([found]), "looked at": Spread.of([9.0])},
        ),
        small=lambda: ["equal"],
    )


@pytest.mark.parametrize(("found", "code", "said"), [(2.0, 0, "kept"), (2.1, 1, "over")])
def test_a_run_fails_where_one_is_over_its_bar(
    found: float,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(check, "QUESTIONS", {"made_up": _question(found)})
    file, table = tmp_path / "measured.json", tmp_path / "measured.md"

    given = check.main(["--most-rows", "7", "--json", str(file), "--markdown", str(table)])

    assert given == code
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "kept or not  " in line]
    assert line.split()[-1] == said
    (bars,) = [one["bars"] for one in json.loads(file.read_text())["questions"]]
    assert [bar["kept"] for bar in bars] == [code == 0, None]
    assert f"| a over b | 7 | {found:.2f} x | {found:.2f} .. {found:.2f} | 2.00 x | {said} |" in (
        table.read_text()
    )


def test_what_is_measured_is_what_is_declared() -> None:
    question = evolve(_question(1.0), bars=[Bar("another", "a over b", 1)])
    with pytest.raises(AssertionError, match="declared or measured, but not both"):
        question.record(1, 1)


def test_a_page_is_filled_between_its_marks_however_often() -> None:
    measured = report.envelope([_question(1.0).record(7, 3)])
    page = (
        "before\n<!-- made by benchmarks.report: bars -->\nold\n<!-- end -->\nbetween\n"
        "<!-- made by benchmarks.report: times made_up -->\n<!-- end -->\nafter\n"
    )
    once = report.filled(page, measured)
    assert "| a over b | 7 | 1.00 x |" in once
    assert "| a | 500 ms | 500 ms .. 500 ms |" in once
    assert "old" not in once
    assert all(word in once for word in ("before", "between", "after"))
    assert report.filled(once, measured) == once
    with pytest.raises(SystemExit, match="a mark asks for 'words'"):
        report.filled(page.replace("bars", "words"), measured)


def test_a_process_of_its_own_tells_its_peak_and_its_mistakes() -> None:
    told = child.run("benchmarks.small", path=str(data.parquet(20)))
    assert told["first"] > 0
    assert 0.03 < told["peak_gb"] < 2
    with pytest.raises(SystemExit, match=r"benchmarks\.small in a process of its own: exit 1"):
        child.run("benchmarks.small", path="nowhere.parquet")


def test_the_command_prints_a_table_and_writes_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "measured.json"

    many_targets.BENCHMARK.main(["--rows", "2000", "--repeats", "1", "--json", str(file)])

    assert "1 rounds; answers equal" in capsys.readouterr().out
    (question,) = json.loads(file.read_text())["questions"]
    assert (question["rows"], question["name"]) == (2_000, "many_targets")


def test_the_curves_are_measured_and_drawn_with_words_as_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "TARGETS", [1, 12])
    found = curves.curves(10_000, 10_000, 500, 1)
    assert [point["at"] for point in found["rows"]] == [10_000]
    assert [point["at"] for point in found["targets"]] == [1, 12]
    rows, targets = plot.draw({"curves": found}, tmp_path)
    for name in found["rows"][0]["seconds"]:
        assert name in plot.LOOKS
        assert f">{name}</text>" in rows.read_text()
    assert ">Time against targets, over 500 cases</text>" in targets.read_text()
    again = [path.read_bytes() for path in plot.draw({"curves": found}, tmp_path / "again")]
    assert again == [rows.read_bytes(), targets.read_bytes()]


def test_the_drawings_and_tables_of_the_docs_are_of_the_results_that_are_kept(
    tmp_path: Path,
) -> None:
    measured = json.loads((report.RESULTS / "curves.json").read_text())
    for path in plot.draw(measured, tmp_path):
        assert path.name in {kept.name for kept in plot.PLACE.glob("*.svg")}
    page = (report.ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    data = json.loads((report.RESULTS / "check.json").read_text())
    assert report.filled(page, data) == page


def test_what_is_left_out_of_the_shares_is_what_is_done_to_a_targets_own_rows(
    cases: pl.DataFrame,
) -> None:
    plan = case_plan()
    checked = kpi.check(plan, cases)
    inside = [target.rows - target.outside for target in kpi.evaluate(plan, checked)]
    counted = [frame.item() for frame in shares.own_rows(plan, checked)()]
    assert sorted(counted) == sorted(inside)
    found = shares.shares(plan, checked, None, 1)
    assert sum(found.values()) - found["milliseconds"] == pytest.approx(1)

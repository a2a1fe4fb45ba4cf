"""The peers of the benchmarks answer what `kpi` answers: no race is run against a wrong runner."""

import datetime as dt
import sys
from pathlib import Path

import polars as pl
import pytest

import kpi

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # plain `pytest` does not add it

from benchmarks import whole_plan
from benchmarks.cases import TYPES, generate
from benchmarks.peers import Answers

ROWS = 20_000


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return generate(ROWS)


@pytest.fixture(scope="module")
def expected(cases: pl.DataFrame) -> Answers:
    plan = whole_plan.case_plan()
    return whole_plan.kpi_answers(plan, kpi.check(plan, cases))


@pytest.mark.parametrize(
    ("peer", "name"), [(peer, name) for peer, forms in whole_plan.PEERS.items() for name in forms]
)
def test_a_peer_answers_what_kpi_answers(
    cases: pl.DataFrame, expected: Answers, peer: str, name: str
) -> None:
    question = whole_plan.PEERS[peer][name](cases)

    assert question() == expected
    assert question() == expected, "asked a second time"


def test_every_target_counts_some_cases_and_few_are_all_met(expected: Answers) -> None:
    assert all(counted > 0 for counted, _ in expected.values())
    # 1.2e cannot be missed: what was filed in March 2017 falls due in January 2018.
    assert {name for name, (counted, met) in expected.items() if met in (0, counted)} == {"1.2e"}


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


def test_a_difference_in_answers_stops_the_race() -> None:
    with pytest.raises(SystemExit, match=r"b differs from a on 1\.3: \(2, 1\), not \(2, 2\)"):
        whole_plan.same_answers({"a": lambda: {"1.3": (2, 2)}, "b": lambda: {"1.3": (2, 1)}})


def test_the_command_prints_a_table_and_writes_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "measured.json"

    whole_plan.main(["--rows", "2000", "--repeats", "1", "--peers", "polars", "--json", str(file)])

    assert "2,000 cases, 1 rounds; every answer equal" in capsys.readouterr().out
    assert '"rows": 2000' in file.read_text()

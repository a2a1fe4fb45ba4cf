"""Results read back from their JSON, and pickles of results."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.results.stored_result import stored_result
from kpi.sample import sample
from tests.builders import average, plan, spans, within

EXAMPLES = Path(__file__).parents[2] / "examples" / "plans"


@pytest.mark.parametrize("name", ["us-2017", "nhs-england-rtt", "siri-2018", "uk-visas"])
def test_a_result_comes_back_as_its_json_carries_it(name: str, tmp_path: Path) -> None:
    asked = kpi.load_plan(EXAMPLES / f"{name}.toml")
    first, last = asked.period.closed
    rows = sample(asked, 120, seed=4)
    for every in (None, "quarter"):
        result = kpi.evaluate(asked, rows, first + (last - first) / 2, every=every)
        file = tmp_path / "result.json"
        file.write_text(result.to_json(), "utf-8")
        read = kpi.read_result(file)
        assert read == result
        assert result == read
        # Each record says what the JSON says of it.
        written = json.loads(result.to_json())["targets"]
        assert json.loads(json.dumps([record.to_dict() for record in read])) == written
        assert [record.verdict for record in read] == [record.verdict for record in result]


def test_what_is_read_of_a_result(tmp_path: Path) -> None:
    asked = plan(within("1 month", weight="2"), period="2017")
    frame = spans(("2017-01-01", "2017-01-20"), ("2017-01-01", "2017-03-01"))
    result = kpi.evaluate(asked, frame, "2017-12-31", by="case_type")
    (tmp_path / "r.json").write_text(result.to_json(), "utf-8")
    read = kpi.read_result(tmp_path / "r.json")
    assert (read.plan, read.period, str(read.as_of)) == ("p", "2017", "2017-12-31")
    assert read.version == kpi.__version__
    target = read["t"]
    # One of two cases is in time; 90 % are asked for.
    assert (target.counted, target.met, target.value, target.verdict) == (2, 1, 0.5, "missed")
    assert (target.weight, target.threshold) == (Decimal(2), Decimal(90))
    assert read.score == {"met": 0, "of": 2, "if_split": 0}
    assert read.frame["value"].to_list() == [0.5]
    assert read.groups["counted"].to_list() == [2]
    assert [note.code for note in read.notes] == [note.code for note in result.notes]
    assert read.to_json() == result.to_json()
    assert len({read, kpi.read_result(tmp_path / "r.json")}) == 1
    assert read != kpi.evaluate(asked, frame, "2017-11-30", by="case_type")
    assert read != "result"
    with pytest.raises(KeyError):
        read["u"]


def test_what_a_value_is_compared_with_comes_back(tmp_path: Path) -> None:
    asked = plan(average(None, against="2016", change={"at_most": -10}))
    frame = spans(("2016-01-01", "2016-01-11"), ("2017-01-01", "2017-01-06"))
    result = kpi.evaluate(asked, frame)
    (tmp_path / "r.json").write_text(result.to_json(), "utf-8")
    read = kpi.read_result(tmp_path / "r.json")["t"]
    # 5 days against 10.
    assert read.base is not None
    assert (read.value, read.base.value, read.base_window) == (5, 10, "2016")
    assert read.to_dict() == result.to_dict()["targets"][0]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["targets"][0].pop("excluded"),
        lambda data: data["targets"][0].update(threshold="much"),
        lambda data: data.update(as_of="soon"),
        lambda data: data.pop("notes"),
        lambda data: data["targets"][0].update(possible={}),
    ],
)
def test_json_that_is_no_result_is_refused_in_a_line(
    change: Callable[[dict[str, Any]], object],
) -> None:
    data = json.loads(kpi.evaluate(plan(within()), spans(("2017-01-01", None))).to_json())
    change(data)
    with pytest.raises(kpi.KpiError, match=r"^r.json: is no result of kpi \(") as caught:
        stored_result(data, "r.json")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{", "utf-8")
    with pytest.raises(kpi.KpiError, match="is no JSON; accepted: what kpi evaluate --format json"):
        kpi.read_result(tmp_path / "r.json")


def test_a_pickled_result_holds_no_cases_unless_asked() -> None:
    frame = spans(("2017-01-01", "2017-01-20")).with_columns(case_id=pl.lit("0102031234"))
    result = kpi.evaluate(plan(average()), frame)
    sent = pickle.dumps(result)
    assert b"0102031234" not in sent
    back = pickle.loads(sent)  # noqa: S301 - our own
    assert back == result
    with pytest.raises(kpi.KpiError, match=r"or was pickled without them \(Result.with_cases\)"):
        back.audit()
    whole = pickle.loads(pickle.dumps(result.with_cases()))  # noqa: S301 - our own
    assert whole.audit().collect()["case"].to_list() == ["0102031234"]
    # Copies in one process have the cases.
    for copied in (copy.copy(result), copy.deepcopy(result)):
        assert copied.audit().collect().height == 1

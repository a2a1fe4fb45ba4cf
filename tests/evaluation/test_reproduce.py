"""A result that was kept is computed again: equal, or what differs, each difference by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.results import fingerprint
from tests.builders import cases, plan, within

PLAN = plan(within(where={"case_type": "visa"}), kpi.Count(id="n", on="decided"))
CASES = cases(
    {"filed": "2017-01-01", "decided": "2017-02-01"},
    {"filed": "2017-01-02", "decided": "2017-02-02"},
    {"filed": "2017-01-03", "decided": "2017-03-07"},
    {"filed": "2017-05-03", "decided": "2017-06-03"},
)
"""Decided in time but for the third: three of four within a month."""


def kept(frame: pl.DataFrame = CASES, **asked: Any) -> dict[str, Any]:
    """The data of a result, as they come back from a file."""
    result = kpi.evaluate(PLAN, frame, **{"fingerprint": True, **asked})
    data: dict[str, Any] = json.loads(result.to_json())
    return data


def lines(found: kpi.Reproduction) -> list[str]:
    return list(map(str, found.discrepancies))


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"as_of": "2017-03-31"},
        {"by": "case_type", "every": "quarter"},
        {"every": "month", "rolling": "3 months"},
    ],
    ids=str,
)
def test_the_same_rows_in_another_order_give_an_equal_result(asked: dict[str, Any]) -> None:
    found = kpi.reproduce(kept(**asked), PLAN, CASES.reverse())
    assert (found.equal, found.with_contents, found.discrepancies) == (True, True, ())


def test_a_result_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(kpi.evaluate(PLAN, CASES, fingerprint=True).to_json(), encoding="utf-8")
    assert kpi.reproduce(path, PLAN, CASES).equal
    assert kpi.reproduce(str(path), PLAN, kpi.check(PLAN, CASES)).equal


def test_a_case_that_was_decided_later_differs_in_the_table_and_in_its_figures() -> None:
    """The fourth, 2 days later: of 3 May due on 3 June, decided on 5 June; two of four in time."""
    later = CASES.with_columns(
        pl.when(case_id="4").then(pl.col("decided") + pl.duration(days=2)).otherwise("decided").alias("decided")
    )  # fmt: skip
    then = kept()
    found = kpi.reproduce(then, PLAN, later)
    content, *figures = found.discrepancies
    assert not found.equal
    assert (content.kind, content.place, content.field) == ("table", "cases", "content")
    assert content.then == then["fingerprint"]["tables"]["cases"]["hash"] != content.now
    assert str(content) == f"table cases: content: {content.then[:16]} then, {content.now[:16]} now"
    assert list(map(str, figures)) == [
        "figure t: met: 3 then, 2 now",
        "figure t: value: 0.75 then, 0.5 now",
    ]
    assert found.of("figure") == tuple(figures)


def test_a_row_more_and_a_rejected_one() -> None:
    """Beside the four there is one case without an id, then two more that are counted in time."""
    unusable = CASES.head(1).with_columns(case_id=pl.lit(None, pl.String))
    more = CASES.head(2).with_columns(case_id=pl.col("case_id") + "x")
    found = kpi.reproduce(kept(), PLAN, pl.concat([CASES, unusable, more]))
    assert lines(found)[:2] == [
        "table cases: rows: 4 then, 7 now",
        "table cases: rejected: case_id missing: none then, 1 now",
    ]
    assert lines(found)[3:] == [
        "figure t: rows: 4 then, 6 now",
        "figure t: counted: 4 then, 6 now",
        "figure t: met: 3 then, 5 now",
        f"figure t: value: 0.75 then, {5 / 6} now",
        "figure n: rows: 4 then, 6 now",
        "figure n: counted: 4 then, 6 now",
        "figure n: value: 4 then, 6 now",
    ]


def test_a_verdict_differs() -> None:
    """All four in time, then three: 90 per cent are asked for."""
    in_time = CASES.with_columns(filed=pl.col("decided"))
    found = kpi.reproduce(kept(in_time), PLAN, CASES)
    assert "figure t: verdict: met then, missed now" in lines(found)


def test_a_group_and_a_table_that_are_gone() -> None:
    two = CASES.with_columns(case_type=pl.Series(["visa", "visa", "visa", "asylum"]))
    found = kpi.reproduce(kept(two, by="case_type"), PLAN, two.head(3))
    assert "figure n, case_type asylum: verdict: indicator then, none now" in lines(found)
    gone = kpi.reproduce(kept(), PLAN, {})
    assert lines(gone)[0] == "table cases: rows: 4 then, none now"
    assert "figure t: verdict: missed then, not_assessable now" in lines(gone)
    new = kpi.reproduce(json.loads(kpi.evaluate(PLAN, {}, fingerprint=True).to_json()), PLAN, CASES)
    assert lines(new)[0] == "table cases: rows: none then, 4 now"


def test_a_column_that_is_read_now() -> None:
    due = plan(*PLAN.targets, kpi.Count(id="d", on="due"))
    found = kpi.reproduce(kept(), due, CASES)
    assert lines(found)[:2] == [
        "plan targets.d is new",
        "table cases: columns: case_id, case_type, decided, filed then, case_id, case_type, decided, due, filed now",
    ]
    assert lines(found)[2:] == ["figure d: verdict: none then, indicator now"]


def test_a_plan_that_defines_something_else() -> None:
    """The threshold is 70 now, which three of four reach; the count is no longer asked for."""
    other = plan(within(where={"case_type": "visa"}, threshold=70))
    found = kpi.reproduce(kept(), other, CASES)
    assert lines(found) == [
        "plan targets.n is gone",
        "plan targets.t differs",
        "figure t: verdict: missed then, met now",
        "figure n: verdict: indicator then, none now",
    ]


def test_a_digest_alone_says_that_the_plan_differs() -> None:
    then = kept()
    then["fingerprint"]["plan"] = {"sha256": "0" * 64}
    assert lines(kpi.reproduce(then, PLAN, CASES))[0] == "plan id is new"
    then["fingerprint"]["plan"] |= kept()["fingerprint"]["plan"] | {"sha256": "0" * 64}
    assert lines(kpi.reproduce(then, PLAN, CASES)) == ["plan p differs"]


def test_without_hashes_the_rows_alone_are_compared() -> None:
    then = kept(fingerprint=False)
    found = kpi.reproduce(then, PLAN, CASES)
    assert (found.equal, found.with_contents) == (True, False)
    assert "table cases: rows: 4 then, 3 now" in lines(kpi.reproduce(then, PLAN, CASES.head(3)))


def test_other_versions_do_not_make_a_result_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    then = kept()
    versions = then["fingerprint"]["versions"]
    then_polars = versions["polars"]
    monkeypatch.setattr(fingerprint, "library_versions", lambda: versions | {"polars": "99.0"})
    found = kpi.reproduce(then | {"kpi": "0.0.1"}, PLAN, CASES)
    assert found.equal
    assert lines(found) == [
        f"version kpi: 0.0.1 then, {kpi.__version__} now",
        f"version polars: {then_polars} then, 99.0 now",
    ]


def test_a_score_and_parts_are_compared() -> None:
    """The first requirement has two parts and is worth 2 of 3; a late case takes its weight."""
    weighed = kpi.Plan(
        id="p",
        period="2017",
        tables=PLAN.tables,
        targets=[
            kpi.Parts(id="1", weight=2, parts=[within(id="1a", threshold=75), kpi.Count(id="1b", on="decided")]),
            within(id="2", weight=1, threshold=50),
        ],
    )  # fmt: skip
    then = json.loads(kpi.evaluate(weighed, CASES, fingerprint=True).to_json())
    late = CASES.with_columns(
        filed=pl.col("filed").replace({CASES["filed"][0]: CASES["filed"][0].replace(year=2016)})
    )
    assert lines(kpi.reproduce(then, weighed, late))[1:] == [
        "figure 1: verdict: met then, missed now",
        "figure 1a: met: 3 then, 2 now",
        "figure 1a: value: 0.75 then, 0.5 now",
        "figure 1a: verdict: met then, missed now",
        "figure 2: met: 3 then, 2 now",
        "figure 2: value: 0.75 then, 0.5 now",
        "figure score: score: met: 3 then, 1 now",
        "figure score: score: if_split: 3 then, 1 now",
    ]


def test_a_value_that_stands_twice_is_compared_with_itself() -> None:
    """Each type must reach the target, and is broken down by: two records of the same name."""
    each = plan(within(each="case_type"))
    then = json.loads(kpi.evaluate(each, CASES, by="case_type", fingerprint=True).to_json())
    assert kpi.reproduce(then, each, CASES).equal
    then["targets"][0]["groups"][1]["met"] = 4
    assert lines(kpi.reproduce(then, each, CASES)) == [
        "figure t, case_type visa (2): met: 4 then, 3 now"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON; accepted: what kpi evaluate --format json writes"),
        ("[]", "is no result of kpi; accepted: what kpi evaluate --format json writes"),
        ('{"schema": "2"}', "is no result of kpi; accepted: what kpi evaluate --format json writes"),
        ('{"schema": 1}', "has version 1 of the schema, and this version of kpi reads 2; reproduce it with the version of kpi that wrote it"),
        ('{"schema": 2}', "is no result of kpi (kpi); accepted: what kpi evaluate --format json writes"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_result(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(kpi.KpiError) as caught:
        kpi.reproduce(path, PLAN, CASES)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": [1]}, "result: is no result of kpi (targets); accepted: what kpi evaluate --format json writes"),
        ({"tables": {"cases": 1}}, "result: is no result of kpi (tables); accepted: what kpi evaluate --format json writes"),
        ({"fingerprint": kept()["fingerprint"] | {"by": [1]}}, "result: is no result of kpi (fingerprint: by); accepted: what kpi evaluate --format json writes"),
        ({"fingerprint": kept()["fingerprint"] | {"tables": {"cases": 1}}}, "result: is no result of kpi (fingerprint: tables); accepted: what kpi evaluate --format json writes"),
        ({"fingerprint": kept()["fingerprint"] | {"every": "fortnight"}}, "every: found 'fortnight'; accepted: week, month, quarter, half-year, year"),
        ({"as_of": "yesterday"}, "as_of: found 'yesterday'"),
        ({"fingerprint": 1}, "result: is no result of kpi (fingerprint: plan); accepted: what kpi evaluate --format json writes"),
        ({"plan": "q"}, "result: is a result of the plan q, not of p"),
    ],
)  # fmt: skip
def test_data_that_are_no_result_of_this_plan(change: dict[str, Any], message: str) -> None:
    with pytest.raises(kpi.KpiError) as caught:
        kpi.reproduce(kept() | change, PLAN, CASES)
    assert str(caught.value).startswith(message)


def test_a_result_of_an_earlier_version_has_no_fingerprint() -> None:
    then = kept() | {"kpi": "0.0.9"}
    del then["fingerprint"]
    with pytest.raises(
        kpi.KpiError, match=r"^result: has no fingerprint, as kpi 0\.0\.9 wrote none; evaluate"
    ):
        kpi.reproduce(then, PLAN, CASES)


def test_a_file_that_is_not_there_and_one_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(kpi.KpiError, match="no such file"):
        kpi.reproduce(tmp_path / "none.json", PLAN, CASES)
    with pytest.raises(kpi.KpiError, match="cannot be read: Is a directory"):
        kpi.reproduce(tmp_path, PLAN, CASES)


def test_records_without_their_numbers_differ_and_stop_nothing() -> None:
    then = kept()
    then["targets"] = [{"id": "t", "groups": [1]}, *then["targets"][1:]]
    assert "figure t: verdict: none then, missed now" in lines(kpi.reproduce(then, PLAN, CASES))


def test_a_plan_is_asked_for() -> None:
    with pytest.raises(kpi.PlanError, match=r"accepted: a kpi\.Plan"):
        kpi.reproduce(kept(), "plan.toml", CASES)  # type: ignore[arg-type]


def test_a_result_keeps_what_was_asked() -> None:
    data = kept(by=["case_type"], every="quarter", rolling="1 year")["fingerprint"]
    assert (data["by"], data["every"], data["rolling"]) == (["case_type"], "quarter", "1 year")
    plain = kpi.evaluate(PLAN, CASES).to_dict()["fingerprint"]
    assert (plain["tables"], plain["by"], plain["every"], plain["rolling"]) == (
        None,
        [],
        None,
        None,
    )
    assert plain["plan"] == kept()["fingerprint"]["plan"]
    assert plain["versions"].keys() == {"polars", "holidays"}
    assert plain["versions"]["polars"] == pl.__version__


def test_a_plan_without_its_title_has_another_fingerprint_and_the_same_figures() -> None:
    titled = evolve(PLAN, title="A plan")
    assert lines(kpi.reproduce(kept(), titled, CASES)) == ["plan title is new"]

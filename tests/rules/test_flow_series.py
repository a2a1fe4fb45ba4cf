"""A flow in a series is its window's, by name and days; its backlog, and what month ends make of it (S22, S30)."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.report import markdown, terminal
from tests.builders import plan, spans

SPAN: dict[str, Any] = {"id": "t", "start": "filed", "end": "decided"}
# One in and out, one in and open: at the end one is open, one went out, in 365 days.
YEAR = spans(("2017-01-10", "2017-02-01"), ("2017-05-01", None))


def series(every: str, as_of: str | None = None, by: Any = (), **more: Any) -> kpi.Result:
    target = kpi.Flow(**SPAN, indicator="disposition_time", requires={"at_most": 100}, **more)
    frame = YEAR.with_columns(office=pl.lit("North"))
    return kpi.evaluate(plan(target), frame, as_of, by=by, every=every)  # type: ignore[arg-type]  # a parameter


@pytest.mark.parametrize("every", ["month", "quarter", "half-year"])
def test_s30_a_flow_in_a_series_is_the_windows(every: str) -> None:
    found = series(every)["t"]
    (group,) = found.groups
    assert (group.group, group.value, group.verdict) == ({"period": "2017"}, 365.0, "missed")
    assert (group.value, group.figures, group.verdict) == (
        found.value,
        found.figures,
        found.verdict,
    )
    assert (group.rows, group.counted) == (2, 2)


@pytest.mark.parametrize(
    ("window", "as_of", "name", "days"),
    [
        ("2017-H1", None, "2017-H1", 181),
        ("2017-Q2", "2017-12-31", "2017-Q2", 91),
        # 26 + 28 + 31 + 30 + 31 + 20 days.
        ({"since": "2017-01-06", "through": "2017-06-20"}, None, "2017-01-06 to 2017-06-20", 166),
        ({"after": "2017-01-05", "before": "2017-06-21"}, None, "2017-01-06 to 2017-06-20", 166),
        # Up to the as-of date: 1 January to 15 June.
        ("2017", "2017-06-15", "2017", 166),
    ],
)
def test_s30_a_flow_in_a_series_counts_the_days_of_its_window(
    window: Any, as_of: str | None, name: str, days: int
) -> None:
    (group,) = series("month", as_of, window=window)["t"].groups
    # In the second quarter nobody went out.
    value = None if name == "2017-Q2" else float(days)
    assert (group.group["period"], group.figures["disposition_time"]) == (name, value)


def test_s30_a_stock_at_the_end_of_a_flow_in_a_series_is_that_of_the_window() -> None:
    target = kpi.Flow(**SPAN, indicator="open_end")
    groups = kpi.evaluate(plan(target), YEAR, every="half-year")["t"].groups
    assert [(g.group["period"], g.value, g.counted) for g in groups] == [("2017", 1, 2)]


def test_s30_a_flow_is_named_by_its_window_in_every_format() -> None:
    result = series("month", by="office")
    lines = terminal.plain(terminal.result_table(result, 120)).splitlines()
    assert "North 2017 365.0 days 2 missed" in [" ".join(line.split()) for line in lines]
    assert "| North | 2017 | 365.0 days |" in markdown.result_markdown(result)
    assert result.groups["period"].to_list() == ["2017"]
    (group,) = json.loads(result.to_json())["targets"][0]["groups"]
    assert group["group"] == {"office": "North", "period": "2017"}
    assert (group["value"], group["verdict"]) == (365.0, "missed")


def test_s30_a_flow_of_batches_in_a_series() -> None:
    target = kpi.Flow(**SPAN, indicator="disposition_time", requires={"at_most": 100})
    states = [kpi.partial(plan(target), YEAR[n : n + 1], every="month") for n in range(2)]
    (group,) = kpi.finish(kpi.merge(*states))["t"].groups
    assert (group.group["period"], group.value) == ("2017", 365.0)


def test_s22_older_than_the_limit_is_due_before_the_day() -> None:
    # Due on 30 December, on 31 December, and on 1 January.
    frame = spans(("2017-12-20", None), ("2017-12-21", None), ("2017-12-22", None))
    target = kpi.Flow(**SPAN, indicator="backlog", limit="10 days")
    assert kpi.evaluate(plan(target), frame)["t"].value == 1
    assert kpi.evaluate(plan(target), frame, "2017-12-30")["t"].value == 0


def modes(frame: pl.DataFrame, as_of: str, *targets: kpi.Target) -> pl.DataFrame:
    return kpi.month_ends(plan(*targets), frame, as_of).cases


def test_s26_a_flow_names_only_the_cases_that_the_mode_moves_into_its_backlog() -> None:
    flow = kpi.Flow(**SPAN, limit="1 month")
    # Due on 28 February (down), 28 February (sticky), 1 March (up): both in the backlog in April.
    frame = spans(("2017-01-31", None))
    assert modes(frame, "2017-04-01", flow).is_empty()
    # Closed before it was due: in no backlog whatever the mode.
    assert modes(spans(("2017-01-31", "2017-02-01")), "2017-03-01", flow).is_empty()
    # On 1 March it is older than the limit, or due that very day.
    found = modes(frame, "2017-03-01", flow)
    assert found.select("case", "down", "sticky", "up").rows() == [
        ("1", "intake, open end, backlog", "intake, open end, backlog", "intake, open end")
    ]
    # An average goes by the due dates themselves.
    average = kpi.Average(**SPAN, limit="1 month")
    assert modes(spans(("2017-01-31", "2017-02-01")), "2017-03-01", average).height == 1


MODES = ("down", "sticky", "up")


def alone(frame: pl.DataFrame, case: str, as_of: str, mode: str) -> dict[str, Any]:
    asked = plan(kpi.Flow(**SPAN, limit="1 month", month_end=mode))
    return dict(kpi.evaluate(asked, frame.filter(pl.col("case_id") == case), as_of)["t"].figures)


def test_s26_a_case_of_a_flow_is_named_only_where_it_alone_makes_other_figures() -> None:
    chance = random.Random(0)  # noqa: S311 - choices, not secrets
    days = [str(dt.date(2017, 1, 26) + dt.timedelta(n)) for n in range(8)]
    ends = [None, *(str(dt.date(2017, 2, 26) + dt.timedelta(n)) for n in range(6))]
    frame = spans(*[(chance.choice(days), chance.choice(ends)) for _ in range(40)])
    for as_of in ("2017-02-28", "2017-03-01", "2017-03-02"):
        differing = [
            case
            for (case,) in frame.select("case_id").rows()
            if len({tuple(alone(frame, case, as_of, mode).items()) for mode in MODES}) > 1
        ]
        named = modes(frame, as_of, kpi.Flow(**SPAN, limit="1 month"))["case"].to_list()
        assert named == differing
        assert 0 < len(named) < 40 or as_of != "2017-03-01"

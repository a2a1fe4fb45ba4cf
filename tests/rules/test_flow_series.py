"""A flow in a series, period by period; its backlog, and what month ends make of it (S22, S30)."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

import polars as pl

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


def test_s30_a_flow_in_a_series_is_that_of_each_period() -> None:
    """In the first half a case comes in and goes out, and one stays: 181 days for one and one."""
    groups = series("half-year")["t"].groups
    assert [(g.group["period"], g.value, g.verdict) for g in groups] == [
        ("2017-H1", 181.0, "missed"), ("2017-H2", None, "not_assessable"),
    ]  # fmt: skip
    assert [(g.figures["open_start"], g.figures["open_end"]) for g in groups] == [(0, 1), (1, 1)]
    assert [g.figures["intake"] for g in series("quarter")["t"].groups] == [1, 1, 0, 0]


def test_s30_a_period_of_a_flow_that_the_window_cuts_counts_the_days_that_are_left() -> None:
    """26 + 28 + 31 days to the end of March; up to the as-of date, 45 days from 1 May."""
    window = {"since": "2017-01-06", "through": "2017-06-20"}
    names = [g.group["period"] for g in series("quarter", window=window)["t"].groups]
    assert names == ["2017-01-06 to 2017-03-31", "2017-04-01 to 2017-06-20"]
    frame = spans(("2017-01-10", "2017-02-01"), ("2017-01-10", None))
    target = kpi.Flow(**SPAN, indicator="disposition_time", window=window)
    first, second = kpi.evaluate(plan(target), frame, every="quarter")["t"].groups
    assert (first.value, second.value) == (26 + 28 + 31, None)
    (year,) = kpi.evaluate(plan(kpi.Flow(**SPAN, indicator="disposition_time")), frame, "2017-03-31", every="year")["t"].groups  # fmt: skip
    assert (year.group, year.value, year.verdict) == ({"period": "2017"}, 90.0, "indicator")


def test_s30_open_at_the_end_of_a_period_is_open_at_the_start_of_the_next() -> None:
    frame = spans(*[(f"2017-0{m}-01", f"2017-0{m + k}-15") for m in range(1, 6) for k in range(4)])
    groups = kpi.evaluate(plan(kpi.Flow(**SPAN)), frame, every="month")["t"].groups
    figures = [g.figures for g in groups]
    assert len(figures) == 12
    assert [f["open_end"] for f in figures[:-1]] == [f["open_start"] for f in figures[1:]]
    assert [f["open_end"] for f in figures[:3]] == [3, 5, 6]


def test_s30_a_flow_is_named_by_its_period_in_every_format() -> None:
    result = series("year", by="office")
    lines = terminal.plain(terminal.result_table(result, 120)).splitlines()
    assert "North 2017 365.0 days 2 missed" in [" ".join(line.split()) for line in lines]
    assert "| North | 2017 | 365.0 days |" in markdown.result_markdown(result)
    assert result.groups["period"].to_list() == ["2017"]
    (group,) = json.loads(result.to_json())["targets"][0]["groups"]
    assert group["group"] == {"office": "North", "period": "2017"}
    assert (group["value"], group["verdict"]) == (365.0, "missed")


def test_s30_a_flow_of_batches_in_a_series() -> None:
    target = kpi.Flow(**SPAN, indicator="disposition_time", requires={"at_most": 100})
    states = [kpi.partial(plan(target), YEAR[n : n + 1], every="half-year") for n in range(2)]
    first, second = kpi.finish(kpi.merge(*states))["t"].groups
    assert [(g.group["period"], g.value) for g in (first, second)] == [("2017-H1", 181.0), ("2017-H2", None)]  # fmt: skip


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


def alone(frame: pl.DataFrame, as_of: str, mode: str) -> dict[str, dict[str, Any]]:
    """The figures of each case by itself."""
    asked = plan(kpi.Flow(**SPAN, limit="1 month", month_end=mode))
    of_cases = kpi.evaluate(asked, frame, as_of, by="case_id")["t"].groups
    return {str(one.group["case_id"]): dict(one.figures) for one in of_cases}


def test_s26_a_case_of_a_flow_is_named_only_where_it_alone_makes_other_figures() -> None:
    chance = random.Random(0)  # noqa: S311 - choices, not secrets
    days = [str(dt.date(2017, 1, 26) + dt.timedelta(n)) for n in range(8)]
    ends = [None, *(str(dt.date(2017, 2, 26) + dt.timedelta(n)) for n in range(6))]
    frame = spans(*[(chance.choice(days), chance.choice(ends)) for _ in range(40)])
    for as_of in ("2017-02-28", "2017-03-01", "2017-03-02"):
        of_cases = [alone(frame, as_of, mode) for mode in MODES]
        differing = [
            case
            for (case,) in frame.select("case_id").rows()
            if len({tuple(figures[case].items()) for figures in of_cases}) > 1
        ]
        named = modes(frame, as_of, kpi.Flow(**SPAN, limit="1 month"))["case"].to_list()
        assert named == differing
        assert 0 < len(named) < 40 or as_of != "2017-03-01"

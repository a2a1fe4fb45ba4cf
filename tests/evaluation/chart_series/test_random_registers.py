"""Series of random registers against a count case by case in plain Python (F51 to F53).

The count is made here, from lists of dates, and shares no code with the series.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import random
from collections import Counter
from fractions import Fraction

import polars as pl
import pytest

import kpi

LIMIT = 20
PLAN = kpi.parse_plan(f"""
id = "random"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
[[targets]]
id = "share"
rule = "within"
where = {{ kind = "x", decided = {{ in = "2022" }} }}
start = "filed"
end = "decided"
limit = "{LIMIT} days"
threshold = 60
denominator = "settled"
[[targets]]
id = "mean"
rule = "average"
where = {{ kind = "x", filed = {{ since = 2021-01-01 }} }}
start = "filed"
end = "decided"
limit = "{LIMIT} days"
[[targets]]
id = "cleared"
rule = "clearance"
where = {{ kind = "x" }}
start = "filed"
end = "decided"
open_at = {{ start_of = "2022" }}
deadline = {{ through = 2022-12-31 }}
threshold = 90
""")
Case = tuple[dt.date | None, dt.date | None, str | None]


def register(seed: int) -> list[Case]:
    """Return cases: start, end and kind, with ends before starts and missing values among them."""
    chance = random.Random(seed)  # noqa: S311 - the same registers each time

    def day(first: dt.date, most: int) -> dt.date | None:
        return None if chance.random() < 0.1 else first + dt.timedelta(chance.randrange(most))

    rows: list[Case] = []
    for _ in range(120):
        filed = day(dt.date(2021, 6, 1), 420)
        near = filed or dt.date(2022, 1, 1)
        decided = None if chance.random() < 0.2 else day(near - dt.timedelta(3), 200)
        rows.append((filed, decided, chance.choice(["x", "x", "x", "y", None])))
    return rows


def as_known(rows: list[Case], day: dt.date) -> list[tuple[dt.date, dt.date | None]]:
    """Return start and end of the cases that a target counts, as they are known on a day."""
    found = []
    for filed, decided, kind in rows:
        if kind != "x" or filed is None or filed > day:
            continue
        end = decided if decided is not None and decided <= day else None
        if end is None or end >= filed:
            found.append((filed, end))
    return found


def months(day: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    """Return name, first and last day of the 24 months to a month end."""
    found = []
    for back in range(23, -1, -1):
        year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
        last = dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
        found.append((f"{year}-{month + 1:02}", last.replace(day=1), last))
    return found


@pytest.mark.parametrize(
    ("seed", "as_of"), [(1, "2022-06-30"), (2, "2022-03-31"), (3, "2022-09-30")]
)
def test_series_are_those_of_a_plain_count(seed: int, as_of: str) -> None:
    rows, day = register(seed), dt.date.fromisoformat(as_of)
    frame = pl.DataFrame(
        [(n, *row) for n, row in enumerate(rows)],
        schema={"case_id": pl.Int64, "filed": pl.Date, "decided": pl.Date, "kind": pl.String},
        orient="row",
    )
    series = kpi.follow(PLAN, frame, day, estimate=False).series
    assert [note.code for note in series.notes] == ["series-rebuilt", "series-of-chosen-dates"]
    assert str(series.notes[1]).startswith(
        "share, mean: cases are chosen by their start, end or entry"
    )
    cases = as_known(rows, day)
    before = 0
    for target in ("share", "mean", "cleared"):
        flow: dict[tuple[str, str], float | None] = {
            (period, kind): value
            for period, kind, value in series.flow.filter(target=target)
            .select("period", "kind", "value")
            .iter_rows()
        }
        before = 0
        for name, first, last in months(day):
            left = [s for s, e in cases if s <= last and (e is None or e > last)]
            came = sum(first <= s <= last for s, _ in cases)
            went = sum(e is not None and first <= e <= last for _, e in cases)
            if (name, "open") not in flow:
                assert came == went == len(left) == 0
                continue
            assert (flow[name, "intake"], flow[name, "output"]) == (came, went)
            assert flow[name, "open"] == len(left) == before + came - went
            before = len(left)
            ages = sorted((last - s).days for s in left)
            if ages:
                assert flow[name, "mean age"] == float(Fraction(sum(ages), len(ages)))
                assert flow[name, "90th percentile age"] == ages[math.ceil(0.9 * len(ages)) - 1]
            if target != "cleared":
                late = sum(s + dt.timedelta(LIMIT) <= last for s in left)
                assert flow[name, "open and late"] == late
        assert before
    kinds = set(series.flow.filter(target="cleared")["kind"])
    assert {"open", "mean age"} < kinds
    assert "open and late" not in kinds
    weeks = Counter[tuple[str, str]]()
    for s, e in cases:
        if e is None:
            to_come = (s + dt.timedelta(LIMIT) - day).days
            week = math.ceil(to_come / 7) if to_come > 0 else math.floor(-to_come / 7) + 1
            kind = "until due" if to_come > 0 else "after due"
            weeks["over 26" if week > 26 else str(week), kind] += 1
    assert sum(weeks.values()) == before
    assert len(weeks) > 3
    for target in ("share", "mean"):
        bins = series.weeks_to_due.filter(pl.col("n") > 0, target=target)
        assert dict(zip(bins.select("period", "kind").rows(), bins["n"], strict=True)) == weeks
    for target, first_filed in (("share", None), ("mean", dt.date(2021, 1, 1))):
        by_month: dict[str, list[int]] = {}
        for s, e in cases:
            if e is not None and (first_filed is None or s >= first_filed):
                by_month.setdefault(f"{e:%Y-%m}", []).append((e - s).days)
        # The condition on the decision stays: the months before 2022 have no share.
        shown = [name for name, *_ in months(day) if target == "mean" or name >= "2022"]
        for name in shown:
            took = by_month.get(name, [])
            value = sum(d <= LIMIT for d in took) if target == "share" else sum(took)
            point = series.by_end.filter(target=target, period=name, kind="month").rows(named=True)
            if took or point:
                assert point[0]["n"] == len(took)
                assert point[0]["value"] == (float(Fraction(value, len(took))) if took else None)

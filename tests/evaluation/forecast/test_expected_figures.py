"""Expected figures against expectations reckoned day by day in plain Python (F20-F23)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from math import fsum
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

import kpi
from kpi.evaluation.forecast.estimates import question
from kpi.evaluation.forecast.figures import figure
from kpi.evaluation.forecast.forecast import Asking, Forecast, forecasts
from kpi.tables.as_of import snapshot_at
from tests.builders import PLAIN_TABLE, SPAN

LIMIT = 40
FIRST, LAST = dt.date(2022, 1, 1), dt.date(2022, 12, 31)

Row = tuple[int, int | None, float]
"""Start and end as ordinals, and how much of a case it is."""


def generated(seed: int) -> list[tuple[dt.date, dt.date | None]]:
    """Cases of two and a half years, ended after a while or never; more of them later on."""
    chance = random.Random(seed)  # noqa: S311
    found: list[tuple[dt.date, dt.date | None]] = []
    for _ in range(160):
        filed = dt.date(2020, 1, 1) + dt.timedelta(int(1000 * chance.random() ** 0.7))
        took = chance.choice([0, 3, 20, 33, 40, 41, 60, 90, 200, 400])
        ended = filed + dt.timedelta(took)
        found.append((filed, ended if chance.random() < 0.9 else None))
    return found


# The oracle: hazards from a pass over every case and day, then each case followed from day to day.


def band(age: int) -> tuple[int, int]:
    """The first and the last age that an age is pooled with (F21)."""
    if age < 28:
        return age, age
    if age < 182:
        first = 28 + (age - 28) // 7 * 7
        return first, first + 6
    if age < 728:
        first = 182 + (age - 182) // 28 * 28
        return first, min(first + 27, 727)
    first = 728 + (age - 728) // 91 * 91
    return first, first + 90


class Simulated:
    """The cases known at a day, and those that are expected of them."""

    def __init__(self, cases: list[tuple[dt.date, dt.date | None]], as_of: dt.date) -> None:
        self.now = as_of.toordinal()
        self.known: list[tuple[int, int | None]] = [
            (s.toordinal(), e.toordinal() if e is not None and e <= as_of else None)
            for s, e in cases
            if s <= as_of
        ]
        self.ends: dict[int, int] = {}
        self.seen: dict[int, int] = {}
        for day in range(self.now - 364, self.now + 1):
            for start, end in self.known:
                if start <= day and (end is None or day <= end):
                    self.seen[day - start] = self.seen.get(day - start, 0) + 1
                    self.ends[day - start] = self.ends.get(day - start, 0) + (day == end)
        self.oldest = max(age for age, n in self.ends.items() if n)
        self.hazard = cache(self._hazard)

    def _hazard(self, first: int, last: int) -> float:
        ages = [age for age in range(first, last + 1) if age <= self.oldest]
        ended = sum(self.ends.get(age, 0) for age in ages)
        return ended / sum(self.seen.get(age, 0) for age in ages) if ended else 0.0

    def rows(self, last: int) -> Iterator[Row]:
        """Known ends; open cases and those to come, by the day that they may end on, and never."""
        for start, end in self.known:
            if end is not None:
                yield start, end, 1.0
            elif self.now - start > self.oldest:
                yield start, None, 1.0
            else:
                yield from self.followed(start, self.now + 1, last)
            if self.now - 365 < start <= last - 365:
                yield from self.followed(start + 365, start + 365, last)

    def followed(self, start: int, day: int, last: int) -> Iterator[Row]:
        left = 1.0
        for x in range(day, last + 1):
            ends = left * self.hazard(*band(x - start))
            yield start, x, ends
            left -= ends
        yield start, None, left


def value_of(name: str, rows: list[Row]) -> float:
    """The value of a target, from the definition of its kind."""
    a, z = FIRST.toordinal(), LAST.toordinal()
    ended = [(s, e, n) for s, e, n in rows if e is not None and a <= e <= z]

    def total(chosen: list[tuple[int, int, float]]) -> float:
        return fsum(n for *_, n in chosen)

    if name == "closed":
        return total([r for r in ended if r[1] - r[0] <= LIMIT]) / total(ended)
    if name == "average":
        return fsum((e - s) * n for s, e, n in ended) / total(ended)
    if name == "ends":
        return total(ended)
    if name == "stock":
        return fsum(n for s, e, n in rows if s <= z and (e is None or e > z))
    if name == "percentile":
        by_days: dict[int, float] = {}
        for start, end, n in sorted(ended):
            by_days[end - start] = by_days.get(end - start, 0.0) + n
        within = accumulate(by_days[days] for days in sorted(by_days))
        reached = (n >= total(ended) * 80 / 100 for n in within)
        return next(days for days, enough in zip(sorted(by_days), reached, strict=True) if enough)
    counted = {
        "cohort": [r for r in rows if a <= r[0] <= z],
        "overdue": [r for r in rows if a <= r[0] <= z and (r[1] is not None or r[0] + LIMIT <= z)],
        "due": [r for r in rows if a <= r[0] + LIMIT <= z],
        "settled": [
            (s, e, n)
            for s, e, n in rows
            if a <= (e if e is not None and e <= s + LIMIT else s + LIMIT + 1) <= z
        ],
        "clearance": [r for r in rows if r[0] < a and (r[1] is None or r[1] >= a)],
    }[name]
    if name == "clearance":
        met = [r for r in counted if r[1] is not None and r[1] <= z]
    else:
        met = [r for r in counted if r[1] is not None and r[1] - r[0] <= LIMIT]
    return fsum(n for *_, n in met) / fsum(n for *_, n in counted)


TARGETS: dict[str, kpi.Target] = {
    **{
        name: kpi.Within(
            **{**SPAN, "id": name}, limit=f"{LIMIT} days", threshold=80, denominator=name
        )
        for name in ("closed", "cohort", "overdue", "due", "settled")
    },
    "average": kpi.Average(**{**SPAN, "id": "average"}, limit="50 days"),
    "percentile": kpi.Percentile(**{**SPAN, "id": "percentile"}, percentile=80),
    "clearance": kpi.Clearance(
        **{**SPAN, "id": "clearance"},
        open_at={"start_of": "2022"},
        deadline={"through": "2022-12-31"},
        threshold=90,
    ),
    "stock": kpi.Stock(**{**SPAN, "id": "stock"}, at={"end_of": "2022"}, level={"at_most": 30}),
    "ends": kpi.Count(id="ends", on="decided", requires={"at_least": 60}),
}


def table(cases: list[tuple[dt.date, dt.date | None]]) -> pl.DataFrame:
    frame = pl.DataFrame(cases, schema={"filed": pl.Date, "decided": pl.Date}, orient="row")
    return frame.with_row_index("case_id").with_columns(pl.col("case_id").cast(pl.String))


def forecast(plan: kpi.Plan, frame: pl.DataFrame | Path, as_of: dt.date) -> dict[str, Forecast]:
    """The forecasts of the targets of a plan, without trials."""
    extract = kpi.check(plan, frame)
    snapshots = {name: snapshot_at(plan, table, as_of) for name, table in extract.tables.items()}
    asked = [question(plan, extract, snapshots, target, {}) for target in plan.leaves()]
    assert all(isinstance(asking, Asking) for asking in asked)
    found = forecasts([asking for asking in asked if isinstance(asking, Asking)])
    assert all(isinstance(answer, Forecast) for answer in found)
    return {
        target.id: answer
        for target, answer in zip(plan.leaves(), found, strict=True)
        if isinstance(answer, Forecast)
    }


@pytest.mark.parametrize(
    ("seed", "as_of"),
    [(1, "2022-06-30"), (2, "2022-12-30"), (4, "2021-12-31")],
)
def test_f23_the_expected_figure_is_that_of_each_case_followed_from_day_to_day(
    seed: int, as_of: str
) -> None:
    cases, day = generated(seed), dt.date.fromisoformat(as_of)
    plan = kpi.Plan(id="p", period="2022", tables=[PLAIN_TABLE], targets=list(TARGETS.values()))
    rows = [*Simulated(cases, day).rows(LAST.toordinal())]
    for name, answer in forecast(plan, table(cases), day).items():
        found = figure(TARGETS[name], plan, answer.expected, LAST)
        assert found.value == pytest.approx(value_of(name, rows), rel=2e-6), name


def test_f20_a_horizon_of_more_than_a_year_repeats_the_year() -> None:
    cases, day = generated(6), dt.date(2021, 10, 31)
    plan = kpi.Plan(id="p", period="2022", tables=[PLAIN_TABLE], targets=[TARGETS["stock"]])
    simulated = Simulated(cases, day)
    last = LAST.toordinal()
    rows = [*simulated.rows(last)]
    # 426 days ahead: the starts of the first 61 days of the look-back come a second time.
    for start, _ in simulated.known:
        if simulated.now - 365 < start <= last - 730:
            rows += simulated.followed(start + 730, start + 730, last)
    answer = forecast(plan, table(cases), day)["stock"]
    found = figure(TARGETS["stock"], plan, answer.expected, LAST)
    assert found.value == pytest.approx(value_of("stock", rows), rel=2e-6)


def test_f29_the_second_way_adds_what_the_same_days_of_last_year_gave() -> None:
    # By 30 June 2022: 3 documented, 1 of them a visa. From July to December 2021: 4, 3 of them visas;
    # one documented on 30 June 2021 and one in 2020 change nothing.
    table_of_documents = kpi.Table("cases", key="case_id", entry="filed", events=["documented"])
    days = {
        "2022-01-05": "visa", "2022-02-01": "work", "2022-06-30": "work", "2021-07-01": "visa",
        "2021-08-01": "visa", "2021-12-31": "visa", "2021-11-11": "work", "2021-06-30": "work",
        "2020-12-01": "work",
    }  # fmt: skip
    frame = pl.DataFrame(
        {
            "case_id": [str(n) for n in range(len(days))],
            "case_type": list(days.values()),
            "filed": [dt.date(2020, 1, 1)] * len(days),
            "documented": [dt.date.fromisoformat(day) for day in days],
        }
    )
    targets = [
        kpi.Count(id="number", on="documented"),
        kpi.Share(id="share", on="documented", having={"case_type": "visa"}),
    ]
    plan = kpi.Plan(id="p", period="2022", tables=[table_of_documents], targets=targets)
    found = forecast(plan, frame, dt.date(2022, 6, 30))
    values = {t.id: figure(t, plan, found[t.id].expected, LAST).value for t in targets}
    assert values == {"number": 3 + 4, "share": (1 + 3) / (3 + 4)}


def test_f23_a_derived_start_working_days_and_a_large_file_are_counted_by_the_rules_own_expressions(
    tmp_path: Path,
) -> None:
    # The derived start is the filing itself, and a week without days off has seven working days: both
    # must say what the plain target says.
    cases, day = generated(3), dt.date(2022, 6, 30)
    derived = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events=["decided"],
        derived={"complete": {"earliest": ["filed", "decided"]}},
    )
    every_day = {"weekend": [], "covers": {"since": "2015-01-01", "through": "2030-12-31"}}
    targets = [
        kpi.Within(**SPAN, limit=f"{LIMIT} days", threshold=80),
        kpi.Within(
            id="derived", start="complete", end="decided", limit=f"{LIMIT} days", threshold=80
        ),
        kpi.Within(
            **{**SPAN, "id": "days"},
            limit=f"{LIMIT} working days",
            threshold=80,
            calendar=every_day,
        ),
    ]
    plan = kpi.Plan(id="p", period="2022", tables=[derived], targets=targets)
    file = tmp_path / "cases.parquet"
    table(cases).write_parquet(file)
    with mock.patch("kpi.tables.check.LARGE", 1):
        found = forecast(plan, file, day)
    values = [figure(t, plan, found[t.id].expected, LAST).value for t in targets]
    rows = [*Simulated(cases, day).rows(LAST.toordinal())]
    assert values == pytest.approx([value_of("closed", rows)] * 3, rel=2e-6)

"""How estimates did on data whose end is known: `python -m tests.laws.backtests` (H10, H11, H12).

Synthetic agencies, seeded, whose intake and pace stay as they are (H10) or whose pace drifts from month to
month (H11), and the road fines of the directory KPI_DATA (H12). For each month end of a window the
estimate is made as of then and held against what `kpi.evaluate` gives at the window's end. Beside it stand
the two figures that need no model, and an interval that treats cases as independent draws: it must miss
the bars, or the bars say nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl
from attrs import frozen

import kpi
from kpi.evaluation.forecast.estimate import Estimate
from kpi.evaluation.forecast.estimates import estimates
from tests.real_data import DATA

_DAY = dt.timedelta(days=1)
_Z90 = 1.6449
"""How many standard deviations to each side hold 90 % of a normal distribution."""

TABLE = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])


@frozen
class Forecasted:
    """An estimate made as of a day, and the end.

    Attributes:
        target: the id of the target.
        as_of: the last day that was known.
        estimate: the estimate.
        standing: the value as it stood.
        end: the record of the target at the end of its window.
        by_chance: the interval of independent draws; None where there is none of that kind.
    """

    target: str
    as_of: dt.date
    estimate: Estimate
    standing: float | None
    end: kpi.TargetResult
    by_chance: tuple[float, float] | None


def month_ends(year: int) -> list[dt.date]:
    """The month ends from December before a year to November in it."""
    return [dt.date(year, month, 1) - _DAY for month in range(1, 13)]


def targets_of(
    days: int, mean: float, ends: int, stock: int, year: int, **dates: str
) -> list[kpi.Target]:
    """Targets as the year before ended: its 90th percentile, mean, number of ends and stock."""
    return [
        kpi.Within(id="share", limit=f"{days} days", threshold=90, **dates),
        kpi.Within(id="due", limit=f"{days} days", threshold=90, denominator="due", **dates),
        kpi.Average(id="average", limit=f"{max(1, math.floor(mean))} days", **dates),
        kpi.Percentile(id="percentile", limit=f"{days} days", percentile=90, **dates),
        kpi.Count(id="ends", on=dates["end"], requires={"at_least": ends}),
        kpi.Stock(id="stock", at={"end_of": str(year)}, level={"at_most": stock}, **dates),
    ]


def backtest(
    cases: pl.DataFrame, table: kpi.Table, years: Iterable[int], zone: str, **dates: str
) -> Iterator[Forecasted]:
    """Yield the estimates as of each month end of some years, with what became of them."""
    for year in years:
        last_year = _plan(
            year - 1, targets_of(10_000, 10_000, 0, 0, year - 1, **dates), table, zone
        )
        was = {record.id: record.value for record in kpi.evaluate(last_year, cases)}
        targets = targets_of(
            int(was["percentile"] or 1),
            was["average"] or 1,
            int(was["ends"] or 0),
            int(was["stock"] or 0),
            year,
            **dates,
        )
        plan = _plan(year, targets, table, zone)
        extract = kpi.check(plan, cases)
        ends = {record.id: record for record in kpi.evaluate(plan, extract)}
        for as_of in month_ends(year):
            found = estimates(plan, extract, as_of)
            now = {record.id: record for record in kpi.evaluate(plan, extract, as_of)}
            for name, estimate in found.items():
                if isinstance(estimate, Estimate):
                    chance = _by_chance(name, found, now)
                    yield Forecasted(name, as_of, estimate, now[name].value, ends[name], chance)


def _plan(year: int, targets: list[kpi.Target], table: kpi.Table, zone: str) -> kpi.Plan:
    return kpi.Plan(
        id="backtest", period=str(year), time_zone=zone, tables=[table], targets=targets
    )


def _by_chance(
    name: str, found: Mapping[str, object], now: Mapping[str, kpi.TargetResult]
) -> tuple[float, float] | None:
    """The interval in which 90 % lie if each case still to end is a draw of its own.

    Numbers of ends as Poisson draws, which is wider than what open cases can do.
    """
    share, ends = found["share"], found["ends"]
    if not isinstance(share, Estimate) or not isinstance(ends, Estimate):
        return None
    more = max(ends.value - float(now["ends"].value or 0), 0.0)
    if name == "ends":
        spread = math.sqrt(more)
        return ends.value - _Z90 * spread, ends.value + _Z90 * spread
    if name != "share":
        return None
    met = share.value * ends.value
    late = ends.value - met
    more_met = max(met - (now["share"].met or 0), 0.0)
    more_late = max(more - more_met, 0.0)
    spread = math.sqrt(late**2 * more_met + met**2 * more_late) / ends.value**2
    return share.value - _Z90 * spread, share.value + _Z90 * spread


# Synthetic agencies (H10, H11).


def agency(seed: int, *, drifts: bool, years: int = 6, first: int = 2010) -> pl.DataFrame:
    """Cases of an agency: about 900 a year, some 7 in 10 of them ended within 60 days.

    Args:
        seed: what the cases depend on.
        drifts: whether the pace goes up and down from month to month: its logarithm is 0.9 of that of
            the month before and a normal draw, together with a standard deviation of 8 %.
        years: the number of years.
        first: the first of them.
    """
    chance = random.Random(seed)  # noqa: S311
    start, stop = dt.date(first, 1, 1).toordinal(), dt.date(first + years, 1, 1).toordinal()
    step = 0.08 * math.sqrt(1 - 0.9**2)
    pace, months = chance.gauss(0, 0.08), dict[tuple[int, int], float]()
    for year, month in itertools.product(range(first, first + years), range(1, 13)):
        months[year, month] = math.exp(pace) if drifts else 1.0
        pace = 0.9 * pace + chance.gauss(0, step)
    rates = [months[day.year, day.month] for day in map(dt.date.fromordinal, range(start, stop))]
    rows = []
    for filed in range(start, stop):
        for _ in range(_poisson(chance, 900 / 365)):
            end = next(
                (
                    day
                    for day in range(filed + 5, stop)
                    if chance.random() < 0.022 * rates[day - start]
                ),
                None,
            )
            rows.append(
                (dt.date.fromordinal(filed), None if end is None else dt.date.fromordinal(end))
            )
    dates = pl.DataFrame(rows, schema={"filed": pl.Date, "decided": pl.Date}, orient="row")
    return dates.with_row_index("case_id").with_columns(pl.col("case_id").cast(pl.String))


def _poisson(chance: random.Random, mean: float) -> int:
    n, product = -1, 1.0
    while product > math.exp(-mean):
        n, product = n + 1, product * chance.random()
    return n


def agencies(number: int, *, drifts: bool) -> Iterator[Forecasted]:
    """Yield the estimates of the last year of several agencies."""
    for seed in range(number):
        cases = agency(seed, drifts=drifts)
        yield from backtest(cases, TABLE, [2015], "Europe/Copenhagen", start="filed", end="decided")


def fines(years: Iterable[int]) -> Iterator[Forecasted]:
    """Yield the estimates of the road fines, from created to sent (H12)."""
    cases = pl.read_parquet(DATA / "road_fines.parquet")
    table = kpi.Table("cases", key="case_id", entry="filed", events=["sent"])
    yield from backtest(cases, table, years, "Europe/Rome", start="filed", end="sent")


# What is said of them.


def line(name: str, found: Sequence[Forecasted]) -> str:
    """A row of the table: how many estimates, how many held, outlooks, errors, bias."""
    made = [f for f in found if f.estimate.low is not None]
    value = [(f.estimate.value, f.end.value or 0.0, f.standing) for f in found]
    held = [_within((f.estimate.low, f.estimate.high), f.end.value) for f in made]
    chance = [_within(f.by_chance, f.end.value) for f in made if f.by_chance is not None]
    given = [f for f in made if f.estimate.outlook in ("expected met", "expected missed")]
    wrong = [f for f in given if (f.estimate.outlook == "expected met") != (f.end.verdict == "met")]
    error = _mean([abs(a - b) for a, b, _ in value])
    stood = [abs(c - b) for _, b, c in value if c is not None]
    bias = _mean([a - b for a, b, _ in value])
    return (
        f"| {name} | {len(made)} | {_percent(sum(held), len(held))} | "
        f"{_percent(sum(chance), len(chance))} | {len(given)} | {len(wrong)} | {error:.4g} | "
        f"{_mean(stood):.4g} | {bias:+.4g} |"
    )


HEAD = (
    "| target | intervals | held | independent draws held | outlooks | wrong | error | as it stands | bias |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def _within(ends: tuple[float | None, float | None] | None, value: float | None) -> bool:
    low, high = ends or (None, None)
    return low is not None and high is not None and value is not None and low <= value <= high


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _percent(part: int, of: int) -> str:
    return "–" if not of else f"{100 * part / of:.0f} %"


def report(title: str, found: Sequence[Forecasted]) -> None:
    """Prints the figures of each target, and of the month ends of the cut-offs alone."""
    print(f"\n{title}\n\n{HEAD}")
    for name in dict.fromkeys(f.target for f in found):
        own = [f for f in found if f.target == name]
        print(line(name, own))
        cut_offs = [f for f in own if f.as_of.month in (3, 6, 9)]
        print(line(f"{name}, at the three cut-offs", cut_offs), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--agencies", type=int, default=9, help="synthetic agencies of each kind")
    parser.add_argument(
        "--years", type=int, nargs=2, default=(2003, 2012), help="windows of the fines"
    )
    asked = parser.parse_args()
    if asked.agencies:
        report("Nothing changes (H10)", [*agencies(asked.agencies, drifts=False)])
        report("The pace drifts (H11)", [*agencies(asked.agencies, drifts=True)])
    if (DATA / "road_fines.parquet").is_file():
        report("Road fines (H12)", [*fines(range(asked.years[0], asked.years[1] + 1))])

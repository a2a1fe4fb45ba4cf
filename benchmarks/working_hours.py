"""What does a limit in working hours cost, beside the same limit in hours by the clock?"""

from __future__ import annotations

import numpy as np
import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import answers_of, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.timing import ratio, rounds

BARS = (Bar("working hours", "a limit in working hours over a limit in hours", 3),)

HOURS, WORKING = "hours", "working hours"
LIMIT = 1_000
OPEN, CLOSED = 8, 16
_HOUR = 3_600_000_000
_DAY = 24 * _HOUR


def plan_in(unit: str) -> kpi.Plan:
    """A plan with a single limit, of so many hours or working hours."""
    calendar = {"hours": {"weekdays": f"{OPEN:02}:00-{CLOSED}:00"}, "covers": YEARS}
    return kpi.Plan(
        id="hours",
        period="2017",
        calendar=calendar,
        tables=[kpi.Table("cases", key="case_id", entry="filed", events=["decided"])],
        targets=[
            kpi.Within(id="1", start="filed", end="decided", limit=f"{LIMIT} {unit}", threshold=50)
        ],
    )


YEARS = {"since": "1990-01-01", "through": "2030-12-31"}


def with_times(cases: pl.DataFrame) -> pl.DataFrame:
    """The cases, filed and decided at some time between 4 and 23 o'clock, to the second."""
    rng = np.random.default_rng(35)

    def timed(column: str) -> pl.Expr:
        seconds = pl.Series(rng.integers(4 * 3600, 23 * 3600, cases.height))
        return pl.col(column).cast(pl.Datetime("us")) + pl.duration(seconds=pl.lit(seconds))

    return cases.select("case_id", timed("filed"), timed("decided"))


def _worked(instants: np.ndarray) -> np.ndarray:
    """The microseconds of opening hours from a Monday in 1970 to each local time."""
    days, time = np.divmod(instants, _DAY)
    dates = days.astype("datetime64[D]")
    whole = np.busday_count(np.datetime64("1970-01-05"), dates)
    open_today = np.clip(time - OPEN * _HOUR, 0, (CLOSED - OPEN) * _HOUR)
    return whole * (CLOSED - OPEN) * _HOUR + np.where(np.is_busday(dates), open_today, 0)


def _by_hand(cases: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """The counted and met cases, by NumPy: the clocks never turn within opening hours."""
    filed, decided = pl.col("filed"), pl.col("decided")
    rows = cases.filter(decided.dt.year() == 2017, decided >= filed).select(
        filed.to_physical(), decided.to_physical()
    )
    taken = _worked(rows["decided"].to_numpy()) - _worked(rows["filed"].to_numpy())
    return {"1": (rows.height, int((taken <= LIMIT * _HOUR).sum()))}


def _equal(cases: pl.DataFrame, checked: kpi.Extract) -> list[str]:
    plan = plan_in(WORKING)
    answers = same_answers(
        {
            "by hand": lambda: _by_hand(cases),
            "kpi": lambda: answers_of(kpi.evaluate(plan, checked)),
        }
    )
    return [f"working hours, by hand: {answers['1']}"]


def measure(rows: int, repeats: int) -> Measured:
    cases = with_times(data.cases(rows))
    plans = {unit: plan_in(unit) for unit in (HOURS, WORKING)}
    checked = {unit: kpi.check(plan, cases) for unit, plan in plans.items()}
    _equal(cases, checked[WORKING])
    seconds = rounds(
        {
            HOURS: lambda: kpi.evaluate(plans[HOURS], checked[HOURS]),
            WORKING: lambda: kpi.evaluate(plans[WORKING], checked[WORKING]),
        },
        repeats,
    )
    return Measured(seconds=seconds, found={"working hours": ratio(seconds, WORKING, HOURS)})


def small() -> list[str]:
    cases = with_times(data.cases(20_000))
    return _equal(cases, kpi.check(plan_in(WORKING), cases))


BENCHMARK = Benchmark(
    name="working_hours",
    question="What does a limit in working hours cost, beside the same limit in hours by the clock?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()

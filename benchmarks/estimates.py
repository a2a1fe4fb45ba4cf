"""Estimates of twelve targets over five years, with 36 trials each (F62): `python -m benchmarks.estimates`.

The time must not grow with the cases: registers of ten thousand, a million and ten million cases have the
same days. Processor time stands beside the time of the clock, which other work on the machine lengthens.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

import polars as pl

import kpi
from kpi.evaluation.forecast.estimate import Estimate
from kpi.evaluation.forecast.estimates import estimates

TYPES = ("visa", "work", "study", "family")
FIRST = dt.date(2017, 7, 1)
AS_OF = "2022-06-30"
BAR = 20.0
"""Seconds on two cores that twelve targets may take (F62)."""


def register(cases: int) -> pl.DataFrame:
    """Cases filed evenly over the five years up to the day, ended at four paces, a few of them never."""
    n = pl.int_range(cases, dtype=pl.Int64)
    days = (dt.date.fromisoformat(AS_OF) - FIRST).days + 1
    # Remainders of products with large primes: spread out, and the same on every machine.
    draw = (n * 7_919 + 104_729) % 99_991
    skew = (draw * draw) % 99_991
    took = 5 + (skew * (20 + 40 * (n % 4))) // 33_000 + draw % 30
    filed = (n * days) // cases + (FIRST - dt.date(1970, 1, 1)).days
    return pl.select(
        n.alias("case_id"),
        (n % 4).replace_strict(dict(enumerate(TYPES)), return_dtype=pl.String).alias("case_type"),
        filed.cast(pl.Int32).cast(pl.Date).alias("filed"),
        pl.when(draw % 50 > 0).then((filed + took).cast(pl.Int32).cast(pl.Date)).alias("decided"),
    )


def plan() -> kpi.Plan:
    """Three targets for each of four types of case: populations of their own, as contracts have them."""
    span = {"start": "filed", "end": "decided"}
    targets: list[kpi.Target] = []
    for kind in TYPES:
        where = {"case_type": kind}
        targets += [
            kpi.Within(id=f"{kind} share", limit="3 months", threshold=80, where=where, **span),
            kpi.Within(
                id=f"{kind} due",
                limit="60 days",
                threshold=80,
                denominator="due",
                where=where,
                **span,
            ),
            kpi.Average(id=f"{kind} average", limit="60 days", where=where, **span),
        ]
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])
    return kpi.Plan(id="estimates", period="2022", tables=[table], targets=targets)


def main() -> None:
    """Times the estimates of registers of several sizes, and says which miss the bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, nargs="*", default=[10_000, 1_000_000, 10_000_000])
    made = plan()
    for cases in parser.parse_args().cases:
        extract = kpi.check(made, register(cases), skip="ids")
        clock, processor = time.perf_counter(), time.process_time()
        found = estimates(made, extract, AS_OF)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        trials = [e.track.trials for e in found.values() if isinstance(e, Estimate)]
        if trials != [36] * 12:
            raise SystemExit(f"{cases:,} cases: trials {trials}, 36 of each of 12 expected")
        missed = "" if clock <= BAR else f"; more than {BAR:.0f} s"
        print(f"{cases:,} cases: {clock:.1f} s, of the processors {processor:.1f} s{missed}")


if __name__ == "__main__":
    main()

"""How long do cases of an event log take, beside a `group_by` of the same dates by hand?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import kpi
from benchmarks import data
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.timing import faster, ratio, rounds

BARS = (
    Bar("parquet", "cases of a log in Parquet over the fastest group_by by hand", 1.3),
    Bar("csv", "cases of a log in CSV, times as texts, over the fastest group_by by hand", 2),
)

KPI, KPI_CSV = "kpi.cases_from_events, Parquet", "kpi.cases_from_events, CSV"
DATES: dict[str, Any] = {
    "filed": "submitted",
    "documented": "documents complete",
    "decided": {"last": "decided"},
}
_EVENTS = ("submitted", "letter sent", "documents complete", "decided", "appeal", "fee paid")
_SECONDS_OF_A_DAY = 86_400
_FIRST = 1_483_228_800
"""2017-01-01 00:00, in seconds since 1970."""


def events(rows: int, *, seed: int = 13) -> pl.DataFrame:
    """Events of cases of no real person, in the order of their times, some four of a case."""
    rng = np.random.default_rng(seed)
    case = np.sort(rng.integers(0, max(rows // 4, 1), rows))
    first = np.r_[True, case[1:] != case[:-1]]
    event = np.where(first, 0, rng.integers(1, len(_EVENTS), rows))
    filed = _FIRST + rng.integers(0, 730 * _SECONDS_OF_A_DAY, rows)[first]
    later = np.where(first, 0, rng.integers(0, 200 * _SECONDS_OF_A_DAY, rows))
    seconds = filed[np.cumsum(first) - 1] + later
    frame = pl.DataFrame({"number": case, "event": event, "time": seconds})
    return frame.sort("time").select(
        case_id=pl.lit("K") + pl.col("number").cast(pl.String).str.zfill(8),
        event=pl.lit(pl.Series(_EVENTS)).gather(pl.col("event")),
        time=pl.from_epoch("time", time_unit="s").cast(pl.Datetime("us")),
    )


def log(rows: int) -> Path:
    """A Parquet file of so many events."""
    return data.place(
        f"events-{rows}-{data.digest(Path(__file__))}.parquet",
        lambda path: events(rows).write_parquet(path),
    )


def csv(rows: int) -> Path:
    """The same events as a CSV file, whose times are texts."""
    return data.place(
        f"events-{rows}-{data.digest(Path(__file__))}.csv",
        lambda path: pl.read_parquet(log(rows)).write_csv(path),
    )


def by_hand(events: pl.LazyFrame, kind: str) -> dict[str, Callable[[], pl.DataFrame]]:
    """The same dates by each engine of Polars, in the order of the ids, with nothing checked."""

    def of(event: str) -> pl.Expr:
        return pl.col("time").filter(pl.col("event") == event)

    lazy = (
        events.group_by("case_id")
        .agg(
            filed=of("submitted").min(),
            documented=of("documents complete").min(),
            decided=of("decided").max(),
        )
        .sort("case_id")
    )
    masked = (
        events.select(
            "case_id",
            **{
                name: pl.when(pl.col("event") == event).then("time")
                for name, event in (
                    ("filed", "submitted"),
                    ("documented", "documents complete"),
                    ("decided", "decided"),
                )
            },
        )
        .group_by("case_id")
        .agg(pl.col("filed", "documented").min(), pl.col("decided").max())
        .sort("case_id")
    )
    return {
        f"polars, filters, streaming, {kind}": lambda: lazy.collect(engine="streaming"),
        f"polars, filters, in-memory, {kind}": lambda: lazy.collect(engine="in-memory"),
        f"polars, masks, streaming, {kind}": lambda: masked.collect(engine="streaming"),
        f"polars, masks, in-memory, {kind}": lambda: masked.collect(engine="in-memory"),
    }


def _peers(rows: int) -> dict[str, dict[str, Callable[[], pl.DataFrame]]]:
    in_texts = pl.scan_csv(csv(rows)).with_columns(
        pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S.%6f", time_unit="us")
    )
    return {
        "parquet": by_hand(pl.scan_parquet(log(rows)), "Parquet"),
        "csv": by_hand(in_texts, "CSV"),
    }


def _equal(rows: int) -> list[str]:
    lines = []
    for kind, path in (("parquet", log(rows)), ("csv", csv(rows))):
        found = kpi.cases_from_events(path, DATES).cases
        peers = _peers(rows)[kind]
        for name, ask in peers.items():
            if not ask().equals(found):
                raise SystemExit(f"{name}: other cases than those of kpi")
        lines.append(f"{kind}: {found.height:,} cases of {rows:,} events: equal, by {len(peers)}")
    return lines


def measure(rows: int, repeats: int) -> Measured:
    _equal(rows)
    peers = _peers(rows)
    own = {
        KPI: lambda: kpi.cases_from_events(log(rows), DATES),
        KPI_CSV: lambda: kpi.cases_from_events(csv(rows), DATES),
    }
    seconds = rounds({**own, **peers["parquet"], **peers["csv"]}, repeats)
    best = {kind: faster(seconds, list(asks)) for kind, asks in peers.items()}
    return Measured(
        seconds=seconds,
        found={
            "parquet": ratio(seconds, KPI, best["parquet"]),
            "csv": ratio(seconds, KPI_CSV, best["csv"]),
        },
        details={"the fastest": best, "megabytes": round(log(rows).stat().st_size / 1e6)},
    )


BENCHMARK = Benchmark(
    name="event_log",
    question="How long do cases of an event log take, beside a group_by of the same dates by hand?",
    rows=5_600_000,
    check_rows=5_600_000,
    bars=BARS,
    measure=measure,
    small=lambda: _equal(20_000),
)

if __name__ == "__main__":
    BENCHMARK.main()

"""us-2017 as a script over a Parquet file: all queries in one call, no check of anything.

    python -m benchmarks.peers.polars_script FILE ENGINE [ids]

prints by target the counted cases and those met, or their total days; with `ids` the number of distinct
ids too.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import polars as pl

from benchmarks.peers.polars_one_by_one import queries

if TYPE_CHECKING:
    from benchmarks.peers.polars_one_by_one import Engine


def answers(path: str, engine: Engine, *, ids: bool) -> dict[str, list[int]]:
    cases = pl.scan_parquet(path)
    asked = queries(cases)
    if ids:
        asked["ids"] = cases.select(pl.col("case_id").n_unique())
    done = pl.collect_all(list(asked.values()), engine=engine)
    return {name: list(found.row(0)) for name, found in zip(asked, done, strict=True)}


if __name__ == "__main__":
    file, named, *more = sys.argv[1:]
    its_engine: Engine = "streaming" if named == "streaming" else "in-memory"
    print(json.dumps(answers(file, its_engine, ids=bool(more))))

"""PySpark of another version, or Spark Connect, by hand: states of Spark against those of one process.

    python -m tests.spark_by_hand
    python -m tests.spark_by_hand --remote 'local[2]'

Needs `kpi` and PySpark alone; a difference is an error.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyspark
from pyspark.sql import SparkSession

import kpi
from kpi.sample import sample

PLANS = Path(__file__).parents[1] / "examples" / "plans"
ASKED: dict[str, dict[str, Any]] = {
    "us-2017": {"fingerprint": True},
    "dk-building-permits": {"by": "class"},
    "service-desk": {"every": "quarter"},
}


def main() -> None:
    """Evaluate three plans on both sides, with repeated ids and pauses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--remote", help="the address of Spark Connect; local[2] starts a server")
    remote = parser.parse_args().remote
    # Spark would take the first python3 of PATH.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.config("spark.sql.shuffle.partitions", "8")
    session = (builder.remote(remote) if remote else builder.master("local[2]")).getOrCreate()
    versions = {"pyspark": pyspark, "pandas": pd, "pyarrow": pa, "polars": pl}
    print(", ".join(f"{name} {library.__version__}" for name, library in versions.items()))
    for name, how in ASKED.items():
        asked = kpi.load_plan(PLANS / f"{name}.toml")
        with tempfile.TemporaryDirectory() as directory:
            frames: dict[str, Any] = {}
            tables: dict[str, pl.DataFrame] = {}
            for table, rows in sample(asked, 2_000).items():
                twice = rows if asked.table(table).pauses else pl.concat([rows, rows.head(3)])
                path = Path(directory, f"{table}.parquet")
                twice.with_columns(pl.col(pl.Enum).cast(pl.String)).write_parquet(path)
                tables[table] = pl.read_parquet(path)
                frames[table] = session.read.parquet(str(path)).repartition(3)
            found, whole = (
                kpi.spark.partial(asked, frames, **how),
                kpi.partial(asked, tables, **how),
            )
        assert found == whole, name
        assert kpi.finish(found).to_dict() == kpi.finish(whole).to_dict(), name
        print(f"{name}: equal, {found}")
    session.stop()


if __name__ == "__main__":
    main()

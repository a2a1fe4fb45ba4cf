"""us-2017 as a script over a Parquet file in SQL, no check of anything.

    python -m benchmarks.peers.duckdb_script SQL

runs statements and prints what the last one answers: by its first column, the numbers of the others.
"""

from __future__ import annotations

import json
import sys

import duckdb


def answers(sql: str) -> dict[str, list[int]]:
    found = duckdb.connect().execute(sql).fetchall()
    return {
        name: [int(number) for number in numbers if number is not None] for name, *numbers in found
    }


if __name__ == "__main__":
    print(json.dumps(answers(sys.argv[1])))

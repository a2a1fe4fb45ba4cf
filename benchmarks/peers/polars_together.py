"""us-2017 in Polars: the same lazy queries, handed over in one call, so that they can share work.

What an analyst who knows Polars well does next, and the hardest peer to beat.
"""

from __future__ import annotations

import polars as pl

from benchmarks.answers import Question
from benchmarks.peers.polars_one_by_one import Engine, queries


def ready(cases: pl.DataFrame, engine: Engine) -> Question:
    def question() -> dict[str, tuple[int, int]]:
        asked = queries(cases.lazy())
        done = pl.collect_all(list(asked.values()), engine=engine)
        return {
            name: (found.item(0, 0), found.item(0, 1))
            for name, found in zip(asked, done, strict=True)
        }

    return question


if __name__ == "__main__":
    from benchmarks.beside import beside

    beside(
        {
            "polars, together, streaming": lambda cases: ready(cases, "streaming"),
            "polars, together, in-memory": lambda cases: ready(cases, "in-memory"),
        }
    )

"""Runs the ratios in a few minutes, and fails when one is over its bar.

python -m benchmarks.check                      every question, with its times
python -m benchmarks.check --only whole_plan    one of them
python -m benchmarks.check --small              equal answers and numbers of scans, no times
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks import (
    audit_trail,
    before_the_end,
    checking,
    csv_extract,
    event_log,
    from_file,
    groups,
    hundred_million,
    many_targets,
    merging,
    other_plans,
    report,
    series,
    small,
    two_extracts,
    whole_plan,
    whole_process,
    working_hours,
    written_report,
)

QUESTIONS = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (
        whole_plan,
        whole_process,
        from_file,
        many_targets,
        groups,
        series,
        working_hours,
        hundred_million,
        csv_extract,
        event_log,
        audit_trail,
        small,
        checking,
        other_plans,
        before_the_end,
        two_extracts,
        written_report,
        merging,
    )
}


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 1 where a bar is not kept, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=QUESTIONS, metavar="NAME")
    parser.add_argument("--small", action="store_true", help="compare answers, time nothing")
    parser.add_argument("--most-rows", type=int, help="ask of no more rows than that")
    parser.add_argument("--repeats", type=int, help="rounds, where each question has its own")
    report.add_outputs(parser)
    asked = parser.parse_args(argv)
    chosen = [QUESTIONS[name] for name in asked.only or QUESTIONS]
    if asked.small:
        for one in chosen:
            for line in one.small():
                print(f"{one.name}: {line}")
        return 0
    records = []
    for one in chosen:
        rows = min(one.check_rows, asked.most_rows or one.check_rows)
        began = time.monotonic()
        records.append(one.record(rows, asked.repeats or one.check_repeats))
        took = time.monotonic() - began
        print(f"{one.name}: {rows:,} rows, {took:.0f} s", file=sys.stderr, flush=True)
    data = report.envelope(records)
    report.give(data, asked)
    over = [
        f"{record['name']}: {bar['name']}"
        for record in records
        for bar in record["bars"]
        if bar["kept"] is False
    ]
    print(f"\nover the bar: {', '.join(over)}" if over else "\nevery bar is kept")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

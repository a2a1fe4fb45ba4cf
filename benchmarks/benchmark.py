"""What a question is: bars that are declared, what measures them, and what must be equal before."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from benchmarks import report
from benchmarks.timing import Seconds, Spread

Unit: TypeAlias = Literal["x", "ms", "GB"]


@frozen
class Bar:
    """What something may be at most; `most` is None for what is only looked at.

    Attributes:
        name: what it is called within its question.
        words: what over what.
        most: the most that the median may be.
        unit: "x" for a ratio, "ms" or "GB".
    """

    name: str
    words: str
    most: float | None = None
    unit: Unit = "x"


@frozen(kw_only=True)
class Measured:
    """What was measured.

    Attributes:
        seconds: by contender, the seconds of each round.
        found: by the name of each bar, what was measured of it.
        details: what else a reader should know, such as the sizes of files.
    """

    seconds: Seconds
    found: Mapping[str, Spread]
    details: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Benchmark:
    """A question, with the bars that its answer is held to.

    Attributes:
        name: the module that asks it.
        question: the question.
        rows: how many rows are asked of, where nothing else is said.
        check_rows: how many `benchmarks.check` asks of.
        repeats: how many rounds there are.
        check_repeats: how many in `benchmarks.check`.
        bars: what is measured, and how much it may be.
        measure: asks everyone, with so many rows and rounds. Raises SystemExit where answers differ.
        small: compares answers and counts scans, without a clock; a line for each thing compared.
            Raises SystemExit where one is not as it should be.
    """

    name: str
    question: str
    rows: int = 10_000_000
    check_rows: int = 10_000_000
    repeats: int = 9
    check_repeats: int = 5
    bars: Sequence[Bar]
    measure: Callable[[int, int], Measured]
    small: Callable[[], list[str]]

    def record(self, rows: int, repeats: int) -> dict[str, Any]:
        """What is measured with so many rows and rounds, as plain data."""
        measured = self.measure(rows, repeats)
        unknown = measured.found.keys() ^ {bar.name for bar in self.bars}
        assert not unknown, f"{self.name}: declared or measured, but not both: {unknown}"
        return {
            "name": self.name,
            "question": self.question,
            "rows": rows,
            "repeats": repeats,
            "bars": [
                {
                    "name": bar.name,
                    "words": bar.words,
                    "most": bar.most,
                    "unit": bar.unit,
                    **measured.found[bar.name].data(),
                    "kept": kept(bar, measured.found[bar.name]),
                }
                for bar in self.bars
            ],
            "seconds": {
                name: {**Spread.of(values).data(), "rounds": values}
                for name, values in measured.seconds.items()
            },
            "details": dict(measured.details),
        }

    def main(self, argv: Sequence[str] | None = None) -> None:
        """The command of the question."""
        parser = argparse.ArgumentParser(
            prog=f"python -m benchmarks.{self.name}", description=self.question
        )
        parser.add_argument("--rows", type=int, default=self.rows)
        parser.add_argument("--repeats", type=int, default=self.repeats)
        report.add_outputs(parser)
        asked = parser.parse_args(argv)
        report.give(report.envelope([self.record(asked.rows, asked.repeats)]), asked)


def kept(bar: Bar, found: Spread) -> bool | None:
    """Whether the median is not over the bar; None without one."""
    return None if bar.most is None else found.median <= bar.most

"""Draws time against rows and time against targets, from what `benchmarks.curves` has measured.

python -m benchmarks.plot benchmarks/results/curves.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import NullLocator

from benchmarks.report import RESULTS, ROOT

PLACE = ROOT / "docs" / "speed"
INK, GREY, LINE = "#1f2328", "#57606a", "#d0d7de"
LOOKS = {
    # Told apart by colour, and by mark or dash where colours are not seen.
    "kpi.evaluate, in memory": ("#1a5fb4", "o", "-"),
    "kpi.evaluate, from Parquet": ("#1a5fb4", "s", "--"),
    "Polars, a query each": ("#b35900", "^", "-"),
    "DuckDB": ("#6f42c1", "D", "-"),
    "pandas": ("#c62828", "v", "-"),
    "summing the columns": ("#57606a", "x", ":"),
}
STYLE: Any = {
    # Dark words on a card of its own, so that they are read on a light page and on a dark one.
    "figure.facecolor": "#ffffff",
    "axes.facecolor": "#ffffff",
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "text.color": INK,
    "font.family": "sans-serif",
    "font.sans-serif": ["system-ui", "Segoe UI", "Roboto", "DejaVu Sans"],
    "font.size": 10.5,
    # Words stay words, and the same numbers give the same file.
    "svg.fonttype": "none",
    "svg.hashsalt": "kpi",
}


def curve(points: Sequence[Mapping[str, Any]], path: Path, *, title: str, across: str) -> None:
    """Draws the times of everyone as lines, both axes in powers of ten.

    Args:
        points: `at`, and by name the `median`, `min` and `max` seconds.
        path: the file to write.
        title: what is said above.
        across: what the horizontal axis holds.
    """
    names = [name for name in LOOKS if any(name in point["seconds"] for point in points)]
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(7.2, 4.6), layout="constrained")
        for name in names:
            colour, mark, dash = LOOKS[name]
            its = [point for point in points if name in point["seconds"]]
            at = [point["at"] for point in its]
            found = [point["seconds"][name] for point in its]
            middle = [one["median"] for one in found]
            axes.plot(at, middle, dash, color=colour, marker=mark, ms=5, lw=1.6, label=name)
            low, high = [one["min"] for one in found], [one["max"] for one in found]
            axes.fill_between(at, low, high, color=colour, alpha=0.12, lw=0)
        axes.set(xscale="log", yscale="log", xlabel=across)
        axes.set_title(title, loc="left", fontsize=11, pad=12)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_xticks([point["at"] for point in points])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(lambda value, _: _plain(value))
        axes.grid(visible=True, which="major", color=LINE, lw=0.6)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9.5)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without the day on which it was drawn.
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)


def _plain(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1e3:g} ms"


def draw(measured: Mapping[str, Any], place: Path = PLACE) -> list[Path]:
    """Both drawings; the files that were written."""
    found = measured["curves"]
    rows, targets = place / "rows.svg", place / "targets.svg"
    curve(
        found["rows"],
        rows,
        title="The twelve case targets of us-2017: time against cases",
        across="cases",
    )
    curve(
        found["targets"],
        targets,
        title=f"Time against targets, over {found['targets_of']:,} cases",
        across="targets",
    )
    return [rows, targets]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    parser.add_argument("results", type=Path, nargs="?", default=RESULTS / "curves.json")
    parser.add_argument("--to", type=Path, default=PLACE)
    asked = parser.parse_args(argv)
    for path in draw(json.loads(asked.results.read_text(encoding="utf-8")), asked.to):
        print(path)


if __name__ == "__main__":
    main()

"""What was measured, on which machine, for programs (JSON), for people (text) and for pages (Markdown).

`python -m benchmarks.report docs/speed.md` writes the tables of the last run that is kept in
benchmarks/results/ into the page, between its marks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

import kpi

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("polars", "duckdb", "pandas", "numpy", "pyarrow")


def machine() -> dict[str, Any]:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = models[0].partition(":")[2].strip() if models else model
    found: dict[str, Any] = {
        "processor": model,
        "cores": os.cpu_count(),
        "polars_threads": pl.thread_pool_size(),
        "system": f"{platform.system()} {platform.release()}",
    }
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        found["memory_gb"] = round(memory / 2**30, 1)
    if hasattr(os, "getloadavg"):
        # What others did at the end of the run: a time of a loaded machine says little.
        found["load"] = round(os.getloadavg()[0], 1)
    return found


def versions() -> dict[str, str]:
    return {
        "kpi": kpi.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def envelope(questions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Records of questions, with when, where and with what they were measured."""
    return {
        "questions": list(questions),
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
    }


def add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table of it")


def give(data: Mapping[str, Any], asked: argparse.Namespace) -> None:
    """Prints what was measured, and writes it where that is asked for."""
    print(text(data))
    if asked.json is not None:
        write(asked.json, data)
    if asked.markdown is not None:
        asked.markdown.write_text(markdown(data), encoding="utf-8")


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Writes what was measured as JSON; times to the microsecond, which is more than they hold."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_rounded(data), indent=1) + "\n", encoding="utf-8")


def _rounded(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _rounded(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_rounded(value) for value in data]
    return round(data, 6) if isinstance(data, float) else data


# Words for numbers.


def number(value: float) -> str:
    """Three figures that mean something: 0.0312, 0.31, 3.12, 31.2."""
    if value >= 100 or value == 0:
        return f"{value:,.0f}"
    places = 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:.{places}f}"


def with_unit(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{number(value)} x" if unit == "x" else f"{number(value)} {unit}"


def duration(seconds: float) -> str:
    return f"{number(seconds)} s" if seconds >= 1 else f"{number(seconds * 1e3)} ms"


def verdict(kept: bool | None) -> str:  # noqa: FBT001 - it is all there is to say
    return {True: "kept", False: "over", None: ""}[kept]


def where(data: Mapping[str, Any]) -> str:
    """Machine, versions and time in one line."""
    its = data["machine"]
    used = ", ".join(f"{name} {number}" for name, number in data["versions"].items())
    memory = f", {its['memory_gb']} GB" if "memory_gb" in its else ""
    load = f", load {its['load']}" if "load" in its else ""
    return f"{its['processor']}, {its['cores']} cores{memory}{load}; {used}; {data['measured']}"


def _bars(data: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for question in data["questions"]:
        for bar in question["bars"]:
            unit = bar["unit"]
            rows.append(
                (
                    f"{question['name']}: {bar['name']}",
                    f"{question['rows']:,}",
                    with_unit(bar["median"], unit),
                    f"{number(bar['min'])} .. {number(bar['max'])}",
                    with_unit(bar["most"], unit),
                    verdict(bar["kept"]),
                )
            )
    return rows


HEAD = ("question", "rows", "median", "min .. max", "bar", "")


def text(data: Mapping[str, Any]) -> str:
    """What was measured, for people: times where there is one question, and always the bars."""
    lines = [where(data), ""]
    if len(data["questions"]) == 1:
        (question,) = data["questions"]
        found = question["seconds"]
        lines += [question["question"], f"{question['repeats']} rounds; answers equal", ""]
        times = [
            (
                name,
                duration(each["median"]),
                f"{duration(each['min'])} .. {duration(each['max'])}",
            )
            for name, each in sorted(found.items(), key=lambda item: float(item[1]["median"]))
        ]
        lines += [*_columns([("", "median", "min .. max"), *times]), ""]
        lines += [f"{name}: {value}" for name, value in question["details"].items()]
        lines += [""] if question["details"] else []
    return "\n".join([*lines, *_columns([HEAD, *_bars(data)])])


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [f"{cell:>{w}}" for cell, w in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:{widths[0]}}", *cells]).rstrip())
    return lines


def markdown(data: Mapping[str, Any]) -> str:
    """The table of bars for a page, and where it was measured."""
    words = [bar["words"] for question in data["questions"] for bar in question["bars"]]
    lines = ["| what over what | rows | median | min .. max | bar | |", "|---|--:|--:|--:|--:|---|"]
    for (_, *cells), said in zip(_bars(data), words, strict=True):
        lines.append(f"| {said} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", f"{where(data)}.", ""])


def times(data: Mapping[str, Any], name: str) -> str:
    """The times of one question for a page."""
    (question,) = [one for one in data["questions"] if one["name"] == name]
    lines = ["| | median | min .. max |", "|---|--:|--:|"]
    ordered = sorted(question["seconds"].items(), key=lambda item: float(item[1]["median"]))
    for contender, found in ordered:
        between = f"{duration(found['min'])} .. {duration(found['max'])}"
        lines.append(f"| {contender} | {duration(found['median'])} | {between} |")
    rows, repeats = question["rows"], question["repeats"]
    return "\n".join([*lines, "", f"{rows:,} rows, {repeats} rounds, on the machine below.", ""])


# Pages.

_MARKED = re.compile(
    r"(?P<open><!-- made by benchmarks\.report: (?P<what>[\w -]+) -->\n).*?(?P<close><!-- end -->)",
    re.DOTALL,
)


def filled(page: str, data: Mapping[str, Any]) -> str:
    """The page with each part that stands between marks made anew.

    Raises:
        SystemExit: where a mark asks for what was not measured.
    """

    def made(mark: re.Match[str]) -> str:
        what = mark["what"]
        if what == "bars":
            inner = markdown(data)
        elif what.startswith("times "):
            inner = times(data, what.removeprefix("times "))
        else:
            raise SystemExit(f"a mark asks for {what!r}; there is: bars, times QUESTION")
        return f"{mark['open']}\n{inner}\n{mark['close']}"

    return _MARKED.sub(made, page)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--results", type=Path, default=RESULTS / "check.json")
    asked = parser.parse_args(argv)
    data = json.loads(asked.results.read_text(encoding="utf-8"))
    page = asked.page.read_text(encoding="utf-8")
    asked.page.write_text(filled(page, data), encoding="utf-8")


if __name__ == "__main__":
    main()

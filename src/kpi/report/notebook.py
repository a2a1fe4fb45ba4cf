"""Short texts and HTML tables of results and readings, for notebooks and the Python prompt."""

from __future__ import annotations

from kpi.evaluation.readings import Readings
from kpi.notebook_html import html_table
from kpi.report import words
from kpi.results.result import Result
from kpi.results.target_result import TargetResult

_FIGURES = ("Value", "Limit", "Counted", "Excluded", "Verdict")
_NUMBERS = ("Value", "Counted")


def result_text(result: Result) -> str:
    """Return a result in a line: plan, as-of date, verdicts, score."""
    score = "" if result.score is None else f"; score {words.score(result.score)}"
    return f"{result.plan.id}, as of {result.as_of}: {words.totals(result)}{score}"


def result_html(result: Result) -> str:
    """Return a result as an HTML table with a row for each requirement and part."""
    rows = [
        [target.id, target.title or "", *_figures(target)] for target in result.leaves(parents=True)
    ]
    return html_table(result_text(result), ("Target", "Title", *_FIGURES), rows, _NUMBERS)


def target_text(target: TargetResult) -> str:
    """Return the record of a target in a line: id, group, value, requirement, verdict."""
    group = "".join(f", {name} {value}" for name, value in target.group.items())
    verdict = words.VERDICTS[target.verdict]
    return f"{target.id}{group}: {words.value(target)}, {target.requirement}: {verdict}"


def target_html(target: TargetResult) -> str:
    """Return the record of a target as an HTML table, with a row for each part and group below it."""
    below = (*target.parts, *target.each, *target.groups)
    rows = [[_name(one), *_figures(one)] for one in (target, *below)]
    return html_table(target_text(target), ("Target", *_FIGURES), rows, _NUMBERS)


def _name(target: TargetResult) -> str:
    group = ", ".join(str(value) for value in target.group.values())
    return group or target.id


def _figures(target: TargetResult) -> list[str]:
    counted = "" if target.unit == "parts" else words.counted(target)
    verdict = words.VERDICTS[target.verdict]
    return [words.value(target), target.requirement, counted, target.reasons, verdict]


def readings_text(readings: Readings) -> str:
    """Return readings in a line: plan, as-of date, the targets whose verdict they turn."""
    turning = ", ".join(readings.turning) or "none"
    return f"{readings.plan.id}, as of {readings.as_of}: verdicts that turn: {turning}"


def readings_html(readings: Readings) -> str:
    """Return readings as an HTML table with a row for each target and reading."""
    rows = [
        [target.id, name or "default", *_figures(record)]
        for target in readings.targets
        for name, record in target.records()
    ]
    return html_table(readings_text(readings), ("Target", "Reading", *_FIGURES), rows, _NUMBERS)

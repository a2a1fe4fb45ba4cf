"""Short texts and HTML tables of results, readings, follow-ups and comparisons, for notebooks and the prompt."""

from __future__ import annotations

from kpi.evaluation.comparison.comparison import Comparison
from kpi.evaluation.follow_up import FollowUp, Outlook
from kpi.evaluation.readings import Readings
from kpi.notebook_html import html_table
from kpi.report import comparison_words, follow_words, words
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


def outlook_text(outlook: Outlook) -> str:
    """Return an outlook in a line: the record as of the day, and the bounds that are certain."""
    certain = follow_words.certain(outlook)
    return f"{target_text(outlook.status)}{f'; can become {certain}' if certain else ''}"


def follow_up_text(follow_up: FollowUp) -> str:
    """Return a follow-up in a line: plan, day, verdicts, the score that can still come about."""
    score = follow_words.score_range(follow_up)
    totals = words.totals(follow_up.result)
    return f"{follow_up.plan.id}, follow-up as of {follow_up.as_of}: {totals}{f'; score {score}' if score else ''}"


def follow_up_html(follow_up: FollowUp) -> str:
    """Return a follow-up as an HTML table with a row for each requirement and part."""
    outlooks = follow_words.leaves(follow_up)
    estimated = follow_words.has_estimates(follow_up)
    heads = ["Target", "Title", "Value", "Limit", "Counted", "Verdict", follow_words.CERTAIN]
    heads += [
        "It takes",
        follow_words.IF_NO_NEW_CASE,
        *([follow_words.EXPECTED] if estimated else []),
    ]
    rows = [
        [
            outlook.id,
            outlook.status.title or "",
            words.value(outlook.status),
            outlook.status.requirement,
            follow_words.status(outlook.status),
            words.VERDICTS[outlook.verdict],
            follow_words.certain(outlook),
            follow_words.takes(outlook),
            follow_words.if_no_new_case(outlook),
            *([follow_words.expected(outlook)] if estimated else []),
        ]
        for outlook in outlooks
    ]
    return html_table(follow_up_text(follow_up), heads, rows, _NUMBERS)


def comparison_text(comparison: Comparison) -> str:
    """Return a comparison in a line: plan, the two days, the targets with a figure that moved."""
    still = comparison_words.without_moves(comparison)
    moved = ", ".join(target.id for target in comparison if target.id not in still) or "none"
    return f"{comparison.plan.id}, {comparison.as_of} against {comparison.to}: figures that moved: {moved}"


def comparison_html(comparison: Comparison) -> str:
    """Return a comparison as an HTML table with a row for each requirement and part."""
    named = comparison_words.headings(comparison)
    rows = []
    for target in comparison:
        known = dict(target.figures)
        cells = [comparison_words.figure(known.get(name)) for name in named]
        rows.append([target.id, *cells, comparison_words.verdicts(target)])
    heads = ["Target", *named.values(), "Verdict"]
    return html_table(comparison_text(comparison), heads, rows, [*named.values()])

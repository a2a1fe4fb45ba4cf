"""A comparison of two extracts in words: figures, changes, verdicts that turned (F40 to F45)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from attrs import frozen

from kpi.evaluation.comparison.comparison import Comparison
from kpi.evaluation.comparison.records import BucketChange, Step, TargetComparison
from kpi.report import words
from kpi.results.target_result import TargetResult, Verdict

FIGURES = {
    "then": "Then",
    "then_under_plan": "Under this plan",
    "then_known_now": "As known now",
    "now": "Now",
}
"""The heading of each figure."""

_UNITS = {"days": "Days", "working days": "Working days", "hours": "Hours", "minutes": "Minutes"}


@frozen
class ChangeColumn:
    """Column of the changes of a step.

    Attributes:
        header: the heading.
        cells: a text for each bucket that is shown.
    """

    header: str
    cells: tuple[str, ...]


def figure(record: TargetResult | None) -> str:
    """Return a figure in words: "89.7 % of 1,650"; "–" where there is none."""
    if record is None:
        return "–"
    text = words.value(record)
    if record.value is None:
        return text
    is_ratio = record.met is not None or record.total is not None or record.unit == "months"
    # A fact stands for itself, and a count counts itself.
    if not is_ratio or record.unit == "count" or record.rule == "milestone":
        return text
    return f"{text} of {words.counted(record)}"


def verdict_word(word: Verdict) -> str:
    """Return a verdict in words."""
    return words.VERDICTS[word]


def verdicts(target: TargetComparison) -> str:
    """Return the verdicts of the figures of a target, each only where it is another one."""
    found: list[str] = []
    for _, record in target.figures:
        word = "–" if record is None else verdict_word(record.verdict)
        if not found or found[-1] != word:
            found.append(word)
    return " → ".join(found)


def signed(n: int | None) -> str:
    """Return a change with its sign: "+12", "-3"; "0" for none, empty where there is no such number."""
    if n is None:
        return ""
    return f"{n:+,}" if n else "0"


def headings(comparison: Comparison) -> dict[str, str]:
    """Return each figure's heading with the day that it is looked at from."""
    names = list(dict.fromkeys(name for target in comparison for name, _ in target.figures))
    days = {"now": comparison.to}
    return {name: f"{FIGURES[name]}, {days.get(name, comparison.as_of)}" for name in names}


def explanation(comparison: Comparison) -> str:
    """Return what the figures are, in a line."""
    under = " (as it was judged, then under this plan)" if _has_two_plans(comparison) else ""
    return (
        f"Then is OLD as of {comparison.as_of}{under}; as known now is NEW as of the same day; now is NEW as "
        f"of {comparison.to}."
    )


def _has_two_plans(comparison: Comparison) -> bool:
    return any(target.then_under_plan is not None for target in comparison)


def turned(step: Step) -> str:
    """Return the verdict that turned, with the first bucket at which it did (F44); empty for none."""
    turn = step.turned
    if turn is None:
        return ""
    return f'{verdict_word(turn.before)} → {verdict_word(turn.after)}, first at "{turn.bucket}"'


def moves(target: TargetComparison) -> Iterator[Step]:
    """Yield the steps that change a figure of a target, and not only the rows that are outside it."""
    for step in target.steps:
        if any(changes(bucket) for bucket in step.buckets):
            yield step


def changes(bucket: BucketChange) -> bool:
    """Return whether a bucket changes a figure: an integer but that of rows, the value or the verdict."""
    integers = (n for name, n in bucket.change.items() if name not in ("rows", "outside"))
    return bucket.turns or any(integers) or bucket.before.value != bucket.after.value


def shown_buckets(step: Step) -> list[BucketChange]:
    """Return the buckets of a step that hold cases or change a figure, unchanged keys aside."""
    *others, last = step.buckets
    return [*(b for b in others if b.cases or changes(b)), *([last] if changes(last) else [])]


def columns(step: Step, buckets: Sequence[BucketChange]) -> list[ChangeColumn]:
    """Return the columns of the changes of a step, those without any change left out."""
    unit = step.after.unit
    headers = {
        "counted": "Counted",
        "excluded": "Excluded",
        "undetermined": "Undetermined",
        "met": "Met",
        "counted_as": "Persons" if step.after.counted_as is None else step.after.counted_as.column,
        "total": _UNITS.get(unit, "Total"),
    }
    cases = [bucket.cases for bucket in buckets]
    made = [ChangeColumn("Cases", tuple("" if n is None else f"{n:,}" for n in cases))]
    for name, header in headers.items():
        changes = [bucket.change[name] for bucket in buckets]
        if any(changes):
            made.append(ChangeColumn(header, tuple(map(signed, changes))))
    made.append(ChangeColumn("Value after", tuple(words.value(b.after) for b in buckets)))
    if len({step.before.verdict, *(b.after.verdict for b in buckets)}) > 1:
        made.append(ChangeColumn("Verdict", tuple(verdict_word(b.after.verdict) for b in buckets)))
    return made


def without_moves(comparison: Comparison) -> list[str]:
    """Return the ids of the targets of which no figure moved."""
    return [target.id for target in comparison if not any(moves(target))]


LATE_HEADERS = ("Month", "Then", "Now", "Late", "Late part")
"""The headings of the months of late registration."""

LateTables: TypeAlias = dict[tuple[str, str], list[tuple[str, ...]]]
"""Texts of the months of late registration under those headings, by table and date."""


def late_tables(comparison: Comparison) -> tuple[LateTables, list[str]]:
    """Return the months of each date that was registered late, and the dates that were not (F45).

    Months without any date, then and now, are left out.
    """
    tables: LateTables = {}
    on_time = []
    for (table, date), rows in comparison.late.group_by("table", "date", maintain_order=True):
        if not (rows["late"] != 0).any():
            on_time.append(f"{table}.{date}")
            continue
        tables[str(table), str(date)] = [
            (
                f"{row['month_end']:%Y-%m}",
                f"{row['then']:,}",
                f"{row['now']:,}",
                signed(row["late"]),
                "–" if row["late_share"] is None else f"{100 * row['late_share']:.1f} %",
            )
            for row in rows.iter_rows(named=True)
            if row["then"] or row["now"]
        ]
    return tables, on_time

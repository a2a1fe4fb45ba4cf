"""A comparison of two extracts in words: figures, changes, verdicts that turned (F40 to F45)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    if record is None or record.value is None:
        return "–"
    return words.value(record) + (
        "" if record.unit in ("count", "parts") else f" of {words.counted(record)}"
    )


def verdict_word(word: Verdict) -> str:
    """Return a verdict in words."""
    return words.VERDICTS[word]


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


def step_name(step: Step) -> str:
    """Return a step in words."""
    return "restated" if step.name == "restated" else "news"


def turned(step: Step) -> str:
    """Return the verdict that turned, with the first bucket at which it did (F44); empty for none."""
    turn = step.turned
    if turn is None:
        return ""
    return f'{verdict_word(turn.before)} → {verdict_word(turn.after)}, first at "{turn.bucket}"'


def moves(target: TargetComparison) -> Iterator[Step]:
    """Yield the steps of a target of which there is something to show."""
    for step in target.steps:
        if shown_buckets(step):
            yield step


def shown_buckets(step: Step) -> list[BucketChange]:
    """Return the buckets of a step that hold cases or change something, unchanged keys aside."""
    last = step.buckets[-1]
    return [b for b in step.buckets if not b.is_nothing and (b is not last or any_change(b))]


def any_change(bucket: BucketChange) -> bool:
    """Return whether a bucket changes an integer or turns the verdict."""
    return bucket.turns or any(bucket.change.values()) or bucket.bucket == "not told apart"


def columns(step: Step, buckets: Sequence[BucketChange]) -> list[ChangeColumn]:
    """Return the columns of the changes of a step, those without any change left out."""
    unit = step.after.unit
    headers = {
        "rows": "Rows",
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
    made.append(ChangeColumn("Value then", tuple(words.value(b.after) for b in buckets)))
    if len({step.before.verdict, *(b.after.verdict for b in buckets)}) > 1:
        made.append(ChangeColumn("Verdict", tuple(verdict_word(b.after.verdict) for b in buckets)))
    return made


def without_moves(comparison: Comparison) -> list[str]:
    """Return the ids of the targets of which nothing moved."""
    return [
        target.id for target in comparison if not list(moves(target)) and target.now.unit != "parts"
    ]


def late_tables(
    comparison: Comparison,
) -> dict[tuple[str, str], list[tuple[str, str, str, str, str]]]:
    """Return the months of late registration with their texts, by table and date (F45).

    Month, known then, known now, late, and the late part in per cent. Months without any are left out.
    """
    tables: dict[tuple[str, str], list[tuple[str, str, str, str, str]]] = {}
    for row in comparison.late.iter_rows(named=True):
        if row["then"] or row["now"]:
            share = "–" if row["late_share"] is None else f"{100 * row['late_share']:.1f} %"
            cells = (
                f"{row['month_end']:%Y-%m}",
                f"{row['then']:,}",
                f"{row['now']:,}",
                signed(row["late"]),
                share,
            )
            tables.setdefault((row["table"], row["date"]), []).append(cells)
    return tables


LATE_HEADERS = ("Month", "Then", "Now", "Late", "Late part")
"""The headings of the months."""

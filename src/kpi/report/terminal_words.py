"""Words of a result in a terminal: English; a catalogue of another language says them otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kpi.definitions.goals import Goal
from kpi.definitions.notes import Note
from kpi.report import words
from kpi.results.result import Result, Score
from kpi.results.target_result import TargetResult, Verdict

_TEXTS: Mapping[str, str] = {
    "target": "Target",
    "weight": "Weight",
    "value": "Value",
    "limit": "Limit",
    "threshold": "At least",
    "bar": "Against limit",
    "counted": "Counted",
    "excluded": "Excluded",
    "range": "With them",
    "verdict": "Verdict",
    "base": "Base",
    "against": "Against it",
    "period": "Period",
    "lowest": "Lowest",
    "highest": "Highest",
    "last": "Last",
    "as_of": "{plan}, as of {day}",
    "with_weight": "(weight {weight})",
    "goal": "{weight}, goal {goal}",
    "score": "Score {score}",
    "series": "By period, from {first} through {last}",
    "legend": "the signs: {signs}",
    "counts_elsewhere": "counted cases by period: --format csv, json or parquet",
    "no_cases": "groups without a case of this target, not shown: {n}",
    "within_groups": "the values within each group: --format csv, json or parquet",
    "excluded_rows": "excluded rows",
    "share_range": "the share with the excluded rows",
    "extremes": "the lowest and the highest value",
    "not_shown": "not shown in a window this narrow: {what}; {width} columns show all of it",
}


@frozen
class TerminalWords:
    """Words of a result as a terminal shows them, in English."""

    def text(self, key: str, **values: object) -> str:
        """Return a heading or a line, with values filled in."""
        return _TEXTS[key].format(**values)

    def day(self, result: Result) -> str:
        """Return the as-of date."""
        return str(result.as_of)

    def title(self, of: TargetResult) -> str:
        """Return the title of a target; empty where it has none."""
        return of.title or ""

    def goal_title(self, of: Goal) -> str:
        """Return the title of a goal; empty where it has none."""
        return of.title or ""

    def plan_title(self, result: Result) -> str:
        """Return the title of the plan; empty where it has none."""
        return result.plan.title or ""

    def value(self, of: TargetResult) -> str:
        """Return the value with the unit (S19)."""
        return words.value(of)

    def requirement(self, of: TargetResult) -> str:
        """Return limit and threshold in a few words."""
        return of.requirement

    def limit(self, of: TargetResult) -> str | None:
        """Return the limit of a group; None where there is none."""
        return of.limit

    def percent(self, of: TargetResult) -> str:
        """Return the percentage that a group must reach; empty where there is none."""
        return "" if of.threshold is None else f"{of.threshold:f} %"

    def counted(self, of: TargetResult) -> str:
        """Return the counted rows, and what they count as (S32)."""
        return words.counted(of)

    def count(self, n: int) -> str:
        """Return a number of rows."""
        return words.count(n)

    def share_range(self, of: TargetResult) -> str:
        """Return the share with none and with all excluded rows met (S12); empty for none."""
        return words.share_range(of)

    def base_value(self, of: TargetResult) -> str:
        """Return the value of the base (S33)."""
        return words.base_value(of)

    def moved(self, of: TargetResult) -> str:
        """Return the difference or the change against the base (S33)."""
        return words.moved(of)

    def verdict(self, of: Verdict) -> str:
        """Return a verdict."""
        return words.VERDICTS[of]

    def totals(self, result: Result) -> str:
        """Return the number of requirements by verdict."""
        return words.totals(result)

    def score(self, earned: Score) -> str:
        """Return the score in a line."""
        return words.score(earned)

    def figures(self, of: TargetResult) -> str:
        """Return the figures to be seen beside a value."""
        return words.figures(of)

    def period(self, name: str) -> str:
        """Return the name of a period."""
        return name

    def short_period(self, name: str) -> str:
        """Return the name of a period as short as a heading needs."""
        return name

    def note(self, note: Note) -> str:
        """Return a note."""
        return str(note)

    def weight(self, text: str) -> str:
        """Return a weight as `words.weighed` gives it: a number, and a goal that is named with it."""
        return text


ENGLISH = TerminalWords()

"""Words of a result in a terminal, from the catalogue of a language (R2, R10)."""

from __future__ import annotations

from collections import Counter

from attrs import frozen

from kpi.definitions.goals import Goal
from kpi.definitions.limits import parse_limit
from kpi.definitions.notes import Note, code_of
from kpi.definitions.plan import Plan
from kpi.errors import PlanError
from kpi.report import words
from kpi.report.page import conditions, periods, values
from kpi.report.page.catalogue import Catalogue, catalogue
from kpi.report.page.messages import said
from kpi.report.page.requirement import requirement
from kpi.report.page.view import SIGNS
from kpi.report.terminal_words import ENGLISH, TerminalWords
from kpi.results.result import Result, Score
from kpi.results.target_result import TargetResult, Verdict


@frozen
class Translated(TerminalWords):
    """Words of a result as a terminal shows them, in another language than English.

    Attributes:
        texts: the texts of the language.
        plan: the plan, whose definitions requirements are put into words from.
    """

    texts: Catalogue
    plan: Plan

    def text(self, key: str, **values: object) -> str:
        """Return a heading or a line, with values filled in."""
        return self.texts.text(f"terminal.{key}", **values)

    def day(self, result: Result) -> str:
        """Return the as-of date."""
        return self.texts.date(result.as_of)

    def title(self, of: TargetResult) -> str:
        """Return the title of a target in the language, else in the other."""
        return self._own(of.title, of.title_da)

    def goal_title(self, of: Goal) -> str:
        """Return the title of a goal in the language, else in the other."""
        return self._own(of.title, of.title_da)

    def plan_title(self, result: Result) -> str:
        """Return the title of the plan in the language, else in the other."""
        return self._own(result.plan.title, result.plan.title_da)

    def _own(self, title: str | None, title_da: str | None) -> str:
        own = title_da if self.texts.text("language.title_key") == "title_da" else title
        return own or title or title_da or ""

    def value(self, of: TargetResult) -> str:
        """Return the value with the unit (S19)."""
        return values.value(self.texts, of)

    def requirement(self, of: TargetResult) -> str:
        """Return limit and threshold in a few words."""
        return requirement(self.texts, self.plan.target(of.id))

    def limit(self, of: TargetResult) -> str | None:
        """Return the limit of a group; one that is no limit of a plan file stands as it is."""
        if of.limit is None:
            return None
        try:
            return conditions.limit(self.texts, parse_limit(of.limit))
        except PlanError:
            return of.limit

    def percent(self, of: TargetResult) -> str:
        """Return the percentage that a group must reach; empty where there is none."""
        if of.threshold is None:
            return ""
        return self.texts.percent(f"{of.threshold:f}", float(of.threshold / 100))

    def counted(self, of: TargetResult) -> str:
        """Return the counted rows, and what they count as (S32)."""
        return values.counted(self.texts, of)

    def count(self, n: int) -> str:
        """Return a number of rows."""
        return self.texts.count(n)

    def share_range(self, of: TargetResult) -> str:
        """Return the share with none and with all excluded rows met (S12); empty for none."""
        return values.with_excluded(self.texts, of) or ""

    def base_value(self, of: TargetResult) -> str:
        """Return the value of the base (S33)."""
        return "" if of.base is None else values.value(self.texts, of.base)

    def moved(self, of: TargetResult) -> str:
        """Return the difference or the change against the base (S33)."""
        moved = words.moved(of)
        return values.moved(self.texts, moved) if moved else ""

    def verdict(self, of: Verdict) -> str:
        """Return a verdict."""
        return self.texts.text(f"verdict.{of}")

    def totals(self, result: Result) -> str:
        """Return the number of requirements by verdict."""
        counts = Counter(record.verdict for record in result)
        named = [
            self.texts.text(f"summary.{v}", n=self.count(counts[v])) for v in SIGNS if counts[v]
        ]
        return self.texts.text("word.comma").join(named)

    def score(self, earned: Score) -> str:
        """Return the score in a line."""
        met, of = (self.texts.number(words.weight(n)) for n in (earned.met, earned.of))
        shown = self.texts.text("page.score_of", met=met, of=of)
        if not earned.reconstructed:
            return shown
        return f"{shown}{self.texts.text('word.comma')}{self.texts.text('page.reconstructed')}"

    def figures(self, of: TargetResult) -> str:
        """Return the figures to be seen beside a value."""
        return self.texts.text("word.comma").join(values.beside(self.texts, of))

    def period(self, name: str) -> str:
        """Return the name of a period."""
        return periods.period(self.texts, name)

    def short_period(self, name: str) -> str:
        """Return the name of a period as short as a heading needs."""
        return periods.short_period(self.texts, name)

    def note(self, note: Note) -> str:
        """Return the label of a note, and the note."""
        label = self.texts.optional(f"note.{code_of(note)}")
        sentence = said(self.texts, note)
        return f"{label}: {sentence}" if label else sentence

    def weight(self, text: str) -> str:
        """Return a weight with the decimal sign of the language, and the goal that is named with it."""
        number, found, goal = text.partition(", goal ")
        shown = self.texts.number(number)
        return self.text("goal", weight=shown, goal=goal) if found else shown


def terminal_words(language: str, plan: Plan) -> TerminalWords:
    """Return the words of a language for a terminal.

    Raises:
        KpiError: where there are no texts in the language.
    """
    texts = catalogue(language)
    return ENGLISH if language == "en" else Translated(texts, plan)

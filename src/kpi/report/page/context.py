"""What all parts of a page are composed from: the figures, the texts, what is hidden."""

from __future__ import annotations

from functools import cached_property

from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.definitions.target import Requirement
from kpi.evaluation.report_figures.figures import ReportFigures
from kpi.report.page.catalogue import Catalogue
from kpi.report.page.small_cells import counts_of
from kpi.report.page.view import SIGNS, Shown
from kpi.results.target_result import TargetResult


@frozen(eq=False, repr=False)
class Context:
    """What a page is composed from.

    Attributes:
        figures: the figures.
        texts: the texts of the language.
        hide_below: the least count above 0 that a break-down shows (R11).
        hide_headlines: whether the figures of a requirement are withheld too where they are of fewer.
    """

    figures: ReportFigures
    texts: Catalogue
    hide_below: int
    hide_headlines: bool = False

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.figures.result.plan

    def title(self, of: Requirement | TargetResult) -> str:
        """Return the title in the language, else in the other; empty where there is none."""
        own = of.title_da if self.texts.text("language.title_key") == "title_da" else of.title
        return own or of.title or of.title_da or ""

    def verdict(self, record: TargetResult) -> Shown:
        """Return the verdict of a record as it is shown; of missed parts, that some are met (R2)."""
        word = self.texts.text(f"verdict.{record.verdict}")
        met = sum(part.verdict in ("met", "secured") for part in record.parts)
        if record.verdict in ("missed", "lost") and met:
            word = f"{word} ({self.texts.text('verdict.partly')})"
        return Shown(record.verdict, SIGNS[record.verdict], word)

    def shown_verdict(self, verdict: str) -> Shown | str:
        """Return a verdict by its name; a word that is none stands as it is."""
        kind = next((kind for kind in SIGNS if kind == verdict), None)
        if kind is None:
            return verdict
        return Shown(kind, SIGNS[kind], self.texts.text(f"verdict.{kind}"))

    def is_small(self, *counts: int) -> bool:
        """Return whether one of some counts of a requirement is withheld with its figures (R11)."""
        return self.hide_headlines and any(0 < abs(n) < self.hide_below for n in counts)

    def is_withheld(self, record: TargetResult) -> bool:
        """Return whether all figures of a requirement are withheld, since one of its counts is small.

        With the others, and the rows outside, the small one could be worked out. What a person
        reports is of no cases.
        """
        if record.rule in ("reported", "milestone"):
            return False
        counts = (
            *counts_of(record),
            *record.excluded.values(),
            record.undetermined,
            record.outside,
        )
        return self.is_small(*counts)

    def anchor(self, record: TargetResult) -> str:
        """Return the name of the section of a requirement or part, whatever signs its id has."""
        return self._anchors[record.id]

    @cached_property
    def _anchors(self) -> dict[str, str]:
        ids = [leaf.id for leaf in self.figures.result.leaves(parents=True)]
        return {name: f"t{n}" for n, name in enumerate(ids, start=1)}

    @property
    def none(self) -> str:
        """The sign for no value, and for a hidden one."""
        return self.texts.text("number.none")

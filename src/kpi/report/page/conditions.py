"""Conditions, limits, thresholds and bounds of a plan in the words of a language (S3 to S10, S20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from kpi.definitions.bounds import Bounds
from kpi.definitions.comparison import Comparison
from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, Limit
from kpi.definitions.population import Condition, Missing, Population, Range
from kpi.definitions.thresholds import Threshold, ThresholdByValue
from kpi.definitions.time_units import Span
from kpi.definitions.windows import Window
from kpi.report.page import periods
from kpi.report.page.catalogue import Catalogue

T = TypeVar("T")


def condition(texts: Catalogue, of: Condition) -> str:
    """Return a condition in words, with column and values as the plan writes them (S10)."""
    test, column = of.test, of.column
    if isinstance(test, Window):
        return texts.text("condition.when", column=column, when=periods.window(texts, test))
    if isinstance(test, DateBounds):
        return texts.text("condition.when", column=column, when=periods.date_bounds(texts, test))
    if isinstance(test, Missing):
        return texts.text(f"condition.{'' if test.missing else 'not_'}missing", column=column)
    if isinstance(test, Range):
        signs = (
            texts.text(f"sign.{word}", column=column if n == 0 else "", n=texts.count(bound))
            for n, (word, bound) in enumerate(test.data().items())
        )
        return texts.text("word.and").join(sign.strip() for sign in signs)
    values = [v if isinstance(v, str) else _plain(texts, v) for v in test.values]
    if len(values) == 1:
        return texts.text(
            f"condition.is{'_not' if test.negated else ''}", column=column, value=values[0]
        )
    key = "none_of" if test.negated else "one_of"
    return texts.text(f"condition.{key}", column=column, values=texts.listed(values, 4))


def _plain(texts: Catalogue, value: bool | int) -> str:  # noqa: FBT001 - a value of a column
    if isinstance(value, bool):
        return texts.text(f"word.{str(value).lower()}")
    return str(value)


def population(texts: Catalogue, of: Population) -> str:
    """Return all conditions of a population in words; empty for every row."""
    shown = [condition(texts, each) for each in of]
    if of.any_of:
        either = texts.text("word.or").join(
            population(texts, each) if len(each.conditions) == 1 else f"({population(texts, each)})"
            for each in of.any_of
        )
        shown.append(f"({either})" if shown else either)
    return texts.text("word.and").join(shown)


def span(texts: Catalogue, of: Span) -> str:
    """Return a length of time in words: "7 måneder"."""
    return texts.text("word.and").join(
        texts.text(f"unit.{unit}", n=of.amount(unit)) for unit in of.units
    )


def limit(texts: Catalogue, of: Limit) -> str:
    """Return a limit in words: "7 måneder", "senest due"."""
    if isinstance(of, Span):
        return span(texts, of)
    if isinstance(of, Before):
        return texts.text("limit.before", span=span(texts, of.span))
    if isinstance(of, DueColumn):
        if of.by is None:
            return texts.text("limit.by_column", column=of.column)
        kind = texts.text(f"limit.{of.by}s" if of.by == "instant" else "limit.days")
        return texts.text("limit.by_column_kind", column=of.column, kind=kind)
    if isinstance(of, ByValue):
        if of.file is not None:
            return texts.text("limit.of_column", column=of.column)
        shown = [_with(texts, span(texts, own), value) for value, own in of.limits.items()]
        return texts.listed(shown, 4)
    return dated(texts, of, lambda own: span(texts, own))


def _with(texts: Catalogue, value: str, of: str) -> str:
    return texts.text("word.with_value", value=value, of=of)


def dated(texts: Catalogue, of: Dated[T], shown: Callable[[T], str]) -> str:
    """Return a value that changes over time in words, each with the dates that it is in force."""
    first = texts.text("when.before", day=texts.date(of.later[0][0]))
    parts = [_with(texts, shown(of.first), f"{of.column} {first}")]
    for since, own in of.later:
        when = texts.text("when.since", day=texts.date(since))
        parts.append(_with(texts, shown(own), f"{of.column} {when}"))
    return texts.text("word.comma").join(parts)


def threshold(texts: Catalogue, of: Threshold) -> str:
    """Return a threshold in words: "90 %", "alle"."""
    if isinstance(of, ThresholdByValue):
        shown = [_with(texts, percent(texts, own), value) for value, own in of.thresholds.items()]
        return texts.listed(shown, 4)
    if isinstance(of, Dated):
        return dated(texts, of, lambda own: percent(texts, own))
    return percent(texts, of)


def percent(texts: Catalogue, of: Decimal) -> str:
    """Return a percentage to be reached: "90 %", or "alle" of 100."""
    if of == 100:
        return texts.text("threshold.all")
    return texts.text("number.percent", n=texts.number(f"{of:f}"))


def bounds(texts: Catalogue, of: Bounds, unit: str = "") -> str:
    """Return bounds on a number in words: "mindst 8", "højst -10 %" (S20).

    Args:
        texts: the texts of the language.
        of: the bounds.
        unit: the unit of the number: "%", a unit of time, "percentage points"; empty for none.
    """
    shown = []
    for word, bound in of.data().items():
        written = texts.number(f"{bound:,f}")
        if unit == "%":
            written = texts.text("number.percent", n=written)
        elif texts.optional(f"unit.{unit}") is not None:
            written = texts.text(f"unit.{unit}", n=written)
        elif unit:
            named = texts.optional(f"period.{unit.replace(' ', '_')}") or unit
            written = f"{written} {named}"
        shown.append(texts.text(f"bound.{word}", n=written))
    return texts.text("word.and").join(shown)


def comparison(texts: Catalogue, of: Comparison | None) -> str:
    """Return a comparison with a base in words, to follow others; empty without one (S33)."""
    if of is None:
        return ""
    base = periods.window_name(texts, of.window)
    asked = ""
    if of.change is not None:
        asked = texts.text(
            "requirement.against_change", bounds=bounds(texts, of.change, "%"), base=base
        )
    elif of.difference is not None:
        words = bounds(texts, of.difference, of.unit)
        asked = texts.text("requirement.against_difference", bounds=words, base=base)
    return asked or texts.text("requirement.against", base=base)


def moment(texts: Catalogue, named: dt.date | str) -> str:
    """Return the end of a day or period in words: "ved udgangen af 2022" (S22)."""
    return texts.text("when.end_of", day=periods.day_or_period(texts, named))

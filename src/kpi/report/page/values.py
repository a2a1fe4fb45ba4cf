"""Values of records in the words of a language; a printed figure never contradicts the verdict (S19)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kpi.report import words
from kpi.report.page import periods
from kpi.report.page.catalogue import Catalogue
from kpi.report.page.figure import Figure
from kpi.report.rounding import rounded
from kpi.results.possible import Range
from kpi.results.target_result import TargetResult

_JUST = {"just over ": "value.just_over", "just under ": "value.just_under"}


def value(texts: Catalogue, record: TargetResult) -> str:
    """Return the value of a record with its unit: "94,9 %"; the decimals are those of `words.value`."""
    if record.unit == "parts":
        asked = [part.verdict for part in record.parts if part.verdict != "indicator"]
        met = texts.count(sum(verdict in ("met", "secured") for verdict in asked))
        if not asked:
            return texts.text("number.none")
        return texts.text("value.parts", met=met, all=texts.count(len(asked)))
    if record.value is None:
        return texts.text("number.none")
    if record.rule == "milestone":
        missed = "value.not_yet" if record.verdict == "open" else "value.not_done"
        return texts.text("value.done" if record.met else missed)
    if record.unit == "number":
        return _number(texts, words.value(record), record.value)
    exact = record.exact_value
    assert exact is not None, "there is a value"
    return _with_unit(texts, *words.amount(exact, record), record.value)


def _number(texts: Catalogue, written: str, number: float) -> str:
    """Return a reported number, which may be "just over" another."""
    for start, key in _JUST.items():
        if written.startswith(start):
            shown = texts.text(key, n=texts.number(written.removeprefix(start)))
            return Figure(shown, number, "General")
    return Figure.written(texts.number(written), number, written)


def amount(texts: Catalogue, exact: Fraction, record: TargetResult) -> str:
    """Return a number in the unit of a record, rounded as its value is (S19)."""
    return _with_unit(texts, *words.amount(exact, record), float(exact))


def _with_unit(texts: Catalogue, digits: str, unit: str, number: float) -> str:
    written, unit = texts.number(digits), unit.strip()
    if unit == "%":
        return texts.percent(digits, number)
    if not unit:
        return Figure.written(written, number, digits)
    # words.amount has the singular of months alone.
    text = texts.text(f"unit.{unit}" if unit.endswith("s") else f"unit.{unit}s", n=written)
    return Figure.written(text, number, digits, text.removeprefix(written))


def span_of_values(texts: Catalogue, low: str, high: str) -> str:
    """Return a range of values: "81,2–90,4 %"; an end that is the other is written once."""
    if low == high:
        return low
    ends = [low, high]
    # The unit stands once where both ends have the same behind them.
    behind = low.partition(" ")[2]
    if behind and high.partition(" ")[2] == behind:
        ends[0] = low.partition(" ")[0]
    return texts.text("number.range", low=ends[0], high=ends[1])


def with_excluded(texts: Catalogue, record: TargetResult) -> str | None:
    """Return the range of a share if none and if all of the excluded rows had met it (S12)."""
    if record.range is None or not record.excluded:
        return None
    low, high = (amount(texts, end, record) for end in record.range)
    return span_of_values(texts, low, high)


def bounds(texts: Catalogue, of: Range, record: TargetResult) -> str:
    """Return what a value can become, from the smaller to the greater (F7 to F11)."""
    ends = sorted(end for end in (of.worst, of.best) if end is not None)
    if record.rule == "milestone":
        if of.worst == of.best:
            return texts.text("value.done" if of.best else "value.not_done")
        return texts.text("value.done_or_not")
    if not ends:
        return texts.text("value.any")
    if record.unit == "share" and (of.worst_of, of.best_of) == ((1, 1), (0, 1)):
        return texts.text("value.nothing")
    low, high = (amount(texts, end, record) for end in (ends[0], ends[-1]))
    return (
        texts.text("value.or_more", n=low) if len(ends) == 1 else span_of_values(texts, low, high)
    )


def days(texts: Catalogue, exact: Fraction) -> str:
    """Return a number of days with one decimal."""
    return _with_unit(texts, rounded(exact, []), "days", float(exact))


def decimal(exact: Fraction) -> str:
    """Return a number with one decimal, or as many as tell it from nothing."""
    return rounded(exact, [Fraction(0)])


def time(texts: Catalogue, exact: Fraction, unit: str) -> str:
    """Return a time in a unit: whole where it is, else with one decimal."""
    whole = exact.denominator == 1
    return _with_unit(texts, f"{int(exact):,}" if whole else decimal(exact), unit, float(exact))


def plain_amount(texts: Catalogue, exact: Fraction, record: TargetResult) -> str:
    """Return a number in the unit of a record, compared with nothing: "2,3 dage"."""
    unit = "" if record.unit in ("count", "number") else record.unit
    return _with_unit(texts, decimal(exact), unit, float(exact))


def counted(texts: Catalogue, record: TargetResult) -> str:
    """Return the counted rows, and what they count as where each counts as a number (S32)."""
    if record.unit == "parts":
        return ""
    written = texts.count(record.counted)
    as_ = record.counted_as
    if as_ is None:
        return written
    of = f"{texts.count(as_.counted)} {as_.column}"
    text = texts.text("word.with_value", value=written, of=of)
    return Figure.written(text, record.counted, f"{record.counted:,}", text.removeprefix(written))


def reason(texts: Catalogue, why: str) -> str:
    """Return a reason for excluding a row in the language; one of a rule's own as it is."""
    return texts.optional(f"reason.{why}") or why


def moved(texts: Catalogue, written: str) -> str:
    """Return a difference or a change in the language: "-8,0 dage", "+2,0 procentpoint" (S33).

    Args:
        texts: the texts of the language.
        written: the same in English, as `words.difference` and `words.change` give it.
    """
    number, _, unit = written.partition(" ")
    points = texts.optional(f"period.{unit.replace(' ', '_')}")
    if points is not None:
        return f"{texts.number(number)} {points}"
    return _with_unit(texts, number, unit, 0)


def beside(texts: Catalogue, record: TargetResult) -> Iterator[str]:
    """Yield the further figures of a record, or those of its base, a few words each (S33)."""
    if record.base is None:
        for name, number in record.figures.items():
            yield figure(texts, name, number, record)
        return
    window = record.base_window or ""
    named = texts.text("indicator.base")
    shown = value(texts, record.base)
    yield f"{named} {texts.text('word.with_value', value=shown, of=periods.period(texts, window))}"
    yield f"{texts.text('indicator.difference')} {moved(texts, words.difference(record))}"
    yield f"{texts.text('indicator.change')} {moved(texts, words.change(record))}"


def figure(texts: Catalogue, name: str, number: float | None, record: TargetResult) -> str:
    """Return a figure that stands beside a value: "beholdning 548"."""
    named = texts.optional(f"indicator.{name}") or name.replace("_", " ")
    if number is None:
        return f"{named} {texts.text('number.none')}"
    shown: str
    if name.endswith("_rate"):
        shown = texts.percent(rounded(100 * Fraction(str(number)), []), number)
    elif name == "allowed":
        shown = _with_unit(texts, f"{number:,}", record.unit, number)
    else:
        written = f"{number:,}" if isinstance(number, int) else rounded(Fraction(str(number)), [])
        in_days = name.endswith(("_time", "_age"))
        shown = _with_unit(texts, written, "days", number) if in_days else texts.number(written)
    return f"{named} {shown}"

"""Outlooks of a follow-up in the words of a language: what it takes, what is expected (F16, F20 to F30)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kpi.definitions.amounts import SIZES
from kpi.evaluation.follow_up import FollowUp, Outlook
from kpi.evaluation.forecast.estimate import Estimate, NoEstimate
from kpi.report import follow_words
from kpi.report.page import values
from kpi.report.page.catalogue import Catalogue
from kpi.report.page.context import Context
from kpi.report.page.messages import line, said
from kpi.report.page.view import NoteLine
from kpi.results.possible import Demand
from kpi.results.target_result import TargetResult

_DIGITS = 9
"""Digits of an estimate behind the point: those beyond are of sums of floats."""


def outlook_of(context: Context, name: str) -> Outlook | None:
    """Return the outlook of a requirement or part; None where the page is of no follow-up."""
    follow_up = context.figures.follow_up
    return None if follow_up is None else follow_up[name]


def word(texts: Catalogue, outlook: Outlook) -> str:
    """Return the outlook in a word; empty where the verdict says it with certainty."""
    if outlook.outlook in (None, outlook.verdict):
        return ""
    return texts.text(f"outlook.{str(outlook.outlook).replace(' ', '_')}")


def takes(texts: Catalogue, outlook: Outlook) -> str:
    """Return what it takes to reach the requirement, or what is in hand (F16); as `follow_words.takes`."""
    possible = outlook.possibilities
    if possible is None or outlook.verdict == "lost":
        return ""
    if possible.slack is not None:
        return _slack(texts, possible.slack[0], outlook.status)
    if outlook.verdict == "secured" or possible.need is None:
        return ""
    rule = outlook.status.rule
    if rule in ("count", "stock", "flow"):
        return _of_number(texts, outlook, possible.need, possible.room)
    kind = "ended" if rule == "clearance" else "in_time"
    if possible.need:
        return texts.text(f"takes.need_{kind}", n=texts.count(possible.need))
    if possible.room:
        return texts.text(f"takes.room_{kind}", n=texts.count(possible.room))
    return texts.text(f"takes.no_room_{kind}")


def _of_number(texts: Catalogue, outlook: Outlook, need: int, room: int | None) -> str:
    if need:
        value, bounds = outlook.status.value, outlook.status.bounds
        assert value is not None, "a number of rows is one"
        assert bounds is not None, "what is asked of it are bounds"
        too_many = Demand.of_whole_numbers(bounds).is_exceeded_by(value)
        return texts.text(f"takes.{'fewer' if too_many else 'more'}", n=texts.count(need))
    return "" if room is None else texts.text("takes.room", n=texts.count(room))


def _slack(texts: Catalogue, now: int, record: TargetResult) -> str:
    exact = abs(Fraction(now, SIZES.get(record.unit, 1)))
    shown = values.time(texts, exact, record.unit)
    return texts.text("takes.over" if now < 0 else "takes.in_hand", time=shown)


def estimate(context: Context, outlook: Outlook) -> Iterator[NoteLine]:
    """Yield what is expected of a target, its interval, its track record, and warnings (F23 to F28)."""
    of, texts = outlook.estimate, context.texts
    if of is None:
        return
    if isinstance(of, NoEstimate):
        yield line(texts, texts.text("outlook.no_estimate"), of.reason)
        return
    yield NoteLine(_estimate(texts, of, outlook.status), "")
    for name, part in of.parts.items():
        if isinstance(part, Estimate):
            yield NoteLine(f"{name}: {_estimate(texts, part, outlook.status)}", "")
        else:
            label = f"{name}: {texts.text('outlook.no_estimate')}"
            yield line(texts, label, part.reason)
    if of.reason is not None:
        yield line(texts, texts.text("outlook.no_interval"), of.reason)
    yield from (NoteLine(record, "") for record in _track(texts, of, outlook.status))
    if of.dormant and not context.is_small(of.dormant):
        yield NoteLine(texts.text("outlook.dormant", n=texts.count(of.dormant)), "")
    label = texts.text("outlook.warning")
    yield from (line(texts, label, warning) for warning in of.warnings)


def _estimate(texts: Catalogue, of: Estimate, record: TargetResult) -> str:
    """Return an estimate: "skøn 90,2 % (87,1–92,5 %), ventes opfyldt"."""
    shown = texts.text("outlook.estimate", value=_amount(texts, of.value, record))
    if of.low is not None and of.high is not None:
        ends = (_amount(texts, of.low, record), _amount(texts, of.high, record))
        between = values.span_of_values(texts, *ends)
        shown = texts.text("word.with_value", value=shown, of=between)
    if of.outlook not in (None, "no estimate"):
        key = str(of.outlook).replace(" ", "_")
        shown += texts.text("word.comma") + texts.text(f"outlook.{key}")
    return shown


def _track(texts: Catalogue, of: Estimate, record: TargetResult) -> Iterator[str]:
    """Yield how such estimates did before, and how simpler figures did (F27)."""
    track = of.track
    trials = texts.count(track.trials)
    if track.held is not None:
        yield texts.text("outlook.held", n=texts.count(track.held), trials=trials)
    if track.right is not None:
        counts = {
            name: texts.count(getattr(track, name) or 0) for name in ("right", "wrong", "uncertain")
        }
        yield texts.text("outlook.outlooks", **counts)
    errors = (track.error, track.error_as_it_stands, track.error_last_year)
    if track.error is None:
        return
    shown = [texts.text("number.none") if e is None else _error(texts, e, record) for e in errors]
    yield texts.text("outlook.errors", error=shown[0], stands=shown[1], last_year=shown[2])


def _error(texts: Catalogue, error: float, record: TargetResult) -> str:
    """Return a mean error: of shares and changes in percentage points."""
    exact = Fraction(f"{error:.{_DIGITS}f}")
    if record.unit in ("share", "change"):
        points = texts.number(values.decimal(100 * exact))
        return f"{points} {texts.text('period.percentage_points')}"
    return values.plain_amount(texts, exact, record)


def _amount(texts: Catalogue, value: float, record: TargetResult) -> str:
    return values.amount(texts, Fraction(f"{value:.{_DIGITS}f}"), record)


def assessment(texts: Catalogue, outlook: Outlook) -> str:
    """Return what the agency expects itself, which nothing here is computed from (F30); empty for none."""
    of = outlook.assessment
    if of is None:
        return ""
    said = texts.text(f"assessment.{of.expected}")
    by = texts.text("word.comma").join([*([of.by] if of.by else []), texts.date(of.on)])
    shown = texts.text("assessment.line", expected=said, by=by)
    return f"{shown}: {of.text}" if of.text else shown


def assumes(texts: Catalogue, follow_up: FollowUp) -> Iterator[NoteLine]:
    """Yield what certain statements, and each way of estimating, take for granted (F2, F20)."""
    certain = texts.text("outlook.assumes_certain")
    yield from (line(texts, certain, text) for text in follow_up.assumes)
    label = texts.text("outlook.assumes_estimate")
    for method, sentences in follow_words.assumed(follow_up).items():
        of = f"{label}, {said(texts, method)}"
        yield from (line(texts, of, text) for text in sentences)

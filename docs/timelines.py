"""Draws the timelines of docs/explanation/time/, each out of what kpi makes of a case.

Dates, numbers of days and verdicts are read from the audit trails of small plans. Draw them anew
after a change that is meant, and look at them before you commit it:

    python docs/timelines.py
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from attrs import define, field, frozen

import kpi

PLACE = Path(__file__).parent / "explanation" / "time" / "drawings"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY = dt.timedelta(1)
LAST = "2030-12-31"
WHOLE = {"since": "2000-01-01", "through": LAST}

WIDTH, LEFT, RIGHT, ROW = 720, 172, 702, 54
INK, GREY, LINE, GREEN, RED = "#1f2328", "#57606a", "#d0d7de", "#1a7f37", "#c62828"
COUNTED, THEN, REST, LATE, OFF = "#2f6fb0", "#6fa8dc", "#cfe0f2", "#e8a39c", "#e4e8ec"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def words(day: dt.date) -> str:
    """Return a day as the drawings name it, such as "28 Feb"."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the days from one to another, both included."""
    return [first + n * DAY for n in range((last - first).days + 1)]


# What kpi makes of a case.


@frozen
class Case:
    """One case, what its plan asks of it, and its row of the audit trail."""

    target: kpi.Within
    start: dt.date
    end: dt.date | None
    as_of: dt.date
    pauses: Sequence[Sequence[str]]
    row: Mapping[str, Any]

    def told(self) -> tuple[str, str]:
        """Return the words for the first day and for the last."""
        names = ("filed", "decided")
        if isinstance(self.target.limit, kpi.Before):
            names = ("half served", "interview")
        elif self.target.start != "filed":
            names = (self.target.start, "decided")
        said = {True: "in time", False: "late", None: self.row["reason"] or self.row["bucket"]}
        end = f"not {names[1]}" if self.end is None else f"{names[1]} {words(self.end)}"
        return f"{names[0]} {words(self.start)}", f"{end}, {said[self.row['met']]}"

    def paused(self) -> set[dt.date]:
        """Return the days that the pauses take: as many as the audit trail says."""
        as_of, found = str(self.as_of), set[dt.date]()
        its = days(self.start, (self.end or self.as_of) - DAY)
        for since, *to in self.pauses if self.target.pauses else ():
            stop = to[0] if to and to[0] <= as_of else LAST
            found |= {day for day in its if since <= str(day) < stop and since <= as_of}
        assert len(found) == (self.row["paused"] or 0), self
        return found


def seen(
    limit: str,
    filed: str,
    decided: str,
    *,
    paused: Sequence[Sequence[str]] = (),
    documented: str | None = None,
    as_of: str = LAST,
    derived: Mapping[str, Any] | None = None,
    **target: Any,
) -> Case:
    """Return what becomes of a case."""
    events = ["documented", "decided"]
    tables = [
        kpi.Table("cases", key="id", entry="filed", events=events, derived=derived or {}),
        kpi.Table("waiting", key="id", entry="from", events="to", pauses="cases"),
    ]
    asked = {"start": "filed", "end": "decided", "threshold": 90, **target}
    within = kpi.Within(id="1", limit=limit, **asked)
    plan = kpi.Plan(id="drawn", period=WHOLE, tables=tables, targets=[within])
    case = {"id": "A", "filed": filed, "documented": documented, "decided": decided}
    its = [("A", since, *to, None)[:3] for since, *to in paused]
    data = {
        "cases": pl.DataFrame([case], schema=dict.fromkeys(case, pl.String)),
        "waiting": pl.DataFrame(its, dict.fromkeys(("id", "from", "to"), pl.String), orient="row"),
    }
    (row,) = kpi.evaluate(plan, data, as_of).audit().collect().to_dicts()
    start, end = (dt.date.fromisoformat(text[:10]) for text in (filed, decided))
    start = start if within.start == "filed" else end - row["days"] * DAY
    known = end if decided <= as_of else None
    return Case(within, start, known, dt.date.fromisoformat(as_of), paused, row)


# Drawing.


@define
class Sheet:
    """A drawing in the making: rows below an axis of days, or of hours."""

    title: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]] = ()
    y: float = 30
    body: list[str] = field(factory=list)
    told: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        for at, label in self.ticks:
            self.text(self.x(at), 20, label, 'text-anchor="middle"')

    @property
    def unit(self) -> float:
        """How wide a day or an hour is."""
        return (RIGHT - LEFT) / (self.high - self.low)

    def x(self, at: float) -> float:
        """Where a day or an hour begins."""
        return LEFT + (at - self.low) * self.unit

    def text(self, x: float, y: float, text: str, look: str = "") -> None:
        """Words."""
        self.body.append(f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text, quote=False)}</text>')

    def path(self, x: float, y: float, line: str, look: str) -> None:
        """Draw a line or a shape that begins at a point."""
        self.body.append(f'<path d="M{x:.1f} {y:.1f}{line}" {look}/>')

    def place(self, at: float, text: str) -> float:
        """Where words about a moment begin, so that they stay on the sheet."""
        return max(LEFT, min(self.x(at) - 3.5 * len(text), 712 - 7 * len(text)))

    def label(self, at: float, up: float, text: str, colour: str = INK) -> None:
        """Words about a moment."""
        look = f'fill="{colour}" font-weight="600"'
        self.text(self.place(at, text), self.y + up, text, look)

    def box(self, first: float, stop: float, fill: str, edge: str = "none") -> None:
        """Draw a part of the bar of a row."""
        self.body.append(
            f'<rect x="{self.x(first):.1f}" y="{self.y + 19:.0f}" height="14" '
            f'width="{(stop - first) * self.unit:.1f}" fill="{fill}" stroke="{edge}"/>'
        )

    def periods_in_force(self, fills: Mapping[dt.date, str], pad: int = 0) -> None:
        """Days of the bar, with gaps between them where there is room."""
        long, wide = self.unit - 1 if self.unit > 12 else self.unit + 0.2, 14 + 2 * pad
        for fill in dict.fromkeys(fills.values()):
            its = sorted(day.toordinal() for day in fills if fills[day] == fill)
            line = "".join(f"M{self.x(at):.1f} {self.y + 26:.0f}h{long:.1f}" for at in its)
            self.body.append(f'<path d="{line}" stroke="{fill}" stroke-width="{wide}"/>')

    def begin(self, caption: str, note: str) -> None:
        """Draw the line of a row, and the words in the margin."""
        self.path(14, self.y - 2, f"H{WIDTH - 14}", f'stroke="{LINE}"')
        self.text(14, self.y + 23, caption, 'font-size="12" font-weight="600"')
        self.text(14, self.y + 38, note, f'fill="{GREY}"')

    def flag(self, at: float, label: str) -> None:
        """Draw the line that the limit ends at."""
        self.path(self.x(at), self.y + 15, "v22", f'stroke="{INK}" stroke-width="2"')
        self.path(self.x(at) - 5, self.y + 14, "h10l-5 6z", f'fill="{INK}"')
        self.label(at, 10, label)

    def mark(self, at: float, *, met: bool | None) -> None:
        """Draw an end: a green disc with a tick, a red diamond with a cross, or a grey ring."""
        x, y = self.x(at), self.y + 26
        shape = (
            "m-10 0l10-10l10 10l-10 10z" if met is False else "m-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0z"
        )
        fill, edge = {True: (GREEN, "#fff"), False: (RED, "#fff"), None: ("#fff", GREY)}[met]
        self.path(x, y, shape, f'fill="{fill}" stroke="{edge}"')
        if met is not None:
            sign = "m-4 0l3 3l5-6" if met else "m-3-3l6 6m0-6l-6 6"
            self.path(x, y, sign, 'fill="none" stroke="#fff" stroke-width="2"')

    def end_row(self, told: str) -> None:
        """Draw the end of a row, and describe it in words for those who do not see it."""
        self.told.append(f"{told}.")
        self.y += ROW

    def row(self, caption: str, note: str, case: Case) -> None:
        """Draw a case on a line."""
        self.begin(caption, note)
        limit, due, paused = case.target.limit, case.row["due"], case.paused()
        off, unknown = self.off(case.target.calendar)
        self.periods_in_force(
            dict.fromkeys(off, OFF) | dict.fromkeys(unknown, "url(#unknown)"), pad=5
        )
        self.periods_in_force(dict.fromkeys(paused, "url(#paused)"))
        if isinstance(limit, kpi.Span):
            self.bar(case, limit, paused | (off | unknown if limit.working_days else set()))
        else:
            self.periods_in_force(dict.fromkeys(days(due + DAY, case.start - DAY), REST))
        began, at = case.start.toordinal(), case.as_of.toordinal() + 1
        self.box(began, began + 1, "#fff", INK)
        if at < self.high:
            self.path(self.x(at), self.y + 12, "v26", f'stroke="{GREY}" stroke-dasharray="3 2"')
        if due is not None:
            self.flag(due.toordinal() + 1, f"due {words(due)}")
        colour = {True: GREEN, False: RED, None: GREY}[case.row["met"]]
        ended = (case.end or case.as_of).toordinal() + 0.5
        if case.end is not None:
            self.mark(ended, met=case.row["met"])
        first, last = case.told()
        x0, x1 = self.place(began + 0.5, first), self.place(ended, last)
        if ended > began:
            # The words about the end make room for those about the start, as far as there is room.
            x1 = min(max(x1, x0 + 7 * len(first) + 6), 712 - 7 * len(last))
            x0 = min(x0, x1 - 7 * len(first) - 6)
        self.text(x0, self.y + 48, first, f'fill="{GREY}"')
        self.text(x1, self.y + 48, last, f'fill="{colour}" font-weight="600"')
        told = [first, *([f"due {words(due)}"] if due else []), last]
        self.end_row(f"{caption}, {note}: {', '.join(told)}")

    def bar(self, case: Case, limit: kpi.Span, left_out: set[dt.date]) -> None:
        """Draw the days that count, numbered where there is room."""
        due, until = case.row["due"], case.end or case.as_of
        last = dt.date.fromordinal(int(self.high) - 1)
        # Where it was paused from the beginning, the day that it goes on takes that day's place.
        zero = case.start
        while zero in left_out and not limit.working_days:
            zero += DAY
        stop = min(max(until, due or until), last)
        counting = [day for day in days(zero + DAY, stop) if day not in left_out]
        if case.end is not None and not limit.working_days and case.row["days"] is not None:
            assert len([day for day in counting if day <= until]) == case.row["days"], case
        if due is not None and case.target.roll is None and not limit.total_months:
            taken = len([day for day in counting if day <= due])
            assert taken == limit.total_days + limit.working_days, case
        if case.end is None and until - DAY in left_out:
            until -= DAY
        fills, numbers = dict[dt.date, str](), list[tuple[float, float, str, str]]()
        for n, day in enumerate(counting, start=1):
            # The days of a limit in months and days come after its months.
            second = limit.total_months and due and day > due - limit.total_days * DAY
            fill = REST if day > until or case.row["reason"] else THEN if second else COUNTED
            fills[day] = LATE if due and day > due else fill
            if self.unit > 16 and day != case.end and fills[day] != LATE:
                look = f'text-anchor="middle" fill="{INK if fill == REST else "#fff"}"'
                numbers.append((self.x(day.toordinal() + 0.5), self.y + 30, str(n), look))
        self.periods_in_force(fills)
        for number in numbers:
            self.text(*number)

    def off(self, calendar: kpi.Calendar | None) -> tuple[set[dt.date], set[dt.date]]:
        """Draw the days of the sheet that are no working days, and those that are not known."""
        if calendar is None:
            return set(), set()
        shown = [dt.date.fromordinal(at) for at in range(int(self.low), int(self.high))]
        first, last = calendar.coverage
        known = [day for day in shown if first <= day <= last]
        return set(known) - set(calendar.working_days(known[0], known[-1])), set(shown) - set(known)

    def svg(self) -> str:
        """Return the drawing as SVG."""
        told, high = escape(" ".join(self.told), quote=False), self.y + 6
        lines = "\n".join(self.body)
        hatched = 'width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="'
        return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high:.0f}" \
width="{WIDTH}" height="{high:.0f}" role="img" aria-labelledby="t d" font-family="{FONT}" \
font-size="11" fill="{INK}">
<title id="t">{escape(self.title, quote=False)}</title>
<desc id="d">{told}</desc>
<defs>
<pattern id="paused" {hatched}rotate(45)"><path d="M0 0v5" stroke="#9a6700" stroke-width="4"/></pattern>
<pattern id="unknown" {hatched}rotate(-45)"><path d="M0 0v5" stroke="#b4bcc4" stroke-width="4"/></pattern>
</defs>
<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{high - 1:.0f}" rx="8" fill="#fff" \
stroke="{LINE}"/>
{lines}
</svg>
"""


def axis(title: str, first: str, last: str) -> Sheet:
    """Return an empty sheet with an axis of days."""
    shown = days(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    wide = (RIGHT - LEFT) / len(shown)
    step = next((n for n in (2, 3, 4) if n * wide > 52), 0)
    on = (1, 8, 15, 22) if wide > 7.6 else (1, 15)
    labelled = shown[1:-1:step] if step else [day for day in shown[1:-1] if day.day in on]
    ticks = [(day.toordinal() + 0.5, words(day)) for day in labelled]
    low, high = shown[0].toordinal(), shown[-1].toordinal() + 1
    drawn = Sheet(title, low, high, ticks, y=44 if wide > 12 else 30)
    for day in shown if wide > 12 else ():
        look = f'text-anchor="middle" font-size="9" fill="{GREY}"'
        drawn.text(drawn.x(day.toordinal() + 0.5), 34, "MTWTFSS"[day.weekday()], look)
    return drawn


# The drawings. Those of cases on an axis of days: what their rows share, and what each has of its own.

CASES = """
[start-to-end]
drawn = ["From start to end, in days and weeks", "2023-02-28", "2023-03-17"]
all = { note = "took {days} days", filed = "2023-03-01" }
rows = [
  { caption = "10 days", limit = "10 days", decided = "2023-03-01" },
  { caption = "10 days", limit = "10 days", decided = "2023-03-11" },
  { caption = "10 days", limit = "10 days", decided = "2023-03-12" },
  { caption = "2 weeks", limit = "2 weeks", decided = "2023-03-13" }]
[month-ends]
drawn = ["31 January and 1 month in the four month-end modes", "2023-01-29", "2023-03-06"]
all = { note = "1 month", limit = "1 month", filed = "2023-01-31", decided = "2023-03-01" }
rows = [{ caption = "down", month_end = "down" }, { caption = "sticky", month_end = "sticky" }, { caption = "up", month_end = "up" }, { caption = "refuse", month_end = "refuse" }]
[month-ends-sticky]
drawn = ["28 February and 1 month in the four month-end modes", "2023-02-26", "2023-04-03"]
all = { note = "1 month", limit = "1 month", filed = "2023-02-28", decided = "2023-03-30" }
rows = [{ caption = "down", month_end = "down" }, { caption = "sticky", month_end = "sticky" }, { caption = "up", month_end = "up" }, { caption = "refuse", month_end = "refuse" }]
[months-and-days]
drawn = ["2 months and 10 days: first the months, then the days", "2023-12-28", "2024-03-17"]
all = { limit = "2 months and 10 days", filed = "2023-12-31", decided = "2024-03-11" }
rows = [
  { caption = "down", note = "29 Feb, then 10 days", month_end = "down" },
  { caption = "up", note = "1 Mar, then 10 days", month_end = "up" }]
[backwards]
drawn = ["Counted forwards, and backwards, in 2024", "2024-02-26", "2024-04-02"]
all = { caption = "backwards", limit = "1 month before", filed = "2024-03-31", decided = "2024-03-01" }
rows = [
  { caption = "forwards", note = "1 month", limit = "1 month", filed = "2024-02-29", decided = "2024-03-30" },
  { note = "1 month before", decided = "2024-02-29" },
  { note = "1 month before" },
  { note = "1 month before, up", month_end = "up" }]
[working-days]
drawn = ["5 working days over Easter 2024", "2024-03-21", "2024-04-06"]
all = { note = "5 working days", limit = "5 working days", filed = "2024-03-22", decided = "2024-04-03" }
rows = [
  { caption = "denmark", calendar = "denmark" },
  { caption = "denmark", note = "Saturdays too", calendar = { name = "denmark", saturdays = true } },
  { caption = "sweden", calendar = "sweden" },
  { caption = "united kingdom", note = "Scotland", calendar = { name = "united kingdom", region = "SCT" } }]
[days-off]
drawn = ["2 working days around Christmas 2024", "2024-12-20", "2025-01-03"]
all = { limit = "2 working days", filed = "2024-12-23", decided = "2024-12-31" }
rows = [
  { caption = "denmark", note = "2 working days", calendar = "denmark" },
  { caption = "denmark", note = "Christmas Eve off", calendar = { name = "denmark", off = "christmas eve" } },
  { caption = "denmark", note = "27 December off too", calendar = { name = "denmark", off = ["christmas eve", "2024-12-27"] } },
  { caption = "a list of your own", note = "covers 2024", calendar = { off = ["2024-12-25", "2024-12-26"], covers = "2024" } },
  { caption = "a list of your own", note = "covers 2024", filed = "2024-12-30", calendar = { off = ["2024-12-25", "2024-12-26"], covers = "2024" } }]
[rolling]
drawn = ["30 days that end on Maundy Thursday 2024, and 30 that end the day before", "2024-02-25", "2024-04-05"]
all = { note = "30 days", limit = "30 days", filed = "2024-02-27", decided = "2024-04-02", calendar = "denmark" }
rows = [
  { caption = "none", roll = "none" },
  { caption = "next working day", roll = "next working day" },
  { caption = "next working day", roll = "next working day", filed = "2024-02-26" }]
[pauses]
drawn = ["20 days less the pauses", "2017-02-26", "2017-04-13"]
all = { note = "{gross} less {paused} is {days}", limit = "20 days", filed = "2017-03-01", decided = "2017-03-31", pauses = "waiting" }
rows = [
  { caption = "no pause" },
  { caption = "one pause", paused = [["2017-03-10", "2017-03-20"]] },
  { caption = "two are merged", paused = [["2017-03-10", "2017-03-20"], ["2017-03-15", "2017-03-25"]] },
  { caption = "clipped", paused = [["2017-02-20", "2017-03-05"], ["2017-03-24", "2017-04-10"]] },
  { caption = "too late", paused = [["2017-03-23", "2017-03-27"]] },
  { caption = "still open", paused = [["2017-03-10"]] }]
[pauses-in-working-days]
drawn = ["3 working days less the pauses", "2017-02-28", "2017-03-13"]
all = { note = "3 working days", limit = "3 working days", filed = "2017-03-01", decided = "2017-03-09", pauses = "waiting", calendar = "denmark" }
rows = [
  { caption = "no pause" },
  { caption = "Thursday to Tuesday", paused = [["2017-03-02", "2017-03-07"]] },
  { caption = "over the weekend", paused = [["2017-03-04", "2017-03-06"]] }]
[resets]
drawn = ["A case that starts again, and one that is left out", "2016-12-28", "2017-04-05"]
all = { note = "1 month", limit = "1 month", filed = "2017-01-01", decided = "2017-04-01" }
rows = [
  { caption = "from the filing" },
  { caption = "from the restart", start = "restarted", documented = "2017-03-01", derived = { restarted = { latest = ["filed", "documented"] } } },
  { caption = "unless_paused", paused = [["2017-02-01", "2017-02-20"]], unless_paused = "waiting" }]
[derived-dates]
drawn = ["1 month from dates that are made of others", "2017-02-26", "2017-05-20"]
all = { limit = "1 month", start = "counted from", filed = "2017-03-01", documented = "2017-04-01", decided = "2017-04-17" }
rows = [
  { caption = "earliest", note = "of 1 Mar and 1 Apr", derived = { "counted from" = { earliest = ["filed", "documented"] } } },
  { caption = "latest", note = "of 1 Mar and 1 Apr", derived = { "counted from" = { latest = ["filed", "documented"] } } },
  { caption = "plus", note = "1 Apr and 2 weeks", derived = { "counted from" = { date = "documented", plus = "2 weeks" } } },
  { caption = "share", note = "half, up", derived = { "counted from" = { start = "filed", end = "documented", share = "1/2" } } },
  { caption = "share", note = "half, down", derived = { "counted from" = { start = "filed", end = "documented", share = "1/2", rounded = "down" } } }]
[as-of]
drawn = ["One case, looked at from four days", "2017-02-26", "2017-04-17"]
all = { note = "{paused} days paused", limit = "30 days", filed = "2017-03-01", decided = "2017-04-12", paused = [["2017-03-11", "2017-03-21"]], pauses = "waiting", denominator = "overdue" }
rows = [
  { caption = "as of 10 Mar", as_of = "2017-03-10" }, { caption = "as of 15 Mar", as_of = "2017-03-15" },
  { caption = "as of 10 Apr", as_of = "2017-04-10" }, { caption = "as of 14 Apr", as_of = "2017-04-14" }]
[readings]
drawn = ["One case, counted in three ways", "2023-01-29", "2023-03-06"]
all = { limit = "1 month", filed = "2023-01-31", decided = "2023-03-01", paused = [["2023-02-10", "2023-02-13"]] }
rows = [
  { caption = "default", note = "month ends down" },
  { caption = "up", note = "month ends up", month_end = "up" },
  { caption = "net", note = "less the pauses", pauses = "waiting" }]
"""


def of_cases(drawn: Sheet, shared: Mapping[str, Any], rows: Sequence[Any]) -> Sheet:
    """Return a drawing of cases on an axis of days."""
    for row in rows:
        more = {**shared, **row}
        caption, note = more.pop("caption"), more.pop("note")
        case = seen(**more)
        drawn.row(caption, note.format(**case.row), case)
    return drawn


def of_hours(title: str, day: str, hours: str, ends: Sequence[tuple[str, str]]) -> Sheet:
    """Return a drawing of 2 hours in a night on which the clocks change (S1, S3)."""
    drawn = Sheet(title, 0, 5, [(n, f"{hour}:00") for n, hour in enumerate(hours.split())])
    for start, end in ends:
        case = seen("2 hours", f"{day}T{start}", f"{day}T{end}").row
        drawn.begin(f"{start} to {end}", "2 hours")
        if case["reason"] is not None:
            said = f"excluded: {case['reason']}"
            drawn.label(2.5, 30, said, GREY)
        else:
            # No clock has changed by the time of the start.
            begun, passed = int(start[:2]) + int(start[3:5]) / 60, case["seconds"] / 3600
            drawn.box(begun, begun + min(passed, 2), COUNTED)
            drawn.box(begun + min(passed, 2), begun + max(passed, 2), LATE if passed > 2 else REST)
            drawn.flag(begun + 2, "2 hours after")
            drawn.mark(begun + passed, met=case["met"])
            said = f"{case['seconds'] // 60} minutes, {'in time' if case['met'] else 'late'}"
            drawn.label(begun + passed, 48, said, GREEN if case["met"] else RED)
        drawn.end_row(f"{start} to {end}: {said}")
    return drawn


def zones() -> Sheet:
    """Return a drawing of the local days that dates, local times and instants fall on (S1)."""
    ticks = [(hour, f"{hour % 24:02}:00") for hour in range(18, 31, 2)]
    drawn = Sheet(
        "Which local day a date, a local time and an instant fall on", 17, 31, ticks, y=30
    )
    local = ZoneInfo("Europe/Copenhagen")
    for text, note in (
        ("2017-03-01", "a date"),
        ("2017-03-01T23:30", "a local time"),
        ("2017-03-01T23:30Z", "an instant, in UTC"),
        ("2017-03-02T00:30+02:00", "an instant, +02:00"),
    ):
        day = dt.date(2017, 3, 31) - seen("1 month", text, "2017-03-31").row["days"] * DAY
        drawn.begin(note, text)
        first, stop = (24, 31) if day.day == 2 else (17, 24)
        drawn.box(first, stop, REST)
        time = dt.datetime.fromisoformat(text)
        if len(text) > 10:
            time = time.replace(tzinfo=local) if time.tzinfo is None else time.astimezone(local)
            drawn.flag(24 * (time.day - 1) + time.hour + time.minute / 60, f"{time:%H:%M} here")
        said = f"counts as {words(day)}"
        drawn.label((first + stop) / 2, 48, said)
        drawn.path(drawn.x(24), drawn.y + 14, "v24", f'stroke="{GREY}" stroke-dasharray="3 2"')
        drawn.end_row(f"{text}, {note}: {said}")
    return drawn


def drawings() -> dict[str, str]:
    """Return the text of every drawing, by the name of its file."""
    found = tomllib.loads(CASES).items()
    made = {n: of_cases(axis(*one["drawn"]), one["all"], one["rows"]) for n, one in found}
    night = "The night of 26 March 2017, when two o'clock becomes three"
    ends = [("01:30", "04:30"), ("01:30", "04:45"), ("02:30", "04:00")]
    made["clocks-forward"] = of_hours(night, "2017-03-26", "00 01 03 04 05", ends)
    night = "The night of 29 October 2017, when three o'clock becomes two"
    ends = [("01:30", "02:30"), ("01:30", "02:30+01:00"), ("01:30", "02:45+01:00")]
    made["clocks-back"] = of_hours(night, "2017-10-29", "00 01 02 02 03", ends)
    made["zones"] = zones()
    return {f"{name}.svg": sheet.svg() for name, sheet in made.items()}


def main() -> None:
    """Write every drawing."""
    for name, text in drawings().items():
        (PLACE / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()

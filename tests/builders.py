"""Small tables and plans for tests, written so that a reader can check them by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, overload

import polars as pl

import kpi

DATES = ("filed", "documented", "decided", "due")
SCHEMA: dict[str, Any] = {
    "case_id": pl.String,
    "case_type": pl.String,
    **dict.fromkeys(DATES, pl.Date),
}


@overload
def day(text: str) -> dt.date: ...
@overload
def day(text: str | None) -> dt.date | None: ...
def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def cases(*rows: dict[str, Any]) -> pl.DataFrame:
    """Cases; ids are numbers from 1 unless said, dates are ISO texts."""
    made = []
    for n, row in enumerate(rows, start=1):
        dated = {k: day(v) if k in DATES else v for k, v in row.items()}
        made.append({"case_id": str(n), "case_type": "visa", **dated})
    return pl.DataFrame(made, schema=SCHEMA)


def spans(*pairs: tuple[str | None, str | None]) -> pl.DataFrame:
    """Cases out of (filed, decided) alone."""
    return cases(*({"filed": filed, "decided": decided} for filed, decided in pairs))


TABLE = kpi.Table(
    "cases", key="case_id", entry="filed", events=["documented", "decided"], dates="due"
)


def plan(*targets: kpi.Requirement, period: Any = "2017", **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period=period, tables=[TABLE], targets=targets, **more)


def within(limit: Any = "1 month", **more: Any) -> kpi.Within:
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": 90, **more}
    return kpi.Within(limit=limit, **given)


def average(limit: Any = "30 days", **more: Any) -> kpi.Average:
    return kpi.Average(**{"id": "t", "start": "filed", "end": "decided", "limit": limit, **more})


def clearance(deadline: Any, **more: Any) -> kpi.Clearance:
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": 90, **more}
    return kpi.Clearance(deadline=deadline, **given)


def one(
    target: kpi.Target, frame: pl.DataFrame, as_of: str | None = None, **more: Any
) -> kpi.TargetResult:
    """The record of one target over a frame, after checking that no row is lost (S12)."""
    found = kpi.evaluate(plan(target, **more), frame, as_of).targets[0]
    assert found.rows == found.outside + found.counted + found.undetermined + sum(
        found.excluded.values()
    )
    return found


def trail(target: kpi.Target, frame: pl.DataFrame, **more: Any) -> Iterable[dict[str, Any]]:
    return kpi.evaluate(plan(target, **more), frame).audit().collect().to_dicts()


# Tables with fewer columns, or none of due dates.

PLAIN_TABLE = kpi.Table("cases", key="case_id", entry="filed", events="decided")


def undated_table() -> kpi.Table:
    return kpi.Table("cases", key="case_id", entry="filed", events=["documented", "decided"])


SPAN: dict[str, Any] = {"id": "t", "start": "filed", "end": "decided"}
TEN_AND_TWENTY_DAYS = spans(("2017-01-01", "2017-01-11"), ("2017-01-01", "2017-01-21"))
"""Two cases, of 10 days and of 20."""


def of_days(*lengths: int, ended: str = "2017-06-30") -> pl.DataFrame:
    """Cases that took so many days and ended on one day."""
    end = dt.date.fromisoformat(ended)
    return spans(*((str(end - dt.timedelta(n)), ended) for n in lengths))


def cases_csv(path: Path, *rows: str) -> Path:
    file = path / "cases.csv"
    file.write_text("\n".join(["case_id,case_type,filed,documented,decided,due", *rows]) + "\n")
    return file


# Due dates, and the audit trail of both engines.


def due_in_trail(filed: str, limit: str, mode: str = "down") -> dt.date | None:
    """The due date that the audit trail gives for one case."""
    target = within(limit, month_end=mode, window={"since": "1900-01-01", "before": "2501-01-01"})
    row = next(iter(trail(target, spans((filed, "2500-01-01")), period="2600")))
    found: dt.date | None = row["due"]
    return found


ENGINES = ("in-memory", "streaming")


def both_trails(made: kpi.Plan, tables: Any, as_of: str | None = None) -> list[dict[str, Any]]:
    """The audit trail, after both engines gave the same of it and of the result."""
    first, second = (kpi.evaluate(made, tables, as_of, engine=e) for e in ENGINES)  # type: ignore[arg-type]  # names of engines
    assert first.frame.equals(second.frame)
    rows = first.audit().collect(engine="in-memory")
    assert rows.sort("target", "case").equals(
        first.audit().collect(engine="streaming").sort("target", "case")
    )
    return rows.to_dicts()


def due_days(limit: str, *filed: str, **more: Any) -> list[str]:
    """The due date of cases that are still open, or why there is none."""
    target = within(limit, denominator="cohort", window={"before": "9999-12-31"}, **more)
    rows = both_trails(plan(target), spans(*((f, None) for f in filed)), "9999-12-31")
    return [str(row["due"]) if row["bucket"] == "counted" else row["reason"] for row in rows]


# Pauses and derived dates.

WAITING = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")


def pauses(*rows: tuple[Any, str | None, str | None]) -> pl.DataFrame:
    made = [(str(case), day(since), day(until)) for case, since, until in rows]
    return pl.DataFrame(
        made, schema={"case": pl.String, "from": pl.Date, "to": pl.Date}, orient="row"
    )


def paused(*targets: kpi.Target, period: str = "2017", **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period=period, tables=[TABLE, WAITING], targets=targets, **more)


def derived_table(**made: Any) -> kpi.Table:
    return kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events=["documented", "decided"],
        dates="due",
        derived=made,
    )


# Limits by value, over time, and out of a file.


def by_type(**limits: str) -> dict[str, Any]:
    return {"by": "case_type", "limits": limits}


def of_types(**counts: tuple[int, int]) -> pl.DataFrame:
    """Visa-like cases: of each type so many in time, so many late."""
    in_time = {"filed": "2017-01-01", "decided": "2017-01-02"}
    late = {"filed": "2017-01-01", "decided": "2017-12-01"}
    return cases(
        *(
            {"case_type": kind, **dates}
            for kind, (met, missed) in counts.items()
            for dates in [in_time] * met + [late] * missed
        )
    )


def each_type(found: kpi.TargetResult) -> dict[Any, tuple[int | None, int, str]]:
    return {e.group["case_type"]: (e.met, e.counted, e.verdict) for e in found.each}


def dated(column: str, first: Any, **since: Any) -> dict[str, Any]:
    days = {key.removeprefix("d").replace("_", "-"): value for key, value in since.items()}
    return {"dated": column, "first": first, "since": days}


LIMITS_PLAN = """\
id = "p"
period = "2017"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
[[targets]]
id = "t"
rule = "within"
start = "filed"
end = "decided"
limit = { file = "limits.csv", by = "case_type" }
"""


def with_limits(tmp_path: Path, text: str, extra: str = "", made: str = LIMITS_PLAN) -> kpi.Plan:
    (tmp_path / "limits.csv").write_text(text, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(made + extra, encoding="utf-8")
    return kpi.load_plan(tmp_path / "plan.toml")


# Reported facts.

FACTS = kpi.Table("reported", key="target", events="done")
FACT_SCHEMA = {
    "target": pl.String,
    "done": pl.Date,
    "value": pl.Float64,
    "condition": pl.Boolean,
    "source": pl.String,
}


def facts(*rows: dict[str, Any]) -> pl.DataFrame:
    made = [{**row, "done": day(row.get("done"))} for row in rows]
    return pl.DataFrame(made, schema=FACT_SCHEMA)


def asked(*targets: kpi.Requirement, **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period="2017", tables=[FACTS, TABLE], targets=targets, **more)


def came_to(
    target: kpi.Target, *rows: dict[str, Any], as_of: str | None = None
) -> kpi.TargetResult:
    return kpi.evaluate(asked(target), {"reported": facts(*rows)}, as_of)[target.id]


def milestone(deadline: Any, name: str = "t", **more: Any) -> kpi.Milestone:
    return kpi.Milestone(id=name, deadline=deadline, **more)


def fact(**cells: Any) -> pl.DataFrame:
    schema = {"target": pl.String, "done": pl.Date, "value": pl.Float64}
    rows = [{"target": "t", "done": None, "value": None, **cells}] if cells else []
    return pl.DataFrame(rows, schema=schema)


def of_fact(target: kpi.Target, frame: pl.DataFrame) -> kpi.TargetResult:
    made = kpi.Plan(id="p", period="2017", tables=[FACTS], targets=[target])
    return kpi.evaluate(made, {"reported": frame})["t"]


BY_OFFICE = kpi.Table("reported", key=["target", "office"], events="done")


def by_office(*rows: dict[str, Any]) -> pl.DataFrame:
    offices = pl.Series("office", [f"o{n}" for n in range(len(rows))], pl.String)
    return facts(*rows).with_columns(offices)


def of_offices(target: kpi.Target, *rows: dict[str, Any]) -> kpi.TargetResult:
    made = kpi.Plan(id="p", period="2017", tables=[BY_OFFICE], targets=[target])
    return kpi.evaluate(made, {"reported": by_office(*rows)})["t"]


def half_years(target: kpi.Target, extract: Any, **more: Any) -> dict[Any, Any]:
    """The groups of a series of half-years by their period."""
    given = {"id": "p", "period": "2017", "tables": [TABLE, FACTS], **more}
    made = kpi.Plan(targets=[target], **given)
    found = kpi.evaluate(made, extract, every="half-year")[target.id]
    return {g.group["period"]: g for g in found.groups}


# Actions, contacts, and free appointments.

ACTIONS = kpi.Table("actions", key="action_id", entry="done", dates="agreed")
ACTION_SCHEMA = {
    "action_id": pl.String,
    "done": pl.Date,
    "agreed": pl.Date,
    "kind": pl.String,
    "person": pl.String,
}


def actions(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    made = [
        {"action_id": str(n), "done": day(done), "kind": kind}
        for n, (done, kind) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=ACTION_SCHEMA)


CALLS = kpi.Table("contacts", key="id", entry="arrived", events="served")


def contacts_plan(*targets: kpi.Target, tables: Any = (CALLS,), **more: Any) -> kpi.Plan:
    given: dict[str, Any] = {
        "limit": "12 minutes",
        "threshold": 80,
        "denominator": "cohort",
        **more,
    }
    target = kpi.Within(id="t", table="contacts", start="arrived", end="served", **given)
    return kpi.Plan(id="p", period="2017", tables=tables, targets=[target, *targets])


SLOTS = kpi.Table("slots", key="date", entry="date", dates="next_free")
WEEK = {"since": dt.date(2022, 5, 23), "through": dt.date(2022, 5, 29)}  # Thursday is Ascension Day


def slots(*days: str, wait: int = 1) -> pl.DataFrame:
    dates = [dt.date.fromisoformat(d) for d in days]
    made = [{"date": d, "next_free": d + dt.timedelta(wait)} for d in dates]
    return pl.DataFrame(made, schema={"date": pl.Date, "next_free": pl.Date})


def every_working_day(**more: Any) -> kpi.EveryWorkingDay:
    given = {"id": "t", "table": "slots", "start": "date", "end": "next_free", "limit": "3 weeks"}
    return kpi.EveryWorkingDay(**{**given, **more})


def may_slots(**free: int | None) -> pl.DataFrame:
    """Days of May 2022 with the days until the next free appointment; None: there was none."""
    day = {n: dt.date(2022, 5, int(n[1:])) for n in free}
    made = [
        {"date": day[n], "next_free": None if f is None else day[n] + dt.timedelta(f)}
        for n, f in free.items()
    ]
    return pl.DataFrame(made, schema={"date": pl.Date, "next_free": pl.Date})


def in_may(frame: pl.DataFrame, as_of: str = "2022-05-31", **more: Any) -> kpi.TargetResult:
    target = every_working_day(**{"window": WEEK, **more})
    made = kpi.Plan(id="p", period="2022", tables=[SLOTS], targets=[target])
    return kpi.evaluate(made, frame, as_of)["t"]

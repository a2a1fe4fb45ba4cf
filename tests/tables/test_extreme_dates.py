"""Dates that stand for none or for ever have one fate, whatever type they come as (S1, S15).

`9999-12-31` as the end of an open case lies after every as-of date, and so the case is open.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import kpi

COPENHAGEN, TOKYO, NEW_YORK = "Europe/Copenhagen", "Asia/Tokyo", "America/New_York"


def plan(zone: str = COPENHAGEN, limit: str = "2 months", style: str | None = None) -> kpi.Plan:
    return kpi.Plan(
        id="p",
        period="2022",
        time_zone=zone,
        tables=[
            kpi.Table("cases", key="case_id", entry="filed", events=["decided"], date_format=style)
        ],
        targets=[
            kpi.Within(
                id="1",
                start="filed",
                end="decided",
                limit=limit,
                threshold=60,
                denominator="cohort",
            )
        ],
    )


FILED = [dt.datetime(2022, 1, 10, 9), dt.datetime(2022, 1, 10, 9), dt.datetime(2022, 2, 1, 9), dt.datetime(2022, 5, 1, 9)]  # fmt: skip
NEVER = dt.datetime(9999, 12, 31)
DECIDED = [dt.datetime(2022, 3, 10, 9), dt.datetime(2022, 2, 11, 9), NEVER, NEVER]
IDS = ["A1", "A2", "A3", "A4"]


def fate(table: Any, asked: kpi.Plan | None = None) -> tuple[Any, ...]:
    """What becomes of a table: its figures, its rejected rows, the notes on dates far away."""
    result = kpi.evaluate(asked or plan(), table)
    one, facts = result["1"], result.facts["cases"]
    far = tuple(note for note in result.notes if "outside the years" in note)
    return one.met, one.counted, one.verdict, dict(facts.rejected), far


# Two of four: the cohort's open cases are not met (S11). Worked out by hand.
RIGHT: tuple[Any, ...] = (
    2,
    4,
    "missed",
    {},
    ("cases.decided: 2 dates outside the years 1997 to 2047, taken as they stand: 9999-12-31 (2)",),
)


def polars(unit: Literal["ms", "us"], zone: str | None = None) -> pl.DataFrame:
    frame = pl.DataFrame({"case_id": IDS, "filed": FILED, "decided": DECIDED})
    times = pl.col("filed", "decided").cast(pl.Datetime(unit))
    return frame.with_columns(times.dt.replace_time_zone(zone) if zone else times)


def csv(path: Path, tail: str, never: str = "9999-12-31") -> Path:
    """A CSV file whose times end with a text; `never` may be a text of its own."""
    rows = [
        f"{i},{f:%Y-%m-%d}{tail},{never if d == NEVER else format(d, '%Y-%m-%d') + tail}"
        for i, f, d in zip(IDS, FILED, DECIDED, strict=True)
    ]
    path.write_text("\n".join(["case_id,filed,decided", *rows, ""]))
    return path


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, COPENHAGEN])
def test_s15_never_in_a_frame_of_times(unit: Literal["ms", "us"], zone: str | None) -> None:
    assert fate(polars(unit, zone)) == RIGHT
    assert fate(polars(unit, zone).with_columns(pl.col("filed", "decided").dt.date())) == RIGHT


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, COPENHAGEN])
@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_s15_never_in_a_file_of_times(
    unit: Literal["ms", "us"], zone: str | None, suffix: str, tmp_path: Path
) -> None:
    frame, path = polars(unit, zone), tmp_path / f"cases.{suffix}"
    (frame.write_parquet if suffix == "parquet" else frame.write_ipc)(path)
    assert fate(path) == RIGHT


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, COPENHAGEN])
def test_s15_never_from_arrow_and_pandas(unit: str, zone: str | None) -> None:
    kind = pa.timestamp(unit, tz=zone)
    arrays = [polars("us", zone)[name].to_arrow().cast(kind) for name in ("filed", "decided")]
    assert fate(pa.table({"case_id": IDS, "filed": arrays[0], "decided": arrays[1]})) == RIGHT
    frame = pd.DataFrame({"case_id": IDS, "filed": FILED, "decided": DECIDED})
    for name in ("filed", "decided"):
        frame[name] = pd.Series(frame[name].to_numpy(f"datetime64[{unit}]"))
        frame[name] = frame[name].dt.tz_localize(zone) if zone else frame[name]
    assert fate(frame) == RIGHT


def test_s15_never_as_arrow_s_dates_of_64_bits() -> None:
    days = [pa.array([d.date() for d in column], pa.date64()) for column in (FILED, DECIDED)]
    assert fate(pa.table({"case_id": IDS, "filed": days[0], "decided": days[1]})) == RIGHT


@pytest.mark.parametrize(
    ("tail", "never"),
    [
        ("", "9999-12-31"),
        (" 09:00:00", "9999-12-31 00:00:00"),
        (" 09:00:00", "9999-12-31"),
        ("T09:00", "9999-12-31T23:59:59.999999"),
        ("T09:00:00Z", "9999-12-31T00:00:00Z"),
        ("T09:00:00+01:00", "9999-12-31T23:59:59+01:00"),
    ],
)
def test_s15_never_in_a_csv_file(tail: str, never: str, tmp_path: Path) -> None:
    assert fate(csv(tmp_path / "cases.csv", tail, never)) == RIGHT


@pytest.mark.parametrize(("style", "tail"), [("%Y-%m-%d %H:%M:%S", " 09:00:00"), ("%Y-%m-%d", "")])
def test_s15_never_in_a_declared_format(style: str, tail: str, tmp_path: Path) -> None:
    path = csv(tmp_path / "cases.csv", tail, "9999-12-31" + tail)
    assert fate(path, plan(style=style)) == RIGHT


ENDS = [
    (dt.datetime(9999, 12, 31, 23, 59, 59), "9999-12-31"),
    (dt.datetime.max, "9999-12-31"),
    (dt.datetime(9999, 12, 31), "9999-12-31"),
    (dt.datetime(1, 1, 1), "0001-01-01"),
    (dt.datetime(1, 1, 1, 23, 59), "0001-01-01"),
]
KIRITIMATI, BAKER = "Etc/GMT-14", "Etc/GMT+12"


@pytest.mark.parametrize("of", ["UTC", KIRITIMATI, BAKER])
@pytest.mark.parametrize("zone", [COPENHAGEN, TOKYO, NEW_YORK, KIRITIMATI, BAKER, "UTC"])
@pytest.mark.parametrize(("moment", "day"), ENDS)
def test_s01_the_first_and_the_last_day_are_that_in_every_zone(
    moment: dt.datetime, day: str, zone: str, of: str
) -> None:
    """9999-12-31T23:59:59Z, as systems write for never, is of the year 10000 in Copenhagen."""
    frame = pl.DataFrame({"case_id": ["a"], "filed": [FILED[0]], "decided": [moment]})
    zoned = frame.with_columns(pl.col("decided").dt.replace_time_zone(of))
    found = fate(zoned, plan(zone))
    assert (found[1], found[3]) == (1 if day > "2022" else 0, {})
    # A day or two beside it at most, as for every other time of another zone.
    assert any(f": {day[:4]}-" in note for note in found[4])
    log = pl.DataFrame({"case_id": [1], "event": ["a"], "time": zoned["decided"]})
    events = kpi.cases_from_events(log, {"filed": "a"}, time_zone=zone)
    assert events.rejected.height == 0


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_s01_what_is_of_no_zone_s_calendar_is_rejected(unit: Any) -> None:
    last = 253_402_300_799  # 9999-12-31T23:59:59 in seconds since 1970
    second = {"ms": 1_000, "us": 1_000_000}[unit]
    for seconds, rejected in ((last, 0), (last + 12 * 3600, 0), (last + 12 * 3600 + 1, 1)):
        times = pl.Series([seconds * second]).cast(pl.Datetime(unit, "UTC"))
        frame = pl.DataFrame({"case_id": ["a"], "filed": [FILED[0]], "decided": times})
        assert sum(fate(frame)[3].values()) == rejected, seconds
        log = pl.DataFrame({"case_id": [1], "event": ["a"], "time": times})
        assert kpi.cases_from_events(log, {"filed": "a"}).rejected.height == rejected


def test_s01_days_and_times_of_other_zones_in_one_column_of_texts() -> None:
    """Each has its due date, however far it is from the times: 31 January and a month is 28 February."""
    frame = pl.DataFrame(
        {
            "case_id": ["a", "b", "c"],
            "filed": ["2022-01-31", "2022-06-30T23:30:00Z", "2022-10-31"],
            "decided": ["2022-02-28", "2022-08-01", "2022-12-01"],
        }
    )
    trail = kpi.evaluate(plan(limit="1 month"), frame).audit().collect()
    due = [dt.date(2022, 2, 28), dt.date(2022, 8, 1), dt.date(2022, 11, 30)]
    assert (trail["due"].to_list(), trail["met"].to_list()) == (due, [True, True, False])


DAYS = ["0001-01-01", "1900-01-01", "9999-12-31"]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("column", ["filed", "decided"])
def test_s1_one_day_has_one_fate_whatever_its_type(day: str, column: str, tmp_path: Path) -> None:
    row = {"case_id": "a", "filed": "2022-01-10", "decided": "2022-02-10"} | {column: day}
    frame = pl.DataFrame(row)
    dates = frame.with_columns(pl.col("filed", "decided").str.to_date())
    expected = fate(dates)
    assert expected[3] == {}
    assert [day in note for note in expected[4]] == [True]
    for unit in ("ms", "us"):
        times = dates.with_columns(pl.col("filed", "decided").cast(pl.Datetime(unit)))
        zoned = times.with_columns(pl.col("filed", "decided").dt.replace_time_zone(COPENHAGEN))
        for table in (times, zoned):
            assert fate(table) == expected
            table.write_parquet(tmp_path / "cases.parquet")
            assert fate(tmp_path / "cases.parquet") == expected
    path = tmp_path / "cases.csv"
    for tail in ("", " 00:00:00", "T00:00"):
        path.write_text(f"case_id,filed,decided\na,{row['filed']}{tail},{row['decided']}{tail}\n")
        assert fate(path) == expected
    for style in ("%d-%m-%Y", "%d/%m/%Y %H:%M"):
        both = [dates[name].cast(pl.Datetime).dt.to_string(style).item() for name in ("filed", "decided")]  # fmt: skip
        path.write_text(f"case_id,filed,decided\na,{both[0]},{both[1]}\n")
        assert fate(path, plan(style=style)) == expected


@pytest.mark.parametrize(
    ("text", "style"),
    [("17-03-01", None), ("17-03-01 09:00", None), ("01-03-17", "%d-%m-%Y"), ("01-03-17 00:17", "%d-%m-%Y %H:%M")],
)  # fmt: skip
def test_s1_a_year_of_two_digits_is_none_before_1000(text: str, style: str | None) -> None:
    frame = pl.DataFrame({"case_id": ["a", "b"], "filed": [text, "01-03-2017"], "decided": [None] * 2})  # fmt: skip
    frame = frame if style else frame.with_columns(filed=pl.Series([text, "2017-03-01"]))
    asked = plan(style=style)
    if style and "%H" in style:
        frame = frame.with_columns(filed=pl.Series([text, "01-03-2017 09:00"]))
    assert sum(kpi.check(asked, frame).tables["cases"].facts.rejected.values()) == 1


@pytest.mark.parametrize("zone", [COPENHAGEN, NEW_YORK])
@pytest.mark.parametrize("moment", ["9999-12-31 23:59:59", "0001-01-01 00:00:00"])
def test_s3_never_where_the_clock_is_read(zone: str, moment: str) -> None:
    """Also where the moment is of another year in UTC; an end before the start is excluded."""
    frame = pl.DataFrame(
        {"case_id": ["a", "b"], "filed": ["2022-01-10 09:00:00"] * 2, "decided": ["2022-01-10 10:00:00", moment]}
    )  # fmt: skip
    for table in (frame, frame.with_columns(pl.col("filed", "decided").str.to_datetime())):
        result = kpi.evaluate(plan(zone, "2 hours"), table)
        one = result["1"]
        assert result.facts["cases"].rejected == {}
        assert one.met == 1
        if moment.startswith("9999"):
            assert (one.counted, dict(one.excluded)) == (2, {})
        else:
            assert (one.counted, dict(one.excluded)) == (1, {"end before start": 1})
        assert result.audit("1").collect().height == 2


@pytest.mark.parametrize("zone", [None, "UTC", COPENHAGEN])
@pytest.mark.parametrize("unit", ["ms", "us"])
def test_s13_a_log_of_events_takes_the_same_days(zone: str | None, unit: Any) -> None:
    times = pl.Series([dt.datetime(1, 1, 1, 12), NEVER, dt.datetime(2022, 1, 1)]).cast(pl.Datetime(unit))  # fmt: skip
    times = times.dt.replace_time_zone(zone) if zone else times
    log = pl.DataFrame({"case_id": [1, 1, 1], "event": ["a", "b", "c"], "time": times})
    found = kpi.cases_from_events(log, {"filed": "a", "decided": "b"}, as_of="2022-12-31")
    # The last is after the as-of date, and so not there; none is rejected.
    assert (found.rejected.height, found.hidden) == (0, 1)
    assert found.cases["filed"].is_not_null().all()


def test_what_lies_further_out_is_still_rejected() -> None:
    far = pl.Series([2**63 - 1, -(2**63) + 1, 0]).cast(pl.Datetime("us"))
    for times in (far, far.dt.replace_time_zone("UTC")):
        frame = pl.DataFrame({"case_id": [1, 2, 3], "filed": [FILED[0]] * 3, "decided": times})
        assert fate(frame)[3] == {"decided lies outside the years 1 to 9999": 2}
        log = pl.DataFrame({"case_id": [1, 2, 3], "event": ["a"] * 3, "time": times})
        assert kpi.cases_from_events(log, {"filed": "a"}).rejected.height == 2


def test_s1_plain_dates_lie_outside_the_days_of_times_with_a_zone_beside_them(
    tmp_path: Path,
) -> None:
    """Which days stand in a column is asked of all its texts, not of those with a zone alone."""
    path = tmp_path / "cases.csv"
    path.write_text(
        "case_id,filed,decided\n"
        "A,2022-06-01T10:00:00Z,2022-06-15\nB,2021-12-31,2022-01-10T10:00:00Z\nC,2022-12-01,2022-12-24\n"
    )
    checked = kpi.check(plan(), path).tables["cases"]
    days = {"filed": ("2021-12-31", "2022-12-01"), "decided": ("2022-01-10", "2022-12-24")}
    for name, ends in days.items():
        first, last = (
            dt.date.fromisoformat(end).toordinal() - dt.date(1970, 1, 1).toordinal() for end in ends
        )
        assert checked.bounds[name] == (first, last)

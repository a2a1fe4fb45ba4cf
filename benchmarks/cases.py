"""Cases of no real person, for the plan us-2017: seeded, of any size, and with every hard case.

Beside plausible durations there are open and undocumented cases, starts on the last day of a
month, ends on the day of the start, exactly on the due day and on the day after it, dates on every
bound that the plan names, missing filing dates, and decisions dated before the case was filed.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Days: TypeAlias = npt.NDArray[np.int32]
"""Day numbers since 1970-01-01."""
Mask: TypeAlias = npt.NDArray[np.bool_]

# Share of the cases in thousandths, months of the limit, months that are announced.
PLAN_TYPES = {
    "asylum": (120, 7, 5),
    "asylum_extension": (50, 7, 5),
    "residence_extension": (120, 7, 5),
    "permanent_residence": (80, 8, 8),
    "visa_complaint": (50, 12, 5),
    "passport": (60, 3, 5),
    "family_simple": (80, 10, 5),
    "family_spouse_complex": (70, 10, 10),
    "family_child_complex": (60, 10, 10),
}
OTHER_TYPES = (
    "au_pair", "citizenship", "document_check", "eu_residence", "interpreter", "invitation",
    "re_entry", "student", "travel_document", "visa", "work_permit",
)  # fmt: skip
TYPES = (*PLAN_TYPES, *OTHER_TYPES)


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def _days(*texts: str) -> list[int]:
    return [_day(text) for text in texts]


FIRST, EXTRACTED = _day("2013-01-01"), _day("2018-12-31")
# Every day that a window or condition of the plan begins or ends with, and the day beside it.
FILED_BOUNDS = _days("2015-12-31", "2016-01-01", "2016-01-02", "2017-02-28", "2017-03-01")
DECIDED_BOUNDS = _days(
    "2016-12-31", "2017-01-01", "2017-06-30", "2017-07-01", "2017-12-31", "2018-01-01"
)
ANNOUNCED_BOUNDS = _days("2017-02-28", "2017-03-01")


def generate(rows: int, *, seed: int = 2017) -> pl.DataFrame:
    """The cases: the same rows for the same `rows` and `seed`, in no order of date or type."""
    rng = np.random.default_rng(seed)

    def some(share: float) -> Mask:
        return rng.random(rows, dtype=np.float32) < share

    def up_to(most: int) -> Days:
        return rng.integers(0, most, rows, dtype=np.int32, endpoint=True)

    def one_of(values: list[int]) -> Days:
        return np.array(values, np.int32)[rng.integers(0, len(values), rows, dtype=np.uint8)]

    kind = _kinds(rows, rng)
    described = [*PLAN_TYPES.values(), *[(0, 6, 5)] * len(OTHER_TYPES)]
    limit = np.array([months for _, months, _ in described], np.int32)[kind]
    announced = np.array([months for _, _, months in described], np.int32)[kind]

    filed = np.int32(FIRST) + up_to(EXTRACTED - FIRST)
    filed = np.where(some(0.05), _month_end(filed), filed)
    filed = np.where(some(0.02), one_of(FILED_BOUNDS), filed)

    # A case is documented on the day it is filed or within weeks, some never.
    documented = filed + np.where(some(0.3), np.int32(0), up_to(90))
    documented = np.where(some(0.05), _month_end(documented), documented)
    undocumented = some(0.08)

    announced_on = filed + up_to(45)
    bound = one_of(ANNOUNCED_BOUNDS)
    announced_on = np.where(some(0.05) & (filed <= bound), bound, announced_on)
    unannounced = some(0.4)
    announced_months = np.where(some(0.1), one_of([5, 8, 10]), announced)

    # A service target counts from the day of full documentation. Most cases take around three
    # quarters of what they may, a long tail takes far more.
    serviced = ~unannounced & ~undocumented
    start = np.where(serviced, documented, filed)
    months = np.where(serviced, announced_months, limit)
    pace = np.exp(np.float32(0.3) * rng.standard_normal(rows, dtype=np.float32))
    decided = start + (months * np.float32(23.0) * pace).astype(np.int32)
    decided = np.maximum(decided, documented)
    due = add_months(start, months)
    decided = np.where(some(0.04), due, decided)
    decided = np.where(some(0.02), due + np.int32(1), decided)
    bound = one_of(DECIDED_BOUNDS)
    decided = np.where(some(0.02) & (documented <= bound), bound, decided)
    # An old backlog, cleared around the middle of 2017.
    backlog = some(0.1) & (filed < _day("2016-01-01"))
    decided = np.where(backlog, np.int32(_day("2017-01-01")) + up_to(300), decided)
    decided = np.where(some(0.005), start, decided)
    decided = np.where(some(0.003), filed - np.int32(1) - up_to(200), decided)

    def dates(day: Days, missing: Mask) -> pl.Series:
        # What the extract cannot know yet is missing too.
        return _column(day, missing | (day > EXTRACTED) | (day < FIRST)).cast(pl.Date)

    return pl.DataFrame(
        {
            # In no order, as a key that is known to be sorted is checked for nothing.
            "case_id": pl.Series(rng.permutation(rows), dtype=pl.Int64),
            "case_type": pl.Series(kind, dtype=pl.UInt8).cat.to(pl.Enum(TYPES)),
            "filed": dates(filed, some(0.003)),
            "documented": dates(documented, undocumented),
            "decided": dates(decided, some(0.03)),
            "announced_on": dates(announced_on, unannounced),
            "announced_months": _column(
                announced_months, unannounced | (announced_on > EXTRACTED)
            ).cast(pl.Int64),
        }
    )


def add_months(start: Days, months: Days) -> Days:
    """The same day so many months later, or the last day of that month where it has none."""
    first = start.astype("datetime64[D]").astype("datetime64[M]")
    offset = start - first.astype("datetime64[D]").astype(np.int32)
    due = (first + months).astype("datetime64[D]").astype(np.int32) + offset
    last = (first + months + 1).astype("datetime64[D]").astype(np.int32) - np.int32(1)
    clipped: Days = np.minimum(due, last)
    return clipped


def _month_end(day: Days) -> Days:
    following = day.astype("datetime64[D]").astype("datetime64[M]") + 1
    return following.astype("datetime64[D]").astype(np.int32) - np.int32(1)


def _kinds(rows: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    # A table of a thousand places is drawn from, as a weighted draw costs ten times as much.
    shares = [share for share, _, _ in PLAN_TYPES.values()]
    places = np.repeat(np.arange(len(shares), dtype=np.uint8), shares)
    others = np.arange(len(shares), len(TYPES), dtype=np.uint8)
    places = np.concatenate([places, np.resize(others, 1000 - len(places))])
    return places[rng.integers(0, 1000, rows, dtype=np.uint16)]


def _column(values: npt.NDArray[Any], missing: Mask) -> pl.Series:
    # Wrapped in Series: an array handed to `when` is taken apart value by value.
    frame = pl.DataFrame({"value": values, "missing": missing})
    return frame.select(pl.when(~pl.col("missing")).then("value")).to_series()

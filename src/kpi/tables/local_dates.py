"""Local dates of times: instants and wall clock times as days of the plan's time zone (S1)."""

from __future__ import annotations

import datetime as dt

import polars as pl
from attrs import frozen


@frozen(kw_only=True, eq=False)
class LocalTimes:
    """Times of a column in a time zone.

    Attributes:
        clock: the times as the wall clock shows them, skipped ones too.
        zoned: the times in the time zone; null where the clocks skipped the local time.
        converted: whether they came with a zone, from which they were converted.
    """

    clock: pl.Series
    zoned: pl.Series
    converted: bool

    @property
    def dates(self) -> pl.Series:
        """The local dates."""
        return self.clock.dt.date()

    @property
    def skipped(self) -> pl.Series | None:
        """The mask of the local times that did not exist, as the clocks skipped them; None if none."""
        if self.zoned.null_count() == self.clock.null_count():
            return None
        return self.clock.is_not_null() & self.zoned.is_null()


def local_times(times: pl.Series, zone: str) -> LocalTimes:
    """Return times in a time zone: converted where they have a zone, else taken as its wall clock.

    A local time that the clocks show twice is the earlier instant.

    Args:
        times: a column of Datetime.
        zone: the name of the time zone.

    Raises:
        PolarsError: where Polars does not know the zone.
    """
    kind = times.dtype
    assert isinstance(kind, pl.Datetime), "others are no times"
    # Nanoseconds end in 2262, and wrap round there when they change zones.
    times = times.dt.cast_time_unit("us") if kind.time_unit == "ns" else times
    if kind.time_zone is None:
        zoned = times.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return LocalTimes(clock=times, zoned=zoned, converted=False)
    zoned = times.dt.convert_time_zone(zone)
    # 9999-12-31 in another zone is that day here too: it stands for ever (S1).
    clock = zoned.dt.replace_time_zone(None).clip(dt.datetime.min, dt.datetime.max)
    return LocalTimes(clock=clock, zoned=zoned, converted=True)

"""Columns of a sheet: the type that all cells of a column have, else texts of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
from attrs import field, frozen
from polars.exceptions import ComputeError

from kpi.errors import InternalError
from kpi.tables.sources.layout import Layout

_EXACT = 1 << 53
"""The largest whole number up to which a float, as all numbers of a sheet are, is exact."""

_TIME_OF_DAY = r"^1899-12-3\d[ T](\d.*)$"
"""Text of a cell that holds a time of day alone, which is a share of day 0."""


@frozen(eq=False, repr=False)
class Cells:
    """Cells of a sheet, by row and column.

    Attributes:
        texts: the text of each cell; null where it is empty.
        plain: whether it holds a number or a truth value.
        dates: whether it holds a date, a time, or a number that could be one.
        load_numbers: reads the whole sheet as floats.
        taken: the rows of the sheet that are here, by position; None for all.
    """

    texts: pl.DataFrame
    plain: pl.DataFrame
    dates: pl.DataFrame
    load_numbers: Callable[[], pl.DataFrame]
    taken: Sequence[int] | None = None
    _numbers: list[pl.DataFrame] = field(factory=list, init=False)

    def filled(self) -> pl.Series:
        """Return whether each row holds any value."""
        if not self.texts.width:
            return pl.Series(dtype=pl.Boolean)
        return self.texts.select(pl.any_horizontal(pl.all().is_not_null())).to_series()

    def rows(self, taken: Sequence[int]) -> Cells:
        """Return some rows, by position."""
        texts, plain, dates = (frame[taken] for frame in (self.texts, self.plain, self.dates))
        return Cells(texts, plain, dates, self.load_numbers, taken)

    def numbers(self, column: int) -> pl.Series:
        """Return a column as floats, in full precision; null where a cell holds no number."""
        if not self._numbers:
            whole = self.load_numbers()
            self._numbers.append(whole if self.taken is None else whole[self.taken])
        return self._numbers[0].to_series(column)


def column_of(name: str, cells: Cells, place: int, layout: Layout) -> pl.Series:
    """Return a column of a sheet under its name.

    Args:
        name: the name of the column.
        cells: the cells of the rows.
        place: the position of the column.
        layout: says how dates are written in texts, where a column holds both.
    """
    texts = cells.texts.to_series(place).alias(name)
    plain = cells.plain.to_series(place)
    dated = cells.dates.to_series(place) & ~plain
    filled = texts.is_not_null()
    if not filled.any():
        return pl.Series(name, [None] * texts.len(), pl.Null)
    column = None
    if (plain | ~filled).all():
        column = _plain(texts, cells, place)
    elif (dated | ~filled).all():
        column = _dates(texts)
    if column is None:
        column = _mixed(texts, plain, dated, cells, place, layout)
    if (column.is_not_null() != filled).any():
        raise InternalError(f"column {name}: a cell of the sheet was lost")
    return column.alias(name)


def _plain(texts: pl.Series, cells: Cells, place: int) -> pl.Series | None:
    """Return truth values, whole numbers or floats; None where truth values stand among numbers."""
    is_truth = texts.is_in(["true", "false"])
    if is_truth.all():
        return texts == "true"
    if is_truth.any():
        return None
    numbers = cells.numbers(place)
    return numbers.cast(pl.Int64) if _is_whole(numbers).all() else numbers


def _is_whole(numbers: pl.Series) -> pl.Series:
    """Return whether each float is a whole number, and certainly that one."""
    return (numbers == numbers.floor()) & (numbers.abs() <= _EXACT)


def _dates(texts: pl.Series) -> pl.Series | None:
    """Return dates, or times where one is not at midnight; None where not all can be dates."""
    times = _parsed(texts)
    if (times.is_null() != texts.is_null()).any() or texts.str.contains(_TIME_OF_DAY).any():
        return None
    dates = times.dt.date()
    return dates if (times == dates.cast(times.dtype)).all() else times


def _parsed(texts: pl.Series) -> pl.Series:
    """Parse the texts that the reader makes of dates and times; null where there is no such date."""
    spaced = texts.str.replace("T", " ", literal=True)
    day, of_day = pl.lit(spaced), pl.lit(" 00:00:00")
    whole = pl.select(pl.when(day.str.len_chars() == 10).then(day + of_day).otherwise(day))
    style = "%Y-%m-%d %H:%M:%S%.f"
    return whole.to_series().str.to_datetime(style, time_unit="ms", strict=False)


def _mixed(
    texts: pl.Series,
    plain: pl.Series,
    dated: pl.Series,
    cells: Cells,
    place: int,
    layout: Layout,
) -> pl.Series:
    """Return the texts of cells of several types, dates as the layout has them written."""
    frame = pl.DataFrame({"text": texts, "plain": plain, "dated": dated})
    text = pl.col("text")
    if (is_number := plain & ~texts.is_in(["true", "false"])).any():
        # The reader's own text of a number has nine decimals at most.
        numbers = cells.numbers(place).set(~is_number, None)
        wholes = numbers.set(~_is_whole(numbers), None).cast(pl.Int64).cast(pl.String)
        exact = pl.select(pl.coalesce(wholes, numbers.cast(pl.String), texts)).to_series()
        frame = frame.with_columns(text=exact)
    is_time = pl.col("dated") & text.str.contains(_TIME_OF_DAY)
    written = _written(_parsed(texts.set(~dated, None)), layout.format_of(texts.name))
    return frame.select(
        pl.when(is_time)
        .then(text.str.extract(_TIME_OF_DAY))
        .when(pl.col("dated"))
        .then(pl.coalesce(written, text))
        .otherwise(text)
    ).to_series()


def _written(times: pl.Series, style: str | None) -> pl.Series:
    """Return dates as texts: in a format where it says all of a date, else in ISO 8601."""
    midnight = times == times.dt.truncate("1d")
    dates, whole = times.dt.strftime("%Y-%m-%d"), times.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
    iso = pl.select(pl.when(midnight).then(dates).otherwise(whole)).to_series()
    if style is None:
        return iso
    try:
        formatted = times.dt.strftime(style)
    except ComputeError:
        # A format that is none is refused where the column is checked.
        return iso
    # A format without a time of day is for dates.
    again = [
        formatted.str.to_datetime(style, time_unit="ms", strict=False),
        formatted.str.to_date(style, strict=False).cast(times.dtype),
    ]
    same = pl.select((again[0] == times) | (again[1] == times)).to_series().fill_null(value=False)
    return pl.select(pl.when(same).then(formatted).otherwise(iso)).to_series()

"""CSV that a spreadsheet may open: no text cell of it is run as a formula."""

from __future__ import annotations

import polars as pl

_FORMULA = r"""^['"\s]*[=+\-@＝＋－＠]|^[\t\r\n]"""
_NUMBER = r"^[+-]?\d+([.,]\d+)?$"


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before every text, or name of a column, that would run as a formula.

    A formula begins with =, +, - or @, perhaps behind a quote or blanks. A text that is a plain
    number, such as -5, is none. Columns of other kinds stay as they are.
    """
    words = pl.col(pl.String, pl.Categorical, pl.Enum).cast(pl.String)
    runs = words.str.contains(_FORMULA) & ~words.str.contains(_NUMBER)
    made = frame.with_columns(pl.when(runs).then(pl.lit("'") + words).otherwise(words).name.keep())
    names = pl.Series(frame.columns, dtype=pl.String)
    odd = names.str.contains(_FORMULA)
    return made.rename({n: f"'{n}" for n in names.filter(odd)})


def csv_text(frame: pl.DataFrame) -> str:
    """The frame as CSV, with nothing in it that a spreadsheet would run."""
    return neutral(frame).write_csv()

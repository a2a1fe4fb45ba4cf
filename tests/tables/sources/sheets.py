"""Workbooks for tests: rows of Python values as cells of the types that they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter


class Error(str):
    """Error in a cell, as Excel shows it."""

    __slots__ = ()


def write_sheets(path: Path, sheets: Mapping[str, Iterable[Sequence[Any]]]) -> Path:
    """Write an .xlsx file; a sheet is rows from the first on, None an empty cell."""
    with xlsxwriter.Workbook(path) as book:
        date = book.add_format({"num_format": "dd-mm-yyyy"})
        time = book.add_format({"num_format": "dd-mm-yyyy hh:mm"})
        clock = book.add_format({"num_format": "hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    place = (row, column)
                    if isinstance(value, Error):
                        sheet.write_formula(*place, "=1/0", None, str(value))
                    elif isinstance(value, str):
                        sheet.write_string(*place, value) if value else sheet.write_formula(
                            *place, '=""', None, ""
                        )
                    elif isinstance(value, bool):
                        sheet.write_boolean(*place, value)
                    elif isinstance(value, dt.datetime):
                        sheet.write_datetime(*place, value, time)
                    elif isinstance(value, dt.date):
                        sheet.write_datetime(*place, dt.datetime(*value.timetuple()[:3]), date)
                    elif isinstance(value, dt.time):
                        sheet.write_datetime(*place, value, clock)
                    elif value is None:
                        # A cell that was formatted, as far below the rows, and holds nothing.
                        sheet.write_blank(*place, None, date)
                    else:
                        sheet.write_number(*place, value)
    return path

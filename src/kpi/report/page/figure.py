"""Figures of a page: texts that know their number, for formats that have typed cells."""

from __future__ import annotations

import datetime as dt


class Figure(str):
    """Text of a number or a date, as a page shows it.

    What is put together with other texts is a text and no figure any more.

    Attributes:
        number: the number or the date; of a share the fraction, of a value exactly that of the JSON.
        form: how a spreadsheet shows it: with as many decimals as the text has, and its unit (S19).
    """

    number: float | dt.date
    form: str

    __slots__ = ("form", "number")

    def __new__(cls, text: str, number: float | dt.date, form: str) -> Figure:
        """Return a text with the number, or date, that it shows."""
        figure = super().__new__(cls, text)
        figure.number, figure.form = number, form
        return figure

    @classmethod
    def written(cls, text: str, number: float, digits: str, behind: str = "") -> Figure:
        """Return the figure of a number.

        Args:
            text: the whole text.
            number: the number.
            digits: the number as it is printed in English: "1,234.50", "+2.0".
            behind: what stands behind it, such as the unit.
        """
        sign = "+" if digits.startswith("+") else ""
        decimals = len(digits.partition(".")[2])
        places = f".{'0' * decimals}" if decimals else ""
        # A sign of per cent shows a fraction as such; all else is a text to a spreadsheet.
        unit = behind if behind.strip() == "%" else f'"{behind.replace(chr(34), "")}"'
        return cls(text, number, f"{sign}#,##0{places}{unit if behind else ''}")

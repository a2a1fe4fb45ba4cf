"""A report as one page of HTML: no script, nothing to load, all foreign text escaped (R8, R9)."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kpi.errors import KpiError
from kpi.foreign_text import terminal_text
from kpi.report.page import charts
from kpi.report.page.catalogue import catalogue
from kpi.report.page.view import View

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = files("kpi.report.page").joinpath("templates")
_GEOMETRY = {
    "bar_width": charts.BAR_WIDTH,
    "width": charts.WIDTH,
    "height": charts.HEIGHT,
    "left": charts.LEFT,
    "right": charts.RIGHT,
    "top": charts.TOP,
    "bottom": charts.BOTTOM,
}


def require_templates() -> None:
    """Check that the library that fills templates is installed.

    Raises:
        KpiError: where it is not, saying how to install it.
    """
    try:
        import jinja2  # noqa: F401, PLC0415 - loaded by reports alone
    except ImportError:
        raise KpiError(
            "a report needs jinja2, which is not installed; install kpi[report]"
        ) from None


def html(view: View) -> str:
    """Return a view as a page of HTML, the same bytes for the same view.

    The page has no script, no style but its own, and loads nothing; its own content security policy
    allows nothing else.

    Raises:
        KpiError: where the library that fills templates is not installed.
    """
    require_templates()
    from markupsafe import Markup  # noqa: PLC0415 - loaded by reports alone

    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _environment().get_template("report.html")
    text: str = page.render(
        view=view,
        text=catalogue(view.language).text,
        # The style sheet is ours, and no text of the data or the plan is in it.
        style=Markup(style),  # noqa: S704
        style_hash=f"sha256-{digest}",
        **_GEOMETRY,
    )
    return text


def style_sheet() -> str:
    """Return the style sheet of the page."""
    return _TEMPLATES.joinpath("report.css").read_text(encoding="utf-8")


def chart_svg(chart: charts.Chart, name: str, style: str) -> str:
    """Return a chart by itself as SVG, all texts escaped.

    Args:
        chart: the chart.
        name: the id of the picture.
        style: the rules of the picture.

    Raises:
        KpiError: where the library that fills templates is not installed.
    """
    require_templates()
    from markupsafe import Markup  # noqa: PLC0415 - loaded by reports alone

    template = _environment().get_template("chart.svg")
    # The rules are ours, and no text of the data or the plan is in them.
    text: str = template.render(chart=chart, name=name, style=Markup(style), **_GEOMETRY)  # noqa: S704
    return text.strip()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - reports alone

    return Environment(
        loader=PackageLoader("kpi.report.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_printable,
    )


def _printable(value: object) -> object:
    """Escape, in a text that is no markup yet, the signs that do not print (bidirectional ones too)."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return terminal_text(value)
    return value

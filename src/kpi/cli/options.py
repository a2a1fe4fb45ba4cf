"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from kpi.cli.outputs import FORMATS
from kpi.exit_codes import Invocation


def handed_over(
    _context: click.Context, _: click.Parameter, extract: str | None
) -> str | Path | None:
    """Return an extract as a path, or as a text where it is a URL; `-` is standard input.

    Raises:
        UsageError: where standard input is a terminal, from which no table comes.
    """
    if extract == "-" and _is_terminal():
        raise click.UsageError("- is standard input, a terminal here; give a file, or use < FILE")
    # A path has no double slash.
    return extract if extract is None or "://" in extract else Path(extract)


def _is_terminal() -> bool:
    return sys.stdin is None or sys.stdin.isatty()


PLAN = click.argument("plan", type=click.Path(path_type=Path))
EXTRACT = click.argument("extract", type=click.Path(), callback=handed_over)
OPTIONAL_EXTRACT = click.argument(
    "extract", type=click.Path(), required=False, callback=handed_over
)
AS_OF = click.option(
    "--as-of", metavar="DATE", help="Look at the cases from this day, e.g. 2017-12-31."
)
OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file; the ending says the format. - is standard output.",
)
DIALECT = click.option(
    "--csv-dialect",
    "dialect",
    type=click.Choice(["standard", "danish"]),
    help="danish: CSV with semicolon, decimal comma and byte-order mark, as a Danish Excel opens it.",
)


def format_option(accepted: Sequence[str], default: str) -> Callable[[Any], Any]:
    """Return the option of the format, which the ending of --out says too.

    Args:
        accepted: the formats.
        default: what is written where neither is given, in words.
    """
    return click.option(
        "--format",
        "form",
        type=click.Choice(accepted),
        help=f"Default: by the ending of --out; without it, {default}.",
    )


FORMAT = format_option(FORMATS, "a table")


def _hide(context: click.Context, _: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click has it so
    invocation = context.find_object(Invocation)
    if value and invocation is not None:
        invocation.no_ids = True
    return value


NO_IDS = click.option(
    "--no-ids",
    is_flag=True,
    callback=_hide,
    help="Name no case, and show no text of a cell, in notes and messages.",
)

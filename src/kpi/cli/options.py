"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from kpi.exit_codes import Invocation

FORMATS = ("table", "json", "csv", "markdown", "parquet")

PLAN = click.argument("plan", type=click.Path(path_type=Path))
EXTRACT = click.argument("extract", type=click.Path(path_type=Path))
AS_OF = click.option(
    "--as-of", metavar="DATE", help="Look at the cases from this day, e.g. 2017-12-31."
)
FORMAT = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True
)
OUT = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)


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

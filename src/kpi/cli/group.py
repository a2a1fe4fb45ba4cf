"""The group of all commands."""

from __future__ import annotations

import click

import kpi
from kpi.exit_codes import TABLE, Commands


@click.group(cls=Commands, epilog=TABLE, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(kpi.__version__, prog_name="kpi")
def main() -> None:
    """Work out whether an agency keeps its processing-time targets, exactly as written."""

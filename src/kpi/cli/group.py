"""The group of all commands, and the options that every command has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

import kpi
from kpi.cli.reporting import reported
from kpi.exit_codes import TABLE, Commands, Invocation


def _note(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Return a callback that notes the value of an option for the whole run."""

    def note(context: click.Context, _: click.Parameter, value: Any) -> Any:
        invocation = context.find_object(Invocation)
        if value and invocation is not None:
            setattr(invocation, name, value)
        return value

    return note


def _options() -> list[click.Option]:
    def option(name: str, text: str, **more: Any) -> click.Option:
        attribute = name.strip("-").replace("-", "_")
        return click.Option(
            [name],
            expose_value=False,
            is_eager=True,
            callback=_note(attribute),
            help=text,
            **more,
        )

    return [
        option("--quiet", "Write nothing but mistakes to standard error.", is_flag=True),
        option(
            "--verbose",
            "Say on standard error what is read, with rows and seconds.",
            is_flag=True,
        ),
        option(
            "--log-format",
            "json: what --verbose says, and mistakes, as a line of JSON each.",
            type=click.Choice(["text", "json"]),
        ),
    ]


class ReportedCommands(Commands):
    """Group of commands that say what they are doing, as the options of the run ask."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, with the options that every command has."""
        cmd.params += _options()
        if cmd.callback is not None:
            cmd.callback = _in_context(cmd.callback)
        super().add_command(cmd, name)


def _in_context(run: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(run)
    def run_reported(*args: Any, **more: Any) -> Any:
        invocation = click.get_current_context().find_object(Invocation) or Invocation()
        if invocation.quiet and invocation.verbose:
            raise click.UsageError("--quiet and --verbose contradict one another")
        with reported(invocation):
            return run(*args, **more)

    return run_reported


@click.group(
    cls=ReportedCommands,
    epilog=TABLE,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(kpi.__version__, prog_name="kpi")
def main() -> None:
    """Work out whether an agency keeps its processing-time targets, exactly as written."""

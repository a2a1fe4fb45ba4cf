"""Exit codes of the command line, and a line on standard error for each mistake."""

from __future__ import annotations

import io
import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click
from attrs import define

from kpi.errors import DataError, KpiError, OutputError
from kpi.foreign_text import json_text, terminal_text
from kpi.report import standard_output

EVALUATED, FAILED_ON, MISTAKE, BAD_EXTRACT, CANNOT_WRITE, DIFFERS, INTERNAL = 0, 1, 2, 3, 4, 5, 70
INTERRUPTED, NOBODY_READS = 130, 141
"""The exit codes that shells give to processes that end by SIGINT and by SIGPIPE."""

_NO_MEMORY = (
    "the memory does not suffice; write the extract as Parquet, its dates as dates, or split it and "
    "merge the states that kpi.partial returns"
)

TABLE = """\b
Exit codes:
  0    evaluated, or done
  1    a verdict that --fail-on names
  2    a mistake in the command or in the plan
  3    a mistake in the extract
  4    the output cannot be written
  5    a result that comes out otherwise (reproduce)
  70   an internal error of kpi
  130  interrupted
  141  nobody reads the output any more
"""


@define
class Invocation:
    """Options of a command that its end depends on.

    Attributes:
        debug: whether the traceback of an internal error is shown.
        no_ids: whether no text of the data may be shown.
        quiet: whether nothing but mistakes is written to standard error.
        verbose: whether the stages of the run are written there.
        log_format: "text", or "json" for an object a line.
    """

    debug: bool = False
    no_ids: bool = False
    quiet: bool = False
    verbose: bool = False
    log_format: str = "text"


class Commands(click.Group):
    """Group of commands that always end in an exit code of `TABLE`, never in a bare traceback."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, with `--debug` for its internal errors."""
        cmd.params.append(
            click.Option(
                ["--debug"],
                is_flag=True,
                expose_value=False,
                callback=_debug,
                help="Show the traceback of an internal error.",
            )
        )
        super().add_command(cmd, name)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Parse the arguments; `--help` is written here, and may find no reader."""
        with _nobody_reads():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, whose output may find no reader."""
        with _nobody_reads():
            return super().invoke(ctx)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click has it so
        **extra: Any,
    ) -> Any:
        """Run a command and end with its exit code."""
        invocation = extra.setdefault("obj", Invocation())
        standard_output.prepare()
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            with _nobody_reads():
                standard_output.flush()
        except BaseException as error:  # noqa: BLE001 - a panic of the engine is no Exception
            code = _ended(error, invocation)
        if standalone_mode or code:
            sys.exit(code or EVALUATED)
        return code


@contextmanager
def _nobody_reads() -> Iterator[None]:
    """End quietly where the reader of the output has gone; click would end with the code 1.

    Raises:
        SystemExit: with `NOBODY_READS`, on a broken pipe.
    """
    try:
        yield
    except BrokenPipeError:
        standard_output.drop()
        raise SystemExit(NOBODY_READS) from None


def _debug(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click has it so
    if value:
        context.find_object(Invocation).debug = True  # type: ignore[union-attr]  # `main` hands one on


def _ended(error: BaseException, invocation: Invocation) -> int:
    """Write the reason for the end of a command to standard error, and return the exit code."""
    if isinstance(error, SystemExit):
        return int(error.code or EVALUATED)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        _say("interrupted", INTERRUPTED, invocation)
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        if invocation.log_format == "json":
            _say(error.format_message(), MISTAKE, invocation)
            return MISTAKE
        # The message has several lines, and quotes the arguments.
        text = io.StringIO()
        error.show(text)
        _write("".join(c if c in "\n\t" else terminal_text(c) for c in text.getvalue()))
        return MISTAKE
    if isinstance(error, KpiError):
        code = CANNOT_WRITE if isinstance(error, OutputError) else MISTAKE
        code = BAD_EXTRACT if isinstance(error, DataError) else code
        for line in str(error).split("\n"):
            _say(line, code, invocation)
        return code
    if isinstance(error, MemoryError):
        _say(_NO_MEMORY, BAD_EXTRACT, invocation)
        return BAD_EXTRACT
    if invocation.debug:
        _write("".join(traceback.format_exception(error)))
    again = "" if invocation.debug else "; run again with --debug for the traceback"
    _say(f"internal error: {_described(error, invocation)}{again}", INTERNAL, invocation)
    return INTERNAL


def _described(error: BaseException, invocation: Invocation) -> str:
    kind = type(error).__name__
    text = " ".join(str(error).split())
    # The message of another library may quote the data.
    return kind if invocation.no_ids or not text else f"{kind}: {text}"


def _say(line: str, code: int, invocation: Invocation) -> None:
    if invocation.log_format == "json":
        data = {"event": "error", "message": line, "exit_code": code}
        _write(json_text(json.dumps(data, ensure_ascii=False)) + "\n")
    else:
        _write(f"kpi: {terminal_text(line)}\n")


def _write(text: str) -> None:
    # Where standard error takes nothing, the exit code alone must do.
    with suppress(OSError):
        click.echo(text, err=True, nl=False)

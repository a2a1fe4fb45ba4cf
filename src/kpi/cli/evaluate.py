"""`kpi evaluate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, EXTRACT, FORMAT, NO_IDS, OUT, PLAN
from kpi.cli.outputs import put, refuse_overwriting, require_out, show_result
from kpi.definitions.windows import to_date
from kpi.errors import suggest
from kpi.exit_codes import FAILED_ON
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.results.result import Result
    from kpi.results.target_result import Verdict

FAIL_ON: dict[str, Verdict] = {
    "missed": "missed",
    "not-assessable": "not_assessable",
    "open": "open",
}


def _verdicts(
    _context: click.Context, _: click.Parameter, values: tuple[str, ...]
) -> frozenset[Verdict]:
    """Return the named verdicts; an option may name several with commas.

    Raises:
        BadParameter: where a word names no verdict that `--fail-on` takes.
    """
    words = [word.strip() for value in values for word in value.split(",")]
    for word in words:
        if word not in FAIL_ON:
            found = f"found {word!r}; accepted: {', '.join(FAIL_ON)}"
            raise click.BadParameter(f"{found}{suggest(word, FAIL_ON)}")
    return frozenset(FAIL_ON[word] for word in words)


@main.command()
@PLAN
@EXTRACT
@AS_OF
@click.option(
    "--by", "by", multiple=True, metavar="COLUMN", help="Break down by a column; may be repeated."
)
@click.option(
    "--every", type=click.Choice(["month", "quarter", "half-year"]), help="A series by period."
)
@FORMAT
@OUT
@click.option(
    "--sort",
    "order",
    type=click.Choice(["plan", "verdict"]),
    default="plan",
    show_default=True,
    help="The order of the targets: the plan's, or bad news first.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse missing and empty tables, rejected rows and repeated ids.",
)
@click.option(
    "--fail-on",
    callback=_verdicts,
    multiple=True,
    metavar="VERDICT",
    help="Exit with 1 where a target is missed, not-assessable or open; may be repeated, or name "
    "several with commas.",
)
@click.option("--fail-on-missed", is_flag=True, help="The same as --fail-on missed.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the rows that no target counts to this file, .csv or .parquet.",
)
@NO_IDS
def evaluate(
    plan: Path,
    extract: Path,
    as_of: str | None,
    by: tuple[str, ...],
    every: str | None,
    form: str,
    out: Path | None,
    *,
    order: str,
    strict: bool,
    fail_on: frozenset[Verdict],
    fail_on_missed: bool,
    rejects: Path | None,
    no_ids: bool,
) -> None:
    """Evaluate every target of PLAN over EXTRACT.

    EXTRACT is a Parquet, CSV or Arrow file of cases, or a directory with a file per table.
    """
    from rich.console import Console

    from kpi.report.order import by_verdict
    from kpi.tables.check import refuse

    require_out(form, out)
    refuse_overwriting(out, plan, extract)
    _refuse_rejects(rejects, out, plan, extract)
    definition = kpi.load_plan(plan)
    progress = Console(stderr=True)
    with redacted(hide=no_ids):
        with progress.status("Reading and checking the extract"):
            # Of the rejected rows all columns are written, not only those that the plan reads.
            checked = kpi.check(definition, extract, columns=None if rejects else by)
        if rejects is not None:
            _write_rejects(checked, as_of, rejects)
        if strict:
            refuse(checked)
        with progress.status("Evaluating"):
            result = kpi.evaluate(definition, checked, as_of, by=by, every=every)  # type: ignore[arg-type]  # click holds it to the choices
    _write(by_verdict(result) if order == "verdict" else result, form, out)
    failing = {*fail_on, *(["missed"] if fail_on_missed else [])}
    if any(target.verdict in failing for target in result.targets):
        raise SystemExit(FAILED_ON)


def _refuse_rejects(rejects: Path | None, out: Path | None, plan: Path, extract: Path) -> None:
    if rejects is None:
        return
    if rejects.suffix.lower() not in (".csv", ".parquet"):
        raise click.UsageError("--rejects takes a file that ends in .csv or .parquet")
    refuse_overwriting(rejects, plan, extract, "--rejects")
    if out is not None and rejects.resolve() == out.resolve():
        raise click.UsageError("--rejects and --out name the same file")


def _write_rejects(checked: kpi.Extract, as_of: str | None, file: Path) -> None:
    from kpi.report.csv import csv_text
    from kpi.tables.rejects import rejects as rejected_rows

    try:
        day = checked.plan.period.closed.last if as_of is None else to_date(as_of)
    except kpi.PlanError as error:
        raise kpi.PlanError(f"as_of: {error}") from None
    rows = rejected_rows(checked, day)
    form = file.suffix.lower().removeprefix(".")
    put({"csv": lambda: csv_text(rows)}, rows, form, file)


def _write(result: Result, form: str, out: Path | None) -> None:
    from kpi.report import markdown, terminal
    from kpi.report.csv import csv_text
    from kpi.results.result import flat_frame

    frame = flat_frame(result)
    texts: dict[str, Callable[[], str]] = {
        "table": lambda: terminal.plain(terminal.result_table(result, 120)),
        "json": lambda: result.to_json() + "\n",
        "csv": lambda: csv_text(frame),
        "markdown": lambda: markdown.result_markdown(result),
    }
    if form == "table" and out is None:
        show_result(result)
    else:
        put(texts, frame, form, out)

"""The command line: `kpi evaluate`, `readings`, `check`, `explain`, `sample` and `demo`."""

from __future__ import annotations

import errno
import io
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import wraps
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click
from attrs import evolve

import kpi
from kpi.definitions.windows import to_date
from kpi.errors import DataError, KpiError
from kpi.tables.redaction import printable, without_ids

if TYPE_CHECKING:
    import polars as pl

    from kpi.results.result import Result

# What else a command needs, it imports when it runs: `kpi --help` and `kpi check` need no tables.

P = ParamSpec("P")

EVALUATED, MISSED, MISTAKE = 0, 1, 2
"""Exit codes: evaluated; with `--fail-on-missed`, a target is missed; a mistake in plan or data."""

FORMATS = ("table", "json", "csv", "markdown", "parquet")
DEMO_ROWS, DEMO_SEED = 20_000, 2017

_PLAN = click.argument("plan", type=click.Path(path_type=Path))
_EXTRACT = click.argument("extract", type=click.Path(path_type=Path))
_AS_OF = click.option(
    "--as-of", metavar="DATE", help="Look at the cases from this day, e.g. 2017-12-31."
)
_FORMAT = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True
)
_OUT = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)
_NO_IDS = click.option(
    "--no-ids",
    is_flag=True,
    help="Name no case, and show no text of a cell, in notes and messages.",
)


def _mistakes_exit_2(command: Callable[P, None]) -> Callable[P, None]:
    """Prints a mistake in plan or data, a line each, instead of a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except KpiError as error:
            for line in str(error).splitlines():
                click.echo(f"kpi: {printable(line)}", err=True)
            raise SystemExit(MISTAKE) from None
        except OSError as error:
            # A closed pipe ends the output quietly; click sees to that.
            if error.errno == errno.EPIPE:
                raise
            click.echo(f"kpi: cannot write: {error.strerror or error}", err=True)
            raise SystemExit(MISTAKE) from None

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(kpi.__version__, prog_name="kpi")
def main() -> None:
    """Work out whether an agency keeps its processing-time targets, exactly as written."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a sign shows a question mark for it, rather than nothing more.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@main.command()
@_PLAN
@_EXTRACT
@_AS_OF
@click.option(
    "--by", "by", multiple=True, metavar="COLUMN", help="Break down by a column; may be repeated."
)
@click.option(
    "--every", type=click.Choice(["month", "quarter", "half-year"]), help="A series by period."
)
@_FORMAT
@_OUT
@click.option(
    "--strict", is_flag=True, help="Refuse missing tables, rejected rows and repeated ids."
)
@click.option("--fail-on-missed", is_flag=True, help="Exit with 1 where a target is missed.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the rows that no target counts to this file, .csv or .parquet.",
)
@_NO_IDS
@_mistakes_exit_2
def evaluate(
    plan: Path,
    extract: Path,
    as_of: str | None,
    by: tuple[str, ...],
    every: str | None,
    form: str,
    out: Path | None,
    *,
    strict: bool,
    fail_on_missed: bool,
    rejects: Path | None,
    no_ids: bool,
) -> None:
    """Evaluate every target of PLAN over EXTRACT.

    EXTRACT is a Parquet, CSV or Arrow file of cases, or a directory with a file per table.
    """
    from rich.console import Console

    from kpi.tables.check import refuse

    _require_out(form, out)
    _refuse_overwriting(out, plan, extract)
    _refuse_rejects(rejects, out, plan, extract)
    definition = kpi.load_plan(plan)
    progress = Console(stderr=True)
    with without_ids(hide=no_ids):
        with progress.status("Reading and checking the extract"):
            # Of the rejected rows all columns are written, not only those that the plan reads.
            checked = kpi.check(definition, extract, columns=None if rejects else by)
        if rejects is not None:
            _write_rejects(checked, as_of, rejects)
        if strict:
            refuse(checked)
        with progress.status("Evaluating"):
            result = kpi.evaluate(definition, checked, as_of, by=by, every=every)  # type: ignore[arg-type]  # click holds it to the choices
    _write(result, form, out)
    if fail_on_missed and any(target.verdict == "missed" for target in result.targets):
        raise SystemExit(MISSED)


def _require_out(form: str, out: Path | None) -> None:
    if form == "parquet" and out is None:
        raise click.UsageError("--format parquet needs --out FILE")


def _refuse_overwriting(out: Path | None, plan: Path, extract: Path, option: str = "--out") -> None:
    try:
        files = extract.iterdir() if extract.is_dir() else [extract]
        read = {path.resolve() for path in (plan, *files)}
    except OSError as error:
        raise DataError(f"{extract}: cannot be read: {error.strerror}") from error
    if out is not None and out.resolve() in read:
        raise DataError(f"{out}: is what is read; choose another file for {option}")


def _refuse_rejects(rejects: Path | None, out: Path | None, plan: Path, extract: Path) -> None:
    if rejects is None:
        return
    if rejects.suffix.lower() not in (".csv", ".parquet"):
        raise click.UsageError("--rejects takes a file that ends in .csv or .parquet")
    _refuse_overwriting(rejects, plan, extract, "--rejects")
    if out is not None and rejects.resolve() == out.resolve():
        raise click.UsageError("--rejects and --out name the same file")


def _write_rejects(checked: kpi.Extract, as_of: str | None, file: Path) -> None:
    from kpi.report.csv import csv_text
    from kpi.tables.rejects import rejects as rows_set_aside

    last = checked.plan.period.last
    assert last is not None, "a plan's period has both ends"
    try:
        day = last if as_of is None else to_date(as_of)
    except kpi.PlanError as error:
        raise kpi.PlanError(f"as_of: {error}") from None
    rows = rows_set_aside(checked, day)
    form = file.suffix.lower().removeprefix(".")
    _put({"csv": lambda: csv_text(rows)}, rows, form, file)


def _write(result: Result, form: str, out: Path | None) -> None:
    from kpi.report import markdown, terminal
    from kpi.report.csv import csv_text

    frame = result.groups if any(target.groups for target in result.leaves()) else result.frame
    texts: dict[str, Callable[[], str]] = {
        "table": lambda: terminal.plain(terminal.result_table(result, 120)),
        "json": lambda: result.to_json() + "\n",
        "csv": lambda: csv_text(frame),
        "markdown": lambda: markdown.result_markdown(result),
    }
    if form == "table" and out is None:
        _show(result)
    else:
        _put(texts, frame, form, out)


def _put(
    texts: Mapping[str, Callable[[], str]], frame: pl.DataFrame, form: str, out: Path | None
) -> None:
    from polars.exceptions import PolarsError

    from kpi.tables.sources import first_line

    if out is None:
        click.echo(texts[form](), nl=False)
        return
    try:
        if form == "parquet":
            frame.write_parquet(out)
        else:
            out.write_text(texts[form](), encoding="utf-8")
    except (OSError, PolarsError) as error:
        why = getattr(error, "strerror", None) or first_line(error)
        raise DataError(f"{out}: cannot be written: {why}") from error


def _show(result: Result) -> None:
    from rich.console import Console

    from kpi.report import terminal

    console = Console()
    console.print(terminal.result_table(result, console.width))


@main.command()
@_PLAN
@_EXTRACT
@_AS_OF
@_FORMAT
@_OUT
@click.option(
    "--month-ends",
    "by_month_ends",
    is_flag=True,
    help="Show the month-end modes instead, and the cases that depend on them.",
)
@_NO_IDS
@_mistakes_exit_2
def readings(
    plan: Path,
    extract: Path,
    as_of: str | None,
    form: str,
    out: Path | None,
    *,
    by_month_ends: bool,
    no_ids: bool,
) -> None:
    """Show each target of PLAN under every reading of its sentence, and which verdicts turn on it.

    EXTRACT is what `kpi evaluate` takes. The readings stand in the plan.
    """
    from rich.console import Console

    from kpi.report import markdown, terminal
    from kpi.report.csv import csv_text

    _require_out(form, out)
    _refuse_overwriting(out, plan, extract)
    definition = kpi.load_plan(plan)
    with without_ids(hide=no_ids), Console(stderr=True).status("Evaluating every reading"):
        modes = kpi.month_ends(definition, extract, as_of) if by_month_ends else None
        found = kpi.readings(definition, extract, as_of) if modes is None else modes.readings
    if modes is not None and no_ids:
        modes = evolve(modes, cases=modes.cases.drop("case"))
    frame = found.frame if modes is None else modes.cases
    texts: dict[str, Callable[[], str]] = {
        "table": lambda: terminal.plain(terminal.readings_table(found, 120, modes)),
        "json": lambda: (found if modes is None else modes).to_json() + "\n",
        "csv": lambda: csv_text(frame),
        "markdown": lambda: markdown.readings_markdown(found, modes),
    }
    if form == "table" and out is None:
        console = Console()
        console.print(terminal.readings_table(found, console.width, modes))
    else:
        _put(texts, frame, form, out)


@main.command()
@_PLAN
@click.option(
    "--expected",
    type=click.Path(path_type=Path),
    help="A file of expected cases that stands elsewhere.",
)
@_mistakes_exit_2
def check(plan: Path, expected: Path | None) -> None:
    """Check PLAN and name every mistake in it.

    Where expected cases stand beside it, in PLAN's name with .expected.toml, it is held to them.
    """
    from kpi.planfile.expected_path import beside

    definition = kpi.load_plan(plan)
    tables = ", ".join(definition.tables_read())
    click.echo(f"{plan}: no mistakes; {len(definition.targets)} targets over {tables}")
    for remark in definition.remarks():
        click.echo(remark)
    for target in definition.leaves():
        for remark in target.remarks(definition):
            click.echo(f"{target.id}: {remark}")
    path = beside(plan) if expected is None else expected
    if expected is not None or path.is_file():
        from kpi.evaluation.expected_file import load_expected

        cases = load_expected(definition, path)
        differences = cases.differences()
        if differences:
            n = len(differences) - 1
            more = f"; {n} more differ{'s' if n == 1 else ''}" if n else ""
            raise KpiError(f"{differences[0]}{more}")
        click.echo(f"{path}: {cases}")


@main.command()
@_PLAN
@_EXTRACT
@click.argument("case_id")
@_AS_OF
@_mistakes_exit_2
def explain(plan: Path, extract: Path, case_id: str, as_of: str | None) -> None:
    """Say what became of one case under each target of PLAN."""
    import polars as pl
    from rich.console import Console
    from rich.markup import escape

    from kpi.report import terminal
    from kpi.tables.needs import Needs

    definition = kpi.load_plan(plan)
    result = kpi.evaluate(definition, extract, as_of)
    trail = result.audit().filter(pl.col("case") == case_id).collect()
    if trail.is_empty():
        raise DataError(_absent(result, case_id))
    console = Console(highlight=False)
    console.print(f"[bold]{escape(case_id)}[/bold] under {definition.id}, as of {result.as_of}")
    for known in (result.tables or {}).values():
        shown = pl.exclude(*known.table.key, "^kpi:.*$")
        found = known.frame.filter(_is_case(known.table, case_id)).select(shown).collect()
        for row in found.to_dicts():
            console.print(terminal.case_facts({printable(k): _shown(v) for k, v in row.items()}))
    requirements = {target.id: target.requirement for target in Needs(definition).targets}
    ends = {t.id for t in Needs(definition).targets if isinstance(t, kpi.IntervalTarget)}
    console.print(terminal.case_table(trail, requirements, ends))


def _shown(value: object) -> object:
    return printable(value) if isinstance(value, str) else value


def _is_case(table: kpi.Table, case_id: str) -> pl.Expr:
    from kpi.engine.audit_trail import case_text

    return case_text(table.key) == case_id


def _absent(result: Result, case_id: str) -> str:
    for name, known in (result.tables or {}).items():
        rejected = known.rejected.filter(_is_case(known.table, case_id))
        if not rejected.is_empty():
            row, reason = rejected.row(0)[:2]
            return f"{name}: case {case_id} (row {row}) was rejected: {reason}"
    hidden = sum(facts.hidden for facts in result.facts.values())
    later = f", or entered after {result.as_of}" if hidden else ""
    return f"no case {case_id} in {', '.join(result.facts)}{later}"


@main.command()
@_PLAN
@click.option(
    "--rows", type=click.IntRange(min=0), default=10_000, show_default=True, help="Rows a table."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory to write to.",
)
@_mistakes_exit_2
def sample(plan: Path, rows: int, seed: int, out: Path) -> None:
    """Make a plausible synthetic extract for PLAN: a Parquet file per table."""
    from rich.console import Console

    from kpi.sample import sample as make_sample

    definition = kpi.load_plan(plan)
    with Console(stderr=True).status("Making the sample"):
        tables = make_sample(definition, rows, seed)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, frame in tables.items():
            frame.write_parquet(out / f"{name}.parquet")
            click.echo(f"{out / f'{name}.parquet'}: {frame.height} rows")
    except OSError as error:
        raise DataError(f"{out}: cannot be written: {error.strerror or error}") from error


@main.command()
@_mistakes_exit_2
def demo() -> None:
    """Make a sample for the 2017 plan and evaluate it; needs no data."""
    from kpi.sample import sample as make_sample

    plan = demo_plan()
    definition = kpi.load_plan(plan)
    with tempfile.TemporaryDirectory() as directory:
        for name, frame in make_sample(definition, DEMO_ROWS, DEMO_SEED).items():
            frame.write_parquet(Path(directory) / f"{name}.parquet")
        result = kpi.evaluate(definition, directory)
    click.echo(f"A synthetic extract of {DEMO_ROWS:,} cases; no real figures.\n")
    _show(result)


def demo_plan() -> Path:
    """The 2017 plan: in the installed package, or in the checkout it is run from."""
    packaged = Path(str(files("kpi"))) / "plans" / "us-2017.toml"
    checkout = Path(__file__).parents[2] / "examples" / "plans" / "us-2017.toml"
    return packaged if packaged.is_file() else checkout

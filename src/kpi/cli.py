"""The command line: `kpi evaluate`, `readings`, `inspect`, `check`, `explain`, `sample`, `demo`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from attrs import evolve

import kpi
from kpi.definitions.doubts import calendar_remarks, target_remarks
from kpi.errors import DataError, KpiError, OutputError, suggest
from kpi.exit_codes import FAILED_ON, TABLE, Commands, Invocation
from kpi.foreign_text import terminal_text
from kpi.report.atomic_files import Writer, cannot_write, write_files
from kpi.report.standard_output import say, show, write_utf8
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    import polars as pl

    from kpi.results.result import Result
    from kpi.results.target_result import Verdict

# A command imports everything else when it runs: `kpi --help` and `kpi check` need no tables.

FAIL_ON: dict[str, Verdict] = {
    "missed": "missed",
    "not-assessable": "not_assessable",
    "open": "open",
}
FORMATS = ("table", "json", "csv", "markdown", "parquet")
DEMO_ROWS, DEMO_SEED = 20_000, 2017


def _handed_over(_context: click.Context, _: click.Parameter, extract: Path | None) -> Path | None:
    """Return an extract; `-` is standard input.

    Raises:
        UsageError: where standard input is a terminal, from which no table comes.
    """
    if extract is not None and str(extract) == "-" and _is_terminal():
        raise click.UsageError("- is standard input, a terminal here; give a file, or use < FILE")
    return extract


def _is_terminal() -> bool:
    return sys.stdin is None or sys.stdin.isatty()


_PLAN = click.argument("plan", type=click.Path(path_type=Path))
_EXTRACT = click.argument("extract", type=click.Path(path_type=Path), callback=_handed_over)
_AS_OF = click.option(
    "--as-of", metavar="DATE", help="Look at the cases from this day, e.g. 2017-12-31."
)
_FORMAT = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True
)
_OUT = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)


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


def _hide(context: click.Context, _: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click has it so
    invocation = context.find_object(Invocation)
    if value and invocation is not None:
        invocation.no_ids = True
    return value


_NO_IDS = click.option(
    "--no-ids",
    is_flag=True,
    callback=_hide,
    help="Name no case, and show no text of a cell, in notes and messages.",
)


@click.group(cls=Commands, epilog=TABLE, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(kpi.__version__, prog_name="kpi")
def main() -> None:
    """Work out whether an agency keeps its processing-time targets, exactly as written."""


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
@_NO_IDS
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

    EXTRACT is a file of cases (Parquet, Arrow, CSV, JSON lines or a workbook), a directory with a
    file per table, - for standard input, or an extract file (TOML) that says where each table comes
    from and how it is written.
    """
    from rich.console import Console

    from kpi.report.order import by_verdict
    from kpi.tables.check import refuse

    _require_out(form, out)
    _refuse_overwriting(out, plan, extract)
    _refuse_rejects(rejects, out, plan, extract)
    definition = kpi.load_plan(plan)
    progress = Console(stderr=True)
    with redacted(hide=no_ids):
        with progress.status("Reading and checking the extract"):
            # Of the rejected rows all columns are written, not only those that the plan reads.
            checked = kpi.check(definition, extract, columns=None if rejects else by, as_of=as_of)
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


def _require_out(form: str, out: Path | None) -> None:
    if form == "parquet" and out is None:
        raise click.UsageError("--format parquet needs --out FILE")


def _refuse_overwriting(out: Path | None, plan: Path, extract: Path, option: str = "--out") -> None:
    try:
        # Standard input is no file that could be overwritten.
        is_stream = str(extract) == "-"
        files: Iterable[Path] = [] if is_stream else [extract, *_declared_files(extract)]
        if extract.is_dir():
            files = extract.iterdir()
        read = {path.resolve() for path in (plan, *files)}
    except OSError as error:
        raise DataError(f"{extract}: cannot be read: {error.strerror}") from error
    if out is not None and out.resolve() in read:
        raise KpiError(f"{out}: is what is read; choose another file for {option}")


def _declared_files(extract: Path) -> Iterator[Path]:
    """Yield the files that an extract file names; none where EXTRACT is something else."""
    from kpi.planfile.extract_file import is_plan_file

    if extract.suffix.lower() != ".toml" or not extract.is_file() or is_plan_file(extract):
        return
    file = kpi.load_extract(extract)
    for source in file.tables:
        if source.path is not None:
            yield file.directory / source.path
        for pattern in source.files:
            yield from file.directory.glob(pattern)


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
    from kpi.tables.check import as_of_date
    from kpi.tables.rejects import rejects as rejected_rows

    rows = rejected_rows(checked, as_of_date(checked.plan, as_of))
    form = file.suffix.lower().removeprefix(".")
    _put({"csv": lambda: csv_text(rows)}, rows, form, file)


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
        _show(result)
    else:
        _put(texts, frame, form, out)


def _put(
    texts: Mapping[str, Callable[[], str]], frame: pl.DataFrame, form: str, out: Path | None
) -> None:
    if out is None:
        write_utf8(texts[form]())
    elif form == "parquet":
        write_files({out: _parquet(frame)})
    else:
        content = texts[form]().encode()
        write_files({out: lambda file: file.write(content)})


def _parquet(frame: pl.DataFrame) -> Writer:
    def write(file: BinaryIO) -> None:
        frame.write_parquet(file)

    return write


def _show(result: Result) -> None:
    from rich.console import Console

    from kpi.report import terminal

    show(terminal.result_table(result, Console().width))


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
    with redacted(hide=no_ids), Console(stderr=True).status("Evaluating every reading"):
        modes = kpi.month_ends(definition, extract, as_of) if by_month_ends else None
        by_reading = kpi.readings(definition, extract, as_of) if modes is None else modes.readings
    if modes is not None and no_ids:
        modes = evolve(modes, cases=modes.cases.drop("case"))
    frame = by_reading.frame if modes is None else modes.cases
    texts: dict[str, Callable[[], str]] = {
        "table": lambda: terminal.plain(terminal.readings_table(by_reading, 120, modes)),
        "json": lambda: (by_reading if modes is None else modes).to_json() + "\n",
        "csv": lambda: csv_text(frame),
        "markdown": lambda: markdown.readings_markdown(by_reading, modes),
    }
    if form == "table" and out is None:
        show(terminal.readings_table(by_reading, Console().width, modes))
    else:
        _put(texts, frame, form, out)


@main.command()
@_EXTRACT
@click.option(
    "--plan", type=click.Path(path_type=Path), help="Look for the columns and values of this plan."
)
@click.option("--table", metavar="NAME", help="Look at this table alone.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the proposed extract file to this file, such as extract.toml.",
)
@click.option("--force", is_flag=True, help="Overwrite the file of --write.")
@_NO_IDS
def inspect(
    extract: Path,
    plan: Path | None,
    table: str | None,
    form: str,
    write: Path | None,
    *,
    force: bool,
    no_ids: bool,
) -> None:
    """Look at EXTRACT, and propose how to read it. Nothing is evaluated.

    EXTRACT is what `kpi evaluate` takes, or would take: a CSV file may have lines above its header,
    another encoding, and dates in any format. Guesses are marked as guesses.
    """
    from rich.console import Console

    from kpi.report.inspection import inspection_table

    if force and write is None:
        raise click.UsageError("--force needs --write FILE")
    if write is not None and write.exists() and not force:
        raise KpiError(f"{write}: exists; choose another file, or overwrite it with --force")
    definition = None if plan is None else kpi.load_plan(plan)
    if write is not None:
        _refuse_overwriting(write, plan or extract, extract, "--write")
    with redacted(hide=no_ids), Console(stderr=True).status("Looking at the extract"):
        inspection = kpi.inspect(extract, definition, table=table)
    if form == "json":
        write_utf8(inspection.to_json() + "\n")
    else:
        show(inspection_table(inspection, Console().width))
    if write is not None:
        content = inspection.toml(write.parent).encode()
        write_files({write: lambda file: file.write(content)})


@main.command()
@_PLAN
@click.argument("extract", type=click.Path(path_type=Path), required=False, callback=_handed_over)
@_AS_OF
@click.option(
    "--expected",
    type=click.Path(path_type=Path),
    help="A file of expected cases that stands elsewhere.",
)
@_NO_IDS
def check(
    plan: Path, extract: Path | None, as_of: str | None, expected: Path | None, *, no_ids: bool
) -> None:
    """Check PLAN and name every mistake in it.

    Where expected cases stand beside it, in PLAN's name with .expected.toml, it is held to them.
    With EXTRACT, which is what `kpi evaluate` takes, its tables are checked too, and the rows that no
    target of PLAN counts are named by case type, or what else the targets ask of them.
    """
    from kpi.planfile.expected_path import beside

    if extract is None and as_of is not None:
        raise click.UsageError("--as-of needs an EXTRACT")
    definition = kpi.load_plan(plan)
    tables = ", ".join(definition.tables_needed())
    n = len(definition.targets)
    many = f"{n} target" if n == 1 else f"{n} targets"
    _say(f"{plan}: no mistakes; {many} over {tables}")
    for remark in (*definition.remarks(), *calendar_remarks(definition)):
        _say(remark)
    for target in definition.leaves():
        for remark in target_remarks(target, definition):
            _say(f"{target.id}: {remark}")
    path = beside(plan) if expected is None else expected
    if expected is not None or path.is_file():
        from kpi.evaluation.expected_file import load_expected

        cases = load_expected(definition, path)
        differences = cases.differences()
        if differences:
            n = len(differences) - 1
            more = f"; {n} more differ{'s' if n == 1 else ''}" if n else ""
            raise KpiError(f"{differences[0]}{more}")
        _say(f"{path}: {cases}")
    if extract is not None:
        with redacted(hide=no_ids):
            for line in _of_extract(definition, extract, as_of):
                _say(line)


def _of_extract(plan: kpi.Plan, extract: Path, as_of: str | None) -> Iterator[str]:
    """Yield the report on an extract, a line each: tables, remarks, rows that no target counts."""
    from kpi.evaluation.uncounted import uncounted_rows
    from kpi.tables.quality import rows_text

    checked = kpi.check(plan, extract, as_of=as_of)
    for name, table in checked.tables.items():
        yield f"{name}: {rows_text(table.facts.rows)}"
        yield from table.facts.remarks(name)
    yield from (f"no table {name} in the extract" for name in checked.missing)
    for uncounted in uncounted_rows(plan, checked, as_of):
        yield from uncounted.lines()


def _say(text: str) -> None:
    say(terminal_text(text))


@main.command()
@_PLAN
@_EXTRACT
@click.argument("case_id")
@_AS_OF
def explain(plan: Path, extract: Path, case_id: str, as_of: str | None) -> None:
    """Say what became of one case under each target of PLAN."""
    import polars as pl

    from kpi.report import terminal
    from kpi.tables.needs import Needs

    definition = kpi.load_plan(plan)
    result = kpi.evaluate(definition, extract, as_of)
    trail = result.audit().filter(pl.col("case") == case_id).collect()
    if trail.is_empty():
        raise DataError(_absent(result, case_id))
    facts = []
    for snapshot in (result.tables or {}).values():
        shown = pl.exclude(*snapshot.table.key, "^kpi:.*$")
        rows = snapshot.frame.filter(_is_case(snapshot.table, case_id)).select(shown).collect()
        facts += [terminal.case_facts(row) for row in rows.to_dicts()]
    requirements = {target.id: target.requirement_text for target in Needs(definition).targets}
    ends = {t.id for t in Needs(definition).targets if isinstance(t, kpi.IntervalTarget)}
    show(
        terminal.case_heading(case_id, definition, result.as_of),
        *facts,
        terminal.case_table(trail, requirements, ends),
    )


def _is_case(table: kpi.Table, case_id: str) -> pl.Expr:
    from kpi.engine.audit_trail import case_text

    return case_text(table.key) == case_id


def _absent(result: Result, case_id: str) -> str:
    for name, snapshot in (result.tables or {}).items():
        rejected = snapshot.rejected.filter(_is_case(snapshot.table, case_id))
        if not rejected.is_empty():
            row, reason = rejected.row(0)[:2]
            return f"{name}: case {case_id} (row {row}) was rejected: {reason}"
    hidden = sum(quality.hidden for quality in result.facts.values())
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
def sample(plan: Path, rows: int, seed: int, out: Path) -> None:
    """Make a plausible synthetic extract for PLAN: a Parquet file per table."""
    from rich.console import Console

    from kpi.sample import sample as make_sample

    definition = kpi.load_plan(plan)
    with Console(stderr=True).status("Making the sample"):
        tables = make_sample(definition, rows, seed)
    files = {out / f"{name}.parquet": frame for name, frame in tables.items()}
    with _directory(out):
        write_files({path: _parquet(frame) for path, frame in files.items()})
    for path, frame in files.items():
        _say(f"{path}: {frame.height} rows")


@contextmanager
def _directory(path: Path) -> Iterator[None]:
    """Make a directory where it is missing, and remove it again where writing to it fails.

    Raises:
        OutputError: where the directory cannot be made.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(cannot_write(str(path), error)) from error
        yield
    except BaseException:
        for folder in missing:
            # The folder was not made yet, or another process has put something there.
            with suppress(OSError):
                folder.rmdir()
        raise


@main.command()
def demo() -> None:
    """Make a sample for the 2017 plan and evaluate it; needs no data."""
    from kpi.sample import sample as make_sample

    definition = kpi.load_plan(demo_plan())
    result = kpi.evaluate(definition, make_sample(definition, DEMO_ROWS, DEMO_SEED))
    say(f"A synthetic extract of {DEMO_ROWS:,} cases; no real figures.\n")
    _show(result)


def demo_plan() -> Path:
    """Return the path of the 2017 plan: in the installed package, or in the checkout."""
    packaged = Path(str(files("kpi"))) / "plans" / "us-2017.toml"
    checkout = Path(__file__).parents[2] / "examples" / "plans" / "us-2017.toml"
    return packaged if packaged.is_file() else checkout

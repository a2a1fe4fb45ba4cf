"""`kpi evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
from attrs import field, frozen

import kpi
from kpi.cli.directories import directory
from kpi.cli.group import main
from kpi.cli.options import AS_OF, DIALECT, EXTRACT, FORMAT, NO_IDS, OUT
from kpi.cli.outputs import (
    ENDINGS,
    ROW_FORMATS,
    STANDARD_OUTPUT,
    Contents,
    Output,
    output,
    put,
    put_files,
    refuse_overwriting,
    require_csv,
    show_result,
    writer,
)
from kpi.cli.plans import files_in, load_plans
from kpi.definitions.periods import Every
from kpi.errors import DataError, suggest
from kpi.exit_codes import FAILED_ON
from kpi.report.standard_output import say
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.report.terminal_words import TerminalWords
    from kpi.report.workbook import Sheet
    from kpi.results.result import Result
    from kpi.results.target_result import Verdict

FAIL_ON: dict[str, Verdict] = {
    "missed": "missed",
    "lost": "lost",
    "not-assessable": "not_assessable",
    "open": "open",
}
_SHOWN_TOGETHER = ("table", "markdown")
"""The formats of which several may follow one another on standard output."""


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


@frozen(kw_only=True)
class _Asked:
    """What is asked of each plan.

    Attributes:
        as_of: the as-of date; None for the last day of the plan's period.
        by: the columns of the break-down.
        every: the periods of a series; None for none.
        rolling: the length of the window that ends with each period; None for the period itself.
        by_verdict: whether bad news comes first.
        strict: whether rows that are set aside are refused.
        fingerprint: whether the rows of each table are hashed.
    """

    as_of: str | None
    by: tuple[str, ...]
    every: str | None
    rolling: str | None
    by_verdict: bool = field(default=False)
    strict: bool = field(default=False)
    fingerprint: bool = field(default=False)


@main.command()
@click.argument("plans", type=click.Path(path_type=Path), nargs=-1, metavar="PLAN...")
@EXTRACT
@AS_OF
@click.option(
    "--by", "by", multiple=True, metavar="COLUMN", help="Break down by a column; may be repeated."
)
@click.option(
    "--every",
    type=click.Choice(get_args(Every)),
    help="A series by period.",
)
@click.option(
    "--rolling",
    metavar="LENGTH",
    help="The window that ends with each period of --every, such as '12 months' (default: the period).",
)
@FORMAT
@OUT
@click.option(
    "--out-dir",
    "out_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a file for each PLAN to this directory, in the name of the plan file.",
)
@DIALECT
@click.option(
    "--sort",
    "order",
    type=click.Choice(["plan", "verdict"]),
    default="plan",
    show_default=True,
    help="The order of the targets: the plan's, or bad news first.",
)
@click.option(
    "--language",
    metavar="CODE",
    help="The language of the table: en (default) or da.",
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
    help="Exit with 1 where a target is missed, lost, not-assessable or open; may be repeated, or "
    "name several with commas.",
)
@click.option("--fail-on-missed", is_flag=True, help="The same as --fail-on missed.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the rows that no target counts to this file: .csv, .jsonl, .parquet or .xlsx.",
)
@click.option(
    "--fingerprint",
    is_flag=True,
    help="Hash the rows of each table into the JSON, for `kpi reproduce`.",
)
@NO_IDS
def evaluate(
    plans: tuple[Path, ...],
    extract: str | Path,
    as_of: str | None,
    by: tuple[str, ...],
    every: str | None,
    rolling: str | None,
    form: str | None,
    out: Path | None,
    out_dir: Path | None,
    dialect: str | None,
    *,
    order: str,
    language: str | None,
    strict: bool,
    fail_on: frozenset[Verdict],
    fail_on_missed: bool,
    rejects: Path | None,
    fingerprint: bool,
    no_ids: bool,
) -> None:
    """Evaluate every target of each PLAN over EXTRACT, which is read once for all plans.

    EXTRACT is a file of cases (Parquet, Arrow, CSV, JSON lines or a workbook), a directory with a
    file per table, - for standard input, or an extract file (TOML) that says where each table comes
    from and how it is written. Many files may be one table: a directory of parts, a Delta table, a
    quoted pattern such as 'cases_*.csv'. A Parquet file may be a URL.
    """
    if not plans:
        raise click.UsageError("Missing argument 'EXTRACT'.")
    plans = tuple(dict.fromkeys(plans))
    outputs = _outputs(plans, extract, form, out, out_dir, dialect)
    rejected = _rejects_output(rejects, out, out_dir, plans, extract, dialect)
    require_csv(dialect, rejected, *outputs.values())
    if language is not None and any(target.form != "table" for target in outputs.values()):
        raise click.UsageError(
            "--language needs a table; kpi report writes Markdown, pages and workbooks in a language"
        )
    if fingerprint and any(target.form != "json" for target in outputs.values()):
        raise click.UsageError(
            "--fingerprint needs an output as JSON: --format json, or --out FILE.json"
        )
    _require_language(language)
    definitions = load_plans(plans)
    asked = _Asked(
        as_of=as_of,
        by=by,
        every=every,
        rolling=rolling,
        by_verdict=order == "verdict",
        strict=strict,
        fingerprint=fingerprint,
    )
    with redacted(hide=no_ids):
        results = _evaluated(definitions, extract, asked, rejected)
    _write(results, outputs, out_dir, language)
    failing = {*fail_on, *(["missed"] if fail_on_missed else [])}
    if any(t.verdict in failing for result in results.values() for t in result.targets):
        raise SystemExit(FAILED_ON)


def _outputs(
    plans: tuple[Path, ...],
    extract: str | Path,
    form: str | None,
    out: Path | None,
    out_dir: Path | None,
    dialect: str | None,
) -> dict[Path, Output]:
    """Return the output for each plan.

    Raises:
        UsageError, KpiError: where the options contradict one another, or an output is what is read.
    """
    if out_dir is None:
        if len(plans) > 1 and out is not None and out != STANDARD_OUTPUT:
            raise click.UsageError("--out takes one PLAN; give --out-dir DIRECTORY for several")
        refuse_overwriting(out, plans, extract)
        target = output(out, form, dialect=dialect)
        if len(plans) > 1 and target.form not in _SHOWN_TOGETHER:
            raise click.UsageError(
                f"--format {target.form} of several plans needs --out-dir DIRECTORY"
            )
        return dict.fromkeys(plans, target)
    if out is not None:
        raise click.UsageError("--out and --out-dir contradict one another; give one of them")
    ending = next(e for e, of in ENDINGS.items() if of == (form or "table"))
    outputs: dict[Path, Output] = {}
    for plan, file in files_in(out_dir, plans, ending).items():
        refuse_overwriting(file, plans, extract, "--out-dir")
        outputs[plan] = output(file, form, dialect=dialect, option="--out-dir")
    return outputs


def _rejects_output(
    rejects: Path | None,
    out: Path | None,
    out_dir: Path | None,
    plans: tuple[Path, ...],
    extract: str | Path,
    dialect: str | None,
) -> Output | None:
    if rejects is None:
        return None
    if len(plans) > 1:
        raise click.UsageError("--rejects takes one PLAN: each sets aside rows of its own")
    shown = out_dir is None and out in (None, STANDARD_OUTPUT)
    if rejects == STANDARD_OUTPUT and shown:
        raise click.UsageError("--rejects - needs --out FILE: both would go to standard output")
    target = output(rejects, None, ROW_FORMATS, dialect, "--rejects")
    refuse_overwriting(rejects, plans, extract, "--rejects")
    if out is not None and rejects.resolve() == out.resolve():
        raise click.UsageError("--rejects and --out name the same file")
    return target


def _evaluated(
    plans: Mapping[Path, kpi.Plan], extract: str | Path, asked: _Asked, rejects: Output | None
) -> dict[Path, Result]:
    """Evaluate each plan; mistakes are those of all plans, each after the plan where there are several.

    Raises:
        PlanError: where the as-of date is none.
        DataError: where a plan cannot use the extract.
    """
    from kpi.report.order import by_verdict
    from kpi.tables.check import refuse
    from kpi.tables.several_plans import check_each

    named = {str(path): plan for path, plan in plans.items()}
    # Of the rejected rows all columns are written, not only those that the plan reads.
    columns = None if rejects else asked.by
    checked = check_each(named, extract, columns=columns, as_of=asked.as_of, hold=True)
    if rejects is not None:
        (only,) = checked.values()
        _write_rejects(only, asked.as_of, rejects)
    results: dict[Path, Result] = {}
    problems: list[str] = []
    for path, plan in plans.items():
        try:
            if asked.strict:
                refuse(checked[str(path)])
            result = kpi.evaluate(
                plan,
                checked[str(path)],
                asked.as_of,
                by=asked.by,
                every=asked.every,  # type: ignore[arg-type]  # click holds it to the choices
                rolling=asked.rolling,
                fingerprint=asked.fingerprint,
            )
        except DataError as error:
            lines = str(error).split("\n")
            problems += lines if len(plans) == 1 else [f"{path}: {line}" for line in lines]
        else:
            results[path] = by_verdict(result) if asked.by_verdict else result
    if problems:
        raise DataError("\n".join(problems))
    return results


def _write_rejects(checked: kpi.Extract, as_of: str | None, target: Output) -> None:
    from kpi.report.workbook import Sheet
    from kpi.tables.check import as_of_date
    from kpi.tables.rejects import rejects as rejected_rows

    rows = rejected_rows(checked, as_of_date(checked.plan, as_of))
    sheets = [Sheet(name="rejected rows", frame=rows)]
    put(Contents(rows=rows.lazy(), sheets=lambda _: sheets), target)


def _require_language(language: str | None) -> None:
    """Check that there are texts in a language, before anything is read.

    Raises:
        KpiError: where there are none.
    """
    if language is not None:
        from kpi.report.page.catalogue import catalogue

        catalogue(language)


def _words(result: Result, language: str | None) -> TerminalWords:
    """Return the words of a result; the catalogues of languages are read where one is asked for."""
    if language is None:
        from kpi.report.terminal_words import ENGLISH

        return ENGLISH
    from kpi.report.page.terminal_words import terminal_words

    return terminal_words(language, result.plan)


def _contents(result: Result, language: str | None) -> Contents:
    from kpi.results.provenance import Provenance
    from kpi.results.result import flat_frame

    origin = Provenance.of(result.plan, result.as_of)
    return Contents(
        rows=flat_frame(result).lazy().with_columns(origin.columns()),
        origin=origin,
        texts={
            "table": lambda: _table(result, language),
            "json": lambda: result.to_json() + "\n",
            "markdown": lambda: _markdown(result),
        },
        sheets=lambda _: _sheets(result),
    )


# What shows a result in one form is loaded where that form is asked for.


def _table(result: Result, language: str | None) -> str:
    from kpi.report import terminal

    return terminal.plain(terminal.result_table(result, 120, _words(result, language)))


def _markdown(result: Result) -> str:
    from kpi.report import markdown

    return markdown.result_markdown(result)


def _sheets(result: Result) -> list[Sheet]:
    from kpi.report.sheets import result_sheets

    return result_sheets(result)


def _write(
    results: Mapping[Path, Result],
    outputs: Mapping[Path, Output],
    out_dir: Path | None,
    language: str | None,
) -> None:
    if out_dir is not None:
        writers = {
            file: writer(_contents(result, language), outputs[plan])
            for plan, result in results.items()
            if (file := outputs[plan].path) is not None
        }
        with directory(out_dir):
            put_files(writers)
        return
    for place, (plan, result) in enumerate(results.items()):
        if place:
            say("")
        if outputs[plan] == Output(None, "table"):
            show_result(result, _words(result, language))
        else:
            put(_contents(result, language), outputs[plan])

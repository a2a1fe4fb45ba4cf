"""`kpi ledger add`, `kpi ledger show` and `kpi ledger rebuild`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

import kpi
from kpi.cli.group import ReportedCommands, main
from kpi.cli.options import AS_OF, EXTRACT, NO_IDS, PLAN
from kpi.cli.outputs import say_foreign
from kpi.definitions.series import EVERY
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.storage.ledger import LedgerEntry

DIRECTORY = click.argument("directory", type=click.Path(path_type=Path, file_okay=False))


@main.group(cls=ReportedCommands)
def ledger() -> None:
    """Keep the states of batches, and every result as it was reported, in a directory."""


@ledger.command()
@DIRECTORY
@PLAN
@EXTRACT
@AS_OF
@click.option("--batch", required=True, metavar="NAME", help="The name of the batch.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Break down by this column.")
@click.option("--every", type=click.Choice(EVERY), help="A series by periods of this length.")
@click.option("--rolling", metavar="SPAN", help='A window that ends with each period: "12 months".')
@NO_IDS
def add(
    directory: Path,
    plan: Path,
    extract: str | Path,
    *,
    as_of: str | None,
    batch: str,
    by: tuple[str, ...],
    every: str | None,
    rolling: str | None,
    no_ids: bool,
) -> None:
    """Add EXTRACT to the ledger in DIRECTORY as a batch, and report the result of all batches.

    A batch of the same name is replaced. Break-down and series are the same for all batches of a plan
    and as-of date.
    """
    definition = kpi.load_plan(plan)
    with redacted(hide=no_ids):
        before = {
            (entry.fingerprint, entry.as_of, entry.number)
            for entry in (kpi.Ledger(directory).entries() if directory.is_dir() else ())
        }
        entry = kpi.Ledger(directory).add(
            definition, extract, as_of, batch=batch, by=by, every=every, rolling=rolling  # type: ignore[arg-type]  # one of EVERY
        )  # fmt: skip
    known = (entry.fingerprint, entry.as_of, entry.number) in before
    say_foreign(_line(entry) + ("; there already, nothing added" if known else ""))


@ledger.command()
@DIRECTORY
def show(directory: Path) -> None:
    """Show what was added to the ledger in DIRECTORY, and when, and what was reported."""
    entries = list(kpi.Ledger(directory).entries())
    for entry in entries:
        say_foreign(f"{entry.written:%Y-%m-%d %H:%M} UTC  {_line(entry)}")
    if not entries:
        say_foreign(f"{directory}: no entries; kpi ledger add makes them")


@ledger.command()
@DIRECTORY
def rebuild(directory: Path) -> None:
    """Make the last results in DIRECTORY again from the states.

    Where figures come out otherwise, an entry is added; none is changed.
    """
    added = kpi.Ledger(directory).rebuild()
    for entry in added:
        say_foreign(_line(entry))
    if not added:
        say_foreign(f"{directory}: every result comes out as it was reported")


def _line(entry: LedgerEntry) -> str:
    verdicts = Counter(target.verdict for target in entry.result)
    words = ", ".join(f"{n} {verdict.replace('_', ' ')}" for verdict, n in verdicts.items())
    n = len(entry.batches)
    batches = "1 batch" if n == 1 else f"{n} batches"
    what = "rebuilt" if entry.batch is None else f"batch {entry.batch}"
    return f"{entry.plan} as of {entry.as_of}, entry {entry.number}: {what}; {batches} together: {words}"

"""Plans of a command that takes several."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

import kpi
from kpi.errors import Problem


def load_plans(paths: Iterable[Path]) -> dict[Path, kpi.Plan]:
    """Load plan files.

    Raises:
        PlanError: the mistakes of all files, a line each.
    """
    plans: dict[Path, kpi.Plan] = {}
    problems: list[Problem] = []
    lines: list[str] = []
    for path in paths:
        try:
            plans[path] = kpi.load_plan(path)
        except kpi.PlanError as error:
            problems += error.problems
            lines += str(error).split("\n")
    if problems:
        raise kpi.PlanError(problems, lines)
    return plans


def files_in(directory: Path, plans: Iterable[Path], ending: str) -> dict[Path, Path]:
    """Return the file of each plan in a directory: the name of the plan file, another ending.

    Raises:
        UsageError: where two plans would have the same file.
    """
    files: dict[Path, Path] = {}
    for plan in plans:
        file = directory / f"{plan.stem}{ending}"
        for other, taken in files.items():
            if taken == file:
                raise click.UsageError(
                    f"{other} and {plan} would both be written to {file}; rename one"
                )
        files[plan] = file
    return files

"""A run of the ledger that is killed at a step of its writing."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import polars as pl

import kpi
from tests.builders import average, plan, spans

_STEPS = ("open", "os.mkdir", "os.link", "os.rename", "os.remove")


def batch(name: str) -> pl.DataFrame:
    """Return the cases of a batch, whose ids are its own: one, of one day in A, two in B, and so on."""
    days = ord(name) - ord("A") + 1
    return spans(("2017-01-01", f"2017-01-{1 + days:02}")).with_columns(case_id=pl.lit(name))


def add(directory: Path, name: str, batch_name: str | None = None) -> kpi.LedgerEntry:
    """Add a batch to a ledger, under its own name or another."""
    called = batch_name or name
    return kpi.Ledger(directory).add(plan(average()), batch(name), "2017-12-31", batch=called)


def killed(directory: Path, name: str, step: int) -> None:
    """Add a batch, and be killed before a step, counted from 1, of what is done to the directory."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event in _STEPS and any(str(directory) in str(one) for one in arguments):
            # What is only read leaves nothing to be found.
            if event == "open" and not (arguments[2] and int(str(arguments[2])) & os.O_ACCMODE):
                return
            count()

    fsync = os.fsync

    def flush(descriptor: Any) -> None:
        count()
        fsync(descriptor)

    setattr(os, "fsync", flush)  # noqa: B010 - the type checker knows it as it was
    sys.addaudithook(look)
    add(directory, name)

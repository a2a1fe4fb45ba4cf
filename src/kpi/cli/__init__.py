"""The command line: a file for each command, its options and what it writes beside them."""

from __future__ import annotations

# Each module adds its command to `main`; what else it needs it imports when the command runs.
from kpi.cli import (  # noqa: F401
    check,
    compare,
    demo,
    evaluate,
    explain,
    follow,
    inspect,
    ledger,
    readings,
    report,
    reproduce,
    sample,
    trail,
)
from kpi.cli.group import main

__all__ = ["main"]

"""Stops a forked process in which the engine would hang: a fork copies its locks, and no thread."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from kpi.errors import ForkError


class _Process:
    """What is known of this process.

    Attributes:
        used: whether the engine has been used in it.
        forked: whether it was forked from a process in which the engine had been used.
    """

    used = False
    forked = False


def _before_fork() -> None:
    """Note that Polars has been used, by whom ever, where its threads can be seen (Linux)."""
    if "polars" in sys.modules and not _Process.used:
        with suppress(OSError):
            for name in Path("/proc/self/task").glob("*/comm"):
                if re.fullmatch(r"polars-\d+\n", name.read_text()):
                    _Process.used = True


def _in_child() -> None:
    _Process.forked = _Process.forked or _Process.used


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_in_child)


def use_engine() -> None:
    """Note that the engine is used, before it is.

    Raises:
        ForkError: in a process that was forked after the engine had been used: its threads do not
            outlive a fork, and a query would wait for them for ever.
    """
    if _Process.forked:
        raise ForkError(
            "this process was forked after Polars had been used, and the threads of Polars do not "
            "outlive a fork; start it by 'spawn' or 'forkserver' "
            "(multiprocessing.get_context), or fork before kpi and Polars are used"
        )
    _Process.used = True

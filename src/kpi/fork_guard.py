"""Guard against forks in which the engine would hang: a fork copies locks, and no threads.

`kpi/__init__.py` imports this module, so the module imports nothing that takes time.
"""

from __future__ import annotations

import os
import sys


class _Process:
    """State of this process.

    Attributes:
        used: whether the engine has been used in this process.
        forked: whether this process was forked from one in which the engine had been used.
    """

    used = False
    forked = False


def _before_fork() -> None:
    """Note that Polars has been used, by whomever, where its threads can be seen (Linux)."""
    if "polars" in sys.modules and not _Process.used:
        # polars-0, polars-1, ...: the pool. No query waits for the threads that the import starts.
        _Process.used = any(name.removeprefix("polars-").isdigit() for name in _threads())


def _threads() -> list[str]:
    """Return the names of the threads of this process; none where the system does not tell."""
    directory = "/proc/self/task"
    names = []
    # pathlib takes time to import.
    for task in os.listdir(directory) if os.path.isdir(directory) else []:  # noqa: PTH112, PTH208
        try:
            with open(f"{directory}/{task}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                names.append(file.read().rstrip())
        except OSError:
            continue  # the thread has ended meanwhile
    return names


def _in_child() -> None:
    _Process.forked = _Process.forked or _Process.used


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_in_child)


def use_engine() -> None:
    """Note that the engine is used; to be called before each use.

    Raises:
        ForkError: in a process that was forked after the engine had been used: the engine's threads
            do not outlive a fork, and a query would wait for them for ever.
    """
    if _Process.forked:
        from kpi.errors import ForkError  # noqa: PLC0415 - see above

        raise ForkError(
            "this process was forked after Polars had been used, and the threads of Polars do not "
            "outlive a fork; start it by 'spawn' or 'forkserver' "
            "(multiprocessing.get_context), or fork before kpi and Polars are used"
        )
    _Process.used = True

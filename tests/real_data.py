"""Real cases, which are no part of the project: where they lie, and what is said where they do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("KPI_DATA") or Path(__file__).parents[2] / "shared" / "data")


def data(name: str) -> Path:
    """Return the path of a file of real cases; a test that needs it is skipped where it is absent.

    Under `--no-skips` it fails there (tests/needs.py).
    """
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"{file} is absent: set KPI_DATA to the directory that holds it")
    return file

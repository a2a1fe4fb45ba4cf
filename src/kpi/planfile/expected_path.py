"""The file of expected cases beside a plan file, found without what reads and runs the cases."""

from __future__ import annotations

from pathlib import Path


def beside(plan: Path) -> Path:
    """Return the path of the expected cases of a plan: `us-2017.expected.toml` by `us-2017.toml`."""
    return plan.with_suffix(".expected.toml")

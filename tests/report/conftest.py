"""A directory with a plan and an extract of three cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.processes import CASES, PLAN


@pytest.fixture
def small_extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with plan.toml and cases.csv."""
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    (tmp_path / "cases.csv").write_text(CASES, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path

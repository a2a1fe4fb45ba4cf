"""The hooks before a commit: what `.ci/run` lints, and nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")


def test_the_hooks_run_what_ci_lints() -> None:
    ci = (ROOT / ".ci" / "run").read_text("utf-8").partition('echo "lint, format, types"\n')[2]
    lints = re.findall(r"^  (\.venv/bin/.+)$", ci, re.MULTILINE)
    assert len(lints) >= 3
    assert re.findall(r"^ +entry: (.+)$", HOOKS, re.MULTILINE) == lints


def test_the_hooks_download_nothing() -> None:
    assert re.findall(r"^ +- repo: (.+)$", HOOKS, re.MULTILINE) == ["local"]
    assert set(re.findall(r"^ +language: (.+)$", HOOKS, re.MULTILINE)) == {"system"}

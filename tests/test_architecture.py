"""What the house promises about itself: who imports whom, and what every rule must have."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kpi
from kpi.rules import rules
from kpi.testing import oracle, strategies

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "kpi"


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports when it runs; those for type checkers alone are left out."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importing(path: Path, *modules: str) -> set[str]:
    return {i for i in imports(path) for m in modules if i == m or i.startswith(f"{m}.")}


DEFINITIONS = (
    "bounds", "calendars", "conditions", "errors", "fields", "goals", "limits", "periods", "plan",
    "planfile", "ranks", "sums", "table", "target", "wording",
)  # fmt: skip


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definitions_know_no_polars(name: str) -> None:
    assert not importing(SOURCE / f"{name}.py", "polars")


def test_the_oracle_shares_words_with_the_engine_and_never_arithmetic() -> None:
    words = ("bounds", "conditions", "errors", "limits", "periods", "plan", "table", "target")
    arithmetic = {
        "first",
        "stop",
        "last",
        "total_days",
        "total_months",
        "total_minutes",
        "stretches",
        "hold",
        "due_table",
    }
    files = list((SOURCE / "testing" / "oracle").rglob("*.py"))
    assert len(files) > 10
    for path in files:
        assert not importing(path, "polars", "pyarrow", "holidays")
        shared = {i.rsplit(".", 1)[0] for i in importing(path, "kpi")}
        own = {i for i in shared if i.startswith("kpi.testing.oracle")}
        assert shared - own <= {f"kpi.{word}" for word in words}, path
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        assert not {n.attr for n in nodes if isinstance(n, ast.Attribute)} & arithmetic, path


def test_rules_never_import_each_other() -> None:
    for path in (SOURCE / "rules").glob("*.py"):
        if path.name != "__init__.py":
            assert not importing(path, "kpi.rules")


def test_the_engine_knows_no_reports_and_no_testing() -> None:
    for path in (*SOURCE.glob("*.py"), *(SOURCE / "sample").glob("*.py")):
        if path.name not in ("cli.py", "__main__.py"):
            assert not importing(path, "kpi.report", "kpi.cli", "kpi.testing", "click", "rich")


def test_nothing_reads_todays_date() -> None:
    for path in SOURCE.rglob("*.py"):
        calls = [
            ast.unparse(n.func)
            for n in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(n, ast.Call)
        ]
        assert not [c for c in calls if c.split(".")[-1] in ("today", "now", "utcnow", "localtime")]


def test_every_rule_has_its_oracle_its_strategy_and_its_page() -> None:
    assert set(rules()) == {
        "average", "clearance", "count", "every_working_day", "flow", "milestone", "percentile",
        "reported", "share", "stock", "within",
    }  # fmt: skip
    for name in rules():
        assert name in oracle.RULES
        assert name in strategies.TARGETS
        assert (ROOT / "docs" / "rules" / f"{name}.md").is_file()
        assert rules()[name].rule == name


def test_importing_kpi_is_light() -> None:
    heavy = ["pendulum", "hypothesis", "pyarrow", "pandas", "rich", "click", "tomlkit", "numpy"]
    heavy += ["holidays"]
    code = f"import sys, kpi; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_everything_public_says_what_it_is() -> None:
    for name in kpi.__all__:
        assert (getattr(kpi, name).__doc__ or "").strip(), name

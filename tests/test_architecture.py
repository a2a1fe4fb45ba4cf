"""What the house promises about itself: who imports whom, and what every rule must have."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

import cloudpickle
import pytest

import kpi
import kpi.rules
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


def test_the_contracts_between_rooms_are_kept() -> None:
    """Which room imports which is declared in pyproject.toml; a room that is not there is no room."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    told = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout
    rooms = {p.name for p in SOURCE.iterdir() if p.is_dir() and not p.name.startswith("__")}
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    floors = {word for floor in contracts["contracts"][0]["layers"] for word in floor.split(" | ")}
    assert {f"kpi.{room}" for room in rooms - {"testing"}} <= floors


def test_definitions_know_no_polars() -> None:
    """Not even for type checkers, but where a rule's expressions are spoken of."""
    files = [*(SOURCE / "definitions").glob("*.py"), *(SOURCE / "planfile").glob("*.py")]
    assert len(files) > 20
    for path in files:
        assert not importing(path, "polars"), path


def test_the_oracle_shares_words_with_the_engine_and_never_arithmetic() -> None:
    words = (
        "bounds",
        "date_bounds",
        "derived_dates",
        "limits",
        "on_condition",
        "parts",
        "plan",
        "population",
        "time_units",
        "table",
        "target",
        "thresholds",
        "windows",
    )
    arithmetic = {
        "first",
        "stop",
        "last",
        "total_days",
        "total_months",
        "total_minutes",
        "periods_in_force",
        "closed",
        "hold",
        "due_table",
    }
    files = list((SOURCE / "testing" / "oracle").rglob("*.py"))
    assert len(files) > 10
    for path in files:
        # The one file that asks the library, in another way than the engine, day by day.
        engines = {"polars", "pyarrow", "holidays"} - {
            "holidays" if path.stem == "looked_up" else ""
        }
        assert not importing(path, *engines)
        shared = {i.rsplit(".", 1)[0] for i in importing(path, "kpi")}
        own = {i for i in shared if i.startswith("kpi.testing.oracle")}
        assert shared - own <= {"kpi.errors", *(f"kpi.definitions.{word}" for word in words)}, path
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        assert not {n.attr for n in nodes if isinstance(n, ast.Attribute)} & arithmetic, path


def test_nothing_reads_todays_date() -> None:
    for path in SOURCE.rglob("*.py"):
        calls = [
            ast.unparse(n.func)
            for n in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(n, ast.Call)
        ]
        assert not [c for c in calls if c.split(".")[-1] in ("today", "now", "utcnow", "localtime")]


COUNTED = {"met", "counted"}
OF_NO_CONTRACT = Path(__file__).parent / "plans" / "rules-of-no-contract.toml"
EXPECTED = (
    *sorted((ROOT / "examples" / "plans").glob("*[0-9].expected.toml")),
    OF_NO_CONTRACT.with_suffix(".expected.toml"),
)
"""The expected cases of the contracts, and those of kinds of target that no contract has."""


def lacking(name: str, expected: Iterable[Path] = EXPECTED) -> list[str]:
    """What a rule must have and has not: its oracle, its strategy, its page, its expected cases."""
    has = {
        "an oracle": _has_an_oracle(name),
        "a strategy": name in strategies.TARGETS,
        "a page": (ROOT / "docs" / "reference" / "rules" / f"{name}.md").is_file(),
        "expected cases": any(_expects(name, path) for path in expected),
    }
    return [what for what, there in has.items() if not there]


def _has_an_oracle(name: str) -> bool:
    try:
        return callable(oracle.RULES[name])
    except KeyError:
        return False


def _expects(rule: str, path: Path) -> bool:
    """Whether a file expects, of one target of a rule, a row that is met or counted and another."""
    plan = kpi.load_plan(path.with_name(path.name.replace(".expected.toml", ".toml")))
    tables = tomllib.loads(path.read_text("utf-8")).values()
    rows = [row for its in tables if isinstance(its, list) for row in its if "expect" in row]
    for leaf in plan.leaves():
        words = {str(row["expect"].get(leaf.id)) for row in rows} - {"None"}
        if leaf.rule == rule and words & COUNTED and words - COUNTED:
            return True
    return False


def test_every_rule_has_its_oracle_its_strategy_its_page_and_its_expected_cases() -> None:
    assert set(rules()) == {
        "average", "clearance", "count", "every_working_day", "flow", "milestone", "percentile",
        "reported", "share", "stock", "within",
    }  # fmt: skip
    assert {name: lacking(name) for name in rules() if lacking(name)} == {}
    assert all(kind.rule == name for name, kind in rules().items())


def test_the_rules_of_no_contract_do_as_expected() -> None:
    plan = kpi.load_plan(OF_NO_CONTRACT)
    assert kpi.check_expected(plan, OF_NO_CONTRACT.with_suffix(".expected.toml")) == []
    contracts = [kpi.load_plan(p.with_name(p.name.replace(".expected", ""))) for p in EXPECTED[:-1]]
    used = {leaf.rule for contract in contracts for leaf in contract.leaves()}
    assert used.isdisjoint(leaf.rule for leaf in plan.leaves())


def test_a_rule_that_lacks_something_is_found(tmp_path: Path) -> None:
    assert lacking("longest") == ["an oracle", "a strategy", "a page", "expected cases"]
    with mock.patch.dict(oracle.RULES):
        del oracle.RULES["share"]
        assert lacking("share") == ["an oracle"]
    with mock.patch.dict(strategies.TARGETS):
        del strategies.TARGETS["share"]
        assert lacking("share") == ["a strategy"]
    plan = (ROOT / "examples" / "plans" / "us-2022.toml").read_text("utf-8")
    (tmp_path / "us-2022.toml").write_text(plan, "utf-8")
    for words, found in (
        (["met"], ["expected cases"]),
        (["outside", "not met"], ["expected cases"]),
        (["met", "not met"], []),
        (["met", "excluded: start missing"], []),
    ):
        rows = [f'[[cases]]\nexpect = {{ "1.1a" = "{word}" }}\n' for word in words]
        file = tmp_path / "us-2022.expected.toml"
        file.write_text("".join(rows), "utf-8")
        assert lacking("within", [file]) == found, words


def test_importing_kpi_is_light() -> None:
    """It loads the definitions, which need no engine."""
    heavy = ["pendulum", "hypothesis", "pyarrow", "pandas", "rich", "click", "tomlkit", "numpy"]
    heavy += ["holidays", "polars"]
    code = f"import sys, kpi; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["evaluate", "finish", "month_ends", "readings"])
def test_a_function_is_itself_whatever_was_imported_first(name: str) -> None:
    code = f"import kpi.cli, kpi.evaluation.{name if name != 'finish' else 'evaluate'}"
    code += f"; import kpi; print(callable(kpi.{name}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["True"]


def test_a_function_that_names_kpi_goes_to_another_process(tmp_path: Path) -> None:
    """By value, as clusters send them: the module is an ordinary one and goes by its name."""
    plan = kpi.load_plan(ROOT / "examples" / "plans" / "us-2017.toml")

    def ids() -> list[str]:
        return [target.id for target in plan.targets if isinstance(target, kpi.Target)]

    sent = tmp_path / "function.pickle"
    sent.write_bytes(cloudpickle.dumps(ids))
    code = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb'))())"
    told = subprocess.run(
        [sys.executable, "-c", code, str(sent)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(ids())
    assert len(ids()) > 5


def test_all_names_are_listed_before_they_are_loaded() -> None:
    code = "import kpi; print({*kpi.__all__} <= {*dir(kpi)})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "True"


def test_what_authors_of_rules_import_is_pinned() -> None:
    assert kpi.rules.__all__ == [
        "Defaults", "Read", "about", "choice", "names", "optional_bounds", "optional_percentage",
        "optional_text", "parse_bounds", "parse_limit", "parse_population", "parse_span",
        "parse_window", "percentage", "placed", "rules", "text",
    ]  # fmt: skip
    for name in kpi.rules.__all__:
        assert (getattr(kpi.rules, name).__doc__ or "").strip(), name


def test_everything_public_says_what_it_is() -> None:
    for name in kpi.__all__:
        assert (getattr(kpi, name).__doc__ or "").strip(), name

"""A fresh machine: the README's commands, and a lock file that leaves nothing to be resolved."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

NEEDED = {Requirement(text).name for text in PROJECT["dependencies"]}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)


def pins() -> dict[str, Version]:
    """Return the pinned version of each package whose marker holds on this interpreter."""
    return {
        canonicalize_name(name): Version(version)
        for name, version, marker in PINNED.findall(LOCK)
        if not marker or Marker(marker).evaluate()
    }


def required(requirement: Requirement, extras: set[str]) -> bool:
    """Return whether a requirement applies here, under any of the requested extras or none."""
    if requirement.marker is None:
        return True
    environment = {key: str(value) for key, value in default_environment().items()}
    return any(
        requirement.marker.evaluate(environment | {"extra": extra}) for extra in {"", *extras}
    )


def unpinned(roots: list[str], pinned: dict[str, Version]) -> list[str]:
    """Return what an installer would have to resolve: requirements that no pin fulfils."""
    missing: list[str] = []
    pending = [Requirement(root) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        if name == "kpi":
            extras = PROJECT["optional-dependencies"]
            pending += [Requirement(r) for extra in requirement.extras for r in extras[extra]]
            continue
        if name not in pinned or not requirement.specifier.contains(pinned[name], prereleases=True):
            missing.append(str(requirement))
            continue
        pending += [
            needed
            for text in distribution(name).requires or ()
            if required(needed := Requirement(text), requirement.extras)
        ]
    return missing


ROOTS = [*PROJECT["dependencies"], "kpi[dev]"]


def test_every_requirement_of_every_pinned_package_is_pinned_extras_included() -> None:
    assert unpinned(ROOTS, pins()) == []


@pytest.mark.parametrize("name", ["coverage", "attrs", "polars-runtime-32", "six"])
def test_a_pin_that_is_missing_is_named(name: str) -> None:
    without = {other: version for other, version in pins().items() if other != name}
    assert any(name in requirement for requirement in unpinned(ROOTS, without))


def test_a_pin_that_is_too_old_is_named() -> None:
    old = pins() | {"coverage": Version("1.0")}
    assert any("coverage" in requirement for requirement in unpinned(ROOTS, old))


def test_every_pin_has_a_hash() -> None:
    pinned = PINNED.findall(LOCK)
    assert len(pinned) > 40
    for block in re.split(r"^(?=[A-Za-z0-9._-]+==)", LOCK, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_readme_installs_what_is_pinned_and_resolves_nothing() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (command,) = (
        line for line in readme.splitlines() if "requirements.lock" in line and "&&" in line
    )
    installs = [step for step in command.split(" && ") if "pip install" in step]
    assert len(installs) == 2
    assert all("--no-deps" in step for step in installs)
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert ".venv/bin/pip check" in command.split(" && ")


def test_the_tests_that_mutants_are_run_against_exist() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    named = [*settings["pytest_add_cli_args_test_selection"], *settings["pytest_add_cli_args"]]
    paths = [arg.partition("::")[0] for arg in named if arg.startswith("tests/")]
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_page_of_dependencies_names_each_with_its_size() -> None:
    page = (ROOT / "docs" / "contributors" / "dependencies.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    sizes = {row[0]: row[2] for row in rows if len(row) == 5 and row[0] in NEEDED}
    sizes |= {row[1]: row[3] for row in rows if len(row) == 5 and row[0] not in NEEDED}
    extras = PROJECT["optional-dependencies"]
    needed = {Requirement(text).name for extra in extras.values() for text in extra} | NEEDED
    assert needed - {"kpi"} <= set(sizes)
    measured = {canonicalize_name(name) for name in needed - {"kpi", "mutmut"}}
    assert {name for name in measured if not re.fullmatch(r"[\d.]+ MB", sizes[name])} == set()

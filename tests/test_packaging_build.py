"""Wheel and sdist: built from the checkout, installed without network, and run elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

import kpi

ROOT = Path(__file__).parents[1]
DEMO = """
import sys
from kpi.cli import main
import kpi.cli.demo
sys.modules["kpi.cli.demo"].DEMO_ROWS = 500
main(["demo"], prog_name="kpi")
"""
"""The demonstration with few cases, which is as good a proof that the plan is found."""
DEPENDENCIES = sysconfig.get_path("purelib")
"""Where the running interpreter has the dependencies, and hatchling to build with."""


def run(*command: str | Path, cwd: Path, path: str | None = None) -> str:
    """Return the standard output of a command that sees no checkout: only PYTHONPATH as given."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    if path is not None:
        environment["PYTHONPATH"] = path
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the files of both kinds of distribution."""
    directory = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", directory, cwd=ROOT)
    (wheel,), (sdist,) = directory.glob("*.whl"), directory.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_distribution_installs_without_network_and_runs(
    kind: str, built: dict[str, Path], tmp_path: Path
) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    paths = sysconfig.get_paths("venv", vars={"base": str(home), "platbase": str(home)})
    scripts, packages = Path(paths["scripts"]), Path(paths["purelib"])
    # Of the running interpreter's packages only the directory is seen: its .pth files, and with them
    # an editable kpi, are not.
    (packages / "dependencies.pth").write_text(f"{DEPENDENCIES}\n", "utf-8")
    python = scripts / Path(sys.executable).name
    offline = [
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--ignore-installed",
        "--no-compile",
    ]
    pip = [sys.executable, "-m", "pip", "-q", "--isolated", "--disable-pip-version-check"]
    run(*pip, "--python", python, "install", *offline, built[kind], cwd=tmp_path)

    loaded = run(python, "-c", "import kpi; print(kpi.__file__)", cwd=tmp_path)
    assert Path(loaded.strip()) == packages / "kpi" / "__init__.py"
    assert run(scripts / "kpi", "--version", cwd=tmp_path) == f"kpi, version {kpi.__version__}\n"
    demo = run(python, "-c", DEMO, cwd=tmp_path)
    assert "Performance plan of the Danish Immigration Service 2017" in demo
    assert "1.2i" in demo


def test_the_wheel_holds_the_package_alone(built: dict[str, Path]) -> None:
    names = ZipFile(built["wheel"]).namelist()
    assert {name.split("/")[0] for name in names} == {"kpi", f"kpi-{kpi.__version__}.dist-info"}
    assert {"kpi/py.typed", "kpi/__init__.pyi", "kpi/plans/us-2017.toml"} <= set(names)
    sources = (ROOT / "src" / "kpi").rglob("*.py")
    assert {path.relative_to(ROOT / "src").as_posix() for path in sources} <= set(names)


def test_the_sdist_holds_what_the_tests_and_the_docs_need(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "requirements.lock"} <= names
    for directory in ("src", "tests", "docs", "examples"):
        here = {p.relative_to(ROOT).as_posix() for p in (ROOT / directory).rglob("*.py")}
        assert here <= names, directory

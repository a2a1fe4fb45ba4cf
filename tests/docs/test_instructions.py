"""The instructions of README.md and docs/index.md, followed as a reader would: in an empty directory,
with a shell and a Python of their own, they produce what the pages show."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from tests.docs.places import DOCS, PLAN, ROOT
from tests.docs.test_pages import COLOURS, Block, blocks, room


@pytest.fixture
def terminal(tmp_path: Path) -> Mapping[str, str]:
    """Return the environment of a reader whose `kpi` is the checkout's, as 80 columns show it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    command = programs / "kpi"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kpi "$@"\n', "utf-8")
    command.chmod(0o755)
    known = {k: v for k, v in os.environ.items() if k not in COLOURS and not k.startswith("POLARS")}
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    return known | {"COLUMNS": "80", "PATH": path, "PYTHONPATH": str(ROOT / "src")}


def follow(*command: str, here: Path, terminal: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=here, env=terminal, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def test_the_index_makes_the_directory_that_the_pages_are_run_in(
    tmp_path: Path, terminal: Mapping[str, str]
) -> None:
    checkout, pages = tmp_path / "checkout", tmp_path / "pages"
    (checkout / "examples" / "plans").mkdir(parents=True)
    (checkout / "examples" / "plans" / PLAN.name).write_bytes(PLAN.read_bytes())
    (block,) = (b for b in blocks((DOCS / "index.md").read_text("utf-8")) if b.language == "sh")
    follow("bash", "-euc", block.text, here=checkout, terminal=terminal)

    (made,) = set(checkout.iterdir()) - {checkout / "examples"}
    pages.mkdir()
    with room(pages):
        names = {path.name for path in Path("extract").iterdir()}
        assert {path.name for path in (made / "extract").iterdir()} == names
        for name in names:
            expected = pl.read_parquet(Path("extract") / name)
            assert pl.read_parquet(made / "extract" / name).equals(expected)
        assert (made / PLAN.name).read_bytes() == Path(PLAN.name).read_bytes()


def test_the_readme_can_be_followed_in_an_empty_directory(
    tmp_path: Path, terminal: Mapping[str, str]
) -> None:
    here = tmp_path / "empty"
    here.mkdir()
    printed, shown = "", list[Block]()
    for block in blocks((ROOT / "README.md").read_text("utf-8")):
        if block.language == "toml":
            (here / "plan.toml").write_text(block.text, "utf-8")
        elif block.language == "console":
            shown.append(block)
            lines = [line for line in block.text.splitlines() if line.startswith("$ ")]
            outputs = [
                f"{line}\n"
                + follow("bash", "-euc", line.removeprefix("$ "), here=here, terminal=terminal)
                for line in lines
            ]
            assert "".join(outputs) == block.text
        elif block.language == "python":
            printed = follow(sys.executable, "-c", block.text, here=here, terminal=terminal)
        elif block.language == "text":
            shown.append(block)
            assert printed == block.text
    assert [block.language for block in shown] == ["console", "text"]


def test_the_readme_explains_a_case_that_was_counted_and_late() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (explained,) = (b for b in blocks(text) if b.language == "console" and "explain" in b.text)
    output = explained.text.partition("$ kpi explain")[2]
    counted = [line for line in output.splitlines() if " yes: " in line]
    assert len(counted) == 1
    assert counted[0].split()[-1] == "late"

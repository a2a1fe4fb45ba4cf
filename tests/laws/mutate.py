"""Mutation testing, on demand: `python -m tests.laws.mutate` (docs/contributors/mutation-testing.md).

Prints what became of the mutants, module by module. The exit code is 1 where fewer than 95 % of
those that were run were killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name

ROOT = Path(__file__).parents[2]
KILLED = ("killed", "timeout")
"""What counts as killed: a test failed, or the tests did not come to an end."""
LEAST = 95


def names() -> list[str]:
    """The mutants of the code as it is now."""
    return [
        get_mutant_name(path, name)
        for path in sorted(walk_mutatable_files())
        if config().should_mutate(path)
        for name in mutate_file_contents(str(path), path.read_text("utf-8")).mutant_names
    ]


def module_of(name: str) -> str:
    return name.rpartition(".")[0]


def chosen(known: list[str], patterns: list[str], share: float, seed: int) -> list[str]:
    """Those that the patterns name, of each module so large a share, by chance."""
    asked = [name for name in known if not patterns or any(fnmatch(name, p) for p in patterns)]
    by_module: dict[str, list[str]] = {}
    for name in asked:
        by_module.setdefault(module_of(name), []).append(name)
    return [
        name
        for module, its in by_module.items()
        for name in sorted(
            random.Random(f"{seed} {module}").sample(its, max(1, round(share * len(its))))  # noqa: S311 - a sample, no secret
        )
    ]


def results() -> dict[str, str]:
    """What became of each mutant, as mutmut keeps it."""
    return {
        name: status_by_exit_code[code]
        for path in Path("mutants").rglob("*.meta")
        for name, code in json.loads(path.read_text("utf-8"))["exit_code_by_key"].items()
    }


def report(of: list[str]) -> bool:
    """Prints a line for each module and one for all; whether enough were killed."""
    found = results()
    counts: dict[str, Counter[str]] = {}
    for name in of:
        word = found.get(name, "not checked")
        word = word if word in (*KILLED, "not checked") else "left"
        for where in (module_of(name), "all"):
            counts.setdefault(where, Counter())[word] += 1
    print(f"{'module':32} {'killed':>7} {'timeout':>7} {'left':>7} {'not run':>7} {'share':>8}")
    for where in sorted(counts, key=lambda where: (where == "all", where)):
        its = counts[where]
        run = its["killed"] + its["timeout"] + its["left"]
        share = f"{100 * (run - its['left']) / run:.1f} %" if run else ""
        print(
            f"{where:32} {its['killed']:7} {its['timeout']:7} {its['left']:7} "
            f"{its['not checked']:7} {share:>8}"
        )
    for name in of:
        if found.get(name) not in (*KILLED, "not checked", None):
            print(f"{found[name]}: {name}")
    total = counts["all"]
    run = total.total() - total["not checked"]
    return 100 * (run - total["left"]) >= LEAST * run > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", help="names of mutants, such as 'kpi.rules.*'")
    parser.add_argument("--share", type=float, default=1.0, help="of each module, by chance")
    parser.add_argument("--seed", type=int, default=1, help="what the chance depends on")
    parser.add_argument("--children", type=int, default=1, help="mutants at a time")
    parser.add_argument("--report", action="store_true", help="run nothing, print what there is")
    given = parser.parse_args()
    os.chdir(ROOT)  # where mutmut reads its settings and keeps its mutants
    asked = chosen(names(), given.patterns, given.share, given.seed)
    if not given.report:
        # Without names mutmut goes on where it was stopped; what it is named is run again.
        named = asked if given.patterns or given.share < 1 else []
        command = [sys.executable, "-m", "mutmut", "run", f"--max-children={given.children}"]
        subprocess.run([*command, *named], check=True)
    return 0 if report(asked) else 1


if __name__ == "__main__":
    sys.exit(main())

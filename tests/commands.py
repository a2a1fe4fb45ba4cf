"""A plan and an extract in the current directory, and the commands over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from kpi.cli import main

PLAN = """\
id = "p"
period = "2017"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
rule = "within"
where = { case_type = "visa" }
start = "filed"
end = "decided"
limit = "1 month"
threshold = 90
"""


HEADER = "case_id,case_type,filed,decided\n"


GOOD = "a1,visa,2017-01-01,2017-02-01\n"


def run(*args: str) -> Result:
    """A command that ends in an answer or a mistake, never in a traceback."""
    found = CliRunner().invoke(main, args, catch_exceptions=False)
    assert "Traceback" not in found.output
    return found


def mistakes(*args: str, code: int = 2) -> list[str]:
    """What a command says on standard error, a line each, where it ends with that exit code."""
    found = run(*args)
    assert found.exit_code == code, found.output
    assert found.stdout == ""
    lines = found.stderr.splitlines()
    assert all(line.startswith("kpi: ") for line in lines)
    return [line.removeprefix("kpi: ") for line in lines]


def of_data(data: str | bytes, name: str = "cases.csv") -> list[str]:
    """What `evaluate` says of an extract that cannot be used."""
    Path(name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return mistakes("evaluate", "plan.toml", name, code=3)


def outcome(data: str | bytes, *options: str, name: str = "cases.csv") -> dict[str, Any]:
    """The result as JSON, every row of the first target accounted for."""
    Path(name).write_bytes(data if isinstance(data, bytes) else data.encode())
    found = run("evaluate", "plan.toml", name, "--format", "json", *options)
    assert found.exit_code == 0, found.output
    made: dict[str, Any] = json.loads(found.stdout)
    one, table = made["targets"][0], made["tables"]["cases"]
    inside = one["outside"] + one["counted"] + sum(one["excluded"].values()) + one["undetermined"]
    assert one["rows"] == inside
    assert table["rows"] == one["rows"] + sum(table["rejected"].values()) + table["hidden"]
    return made


def rejected(data: str | bytes, *options: str) -> dict[str, int]:
    found: dict[str, int] = outcome(data, *options)["tables"]["cases"]["rejected"]
    return found


def declare(line: str, text: str = PLAN) -> None:
    """Adds a key to the table of cases."""
    Path("plan.toml").write_text(text.replace('entry = "filed"\n', f'entry = "filed"\n{line}\n'))

"""A small extract with letters of three alphabets, and the command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

PLAN = """\
id = "p"
period = "2017"
title = "Łódź"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
title = "Visas – Łódź"
rule = "within"
start = "filed"
end = "decided"
limit = "1 month"
threshold = 90
"""
CASES = """\
case_id,city,filed,decided
a1,Łódź,2017-01-01,2017-02-01
a2,Århus,2017-01-01,2017-02-02
a3,Łódź,?,2017-02-02
"""


def kpi_process(
    *args: str, through: str = '"$@"', **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `kpi` behind what a shell does to it: `"$@"` stands for the command."""
    command = ["sh", "-c", through, "sh", sys.executable, "-m", "kpi", *args]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, check=False)

"""Something done in a process of its own, with its peak memory.

    python -m benchmarks.child MODULE JSON

calls `MODULE.in_child(**JSON)` and prints what it returns as JSON, with the peak beside it.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any


def run(module: str, **options: Any) -> dict[str, Any]:
    """What `in_child` of a module returns, and `peak_gb`.

    Raises:
        SystemExit: with what the child said, where it failed.
    """
    command = [sys.executable, "-m", "benchmarks.child", module, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_root())
    if done.returncode:
        raise SystemExit(f"{module} in a process of its own: exit {done.returncode}\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _root() -> Path:
    return Path(__file__).parents[1]


def peak_gb() -> float:
    """The most memory that this process had, in 10^9 bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss of a process on Linux starts with what its parent had when it was started.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main() -> None:
    module, options = sys.argv[1:]
    found = importlib.import_module(module).in_child(**json.loads(options))
    print(json.dumps({**found, "peak_gb": peak_gb()}))


if __name__ == "__main__":
    main()

"""The pages, schemas and examples that the tests of the documentation read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


DOCS = ROOT / "docs"


PLAN = ROOT / "examples" / "plans" / "us-2017.toml"


PLAN_SCHEMA = DOCS / "plan.schema.json"


EXTRACT_SCHEMA = DOCS / "extract.schema.json"


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dumped(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"

"""Results as data that were kept: read from JSON and checked, for a comparison with what comes out now."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from kpi.errors import KpiError, reason
from kpi.results.provenance import SCHEMA

ResultData: TypeAlias = Mapping[str, Any]
"""A result as plain data, as `Result.to_dict` gives it."""

_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "kpi": str,
    "plan": str,
    "as_of": str,
    "targets": list,
    "tables": dict,
}
_FINGERPRINT: Mapping[str, type | tuple[type, ...]] = {
    "plan": dict,
    "tables": (dict, type(None)),
    "by": list,
    "every": (str, type(None)),
    "rolling": (str, type(None)),
    "versions": dict,
}


def load_result(kept: ResultData | str | os.PathLike[str]) -> tuple[ResultData, str]:
    """Return a result that was kept as data, and the name that messages give it.

    Args:
        kept: the data of `Result.to_dict`, or the path of a JSON file.

    Raises:
        KpiError: where the file cannot be read, holds no result, or one of another version of the
            schema or without a fingerprint.
    """
    name = "result" if isinstance(kept, Mapping) else str(Path(kept))
    data = kept if isinstance(kept, Mapping) else _read(Path(kept))
    _require_result(data, name)
    return data, name


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise KpiError(f"{file}: no such file") from None
    except (OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, OSError):
            raise KpiError(f"{file}: cannot be read: {reason(error)}") from None
        raise KpiError(f"{file}: is no JSON; {_ACCEPTED}") from None


_ACCEPTED = "accepted: what kpi evaluate --format json writes"


def _require_result(data: Any, name: str) -> None:
    if not isinstance(data, Mapping) or not isinstance(data.get("schema"), int):
        raise KpiError(f"{name}: is no result of kpi; {_ACCEPTED}")
    if data["schema"] != SCHEMA:
        raise KpiError(
            f"{name}: has version {data['schema']} of the schema, and this version of kpi reads {SCHEMA}; "
            "reproduce it with the version of kpi that wrote it"
        )
    wrong = [key for key, kind in _KEYS.items() if not isinstance(data.get(key), kind)]
    wrong = wrong or [
        key
        for key, values in (("targets", data["targets"]), ("tables", data["tables"].values()))
        if not all(isinstance(value, dict) for value in values)
    ]
    if wrong:
        raise KpiError(f"{name}: is no result of kpi ({wrong[0]}); {_ACCEPTED}")
    if "fingerprint" not in data:
        raise KpiError(
            f"{name}: has no fingerprint, as kpi {data['kpi']} wrote none; evaluate the same extract "
            "again and keep that result"
        )
    found = data["fingerprint"]
    wrong = [
        key
        for key, kind in _FINGERPRINT.items()
        if not isinstance(found, dict) or not isinstance(found.get(key), kind)
    ]
    wrong = wrong or [
        key
        for key, kind, values in (
            ("by", str, found["by"]),
            ("tables", dict, (found["tables"] or {}).values()),
        )
        if not all(isinstance(value, kind) for value in values)
    ]
    if wrong:
        raise KpiError(f"{name}: is no result of kpi (fingerprint: {wrong[0]}); {_ACCEPTED}")

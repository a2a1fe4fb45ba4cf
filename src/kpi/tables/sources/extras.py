"""Libraries that are extras of the package, loaded by what needs them."""

from __future__ import annotations

import importlib
from typing import Any

from kpi.errors import DataError


def load_extra(module: str, extra: str, what: str) -> Any:
    """Return a module of a library that is an extra.

    Args:
        module: the name of the module.
        extra: the name of the extra.
        what: what needs it, at the beginning of a message: "reading a DuckDB database".

    Raises:
        DataError: where it is not installed, naming the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DataError(f"{what} needs an extra: pip install 'kpi[{extra}]'") from error

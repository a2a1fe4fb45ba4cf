"""Polars, imported at the first use of one of its names.

Rules and time name Polars in the expressions that they return. To load and check a plan uses none of
them, and must not wait for the import of Polars, which takes several times as long as all the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
else:

    class _Polars:
        """Stand-in for the module: each name is looked up there once, then kept here."""

        def __getattr__(self, name: str) -> Any:
            value = getattr(import_module("polars"), name)
            setattr(self, name, value)
            return value

    pl = _Polars()

__all__ = ["pl"]

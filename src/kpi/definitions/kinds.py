"""Kinds of value that a column of a table can hold."""

from __future__ import annotations

from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "any"]
"""The kind of value that a column must hold; "any" leaves the kind to the table."""

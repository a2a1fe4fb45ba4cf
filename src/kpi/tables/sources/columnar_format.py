"""Formats of columnar files."""

from __future__ import annotations

from typing import Literal, TypeAlias

ColumnarFormat: TypeAlias = Literal["parquet", "file", "stream"]
"""Format of a columnar file: Parquet, or Arrow as a file or as a stream."""

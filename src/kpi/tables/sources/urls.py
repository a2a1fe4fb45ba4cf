"""URLs of files in object stores and on the web, read as Polars reads them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl
from polars.exceptions import PanicException, PolarsError

from kpi.errors import DataError, listed, reason, without_credentials
from kpi.tables.sources.part_files import is_pattern
from kpi.tables.sources.source_table import SourceTable

SCHEMES = ("s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss", "http", "https", "hf")

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_READERS: Mapping[str, Callable[..., pl.LazyFrame]] = {
    ".parquet": pl.scan_parquet,
    ".arrow": pl.scan_ipc,
    ".ipc": pl.scan_ipc,
    ".feather": pl.scan_ipc,
}


def is_url(source: object) -> bool:
    """Return whether a source is the URL of a file."""
    return isinstance(source, str) and _URL.match(source) is not None


def local_path(url: str) -> Path | None:
    """Return the path that a URL `file://` names; None for any other URL."""
    split = urlsplit(url)
    return Path(unquote(split.path)) if split.scheme.lower() == "file" else None


def is_directory(url: str) -> bool:
    """Return whether a URL of an object store names a directory: the last name has no ending."""
    store = urlsplit(url).scheme.lower() in SCHEMES[: SCHEMES.index("http")]
    return store and not url_path(url).suffix and not is_pattern(url)


def url_path(url: str) -> PurePosixPath:
    """Return the path within a URL: without credentials, query and fragment."""
    return PurePosixPath(unquote(urlsplit(url).path))


def open_url(url: str) -> SourceTable:
    """Return the source of a table at a URL; columns are read when they are collected.

    Such a table is never left where it is: nothing shows whether it has changed.

    Raises:
        DataError: where the scheme or the kind of file is none that is read, or the file cannot be
            read; no message holds credentials of the URL.
    """
    shown = without_credentials(url)
    scheme = urlsplit(url).scheme.lower()
    if scheme not in SCHEMES:
        raise DataError(f"{shown}: unknown kind of URL; accepted: file, {listed(SCHEMES)}")
    kind = url_path(url).suffix.lower()
    if kind not in _READERS:
        raise DataError(
            f"{shown}: unknown kind of file at a URL; accepted: {listed(list(_READERS))}; download "
            "other kinds first"
        )
    # A query may hold signs that would be a pattern, and the web has no list of files.
    pattern = scheme not in ("http", "https") and is_pattern(url)
    options: dict[str, Any] = {}
    if pattern and (keys := _keys(url)):
        options = {"hive_partitioning": True, "hive_schema": dict.fromkeys(keys, pl.String())}
    try:
        with warnings.catch_warnings():
            # Polars tells its own users that it looks for the region of the store.
            warnings.simplefilter("ignore", UserWarning)
            frame = _READERS[kind](url, glob=pattern, **options)
            frame.collect_schema()
    except (PolarsError, PanicException, OSError) as error:
        # Its text holds the URL.
        raise DataError(f"{shown}: cannot be read: {_reason(error)}") from None
    return SourceTable(frame)


def _keys(url: str) -> list[str]:
    """Return the keys of the directories `key=value` in a pattern."""
    names = (name.partition("=") for name in url_path(url).parent.parts)
    return [key for key, equals, _ in names if equals]


def _reason(error: BaseException) -> str:
    """Return why a URL cannot be read, without the URL."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "access is refused; give credentials in the environment, as Polars takes them"
    return reason(error)

"""Ledger: a directory with the state of every batch, and every result as it was reported.

For a plan and an as-of date the ledger holds, under DIR/<plan fingerprint>/<as-of date>/:

- `states/<hash>.parquet`: the state of a batch; the name is a hash of the file's content.
- `keys/<hash>.parquet`: the hashes of the keys of that batch's rows, by table.
- `entries/00001.json`, ...: which state each batch had, and the result of all of them together.
- `result.json`: the result of the last entry, for whoever wants that alone.

A file of the first three is written once and never changed. The entry is written last, so that a run
that is killed has either added its batch, with everything that belongs to it, or nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from attrs import field, frozen

from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.time_units import Span
from kpi.engine.partial import partial
from kpi.engine.state import State, merge
from kpi.errors import DataError, KpiError, OutputError, reason
from kpi.foreign_text import json_text
from kpi.planfile.fingerprint import plan_fingerprint, short
from kpi.report.atomic_files import cannot_write, write_files
from kpi.results.finish import finish
from kpi.results.result_file import load_result
from kpi.results.stored_result import StoredResult, stored_result
from kpi.storage.new_file import write_new_file
from kpi.storage.state_files import read_state
from kpi.tables.check import Extract, as_of_date, check
from kpi.tables.key_hashes import HASHES, key_hashes
from kpi.tables.sources.resolve import Tables

FORMAT = 1
"""The version of the form of entries."""

_ENTRIES, _STATES, _KEYS, _RESULT = "entries", "states", "keys", "result.json"
_TABLE = "table"
_NO_FIGURES = ("kpi", "notes", "note_codes", "fingerprint")
"""The keys of a result that may differ from version to version of `kpi` while no figure does."""


@frozen(kw_only=True)
class LedgerEntry:
    """Entry of a ledger: a batch that was added, and what was reported then.

    Attributes:
        number: the number of the entry among those of the plan and the as-of date, from 1.
        plan: the id of the plan.
        fingerprint: the digest of the plan.
        as_of: the as-of date.
        batch: the name of the batch that was added, or replaced; None where the ledger was rebuilt.
        batches: the hash of the state of each batch that the result covers, by name.
        result: the result of those batches, as it was reported.
        written: when the entry was written, in UTC: the time of its file.
    """

    number: int
    plan: str
    fingerprint: str
    as_of: dt.date
    batch: str | None
    batches: Mapping[str, str]
    result: StoredResult
    written: dt.datetime


@frozen
class Ledger:
    """Ledger in a directory: states and results by plan fingerprint and as-of date.

    Attributes:
        directory: the directory; made when the first batch is added.
    """

    directory: Path = field(converter=Path)

    def add(
        self,
        plan: Plan,
        tables: Tables | Extract,
        as_of: dt.date | str | None = None,
        *,
        batch: str,
        by: str | Sequence[str] = (),
        every: Every | None = None,
        rolling: Span | str | None = None,
    ) -> LedgerEntry:
        """Add a batch, or replace the batch of that name, and report the result of all batches.

        Nothing is added where the batch is there already as it is; the last entry is returned.

        Args:
            plan: the plan.
            tables: the tables of the batch.
            as_of: the as-of date (S15); default: the last day of the plan's period.
            batch: the name of the batch.
            by: the columns of a break-down; the same for all batches.
            every: the length of the periods of a series; the same for all batches.
            rolling: the length of the window that ends with each period.

        Raises:
            DataError: where a table cannot be used as the plan says; where a table is that of another
                batch, or holds a case that another batch holds; where the ledger cannot be read.
            OutputError: where a file cannot be written; the ledger is as it was.
        """
        day = as_of_date(plan, as_of)
        columns = (by,) if isinstance(by, str) else tuple(by)
        extract = (
            tables
            if isinstance(tables, Extract)
            else check(plan, tables, columns=columns, as_of=day)
        )
        state = partial(
            plan,
            extract,
            day,
            by=columns,
            every=every,
            rolling=rolling,
            fingerprint=True,
            batch=batch,
        )
        keys = _keys_of(extract)
        digest = plan_fingerprint(plan).digest
        place = self.directory / short(digest) / day.isoformat()
        last = _last_entry(place)
        known = dict(last.batches) if last is not None else {}
        others = {name: _state(place, name, known[name]) for name in known if name != batch}
        if last is not None and batch in known and _is_held(place, known[batch], state):
            _write_result(place, last.result.to_dict())
            return last
        for name, other in others.items():
            _refuse_same_tables(state, batch, other, name)
            _refuse_same_keys(keys, batch, place, name, known[name])
        merged = merge([*others.values(), state])
        content = _bytes_of(state)
        held = _hash(content)
        _write(place / _KEYS / f"{held}.parquet", _parquet(keys))
        _write(place / _STATES / f"{held}.parquet", content)
        return _commit(place, last, batch, {**known, batch: held}, merged, digest)

    def entries(self) -> Iterator[LedgerEntry]:
        """Yield every entry, those of a plan and as-of date together, in the order of their numbers.

        Raises:
            DataError: where there is no ledger, or an entry cannot be read.
        """
        for place in self._places():
            for path in _entry_files(place):
                yield _entry(path)

    def rebuild(self) -> list[LedgerEntry]:
        """Make the last result of each plan and as-of date again from the states.

        `result.json` is written anew. Where figures come out otherwise than reported, as with another
        version of `kpi`, an entry is added; none is changed.

        Returns:
            the entries that were added.

        Raises:
            DataError: where there is no ledger, or a state or an entry is missing or was changed.
            OutputError: where a file cannot be written.
        """
        added = []
        for place in self._places():
            last = _last_entry(place)
            if last is None:
                continue
            states = [_state(place, name, held) for name, held in last.batches.items()]
            merged = merge(states)
            if _figures(finish(merged).to_dict()) == _figures(last.result.to_dict()):
                _write_result(place, last.result.to_dict())
            else:
                added.append(_commit(place, last, None, last.batches, merged, last.fingerprint))
        return added

    def _places(self) -> list[Path]:
        """Return the directory of each plan and as-of date, sorted.

        Raises:
            DataError: where the directory does not exist.
        """
        if not self.directory.is_dir():
            raise DataError(
                f"{self.directory}: no such directory; a ledger begins with kpi ledger add"
            )
        return sorted(path.parent for path in self.directory.glob(f"*/*/{_ENTRIES}"))


def _keys_of(extract: Extract) -> pl.DataFrame:
    """Return the hashes of the keys of all tables but those of pauses, whose keys are their cases'."""
    frames = [
        key_hashes(table).select(pl.lit(name).alias(_TABLE), *HASHES)
        for name, table in extract.tables.items()
        if table.table.pauses is None
    ]
    empty = pl.DataFrame(schema={_TABLE: pl.String, **dict.fromkeys(HASHES, pl.UInt64)})
    return pl.concat([empty, *frames])


def _is_held(place: Path, held: str, state: State) -> bool:
    """Return whether the ledger holds a state as it is; one that cannot be read is replaced."""
    try:
        _keys(place, "", held)
        return read_state(place / _STATES / f"{held}.parquet") == state
    except DataError:
        return False


def _refuse_same_tables(state: State, batch: str, other: State, name: str) -> None:
    """Refuse a table that another batch holds, row for row.

    Raises:
        DataError: naming the table and the other batch.
    """
    own, others = state.fingerprints or {}, other.fingerprints or {}
    for table, fingerprint in own.items():
        if fingerprint.rows and fingerprint == others.get(table):
            raise DataError(
                f"batch {batch!r}: its table {table} is that of the batch {name!r}, row for row; add it "
                "under one name"
            )


def _refuse_same_keys(keys: pl.DataFrame, batch: str, place: Path, name: str, held: str) -> None:
    """Refuse cases that another batch holds: a changed row is no addition.

    Raises:
        DataError: with the number of the cases, and the other batch.
    """
    both = keys.join(_keys(place, name, held), on=[_TABLE, *HASHES])
    for table, n in both.group_by(_TABLE).len().sort(_TABLE).iter_rows():
        cases = "1 key" if n == 1 else f"{n:,} keys"
        raise DataError(
            f"batch {batch!r}: {cases} of {table} stand in the batch {name!r} too, and would count twice; "
            "changed rows are no addition: keep a snapshot and evaluate it whole (docs/how-to/ledger.md)"
        )


def _keys(place: Path, batch: str, held: str) -> pl.DataFrame:
    """Return the hashes of the keys of a batch.

    Raises:
        DataError: where the file is missing or broken.
    """
    path = place / _KEYS / f"{held}.parquet"
    try:
        return pl.read_parquet(io.BytesIO(_read(path, batch))).select(_TABLE, *HASHES)
    except pl.exceptions.PolarsError:
        raise DataError(
            f"{path}: was changed after it was written; restore it from a copy, or add the batch {batch!r} again"
        ) from None


def _bytes_of(state: State) -> bytes:
    return _table_bytes(state.to_arrow())


def _parquet(frame: pl.DataFrame) -> bytes:
    return _table_bytes(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def _table_bytes(table: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _read(path: Path, batch: str) -> bytes:
    """Return the content of a file of a batch.

    Raises:
        DataError: where it is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {reason(error)}; restore it from a copy, or add the batch {batch!r} again"
        ) from None


def _state(place: Path, batch: str, held: str) -> State:
    """Return the state of a batch.

    Raises:
        DataError: where the file is missing, or is not as it was written.
    """
    path = place / _STATES / f"{held}.parquet"
    if _hash(_read(path, batch)) != held:
        raise DataError(
            f"{path}: was changed after it was written; restore it from a copy, or add the batch {batch!r} again"
        )
    return read_state(path)


def _write(path: Path, content: bytes) -> None:
    """Write a file whose name says its content, or the last result.

    Raises:
        OutputError: where it cannot be written.
    """
    _make_directory(path.parent)
    write_files({path: lambda file: file.write(content)})


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(cannot_write(str(directory), error)) from error


def _write_result(place: Path, data: Mapping[str, Any]) -> None:
    """Write the last result, unless it stands there: a run may have been killed before this."""
    content = _json(data)
    path = place / _RESULT
    if not path.is_file() or path.read_bytes() != content:
        _write(path, content)


def _json(data: Mapping[str, Any]) -> bytes:
    return json_text(json.dumps(data, ensure_ascii=False, indent=2)).encode()


def _commit(
    place: Path,
    last: LedgerEntry | None,
    batch: str | None,
    batches: Mapping[str, str],
    merged: State,
    digest: str,
) -> LedgerEntry:
    """Write the next entry, which is all that makes a batch part of the ledger, and the last result.

    Raises:
        DataError: where another run wrote an entry in the meantime.
        OutputError: where the entry cannot be written.
    """
    result = finish(merged).to_dict()
    number = 1 if last is None else last.number + 1
    path = place / _ENTRIES / f"{number:05}.json"
    data = {
        "ledger": FORMAT,
        "fingerprint": digest,
        "batch": batch,
        "batches": dict(sorted(batches.items())),
        "result": result,
    }
    _make_directory(path.parent)
    try:
        write_new_file(path, _json(data))
    except FileExistsError:
        raise DataError(
            f"{path}: another run wrote it in the meantime; nothing is added; run again"
        ) from None
    _write_result(place, result)
    return _entry(path)


def _entry_files(place: Path) -> list[Path]:
    return sorted((place / _ENTRIES).glob("[0-9]*.json"))


def _last_entry(place: Path) -> LedgerEntry | None:
    files = _entry_files(place)
    return _entry(files[-1]) if files else None


def _entry(path: Path) -> LedgerEntry:
    """Read an entry.

    Raises:
        DataError: where it cannot be read, is none, or is one of another format version.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = data["ledger"]
        if version == FORMAT:
            result = stored_result(*load_result(data["result"]))
            return LedgerEntry(
                number=int(path.stem),
                plan=result.plan,
                fingerprint=data["fingerprint"],
                as_of=result.as_of,
                batch=data["batch"],
                batches=dict(data["batches"]),
                result=result,
                written=dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC),
            )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, KpiError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is no entry of a ledger"
        raise DataError(f"{path}: cannot be read: {why}; restore it from a copy") from None
    raise DataError(
        f"{path}: is an entry of version {version}, and this version of kpi reads {FORMAT}; read it with the "
        "kpi that wrote it"
    )


def _figures(data: Mapping[str, Any]) -> dict[str, Any]:
    # As JSON has it, where a whole number and a tuple are what a list and a float are not.
    plain: dict[str, Any] = json.loads(json.dumps(data))
    return {key: value for key, value in plain.items() if key not in _NO_FIGURES}

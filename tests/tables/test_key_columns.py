"""Keys and numbers that came as floats, decimals or UUIDs are what they mean, in every form (S13)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

import kpi

PLAN = """\
id = "p"
period = "2022"
tables.cases = { key = "case_id", entry = "filed", events = ["decided"] }
[[targets]]
id = "1"
rule = "within"
where = { case_type = 5 }
start = "filed"
end = "decided"
denominator = "cohort"
limit = "2 months"
threshold = 60
"""
DAYS = {
    "filed": [dt.date(2022, 1, 1)] * 3,
    "decided": [dt.date(2022, 2, 1), dt.date(2022, 9, 1), dt.date(2022, 2, 1)],
}
TYPES = [5, 5, 7]
UUIDS = [uuid.UUID(int=0x0123456789ABCDEF_FEDCBA9876543210 + n) for n in (10, 11, 10)]
UUID_TEXTS = ["01234567-89ab-cdef-fedc-ba987654321a", "01234567-89ab-cdef-fedc-ba987654321b"]
NAN = float("nan")

FORMS: dict[str, Callable[[dict[str, pa.Array], Path], Any]] = {
    "Arrow": lambda columns, _: pa.table(columns),
    "Arrow stream": lambda columns, _: pa.table(columns).to_reader(),
    "Arrow dataset": lambda columns, room: written(columns, room / "dataset.parquet", dataset=True),
    "pandas": lambda columns, _: pa.table(columns).to_pandas(),
    "pandas of Arrow": lambda columns, _: pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype),
    "Polars": lambda columns, _: pl.DataFrame(pa.table(columns)),
    "Polars, lazy": lambda columns, _: pl.DataFrame(pa.table(columns)).lazy(),
    "Parquet": lambda columns, room: written(columns, room / "cases.parquet"),
    "Parquet parts": lambda columns, room: in_parts(columns, room / "parts"),
    "file of an Arrow stream": lambda columns, room: streamed(columns, room / "cases.arrow"),
    "list of dicts": lambda columns, _: pa.table(columns).to_pylist(),
}
OF_UUIDS = [form for form in FORMS if not form.startswith("Polars")]
"""Polars itself has no type for UUIDs but that of any Python object."""


def written(columns: dict[str, pa.Array], path: Path, *, dataset: bool = False) -> Any:
    parquet.write_table(pa.table(columns), path)
    return __import__("pyarrow.dataset").dataset.dataset(path) if dataset else path


def in_parts(columns: dict[str, pa.Array], directory: Path) -> Path:
    directory.mkdir(exist_ok=True)
    for n, part in enumerate((pa.table(columns).slice(0, 2), pa.table(columns).slice(2))):
        parquet.write_table(part, directory / f"part-{n}.parquet")
    return directory


def streamed(columns: dict[str, pa.Array], path: Path) -> Path:
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    return path


def handed_over(form: str, room: Path, key: Any, types: Any = None) -> Any:
    columns = {"case_id": key, "case_type": pa.array(TYPES) if types is None else types}
    return FORMS[form](columns | {name: pa.array(days) for name, days in DAYS.items()}, room)


def figures(table: Any) -> tuple[int | None, int, dict[str, int], dict[str, int]]:
    result = kpi.evaluate(kpi.parse_plan(PLAN), {"cases": table})
    found = result["1"]
    return found.met, found.counted, dict(found.excluded), dict(result.facts["cases"].rejected)


def keys(table: Any) -> list[Any]:
    """The keys as they are compared, in order."""
    frame = kpi.check(kpi.parse_plan(PLAN), {"cases": table}).tables["cases"].frame
    return frame.lazy().collect()["case_id"].to_list()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "key",
    [
        pa.array([17.0, 18.0, 19.0]),
        pa.array([17.0, 18.0, 19.0], pa.float32()),
        pa.array([Decimal(17), Decimal(18), Decimal(19)], pa.decimal128(38, 0)),
        pa.array([Decimal(17), Decimal(18), Decimal(19)], pa.decimal128(10, 2)),
    ],
    ids=["floats", "floats of 32 bits", "decimals of scale 0", "decimals"],
)
def test_s13_whole_numbers_of_another_type_are_keys(form: str, key: Any, tmp_path: Path) -> None:
    assert keys(handed_over(form, tmp_path, key)) == [17, 18, 19]
    assert isinstance(keys(handed_over(form, tmp_path, key))[0], int)
    assert figures(handed_over(form, tmp_path, key)) == (1, 2, {}, {})


@pytest.mark.parametrize("form", FORMS)
def test_s13_no_number_is_no_key_and_a_repeated_one_is_repeated(form: str, tmp_path: Path) -> None:
    gaps = pa.array([17.0, NAN, 17.0])
    # Of the type 5 there are two rows: one repeats an id, one has none.
    assert figures(handed_over(form, tmp_path, gaps)) == (
        0, 0, {"repeated id": 1}, {"case_id missing": 1},
    )  # fmt: skip
    nulls = pa.array([Decimal(17), None, Decimal(17)], pa.decimal128(38, 0))
    assert figures(handed_over(form, tmp_path, nulls)) == (
        0, 0, {"repeated id": 1}, {"case_id missing": 1},
    )  # fmt: skip


FRACTION = "a key takes text, whole numbers or dates"
LARGE = "a key takes no number this large; take the keys as text"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("key", "message"),
    [
        (pa.array([17.0, 18.5, 19.0]), f"holds 18.5; {FRACTION}"),
        (pa.array([17.0, float("inf"), 19.0]), f"holds inf; {FRACTION}"),
        (pa.array([17.0, 2.0**53 + 2, 19.0]), f"holds 9007199254740994.0; {LARGE}"),
        (pa.array([17.0, 2.0**70, 19.0]), f"holds 1.1805916207174113e+21; {LARGE}"),
        (pa.array([Decimal("1.5"), None, None], pa.decimal128(9, 1)), f"holds 1.5; {FRACTION}"),
        (pa.array([Decimal(10**20), None, None], pa.decimal128(38, 0)), f"holds {10**20}; {LARGE}"),
    ],
    ids=["fraction", "infinity", "beyond 2^53", "beyond 2^64", "decimal", "large decimal"],
)
def test_s13_a_key_that_is_no_exact_whole_number_is_refused(
    form: str, key: Any, message: str, tmp_path: Path
) -> None:
    with pytest.raises(kpi.DataError) as raised:
        figures(handed_over(form, tmp_path, key))
    assert str(raised.value) == f"cases: column case_id {message}"


def test_s13_the_largest_exact_float_is_a_key(tmp_path: Path) -> None:
    assert keys(handed_over("Arrow", tmp_path, pa.array([2.0**53, -(2.0**53), -0.0]))) == [
        2**53,
        -(2**53),
        0,
    ]
    small = pa.array([2.0**24 + 2, 1, 2], pa.float32())
    with pytest.raises(kpi.DataError, match="takes no number this large"):
        keys(handed_over("Arrow", tmp_path, small))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "types",
    [
        pa.array([5.0, 5.0, None]),
        pa.array([Decimal(5), Decimal(5), None], pa.decimal128(38, 0)),
        pa.array([Decimal(5), Decimal(5), None], pa.decimal128(12, 4)),
    ],
    ids=["floats", "decimals of scale 0", "decimals"],
)
def test_whole_numbers_of_another_type_are_compared(form: str, types: Any, tmp_path: Path) -> None:
    table = handed_over(form, tmp_path, pa.array(["a", "b", "c"]), types)
    assert figures(table) == (1, 2, {}, {})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("number", "what"),
    [(Decimal("5.5000"), "fractions"), (Decimal(10**20), "numbers beyond 64 bits")],
)
def test_a_decimal_that_is_no_whole_number_is_named(
    form: str, number: Decimal, what: str, tmp_path: Path
) -> None:
    types = pa.array([Decimal(5), None, number], pa.decimal128(38, 4))
    with pytest.raises(kpi.DataError) as raised:
        figures(handed_over(form, tmp_path, pa.array(["a", "b", "c"]), types))
    said = str(raised.value)
    assert said.startswith("cases: column case_type holds ")
    assert said.endswith(f"; the plan compares it with whole numbers, and {what} cannot be")


def uuids(values: list[uuid.UUID | None]) -> Any:
    stored = pa.array([v and v.bytes for v in values], pa.binary(16))
    return pa.ExtensionArray.from_storage(pa.uuid(), stored)


@pytest.mark.parametrize("form", OF_UUIDS)
def test_s13_uuids_are_texts(form: str, tmp_path: Path) -> None:
    table = handed_over(form, tmp_path, uuids([UUIDS[0], UUIDS[1], None]))
    assert keys(table) == UUID_TEXTS
    repeated = handed_over(form, tmp_path, uuids(list(UUIDS)))
    assert figures(repeated) == (0, 1, {"repeated id": 1}, {})


@pytest.mark.parametrize("lazy", [False, True], ids=["eager", "lazy"])
def test_s13_uuids_of_python_in_a_polars_frame_are_texts(lazy: bool) -> None:
    frame = pl.DataFrame({"case_id": pl.Series(UUIDS[:2], dtype=pl.Object), "case_type": [5, 5], **{k: v[:2] for k, v in DAYS.items()}})  # fmt: skip
    assert keys(frame.lazy() if lazy else frame) == UUID_TEXTS


def test_s13_uuids_in_other_kinds_of_file_are_texts(tmp_path: Path) -> None:
    table = pa.table({"case_id": uuids(list(UUIDS)), "case_type": pa.array(TYPES), **DAYS})
    # As other programs write Parquet, without the schema of Arrow beside it.
    parquet.write_table(table, tmp_path / "cases.parquet", store_schema=False)
    path = str(tmp_path / "cases.arrow")
    with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    for name in ("cases.parquet", "cases.arrow"):
        assert figures(tmp_path / name) == (0, 1, {"repeated id": 1}, {})


BYTES = (
    "holds bytes (Binary), which may mean anything; convert it to text where the table comes from"
)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "Arrow stream"])
@pytest.mark.parametrize("kind", [pa.binary(), pa.binary(16), pa.large_binary()], ids=str)
def test_bytes_are_refused_by_name_where_they_are_read(
    form: str, kind: Any, tmp_path: Path
) -> None:
    raw = pa.array([value.bytes for value in UUIDS], kind)
    with pytest.raises(kpi.DataError) as raised:
        figures(handed_over(form, tmp_path, raw))
    assert str(raised.value) == f"cases: column case_id {BYTES}"
    with pytest.raises(kpi.DataError) as raised:
        figures(handed_over(form, tmp_path, pa.array(["a", "b", "c"]), raw))
    assert str(raised.value) == f"cases: column case_type {BYTES}"


def test_s13_case_ids_of_an_event_log_are_whole_numbers_too() -> None:
    log = pd.DataFrame(
        {
            "case_id": [17.0, 17.0, NAN],
            "event": ["filed", "decided", "filed"],
            "time": pd.to_datetime(["2022-01-01", "2022-02-01", "2022-01-01"]),
        }
    )
    found = kpi.cases_from_events(log, {"filed": "filed", "decided": "decided"})
    assert found.cases["case_id"].to_list() == [17]
    assert found.rejected["reason"].to_list() == ["case_id missing"]


def test_a_large_file_with_float_keys_is_read_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that stays on disk keeps its columns as they are, which no float key can."""
    monkeypatch.setattr("kpi.tables.check.LARGE", 1)
    path = handed_over("Parquet", tmp_path, pa.array([17.0, NAN, 17.0]))
    assert figures(path) == (0, 0, {"repeated id": 1}, {"case_id missing": 1})
    ids = handed_over("Parquet", tmp_path, uuids([UUIDS[0], UUIDS[1], None]))
    assert keys(ids) == UUID_TEXTS
    assert figures(ids) == (1, 2, {}, {"case_id missing": 1})

"""States as Parquet files: written whole or not at all, and read back."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kpi.engine.state import State
from kpi.engine.state_table import fields_of
from kpi.errors import DataError, reason
from kpi.report.atomic_files import write_files


def write_state(state: State, path: str | os.PathLike[str]) -> None:
    """Write a state to a Parquet file: the table of `State.to_arrow`, header included.

    Raises:
        PlanError: where no plan file can hold the plan, since a rule of it is of Python alone.
        OutputError: where the file cannot be written; an old file stays as it was.
    """
    table = state.to_arrow()
    write_files({Path(path): lambda file: pq.write_table(table, file, compression="zstd")})


def read_state(path: str | os.PathLike[str]) -> State:
    """Read the state in a file that `write_state` wrote.

    Raises:
        DataError: where the file cannot be read, is no state, or none that this version of `kpi` reads;
            see `State.from_arrow`.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            table = pq.read_table(opened)
    except FileNotFoundError:
        raise DataError(f"{file}: no such file") from None
    # Broken files raise every kind of error, that of a codec among them.
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(
            f"{file}: is no state of kpi, or is cut short: {reason(error)}; accepted: what kpi.write_state wrote"
        ) from None
    return State(**fields_of(table, str(file)))

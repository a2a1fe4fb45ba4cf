"""States as Parquet files: whole or not there, and files that are no states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import kpi
from tests.builders import average, plan, spans

FRAME = spans(("2017-01-01", "2017-01-02"), ("2017-02-01", "2017-02-05"))


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    state = kpi.partial(plan(average()), FRAME, batch="May")
    kpi.write_state(state, tmp_path / "state.parquet")
    again = kpi.read_state(str(tmp_path / "state.parquet"))
    assert again == state
    # 1 and 4 days.
    assert (kpi.finish(again)["t"].total, kpi.finish(again)["t"].counted) == (5, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["state.parquet"]


def test_equal_states_are_equal_files(tmp_path: Path) -> None:
    for name, frame in (("one", FRAME), ("two", FRAME[::-1])):
        kpi.write_state(kpi.partial(plan(average()), frame), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def broken(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[10:200] = bytes(190)
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.unlink, "no such file"),
        (cut, "is no state of kpi, or is cut short: "),
        (broken, "is no state of kpi, or is cut short: "),
        (lambda file: file.write_bytes(b""), "is no state of kpi, or is cut short: "),
        (lambda file: file.write_text("target,n\n"), "is no state of kpi, or is cut short: "),
        (FRAME.write_ipc, "is no state of kpi, or is cut short: "),
        (FRAME.write_parquet, "is no state of kpi: it has no header"),
        (lambda file: (file.unlink(), file.mkdir()), "is no state of kpi, or is cut short: Is a"),
    ],
)
def test_a_file_that_is_no_state_is_refused_in_a_line(
    make: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "state.parquet"
    kpi.write_state(kpi.partial(plan(average()), FRAME), file)
    make(file)
    with pytest.raises(kpi.DataError) as caught:
        kpi.read_state(file)
    assert str(caught.value).startswith(f"{file}: {said}")
    assert "\n" not in str(caught.value)


def test_a_state_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    state = kpi.partial(plan(average()), FRAME)
    with pytest.raises(kpi.KpiError, match=r"cannot be written: .*; make its directory first"):
        kpi.write_state(state, tmp_path / "nowhere" / "state.parquet")


def test_states_out_of_files_merge(tmp_path: Path) -> None:
    states = [kpi.partial(plan(average()), FRAME[n : n + 1]) for n in (0, 1)]
    for n, state in enumerate(states):
        kpi.write_state(state, tmp_path / f"{n}.parquet")
    read = [kpi.read_state(tmp_path / f"{n}.parquet") for n in (0, 1)]
    assert kpi.merge(read) == kpi.merge(states)

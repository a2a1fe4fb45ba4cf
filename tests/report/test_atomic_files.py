"""Files are written whole or not at all: kills, full disks, links, pipes."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pytest

from kpi.errors import OutputError
from kpi.report import atomic_files
from kpi.report.atomic_files import run_writer, write_files
from tests.report.processes import PLAN, kpi_process

OLD = b"the old content\n"


def put(path: Path, content: bytes = b"new\n") -> None:
    write_files({path: lambda file: file.write(content)})


def listing(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_new_file_has_the_permissions_that_the_user_gives_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(tmp_path / "new")
    finally:
        os.umask(before)
    assert (tmp_path / "new").read_bytes() == b"new\n"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert listing(tmp_path) == ["new"]


def test_an_old_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(OLD)
    path.chmod(0o604)
    put(path)
    assert path.read_bytes() == b"new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    assert listing(tmp_path) == ["out"]


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_what_it_names_is_replaced(tmp_path: Path, *, exists: bool) -> None:
    (tmp_path / "there").mkdir()
    real = tmp_path / "there" / "real"
    if exists:
        real.write_bytes(OLD)
    link = tmp_path / "link"
    link.symlink_to("there/real")
    put(link)
    assert link.is_symlink()
    assert real.read_bytes() == b"new\n"
    assert (listing(tmp_path), listing(real.parent)) == (["link", "there"], ["real"])


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    copy = "import sys, pathlib; sys.stdout.buffer.write(pathlib.Path(sys.argv[1]).read_bytes())"
    reader = subprocess.Popen([sys.executable, "-c", copy, pipe], stdout=subprocess.PIPE)
    put(pipe, b"through\n")
    assert reader.communicate()[0] == b"through\n"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    put(Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_standard_output_is_appended_to(small_extract: Path) -> None:
    (small_extract / "log").write_bytes(OLD)
    run = ["evaluate", "plan.toml", "cases.csv", "--format", "json", "--out", "/dev/stdout"]
    found = kpi_process(*run, through='"$@" >> log; "$@" | cat')
    written = (small_extract / "log").read_bytes()
    assert written.startswith(OLD)
    assert json.loads(written.removeprefix(OLD)) == json.loads(found.stdout)


def failing(file: BinaryIO) -> None:
    file.write(b"half")
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("unnamed", [True, False])
def test_all_files_are_new_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, unnamed: bool
) -> None:
    """Also on a file system that has no files without a name."""
    if not unnamed:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_bytes(OLD)
    with pytest.raises(OutputError) as caught:
        write_files({first: lambda file: file.write(b"new"), second: failing})
    assert str(caught.value) == (
        f"{second}: cannot be written: No space left on device; "
        "make room, or choose a place on another disk"
    )
    assert listing(tmp_path) == ["1"]
    assert first.read_bytes() == OLD
    write_files(dict.fromkeys((first, second), lambda file: file.write(b"new")))
    assert (first.read_bytes(), second.read_bytes()) == (b"new", b"new")
    assert listing(tmp_path) == ["1", "2"]


@pytest.mark.parametrize("unnamed", [True, False])
def test_an_interruption_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, unnamed: bool
) -> None:
    if not unnamed:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)

    def interrupted(file: BinaryIO) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    (tmp_path / "out").write_bytes(OLD)
    with pytest.raises(KeyboardInterrupt):
        write_files({tmp_path / "out": interrupted})
    assert listing(tmp_path) == ["out"]
    assert (tmp_path / "out").read_bytes() == OLD


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("missing/out", "No such file or directory; make its directory first"),
        ("file/out", "Not a directory; choose a place within a directory"),
        ("directory", "Is a directory; choose a file, not a directory"),
        ("/proc/out", "No such file or directory; make its directory first"),
    ],
)
def test_where_no_file_can_be(tmp_path: Path, path: str, why: str) -> None:
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "directory").mkdir()
    with pytest.raises(OutputError) as caught:
        put(tmp_path / path)
    assert str(caught.value) == f"{tmp_path / path}: cannot be written: {why}"
    assert listing(tmp_path) == ["directory", "file"]


def test_a_file_that_must_not_be_written_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_bytes(OLD)
    # The superuser may write everywhere, so the answer of the system is given here.
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    with pytest.raises(OutputError, match="Permission denied; choose a place that you may write"):
        put(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == OLD


KILLED = """\
import sys, time
from pathlib import Path
from kpi.report import atomic_files
from kpi.report.atomic_files import run_writer, write_files
def slow(file):
    file.write(b"x" * 1_000_000)
    file.flush()
    print("half", flush=True)
    time.sleep(60)
write_files({Path(name): slow for name in sys.argv[1:]})
"""


@pytest.mark.parametrize("exists", [True, False])
def test_a_kill_in_the_middle_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, *, exists: bool
) -> None:
    if exists:
        (tmp_path / "out").write_bytes(OLD)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path / "out"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n"
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert listing(tmp_path) == (["out"] if exists else [])
    assert not exists or (tmp_path / "out").read_bytes() == OLD


FULL = """\
import resource, sys
from click.testing import CliRunner
from kpi.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
for line in sys.stdin.read().splitlines():
    found = CliRunner().invoke(main, line.split())
    print(found.exit_code, found.output.strip())
"""


def test_a_full_disk_leaves_every_output_as_it_was(small_extract: Path) -> None:
    """`ulimit -f`: no file may grow beyond 64 bytes."""
    formats = ("table", "json", "csv", "markdown", "parquet")
    commands = {f"{form}.out": f"evaluate plan.toml cases.csv --format {form}" for form in formats}
    commands |= {f"r.{form}": f"readings plan.toml cases.csv --format {form}" for form in formats}
    asked = [f"{command} --out {name}" for name, command in commands.items()]
    for name in ("rejects.csv", "rejects.parquet"):
        commands[name] = ""
        asked.append(f"evaluate plan.toml cases.csv --rejects {name}")
    for name in commands:
        (small_extract / name).write_bytes(OLD)
    before = listing(small_extract)
    asked += ["sample plan.toml --rows 500 --out made/of/tables"]
    found = subprocess.run(
        [sys.executable, "-c", FULL], input="\n".join(asked), capture_output=True, text=True, check=True
    )  # fmt: skip
    why = "cannot be written: File too large; choose a place that takes a file of this size"
    names = [*commands, "made/of/tables/cases.parquet"]
    assert found.stdout.splitlines() == [f"4 kpi: {name}: {why}" for name in names]
    assert listing(small_extract) == before
    assert {name: (small_extract / name).read_bytes() for name in commands} == dict.fromkeys(
        commands, OLD
    )


def test_the_tables_of_a_sample_are_all_new_or_all_old(small_extract: Path) -> None:
    second = PLAN.replace("[tables.cases]", "[tables.more]").partition("[tables.more]")[2]
    (small_extract / "plan.toml").write_text(
        PLAN + "\n[tables.more]" + second.replace('id = "1"', 'id = "2"\ntable = "more"'), "utf-8"
    )
    (small_extract / "made" / "more.parquet").mkdir(parents=True)
    (small_extract / "made" / "cases.parquet").write_bytes(OLD)
    found = kpi_process("sample", "plan.toml", "--out", "made")
    assert (found.returncode, found.stdout) == (4, b"")
    assert b"made/more.parquet: cannot be written: Is a directory" in found.stderr
    assert (small_extract / "made" / "cases.parquet").read_bytes() == OLD
    assert listing(small_extract / "made") == ["cases.parquet", "more.parquet"]


def refusing(number: int, *flags: int) -> Any:
    """A system call that is refused; with flags, only where it is asked for with one of them."""

    def call(*args: Any, **more: Any) -> Any:
        if flags and not any(args[1] & flag == flag for flag in flags):
            return OPEN(*args, **more)
        raise OSError(number, os.strerror(number))

    return call


OPEN = os.open


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL])
def test_a_disk_without_files_without_a_name_has_them_with_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "open", refusing(number, os.O_TMPFILE))
    put(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"new\n"
    assert listing(tmp_path) == ["out"]


@pytest.mark.parametrize("posix", [True, False])
def test_a_directory_that_takes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, posix: bool
) -> None:
    monkeypatch.setattr(atomic_files, "_POSIX", posix)
    monkeypatch.setattr(os, "open", refusing(errno.EROFS, os.O_TMPFILE))
    with pytest.raises(OutputError, match="Read-only file system; choose a place that you may"):
        put(tmp_path / "out")
    assert listing(tmp_path) == []


def test_a_system_without_descriptors_of_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_files, "_POSIX", False)
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    (tmp_path / "out").write_bytes(OLD)
    put(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"new\n"
    with pytest.raises(OutputError, match="make room"):
        write_files({tmp_path / "out": failing})
    assert (tmp_path / "out").read_bytes() == b"new\n"
    assert listing(tmp_path) == ["out"]


def test_permissions_that_cannot_be_kept_leave_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_bytes(OLD)
    monkeypatch.setattr(os, "fchmod", refusing(errno.EPERM))
    with pytest.raises(OutputError, match="Operation not permitted; choose a place that you may"):
        put(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == OLD
    assert listing(tmp_path) == ["out"]


def of_user(found: os.stat_result, user: int) -> os.stat_result:
    return os.stat_result([*found[: stat.ST_UID], user, *found[stat.ST_GID : 10]])


@pytest.mark.parametrize("allowed", [True, False])
def test_the_owner_of_the_old_file_is_kept_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, allowed: bool
) -> None:
    path = tmp_path / "out"
    path.write_bytes(OLD)
    path.chmod(0o604)
    given: list[tuple[int, int]] = []

    def give(_file: int, user: int, group: int) -> None:
        given.append((user, group))
        if not allowed:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    now = os.fstat
    monkeypatch.setattr(os, "fchown", give)
    # Every open file seems to be the next user's.
    monkeypatch.setattr(os, "fstat", lambda file: of_user(now(file), os.getuid() + 1))
    put(path)
    assert given == [(os.getuid(), path.stat().st_gid)]
    assert path.read_bytes() == b"new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_file_that_standard_output_is_appended_to_is_written_on_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "log").open("wb") as log:
        log.write(OLD)
        log.flush()
        monkeypatch.setattr(sys, "__stdout__", log)
        put(tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == OLD + b"new\n"


def test_the_reason_of_the_system_is_told_where_the_engine_hides_it() -> None:
    def write(file: BinaryIO) -> None:
        try:
            file.write(b"PAR1")
        except OSError:
            raise pl.exceptions.ComputeError("failed to write") from None

    said = pytest.raises(OSError, match="No space left on device")
    with Path("/dev/full").open("wb", buffering=0) as full, said:
        run_writer(write, full)
    with pytest.raises(pl.exceptions.ComputeError, match="no such column"):
        run_writer(raising(pl.exceptions.ComputeError("no such column")), io.BytesIO())


def raising(error: Exception) -> Callable[[BinaryIO], None]:
    def write(_file: BinaryIO) -> None:
        raise error

    return write


def test_a_writer_may_wrap_the_file() -> None:
    def write(file: BinaryIO) -> None:
        text = io.TextIOWrapper(io.BufferedWriter(file), encoding="utf-16-le")
        text.write("æ")
        text.detach().detach()

    taken = io.BytesIO()
    run_writer(write, taken)
    assert taken.getvalue() == b"\xe6\x00"


def test_errors_are_the_system_s_alone_while_the_engine_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "polars")
    with pytest.raises(OSError, match="half"):
        run_writer(raising(OSError("half")), io.BytesIO())


def test_an_error_without_a_number_is_told_by_its_first_line(tmp_path: Path) -> None:
    for error, line in (
        (pl.exceptions.ComputeError("no column\nmore"), "no column"),
        (OSError(), "?"),
    ):
        with pytest.raises(OutputError) as caught:
            write_files({tmp_path / "out": raising(error)})
        assert str(caught.value) == (
            f"{tmp_path / 'out'}: cannot be written: {line}; choose another place"
        )

"""Files are written whole or not at all: kills, full disks, links, pipes."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from kpi.errors import OutputError
from kpi.report.atomic_files import write_files
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
from kpi.report.atomic_files import write_files
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

"""Outputs are written whole or not at all: kills, full disks, links, pipes, code pages."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pytest

from kpi.errors import OutputError
from kpi.report.atomic_files import write_files

PLAN = """\
id = "p"
period = "2017"
title = "Łódź"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
title = "Visas – Łódź"
rule = "within"
start = "filed"
end = "decided"
limit = "1 month"
threshold = 90
"""
CASES = """\
case_id,city,filed,decided
a1,Łódź,2017-01-01,2017-02-01
a2,Århus,2017-01-01,2017-02-02
a3,Łódź,?,2017-02-02
"""
OLD = b"the old content\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    (tmp_path / "cases.csv").write_text(CASES, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: Path, content: bytes = b"new\n") -> None:
    write_files({path: lambda file: file.write(content)})


def listing(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def cli(*args: str, shell: str = '"$@"', **env: str) -> subprocess.CompletedProcess[bytes]:
    """The command line as a process of its own, behind what a shell does to it."""
    command = ["sh", "-c", shell, "sh", sys.executable, "-m", "kpi", *args]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, check=False)


# Files


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
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    put(pipe, b"through\n")
    assert reader.communicate()[0] == b"through\n"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    put(Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_standard_output_is_appended_to(here: Path) -> None:
    (here / "log").write_bytes(OLD)
    run = ["evaluate", "plan.toml", "cases.csv", "--format", "json", "--out", "/dev/stdout"]
    found = cli(*run, shell='"$@" >> log; "$@" | cat')
    written = (here / "log").read_bytes()
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
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
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


def test_a_full_disk_leaves_every_output_as_it_was(here: Path) -> None:
    """`ulimit -f`: no file may grow beyond 64 bytes."""
    formats = ("table", "json", "csv", "markdown", "parquet")
    commands = {f"{form}.out": f"evaluate plan.toml cases.csv --format {form}" for form in formats}
    commands |= {f"r.{form}": f"readings plan.toml cases.csv --format {form}" for form in formats}
    asked = [f"{command} --out {name}" for name, command in commands.items()]
    for name in ("rejects.csv", "rejects.parquet"):
        commands[name] = ""
        asked.append(f"evaluate plan.toml cases.csv --rejects {name}")
    for name in commands:
        (here / name).write_bytes(OLD)
    before = listing(here)
    asked += ["sample plan.toml --rows 500 --out made/of/tables"]
    found = subprocess.run(
        [sys.executable, "-c", FULL], input="\n".join(asked), capture_output=True, text=True, check=True
    )  # fmt: skip
    why = "cannot be written: File too large; choose a place that takes a file of this size"
    names = [*commands, "made/of/tables/cases.parquet"]
    assert found.stdout.splitlines() == [f"4 kpi: {name}: {why}" for name in names]
    assert listing(here) == before
    assert {name: (here / name).read_bytes() for name in commands} == dict.fromkeys(commands, OLD)


def test_the_tables_of_a_sample_are_all_new_or_all_old(here: Path) -> None:
    second = PLAN.replace("[tables.cases]", "[tables.more]").partition("[tables.more]")[2]
    (here / "plan.toml").write_text(
        PLAN + "\n[tables.more]" + second.replace('id = "1"', 'id = "2"\ntable = "more"'), "utf-8"
    )
    (here / "made" / "more.parquet").mkdir(parents=True)
    (here / "made" / "cases.parquet").write_bytes(OLD)
    found = cli("sample", "plan.toml", "--out", "made")
    assert (found.returncode, found.stdout) == (4, b"")
    assert b"made/more.parquet: cannot be written: Is a directory" in found.stderr
    assert (here / "made" / "cases.parquet").read_bytes() == OLD
    assert listing(here / "made") == ["cases.parquet", "more.parquet"]


# Standard output


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("page", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])  # fmt: skip
def test_formats_for_machines_are_utf_8_whatever_the_terminal_is(page: dict[str, str]) -> None:
    run = ["evaluate", "plan.toml", "cases.csv", "--by", "city", "--format"]
    for form in ("json", "csv", "markdown"):
        found = cli(*run, form, **page)
        assert found.returncode == 0, found.stderr
        shown = found.stdout.decode("utf-8")
        assert "Łódź" in shown
        assert "Århus" in shown
    table = cli(*run, "table", **page)
    assert table.returncode == 0
    assert b"?\xf3d?" in table.stdout or b"??d?" in table.stdout


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("shell", "code", "stderr"),
    [
        ('"$@" > /dev/full', 4, b"kpi: standard output: cannot be written: No space left on device; make room, or choose a place on another disk\n"),
        ('"$@" >&-', 4, b"kpi: standard output: cannot be written: it is closed; open it, or give --out FILE\n"),
        ('("$@"; echo $? > code) | true; exit $(cat code)', 141, b""),
    ],
)  # fmt: skip
def test_a_standard_output_that_takes_nothing(shell: str, code: int, stderr: bytes) -> None:
    for args in (
        ["evaluate", "plan.toml", "cases.csv"],
        ["evaluate", "plan.toml", "cases.csv", "--format", "json", "--fail-on", "missed"],
        ["sample", "plan.toml", "--rows", "0", "--out", "made"],
    ):
        found = cli(*args, shell=shell)
        assert (found.returncode, found.stderr) == (code, stderr), args


@pytest.mark.usefixtures("here")
def test_a_standard_error_that_takes_nothing_changes_no_exit_code() -> None:
    for shell in ('"$@" 2> /dev/full', '"$@" 2>&-'):
        assert cli("evaluate", "none.toml", "cases.csv", shell=shell).returncode == 2


def test_parquet_is_what_was_asked_for(here: Path) -> None:
    run = ["evaluate", "plan.toml", "cases.csv", "--format"]
    assert cli(*run, "parquet", "--out", "a.parquet").returncode == 0
    assert cli(*run, "csv", "--out", "a.csv").returncode == 0
    frame = pl.read_parquet(here / "a.parquet")
    assert frame.columns == pl.read_csv(here / "a.csv").columns
    assert frame["title"].to_list() == ["Visas – Łódź"]

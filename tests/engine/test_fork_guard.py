"""Forked processes: an error at once where the engine would wait for threads that are not there."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

SETUP = """\
import datetime as dt, multiprocessing, os, sys, warnings
import kpi
warnings.simplefilter("ignore", DeprecationWarning)  # Python's own warning about forks

def plan():
    return kpi.Plan(
        id="p", period="2017", tables=[kpi.Table("cases", key="id", entry="filed", events="decided")],
        targets=[kpi.Within(id="1", start="filed", end="decided", limit="1 month", threshold=90)],
    )

def cases():
    import polars as pl
    day = dt.date(2017, 1, 1)
    return pl.DataFrame({"id": ["a"], "filed": [day], "decided": [day]})

def verdict(*_):
    return kpi.evaluate(plan(), cases())["1"].verdict

def in_child(work):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            print(work())
        except kpi.KpiError as error:
            print(f"{type(error).__name__}: {error}")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)

if __name__ == "__main__":
"""
REFUSED = (
    "ForkError: this process was forked after Polars had been used, and the threads of Polars do not "
    "outlive a fork; start it by 'spawn' or 'forkserver' (multiprocessing.get_context), or fork "
    "before kpi and Polars are used"
)


def lines(body: str, path: str) -> list[str]:
    """What a program prints; one that hangs is an error."""
    text = SETUP + textwrap.indent(textwrap.dedent(body), "    ")
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - a name, as the program has it
        file.write(text)
    found = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, timeout=60, check=True
    )
    return found.stdout.splitlines()


@pytest.fixture
def program(tmp_path: os.PathLike[str]) -> str:
    return os.path.join(tmp_path, "program.py")  # noqa: PTH118


def test_every_way_into_the_engine_is_closed_in_a_forked_child(program: str) -> None:
    body = """
        from kpi.sample import sample
        checked, state, result = kpi.check(plan(), cases()), kpi.partial(plan(), cases()), kpi.evaluate(plan(), cases())
        readings, modes = kpi.readings(plan(), cases()), kpi.month_ends(plan(), cases())
        frame, query = cases(), kpi.explain_query(plan(), cases())
        for work in (
            lambda: kpi.check(plan(), frame),
            lambda: kpi.evaluate(plan(), checked),
            lambda: kpi.partial(plan(), checked),
            lambda: kpi.merge(state, state),
            lambda: kpi.finish(state),
            lambda: kpi.readings(plan(), checked),
            lambda: kpi.month_ends(plan(), frame),
            lambda: kpi.explain_query(plan(), frame),
            lambda: kpi.cases_from_events(frame, {"filed": "x"}),
            lambda: kpi.read_xes("log.xes"),
            lambda: sample(plan(), 5, 1),
            lambda: result.audit(),
            lambda: result.frame,
            lambda: result.groups,
            lambda: result.each,
            lambda: readings.frame,
            lambda: modes.to_dict(),
            lambda: str(query),
        ):
            in_child(work)
    """
    assert lines(body, program) == [REFUSED] * 18


def test_what_needs_no_engine_works_in_a_forked_child(program: str) -> None:
    body = """
        result = kpi.evaluate(plan(), cases())
        in_child(lambda: result["1"].verdict)
        in_child(lambda: kpi.parse_plan(kpi.dump_plan(plan())) == plan())
        in_child(lambda: len(result.to_json()) > 100)
    """
    assert lines(body, program) == ["met", "True", "True"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the threads cannot be seen")
def test_polars_alone_counts_as_used(program: str) -> None:
    body = """
        import polars as pl
        pl.DataFrame({"a": range(100_000)}).lazy().group_by("a").len().collect()
        in_child(verdict)
    """
    assert lines(body, program) == [REFUSED]


def test_a_child_that_was_forked_before_the_engine_was_used_works(program: str) -> None:
    body = """
        import polars as pl
        in_child(verdict)
        print(verdict())
        in_child(lambda: in_child(verdict))
    """
    assert lines(body, program) == ["met", "met", REFUSED, "None"]


def test_spawn_and_forkserver_work_after_use(program: str) -> None:
    body = """
        print(verdict())
        for way in ("spawn", "forkserver"):
            with multiprocessing.get_context(way).Pool(1) as pool:
                print(pool.map(verdict, [1]))
    """
    assert lines(body, program) == ["met", "['met']", "['met']"]


def test_a_pool_of_forked_processes_raises_instead_of_hanging(program: str) -> None:
    body = """
        print(verdict())
        with multiprocessing.get_context("fork").Pool(1) as pool:
            try:
                pool.map(verdict, [1])
            except kpi.KpiError as error:
                print(f"{type(error).__name__}: {error}")
    """
    assert lines(body, program) == ["met", REFUSED]

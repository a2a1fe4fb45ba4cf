"""Plans that would hang, overflow or exhaust whatever reads them: one line, at once."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import kpi
from kpi.cli import main
from kpi.definitions.bounds import number
from kpi.definitions.derived_dates import parse_derived
from kpi.definitions.fields import percentage
from kpi.errors import PlanError
from tests.laws.generated import SETTINGS

PLAN = """\
id = "p"
period = "2022"
tables.cases = { key = "case_id", entry = "filed", events = ["decided"] }
[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "2 months"
threshold = 60
"""
COUNT = """\
id = "p"
period = "2022"
tables.cases = { key = "case_id", entry = "filed", events = ["decided"] }
[[targets]]
id = "1"
rule = "count"
on = "filed"
requires = { at_least = 60 }
"""


def refused(text: str, room: Path) -> str:
    """The one line that a plan file is refused with, within two seconds."""
    path = room / "plan.toml"
    path.write_text(text)
    # Of this process alone, so that a busy machine is no fault of the plan's.
    begun = time.process_time()
    found = CliRunner().invoke(main, ["check", str(path)], catch_exceptions=False)
    assert time.process_time() - begun < 2
    assert found.exit_code == 2
    (line,) = found.stderr.splitlines()
    return line.removeprefix(f"kpi: {path}").lstrip(":0123456789 ")


LONG = "of at most 30 digits before the point and 30 behind it"
EXTREMES = ["1e-9999999", "1e999999999", "-1e999999999", "0e999999999", "1e-31", "1e30", "0." + "0" * 99_999 + "1"]  # fmt: skip


@pytest.mark.parametrize("written", EXTREMES)
def test_s19_exponents_are_bounded_when_the_plan_is_read(written: str, tmp_path: Path) -> None:
    for quote in ("", '"'):
        value = f"{quote}{written}{quote}"
        for text, place in (
            (PLAN.replace("60", value), "target 1, threshold"),
            (PLAN + f"weight = {value}\n", "target 1, weight"),
            (COUNT.replace("60", value), "target 1, requires.at_least"),
            (PLAN.replace('"2 months"\nthreshold', '"9 days"\nfastest').replace("within", "average").replace("60", value), "target 1, fastest"),
            (PLAN.replace('["decided"]', f'["decided"], derived.half = {{ start = "filed", end = "decided", share = {value} }}'), "table cases, derived.half.share"),
        ):  # fmt: skip
            line = refused(text, tmp_path)
            assert line.startswith(f"{place}: found "), text
            assert line.endswith(LONG)
            assert len(line) < 300


@given(
    digits=st.integers(0, 10**25), exponent=st.integers(-60, 60), negative=st.booleans()
)  # fmt: skip
@SETTINGS
def test_s19_a_number_is_the_decimal_that_was_written_or_too_long(
    digits: int, exponent: int, *, negative: bool
) -> None:
    written = f"{'-' * negative}{digits}e{exponent}"
    # Behind the point stand as many digits as the exponent says; before it the others, and zeros.
    before = len(str(digits)) + exponent
    if exponent < -30 or max(before, exponent + 1) > 30:
        with pytest.raises(PlanError, match="of at most 30 digits"):
            number(written)
    else:
        assert number(written) == Decimal(written)
        assert number(Decimal(written)) == Decimal(written)


@pytest.mark.parametrize("value", [90, 97.5, "97.5", Decimal("0.001"), 1e-30])
def test_s19_ordinary_percentages_are_taken(value: object) -> None:
    assert percentage(value) == Decimal(str(value))


@pytest.mark.parametrize("share", ["1/0", "1/" + "9" * 400, "0/1", "3/2", "1e-9999999/2", None, []])
def test_shares_that_are_none(share: object) -> None:
    with pytest.raises(PlanError, match=r"^share: found "):
        parse_derived({"start": "a", "end": "b", "share": share})


def test_a_file_of_limits_whose_name_holds_a_zero_byte(tmp_path: Path) -> None:
    text = PLAN.replace('"2 months"', '{ file = "a\\u0000b", by = "case_type" }')
    assert refused(text, tmp_path) == (
        r"target 1, limit.file: found 'a\x00b'; accepted: the name of a file beside the plan"
    )
    with pytest.raises(PlanError, match="no such file"):
        kpi.load_plan("a\0b.toml")
    with pytest.raises(kpi.DataError, match="no such file"):
        kpi.evaluate(kpi.parse_plan(PLAN), "a\0b.csv")


DEEP = "tables within tables, more than 50 deep"


@pytest.mark.parametrize(
    "below",
    [
        ".".join(["a"] * 20_000) + " = 1",
        "[" + ".".join(["a"] * 20_000) + "]",
        "[[" + " . ".join(['"a b"'] * 20_000) + "]]",
        "x = { " + ".".join(["a"] * 60) + " = 1 }",
        "x = " + "[" * 60 + "]" * 60,
        "x = " + "[" * 20_000 + "]" * 20_000,
        "x = " + "{a=" * 5_000 + "1" + "}" * 5_000,
        "x = 2022-02-30\ny = " + "[" * 60 + "]" * 60,
        "\n".join(f"[{'a.' * n}a]" for n in range(60)),
    ],
    ids=range(9),
)
def test_keys_without_end(below: str, tmp_path: Path) -> None:
    assert refused(PLAN + below + "\n", tmp_path) == f"not valid here: {DEEP}"


def test_inline_keys_without_end(tmp_path: Path) -> None:
    text = PLAN + "x = { " + ".".join(["a"] * 20_000) + " = 1 }\n"
    assert refused(text, tmp_path) == f"not valid here: {DEEP}"


@pytest.mark.parametrize("number", ["1" * 5_000, "1e" + "9" * 30])
def test_numbers_without_end(number: str, tmp_path: Path) -> None:
    line = refused(PLAN.replace("60", number), tmp_path)
    assert line == "not valid here: a number that is too long"


def test_memory_that_runs_out_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "cases.csv").write_text("case_id,filed,decided\n1,2022-01-01,\n")
    arguments = ["evaluate", str(tmp_path / "plan.toml"), str(tmp_path / "cases.csv")]
    with mock.patch("kpi.tables.check.checked_frame", side_effect=MemoryError):
        found = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert found.exit_code == 3
    assert found.stderr.startswith("kpi: the memory does not suffice; ")
    assert len(found.stderr.splitlines()) == 1

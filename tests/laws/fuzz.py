"""Broken plan files and broken CSV extracts, for as long as asked: `python -m tests.laws.fuzz --minutes 10`.

Every input is a good one with a few changes: pieces left out, doubled, exchanged, or replaced by what
tends to hurt. Whatever comes of it, nothing may be raised but the library's own errors.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import kpi

ROOT = Path(__file__).parents[2]
PLANS = [
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "examples").glob("*/*.toml"))
    if not path.name.endswith(".expected.toml")
]
PLAN = kpi.parse_plan("""
id = "p"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided", "served"]
dates = "due"
derived = { ready = { latest = ["filed", "due"] }, later = { date = "filed", plus_days = "days" } }
[tables.waiting]
key = "case_id"
entry = "from"
events = "to"
pauses = "cases"
[[targets]]
id = "1"
rule = "within"
start = "ready"
end = "decided"
limit = { by = "kind", limits = { visa = "1 month", work = "10 working days" } }
threshold = 90
pauses = "waiting"
where = { open = true, days = { at_least = 1 } }
[[targets]]
id = "2"
rule = "within"
start = "filed"
end = "served"
limit = "12 minutes"
threshold = 80
[[targets]]
id = "3"
rule = "average"
start = "later"
end = "decided"
limit = "90 days"
""")
CASES = """case_id,kind,open,days,filed,decided,served,due
A1,visa,true,3,2022-01-10T09:00:00,2022-03-10,2022-01-10T09:12:00Z,2022-02-01
A2,work,false,40,2022-01-31 10:30,2022-03-01T08:00:00+01:00,,
"A3, again",visa,TRUE,-7,2022-03-27T02:30:00,,2022-03-27 03:05:00,1900-01-01
A1,other,,1.0,2022-10-30T02:30:00,9999-12-31,,2022-12-31
"""
# Most changes should fall on rows and not on the header.
CASES += "".join(
    f"{row.replace('A', f'B{n}', 1)}\n" for n in range(6) for row in CASES.splitlines()[1:]
)
WAITING = """case_id;from;to
A1;2022-01-15;2022-01-20
A2;2022-02-01;
A9;2022-02-01;2022-01-01
"""
SPICE = [
    "", " ", "\n", "\r\n", ",", ";", "\t", '"', "'", "''''", '"""', "[", "]", "[[", "{", "}", "=", "#",
    "\\", "\\u0000", "\x00", "\ufeff", "é", "Ærø", "\udcff", "0", "-1", "1e999", "nan", "inf", "9" * 40, "0x10",
    "true", "null", "None", "2022-02-30", "0000-00-00", "10000-01-01", "2022-01-01T25:00:00", "1979-05-27T07:32:00Z",
    "12:00", "999999999 years", "7 moths", "1 working day", "before", "{ since = 2022-01-01 }", "__class__", "../..",
    "cases", "kpi:row", "id", "rule", "targets", "tables", "parts", "readings", "derived", "pauses", "calendar",
]  # fmt: skip
_PIECES = st.one_of(st.sampled_from(SPICE), st.text(max_size=4), st.characters())


@st.composite
def broken(draw: st.DrawFn, text: str) -> str:
    """A text with a few changes, of characters, words or lines."""
    for _ in range(draw(st.integers(1, 3))):
        unit = draw(st.sampled_from(("character", "word", "line")))
        parts = list(text) if unit == "character" else text.split(" " if unit == "word" else "\n")
        joint = "" if unit == "character" else " " if unit == "word" else "\n"
        at = draw(st.integers(0, max(len(parts) - 1, 0)))
        other = draw(st.integers(0, max(len(parts) - 1, 0)))
        match draw(st.sampled_from(("drop", "double", "replace", "insert", "move", "cut"))):
            case "drop":
                del parts[at : at + draw(st.integers(1, 3))]
            case "double":
                parts[at:at] = parts[at : at + draw(st.integers(1, 3))]
            case "replace":
                parts[at : at + 1] = [draw(_PIECES)]
            case "insert":
                parts.insert(at, draw(_PIECES))
            case "move":
                parts.insert(other, parts.pop(at) if parts else "")
            case _:
                parts = parts[: max(at, 1)]
        text = joint.join(parts)
    return text


@st.composite
def broken_bytes(draw: st.DrawFn, text: str) -> bytes:
    """The same as bytes, in one encoding or another, and now and then broken there too."""
    coded = draw(broken(text)).encode(
        draw(st.sampled_from(("utf-8", "utf-8", "cp1252", "utf-16", "utf-8-sig"))), "replace"
    )
    if draw(st.integers(0, 3)):
        return coded
    at = draw(st.integers(0, len(coded)))
    return coded[:at] + draw(st.binary(max_size=4)) + coded[at + draw(st.integers(0, 4)) :]


def read_plan(text: str, counts: Counter[str]) -> None:
    """A broken plan is read, or refused with the library's own error."""
    try:
        kpi.parse_plan(text, beside=ROOT / "examples" / "plans")
        counts["plans read"] += 1
    except kpi.PlanError as error:
        counts["plans refused" if str(error).strip() else "without a word"] += 1


def read_extract(cases: bytes, waiting: bytes, directory: Path, counts: Counter[str]) -> None:
    """A broken extract is evaluated with every row accounted for, or refused."""
    (directory / "cases.csv").write_bytes(cases)
    (directory / "waiting.csv").write_bytes(waiting)
    try:
        result = kpi.evaluate(PLAN, directory)
        for target in result:
            excluded = sum(target.excluded.values())
            assert target.rows == target.outside + target.counted + target.undetermined + excluded
        result.audit().collect()
        counts["extracts read"] += 1
    except kpi.KpiError as error:
        counts["extracts refused" if str(error).strip() else "without a word"] += 1


def fuzz(minutes: float, first_seed: int) -> Counter[str]:
    """Breaks plans and extracts by turns until the time is up.

    Raises:
        Exception: whatever is not the library's own, with the input that led to it.
    """
    counts: Counter[str] = Counter()
    until = time.monotonic() + 60 * minutes
    few = settings(
        max_examples=50,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)

        def plans(text: str) -> None:
            read_plan(text, counts)

        def extracts(cases: bytes, waiting: bytes) -> None:
            read_extract(cases, waiting, directory, counts)

        turn = first_seed
        while time.monotonic() < until:
            few(seed(turn)(given(st.sampled_from(PLANS).flatmap(broken))(plans)))()
            few(seed(turn)(given(broken_bytes(CASES), broken_bytes(WAITING))(extracts)))()
            turn += 1
    return counts


def main() -> None:
    """Fuzzes for as long as asked, and says how much was tried."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    for what, n in sorted(fuzz(asked.minutes, asked.seed).items()):
        print(f"{n:>9,} {what}")  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()

"""The oracle itself: a function for each kind of target, and no arithmetic of the engine."""

from __future__ import annotations

import calendar
import importlib.metadata
import re
from pathlib import Path

import pytest

from kpi.definitions.windows import Window
from kpi.errors import PlanError
from kpi.testing import oracle

SOURCES = sorted(Path(oracle.__file__).parent.rglob("*.py"))


def test_the_oracle_has_a_function_for_each_rule() -> None:
    assert set(oracle.RULES) == {
        "average",
        "clearance",
        "count",
        "every_working_day",
        "flow",
        "milestone",
        "percentile",
        "reported",
        "share",
        "stock",
        "within",
    }


def test_an_oracle_of_another_package_comes_in_by_its_entry_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = [importlib.metadata.EntryPoint("mine", "kpi.testing.oracle:within", "kpi.oracles")]

    def entry_points(*, group: str, name: str) -> list[importlib.metadata.EntryPoint]:
        return [point for point in points if (point.group, point.name) == (group, name)]

    monkeypatch.setattr(oracle, "entry_points", entry_points)
    monkeypatch.setattr(oracle, "RULES", type(oracle.RULES)(oracle.RULES))
    assert oracle.RULES["mine"] is oracle.within
    assert "mine" in oracle.RULES
    with pytest.raises(KeyError):
        oracle.RULES["other"]
    points += [
        importlib.metadata.EntryPoint("other", f"kpi.testing.oracle:{name}", "kpi.oracles")
        for name in ("within", "average")
    ]
    with pytest.raises(PlanError, match="other"):
        oracle.RULES["other"]


@pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])
def test_the_oracle_shares_words_with_the_engine_and_no_arithmetic(path: Path) -> None:
    source = path.read_text("utf-8")
    definitions = (
        "bounds",
        "date_bounds",
        "derived_dates",
        "limits",
        "parts",
        "plan",
        "population",
        "table",
        "thresholds",
        "time_units",
        "windows",
    )
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    of_kpi = {line.split()[1] for line in imports if "kpi" in line}
    of_kpi = {name for name in of_kpi if not name.startswith("kpi.testing.oracle")}
    assert of_kpi <= {"kpi.errors", *(f"kpi.definitions.{name}" for name in definitions)}
    libraries = {line.split()[1].partition(".")[0] for line in imports}
    assert libraries.isdisjoint(("polars", "pyarrow", "holidays"))
    computed = re.findall(
        r"\.(first|stop|last|total_days|total_months|total_minutes|is_clock|date_columns|due_table"
        r"|periods_in_force|hold|day|leaves|declared_segments|fact_id)\b(?!\()",
        source,
    )
    # `day` of a date is the calendar's, and of `Due` the oracle's own; `OpenAt.day` and `EndOf.day`
    # would be the engine's.
    assert set(computed) <= {"day"}
    assert not re.findall(r"(open_at|moment|\.at|against)\.day\b", source)


def test_a_month_has_as_many_days_as_the_calendar_says() -> None:
    for year in (1900, 2000, 2016, 2017):
        for month in range(1, 13):
            last = oracle.last_day(Window(f"{year}-{month:02}"))
            assert last is not None
            assert last.day == calendar.monthrange(year, month)[1]

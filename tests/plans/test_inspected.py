"""Real cases, looked at and evaluated by what is proposed, come out as from the data themselves.

The real logs are not part of the project. Where they are absent these tests fail, and say where to
put them.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl

import kpi
from tests.real_data import data

ROOT = Path(__file__).parents[2]

FINES = kpi.parse_plan(
    """
id = "fines"
period = "2010"
time_zone = "Europe/Rome"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["notified", "penalty_added", "decided"]

[[targets]]
id = "1"
rule = "within"
where = { case_type = "C" }
start = "filed"
end = "notified"
limit = "4 months"
threshold = 90

[[targets]]
id = "2"
rule = "within"
start = "notified"
end = "penalty_added"
limit = "60 days"
threshold = "all"
"""
)
PREAMBLE = "Estratto dal sistema\nCittà: —; 01-02-2014\n\n"


def outcome(plan: kpi.Plan, extract: Any) -> list[tuple[Any, ...]]:
    result = kpi.evaluate(plan, extract)
    return [(t.id, t.counted, t.met, t.excluded, t.verdict) for t in result.leaves()]


def proposed(source: Path, plan: kpi.Plan, directory: Path) -> Path:
    file = directory / "extract.toml"
    file.write_text(kpi.inspect(source, plan).toml(directory), encoding="utf-8")
    return file


def permits() -> kpi.Plan:
    return kpi.load_plan(ROOT / "examples" / "permit-receipts" / "plan.toml")


def test_the_permits_evaluate_by_their_proposal_as_they_are(tmp_path: Path) -> None:
    file = data("receipt.parquet")
    found = outcome(permits(), proposed(file, permits(), tmp_path))
    assert found == outcome(permits(), file)
    # The figures of examples/permit-receipts, worked out without kpi.
    assert [(ident, counted, met) for ident, counted, met, _, _ in found][:4] == [
        ("1", 1164, 736),
        ("2", 1051, 727),
        ("3", 1164, 886),
        ("4", 567, 458),
    ]


def test_the_fines_evaluate_by_their_proposal_as_they_are(tmp_path: Path) -> None:
    file = data("road_fines.parquet")
    found = outcome(FINES, proposed(file, FINES, tmp_path))
    assert found == outcome(FINES, file)
    assert [counted for _, counted, _, _, _ in found] != [0, 0]


def local(name: str, zone: str) -> pl.DataFrame:
    """A log with local days for instants."""
    frame = pl.read_parquet(data(name))
    times = [n for n, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    return frame.with_columns(pl.col(times).dt.convert_time_zone(zone).dt.date())


def as_text(frame: pl.DataFrame, iso: list[str]) -> str:
    """A table as an old system writes it: days first but for some columns, and a word for null."""
    days = [n for n, kind in frame.schema.items() if kind == pl.Date and n not in iso]
    texts = frame.with_columns(pl.col(days).dt.strftime("%d-%m-%Y")).cast(pl.String)
    return texts.fill_null("NULL").write_csv(separator=";")


def test_the_permits_of_an_old_system_evaluate_by_their_proposal(tmp_path: Path) -> None:
    cases = local("receipt.parquet", "Europe/Amsterdam")
    names = {"case_id": "Sagsnr", "filed": "Oprettet", "documented": "Oplyst", "decided": "Afgørelsesdato", "due": "Frist", "case_type": "Sagstype", "channel": "Kanal"}  # fmt: skip
    text = as_text(cases, ["documented", "due"])
    header, rows = text.split("\n", 1)
    header = ";".join(names[name] for name in header.split(";"))
    path = tmp_path / "sager.csv"
    path.write_bytes(f"{PREAMBLE}{header}\n{rows}".encode("windows-1252"))
    file = proposed(path, permits(), tmp_path)
    assert outcome(permits(), file) == outcome(permits(), cases)
    table = tomllib.loads(file.read_text("utf-8"))["tables"]["cases"]
    assert (table["encoding"], table["skip_lines"], table["nulls"]) == ("windows-1252", 3, ["NULL"])
    assert table["date_format"] == {"filed": "%d-%m-%Y", "decided": "%d-%m-%Y"}
    assert table["columns"] == names


def test_the_fines_of_an_old_system_evaluate_by_their_proposal(tmp_path: Path) -> None:
    # Each fifth fine, which are thirty thousand of all years and kinds.
    cases = local("road_fines.parquet", "Europe/Rome").gather_every(5)
    path = tmp_path / "multe.csv"
    path.write_bytes((PREAMBLE + as_text(cases, ["notified"])).encode("windows-1252"))
    file = proposed(path, FINES, tmp_path)
    assert outcome(FINES, file) == outcome(FINES, cases)


def test_a_mix_of_formats_among_the_permits_is_said_and_not_guessed(tmp_path: Path) -> None:
    cases = local("receipt.parquet", "Europe/Amsterdam")
    even = pl.int_range(pl.len()) % 2 == 0
    due = pl.when(even).then(pl.col("due").dt.strftime("%d/%m/%Y")).otherwise(pl.col("due").cast(pl.String))  # fmt: skip
    path = tmp_path / "cases.csv"
    path.write_bytes((PREAMBLE + as_text(cases.with_columns(due), [])).encode("windows-1252"))
    text = proposed(path, permits(), tmp_path).read_text("utf-8")
    assert "# due: a mix: of 1,434 values 717 are" in text
    assert "due" not in tomllib.loads(text)["tables"]["cases"]["date_format"]
    rejected = kpi.check(permits(), tmp_path / "extract.toml").tables["cases"].facts.rejected
    assert rejected == {"due is not a date as %Y-%m-%d": 717}

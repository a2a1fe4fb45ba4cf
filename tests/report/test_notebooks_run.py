"""The notebooks of examples/notebooks, run in Jupyter and in marimo: what their cells show, and how much of it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from importlib import util
from pathlib import Path
from unittest import mock

import nbformat
import pytest
from marimo import as_html
from nbclient import NotebookClient

import kpi
from kpi.sample import sample
from tests.docs.places import ROOT
from tests.report.page.read_back import Page

NOTEBOOKS = ROOT / "examples" / "notebooks"
PLAN = ROOT / "examples" / "plans" / "uk-visas.toml"
SHOWN = ("plan", "extract", "result", "target", "chart", "readings", "frame")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the notebooks, with the extract that their README makes."""
    here = tmp_path_factory.mktemp("examples")
    (here / "plans").mkdir()
    (here / "plans" / PLAN.name).write_bytes(PLAN.read_bytes())
    (here / "notebooks" / "extract").mkdir(parents=True)
    for name, table in sample(kpi.load_plan(PLAN), 2000, seed=7).items():
        table.write_parquet(here / "notebooks" / "extract" / f"{name}.parquet")
    return here / "notebooks"


@pytest.fixture(scope="module")
def jupyter(place: Path) -> dict[str, Mapping[str, str]]:
    """What each cell shows in Jupyter, by kind of output, by the cell's id."""
    notebook = nbformat.read(NOTEBOOKS / "visas.ipynb", 4)  # type: ignore[no-untyped-call]
    own = {name: str(place / name) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR")}
    with mock.patch.dict(os.environ, own | {"PYTHONPATH": str(ROOT / "src")}):
        where = {"metadata": {"path": place}}
        NotebookClient(notebook, kernel_name="python3", resources=where).execute()
    shown = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            (output,) = cell.outputs
            assert output.output_type == "execute_result", output
            shown[cell.id] = output.data
    return shown


@pytest.fixture(scope="module")
def marimo(place: Path) -> dict[str, Mapping[str, str]]:
    """What each cell shows in marimo, in the order of the cells, the first of which is its text."""
    spec = util.spec_from_file_location("visas", NOTEBOOKS / "visas.py")
    assert spec is not None
    assert spec.loader is not None
    notebook = util.module_from_spec(spec)
    with contextlib.chdir(place):
        spec.loader.exec_module(notebook)
        _, *outputs = notebook.app.run()[0]
    return {
        name: {"text/html": as_html(output).text, "text/plain": repr(output)}
        for name, output in zip(SHOWN, outputs, strict=True)
    }


@pytest.fixture(scope="module", params=["jupyter", "marimo"])
def shown(request: pytest.FixtureRequest) -> dict[str, Mapping[str, str]]:
    """What the cells of a notebook show."""
    cells: dict[str, Mapping[str, str]] = request.getfixturevalue(request.param)
    return cells


def _share(target: kpi.TargetResult) -> str:
    assert target.value is not None
    return f"{100 * target.value:.1f} %"


def test_a_result_is_a_table_with_its_own_values_and_verdicts(
    place: Path, shown: dict[str, Mapping[str, str]]
) -> None:
    result = kpi.evaluate(kpi.load_plan(PLAN), place / "extract", "2023-12-31")
    targets = {target.id: target for target in result.leaves()}
    (table,) = Page.of(shown["result"]["text/html"]).tables
    read = {row[0]: (row[2], row[6]) for row in table.rows}
    assert table.heads[2::4] == ["Value", "Verdict"]
    for name, target in targets.items():
        assert read[name] == (_share(target), target.verdict), name
    # A tier is met where all its parts are.
    assert read["1"][1] == (
        "met" if all(p.verdict == "met" for p in result["1"].parts) else "missed"
    )
    (own,) = Page.of(shown["target"]["text/html"]).tables
    assert (own.rows[0][1], own.rows[0][5]) == read["1a"]
    (of_frame,) = Page.of(shown["frame"]["text/html"]).tables
    assert [row for row in table.rows if row[0].startswith("1")] == of_frame.rows


def test_plan_extract_and_readings_are_tables(shown: dict[str, Mapping[str, str]]) -> None:
    plan, extract, readings = (
        Page.of(shown[name]["text/html"]).tables for name in ("plan", "extract", "readings")
    )
    assert [row[0] for row in plan[0].rows] == ["1a", "1b", "1c", "2a", "2b", "3"]
    assert extract[0].rows[0][:2] == ["cases", "2,000"]
    # Three parts of the first requirement have a reading of weeks of seven days.
    assert [row[1] for row in readings[0].rows].count("weeks of seven days") == 3


def test_a_chart_is_a_picture(shown: dict[str, Mapping[str, str]]) -> None:
    page = Page.of(shown["chart"]["text/html"])
    assert {"svg", "polyline", "title"} <= page.elements
    assert page.loads == []
    if "image/svg+xml" in shown["chart"]:
        assert shown["chart"]["image/svg+xml"] in shown["chart"]["text/html"]


def test_no_cell_prints_more_than_a_line_or_a_small_table(
    shown: dict[str, Mapping[str, str]],
) -> None:
    assert tuple(shown) == SHOWN
    for name, output in shown.items():
        assert len(output["text/plain"]) < 100, name
        assert len(output["text/html"]) < 8000, name


def test_they_are_committed_without_outputs_and_with_the_same_cells() -> None:
    cells = json.loads((NOTEBOOKS / "visas.ipynb").read_text())["cells"]
    assert [cell.get("outputs", []) for cell in cells] == [[]] * len(cells)
    assert {cell.get("execution_count") for cell in cells} == {None}
    marimo = (NOTEBOOKS / "visas.py").read_text()
    for cell in cells[1:]:
        for line in cell["source"]:
            assert line.strip() in marimo

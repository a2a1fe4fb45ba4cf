"""The reports in examples/reports are those that are made now, so that a change of one is a difference to read."""

from __future__ import annotations

import pytest

from tests.report.page.samples import PAGES, PLANS, REPORTS, samples


@pytest.mark.parametrize("plan", PLANS)
def test_the_committed_reports_are_current(plan: str) -> None:
    told = "python -m tests.report.page.samples writes it anew; read the difference"
    for file, text in samples([plan]):
        assert file.read_text() == text, f"{file.name}: {told}"


def test_each_plan_has_a_report_and_no_other_file_is_there() -> None:
    expected = {f"{plan}.md" for plan in PLANS} | {f"{plan}.html" for plan in PAGES}
    assert len(PLANS) == 16
    assert {path.name for path in REPORTS.iterdir()} == expected | {"README.md"}

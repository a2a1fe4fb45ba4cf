"""The reports in examples/reports are those that are made now, so that a change of one is a difference to read."""

from __future__ import annotations

from tests.report.page.samples import REPORTS, samples


def test_the_committed_reports_are_current() -> None:
    made = dict(samples())
    told = "python -m tests.report.page.samples writes it anew; read the difference"
    for file, text in made.items():
        assert file.read_text() == text, f"{file.name}: {told}"
    others = {path for path in REPORTS.iterdir() if path.name != "README.md"}
    assert others == {*made}

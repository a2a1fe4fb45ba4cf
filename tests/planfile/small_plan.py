"""A small plan file."""

from __future__ import annotations

PLAN = """\
id = "p"
period = "2017"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
rule = "within"
where = { case_type = "visa" }
start = "filed"
end = "decided"
limit = "7 months"
threshold = 90
"""

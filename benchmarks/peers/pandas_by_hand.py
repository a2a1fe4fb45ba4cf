"""us-2017 in pandas: the decided cases of each type first, then masks over those few."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl

from benchmarks.answers import Answers, Question

FAMILY = ["family_simple", "family_spouse_complex", "family_child_complex"]
EXTENSION = ["residence_extension", "asylum_extension"]


def ready(cases: pl.DataFrame) -> Question:
    frame = cases.drop("case_id").to_pandas()
    return lambda: answers(frame)


def answers(cases: Any) -> Answers:
    closed = cases[cases.decided.between("2017-01-01", "2017-12-31")]
    # Types without a closed case are there too, empty.
    of_type = dict(list(closed.groupby("case_type", observed=False)))

    def share(group: Any, start: str, months: int, mask: Any) -> tuple[int, int]:
        # The second test leaves out a missing start as well as an end before it.
        group = group[mask & (group.decided >= group[start])]
        met = group.decided <= group[start] + pd.DateOffset(months=months)
        return len(group), int(met.sum())

    def announced(group: Any) -> Any:
        return group.announced_on <= "2017-02-28"

    def service(group: Any, months: int) -> tuple[int, int]:
        mask = announced(group) & (group.announced_months == months)
        return share(group, "documented", months, mask)

    asylum = of_type["asylum"]
    asylum = asylum[(asylum.filed > "2016-01-01") & (asylum.decided >= asylum.filed)]
    backlog = cases.decided[
        (cases.case_type == "asylum")
        & (cases.filed < "2016-01-01")
        & ~(cases.decided < "2017-01-01")
    ]
    family = pd.concat([of_type[t] for t in FAMILY])
    extension = pd.concat([of_type[t] for t in EXTENSION])
    permanent = of_type["permanent_residence"]
    complaint = of_type["visa_complaint"]
    return {
        "1.1a": (len(asylum), int((asylum.decided - asylum.filed).dt.days.sum())),
        "1.1b": (len(backlog), int((backlog < "2017-07-01").sum())),
        "1.2a": service(of_type["family_simple"], 5),
        "1.2b": service(of_type["family_spouse_complex"], 10),
        "1.2c": service(of_type["family_child_complex"], 10),
        "1.2d": share(family, "filed", 12, (family.filed <= "2017-02-28") & ~announced(family)),
        "1.2e": share(family, "filed", 10, family.filed >= "2017-03-01"),
        "1.2f": service(extension, 5),
        "1.2g": share(extension, "filed", 7, ~announced(extension)),
        "1.2h": service(permanent, 8),
        "1.2i": share(permanent, "filed", 8, ~announced(permanent)),
        "1.3": share(complaint, "filed", 12, complaint.filed.notna()),
    }


if __name__ == "__main__":
    from benchmarks.beside import beside

    beside({"pandas": ready})

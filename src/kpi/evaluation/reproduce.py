"""Reproduction: a result that was kept, computed again and compared with what comes out now."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.errors import KpiError
from kpi.evaluation.evaluate import evaluate
from kpi.planfile.fingerprint import short
from kpi.results.result_file import ResultData, load_result
from kpi.tables.check import Extract, require_plan
from kpi.tables.sources.resolve import Tables

Kind: TypeAlias = Literal["plan", "table", "figure", "version"]
"""What differs: a section of the plan, a table, a figure, or the version of a library."""

_FIGURES = (
    "rows",
    "outside",
    "counted",
    "counted_as",
    "excluded",
    "undetermined",
    "met",
    "total",
    "value",
    "figures",
    "base",
    "verdict",
)
"""The keys of a record that hold figures; the others repeat the plan."""


@frozen
class Discrepancy:
    """Difference between a result that was kept and the same result computed now.

    Attributes:
        kind: what differs.
        place: the section of the plan, the table, the target with its group, or the library.
        field: the key of the figure, or what of the table differs; empty for a plan and a version.
        then: the value that was kept; None where there was none.
        now: the value now; None where there is none.
    """

    kind: Kind
    place: str
    field: str
    then: Any
    now: Any

    def __str__(self) -> str:
        where = f"{self.kind} {self.place}" + f": {self.field}" * bool(self.field)
        if self.kind == "plan":
            gone = "is gone" if self.now is None else "differs"
            return f"{where} {'is new' if self.then is None else gone}"
        return f"{where}: {_shown(self, self.then)} then, {_shown(self, self.now)} now"


def _words(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _shown(discrepancy: Discrepancy, value: Any) -> str:
    """Return a value in words; of a hash the first digits."""
    digits = discrepancy.field == "content" and isinstance(value, str)
    return short(value) if digits else _words(value)


@frozen(kw_only=True)
class Reproduction:
    """What came of computing a result again.

    Attributes:
        discrepancies: all that differs: the plan, tables, figures, versions, in this order.
        with_contents: whether the result that was kept tells the contents of the tables; else only
            the numbers of their rows could be compared.
    """

    discrepancies: tuple[Discrepancy, ...]
    with_contents: bool

    @property
    def equal(self) -> bool:
        """Whether plan, tables and figures are equal; versions may differ."""
        return all(discrepancy.kind == "version" for discrepancy in self.discrepancies)

    def of(self, kind: Kind) -> tuple[Discrepancy, ...]:
        """Return the discrepancies of one kind."""
        return tuple(discrepancy for discrepancy in self.discrepancies if discrepancy.kind == kind)


def reproduce(
    result: ResultData | str | os.PathLike[str], plan: Plan, tables: Tables | Extract
) -> Reproduction:
    """Compute a result that was kept again, and return what differs.

    The as-of date, the break-down and the series are those of the result. Every one of its figures
    is compared exactly, and the definitions of the plan; where the result has fingerprints of tables
    (`fingerprint=True`), their contents too.

    Args:
        result: the data of `Result.to_dict`, or the path of a file with the JSON.
        plan: the plan, as it is now.
        tables: the tables, as `kpi.evaluate` takes them.

    Raises:
        KpiError: where `result` is no result, one of another version of the schema, without a
            fingerprint, or of another plan.
        DataError, PlanError: as `kpi.evaluate`.
    """
    require_plan(plan)
    then, name = load_result(result)
    if then["plan"] != plan.id:
        raise KpiError(f"{name}: is a result of the plan {then['plan']}, not of {plan.id}")
    asked = then["fingerprint"]
    with_contents = asked["tables"] is not None
    again = evaluate(
        plan,
        tables,
        then["as_of"],
        by=asked["by"],
        every=asked["every"],
        rolling=asked["rolling"],
        fingerprint=with_contents,
    )
    # As it comes back from a file: keys that are no texts are texts there.
    now = json.loads(again.to_json())
    discrepancies = (*_of_plan(then, now), *_of_tables(then, now), *_of_figures(then, now))
    return Reproduction(
        discrepancies=(*discrepancies, *_of_versions(then, now)), with_contents=with_contents
    )


def _of_plan(then: ResultData, now: ResultData) -> Iterator[Discrepancy]:
    was, new = then["fingerprint"]["plan"], now["fingerprint"]["plan"]
    if was.get("sha256") == new["sha256"]:
        return
    named = [
        *_changed("plan", "limit file ", was.get("files"), new["files"]),
        *_changed("plan", "", was.get("sections"), new["sections"]),
    ]
    yield from named or [Discrepancy("plan", now["plan"], "", was.get("sha256"), new["sha256"])]


def _changed(kind: Kind, before: str, then: Any, now: Any) -> Iterator[Discrepancy]:
    """Yield a discrepancy for each key of two mappings whose values differ."""
    then = then if isinstance(then, Mapping) else {}
    for key in dict.fromkeys([*then, *now]):
        if then.get(key) != now.get(key):
            yield Discrepancy(kind, f"{before}{key}", "", then.get(key), now.get(key))


def _of_tables(then: ResultData, now: ResultData) -> Iterator[Discrepancy]:
    contents = [data["fingerprint"]["tables"] or {} for data in (then, now)]
    for name in dict.fromkeys([*then["tables"], *now["tables"]]):
        was, new = (data["tables"].get(name) for data in (then, now))
        if was is None or new is None:
            rows = [None if table is None else table.get("rows") for table in (was, new)]
            yield Discrepancy("table", name, "rows", *rows)
            continue
        for key in ("rows", "rejected"):
            yield from _differing("table", name, key, was.get(key), new.get(key))
        old, fresh = (hashed.get(name) or {} for hashed in contents)
        for key in ("columns", "hash"):
            field = "content" if key == "hash" else key
            yield from _differing("table", name, field, old.get(key), fresh.get(key))


def _differing(kind: Kind, place: str, field: str, then: Any, now: Any) -> Iterator[Discrepancy]:
    """Yield a discrepancy where two values differ; of mappings, for each key whose values do."""
    if isinstance(then, Mapping) or isinstance(now, Mapping):
        was, new = (value if isinstance(value, Mapping) else {} for value in (then, now))
        for key in dict.fromkeys([*was, *new]):
            yield from _differing(kind, place, f"{field}: {key}", was.get(key), new.get(key))
    elif then != now:
        yield Discrepancy(kind, place, field, _plain(then), _plain(now))


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _of_figures(then: ResultData, now: ResultData) -> Iterator[Discrepancy]:
    was, new = dict(_records(then["targets"], "")), dict(_records(now["targets"], ""))
    for place in dict.fromkeys([*was, *new]):
        if place not in was or place not in new:
            old, fresh = (side.get(place, {}).get("verdict") for side in (was, new))
            yield Discrepancy("figure", place, "verdict", old, fresh)
            continue
        for key in _FIGURES:
            yield from _differing("figure", place, key, was[place].get(key), new[place].get(key))
    yield from _differing("figure", "score", "score", then.get("score"), now["score"])


def _records(records: Any, above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each record of targets, parts and groups, with its place in words.

    A value may stand twice below a target: as one that must reach it, and as one of a break-down.
    """
    seen: dict[str, int] = {}
    for record in records if isinstance(records, list) else ():
        if not isinstance(record, Mapping):
            continue
        group = record.get("group")
        words = (
            ", ".join(f"{key} {_words(value)}" for key, value in group.items())
            if isinstance(group, Mapping)
            else str(record.get("id"))
        )
        place = f"{above}, {words}" if above else words
        seen[place] = seen.get(place, 0) + 1
        place += f" ({seen[place]})" * (seen[place] > 1)
        yield place, record
        yield from _records(record.get("parts"), "")
        yield from _records(record.get("groups"), place)


def _of_versions(then: ResultData, now: ResultData) -> Iterator[Discrepancy]:
    was, new = ({"kpi": data["kpi"], **data["fingerprint"]["versions"]} for data in (then, now))
    yield from _changed("version", "", was, new)

"""Results read back from their JSON: the records, the score and the notes, without plan and cases."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import field, frozen

from kpi.definitions.notes import Note
from kpi.errors import KpiError
from kpi.foreign_text import json_text
from kpi.results.frames import frame
from kpi.results.possible import BEFORE_THE_END, Newcomers, Possibilities, Range
from kpi.results.result import Result
from kpi.results.result_file import ResultData, load_result
from kpi.results.target_result import CountedAs, TargetResult


@frozen(kw_only=True, eq=False)
class StoredResult:
    """Result as its JSON carries it; it equals the result that the JSON was written from.

    Attributes:
        plan: the id of the plan.
        period: the name of the plan's period, or its first and last day.
        as_of: the as-of date (S15).
        version: the version of `kpi` that computed it.
        targets: a record per requirement. What the JSON has not is None or empty: the table, bounds,
            the exact fraction, remarks. Segments stand among the `groups`.
        score: the sum of the weights of what was met; None where the plan gives no weights.
        notes: what a reader should know, a line each, with the code of its kind.
    """

    plan: str
    period: str
    as_of: dt.date
    version: str
    targets: tuple[TargetResult, ...] = field(repr=False)
    score: Mapping[str, int | float] | None
    notes: tuple[Note, ...] = field(repr=False)
    _data: ResultData = field(repr=False)

    def __iter__(self) -> Iterator[TargetResult]:
        return iter(self.targets)

    def __getitem__(self, target: str) -> TargetResult:
        """Return the record of a requirement, or of a part of a requirement, by id.

        Raises:
            KeyError: where the result has no such target.
        """
        for record in self._records():
            if record.id == target:
                return record
        raise KeyError(target)

    def __eq__(self, other: object) -> bool:
        """Return whether the JSON of both is the same."""
        if not isinstance(other, StoredResult | Result):
            return NotImplemented
        return bool(self.to_dict() == json.loads(other.to_json()))

    def __hash__(self) -> int:
        return hash((self.plan, self.as_of, len(self.targets)))

    @property
    def frame(self) -> pl.DataFrame:
        """A row per requirement, each followed by its parts; as `Result.frame`."""
        return frame(list(self._records()))

    @property
    def groups(self) -> pl.DataFrame:
        """A row per target and group or segment: the columns of the group, then as `frame`."""
        return frame([group for target in self._records() for group in target.groups])

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, as the JSON has it."""
        return dict(self._data)

    def to_json(self) -> str:
        """Return the result as JSON text (schema: docs/result.schema.json)."""
        return json_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2))

    def _records(self) -> Iterator[TargetResult]:
        for target in self.targets:
            yield target
            yield from target.parts


def read_result(path: str | os.PathLike[str]) -> StoredResult:
    """Read a result back from the JSON of `Result.to_json` or `kpi evaluate --format json`.

    Raises:
        KpiError: where the file cannot be read, holds no result, or one of another version of the
            schema or without a fingerprint.
    """
    data, name = load_result(path)
    return stored_result(data, name)


def stored_result(data: ResultData, name: str) -> StoredResult:
    """Return the result out of its JSON.

    Args:
        data: the data, whose outer form is checked (`results/result_file.py`).
        name: the name of the file in messages.

    Raises:
        KpiError: where a record is not as `kpi` writes it.
    """
    try:
        return StoredResult(
            plan=data["plan"],
            period=data["period"],
            as_of=dt.date.fromisoformat(data["as_of"]),
            version=data["kpi"],
            targets=tuple(map(_record, data["targets"])),
            score=data["score"],
            notes=tuple(map(Note, data["note_codes"], data["notes"])),
            data=data,
        )
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise KpiError(
            f"{name}: is no result of kpi ({type(error).__name__}: {error}); accepted: what kpi evaluate "
            "--format json writes"
        ) from None


_PLAIN = (
    "id",
    "title",
    "title_da",
    "source",
    "goal",
    "rule",
    "rows",
    "outside",
    "counted",
    "undetermined",
    "met",
    "total",
    "value",
    "unit",
    "limit",
    "requirement",
    "verdict",
)


def _record(data: Mapping[str, Any]) -> TargetResult:
    known: dict[str, Any] = {name: data.get(name) for name in _PLAIN}
    base = data.get("base")
    return TargetResult(
        **known,
        weight=_decimal(data.get("weight")),
        threshold=_decimal(data["threshold"]),
        excluded=dict(data["excluded"]),
        counted_as=CountedAs(**data["counted_as"]) if "counted_as" in data else None,
        figures=dict(data.get("figures", {})),
        group=dict(data.get("group", {})),
        parts=tuple(map(_record, data.get("parts", ()))),
        groups=tuple(map(_record, data.get("groups", ()))),
        possible=_possibilities(data["possible"], data["verdict"]) if "possible" in data else None,
        base=None if base is None else _base(base, data),
        base_window=None if base is None else base["window"],
    )


def _base(base: Mapping[str, Any], data: Mapping[str, Any]) -> TargetResult:
    own = {name: value for name, value in base.items() if name != "window"}
    return TargetResult(
        id=data["id"],
        title=None,
        title_da=None,
        rule=data["rule"],
        unit=data["unit"],
        requirement=data["requirement"],
        verdict="indicator",
        **own,
    )


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _possibilities(data: Mapping[str, Any], verdict: str) -> Possibilities:
    nothing = Range(None, None)
    return Possibilities(
        verdict=next((word for word in BEFORE_THE_END if word == verdict), "open"),
        possible=_range(data["possible"]["worst"], data["possible"]["best"]),
        known=nothing,
        sharp=data["sharp"],
        may_be_empty=data["may_be_empty"],
        newcomers=Newcomers(**data["newcomers"]),
        need=data["need"],
        room=data["room"],
        price=_fraction(data["price"]),
        slack=_slack(data.get("slack")),
    )


def _range(worst: list[int] | None, best: list[int] | None) -> Range:
    return Range(_fraction(worst), _fraction(best), _counts(worst), _counts(best))


def _counts(pair: list[int] | None) -> tuple[int, int] | None:
    return None if pair is None else (pair[0], pair[1])


def _slack(data: Mapping[str, int] | None) -> tuple[int, int, int] | None:
    return None if data is None else (data["now"], data["worst"], data["best"])


def _fraction(pair: list[int] | None) -> Fraction | None:
    return None if pair is None else Fraction(*pair)

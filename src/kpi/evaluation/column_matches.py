"""Matches between the columns that a plan reads and those that a table has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from kpi.definitions.kinds import Kind
from kpi.evaluation.column_words import holds_name, meaning, plain_name
from kpi.tables.needs import TableNeeds
from kpi.tables.profile.columns import ColumnProfile
from kpi.tables.profile.table import TableProfile
from kpi.tables.quality import rows_text

Wanted: TypeAlias = Kind | Literal["key"]
"""Kind of value that the plan takes a column for; `key` for the columns of the key."""

LEAST = 0.6
"""Likelihood from which a column is taken for the plan's."""
_SIMILAR = 0.8
"""Ratio of difflib from which two names are similar."""
_TYPES_OF_KEYS = ("text", "integer", "date", "time", "boolean", "nothing")


@frozen(kw_only=True)
class ColumnMatch:
    """Column of a table that is taken for a column of the plan.

    Attributes:
        wanted: the plan's name.
        kind: the kind of value that the plan takes the column for.
        needed: whether a target reads the column, or the table must have it.
        column: the name in the source; None where none was found.
        why: why that column is taken; empty for the same name.
        problem: why the values do not suit the plan; empty where they do.
        renames: (value in the source, value in the plan) that are probably the same.
        absent: values that the plan names and the sample lacks.
        left: columns of a fitting kind that are no other's, where none was found.
    """

    wanted: str
    kind: Wanted
    needed: bool
    column: str | None = None
    why: str = ""
    problem: str = ""
    renames: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()
    left: tuple[str, ...] = field(default=())

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The absent values for which no value of the source is likely."""
        renamed = {planned for _, planned in self.renames}
        return tuple(value for value in self.absent if value not in renamed)

    @property
    def is_same_name(self) -> bool:
        """Whether the column bears the plan's name."""
        return self.column == self.wanted


def wanted_columns(needs: TableNeeds) -> dict[str, tuple[Wanted, bool]]:
    """Return the columns that a plan may read of a table: name -> kind, and whether it must."""
    wanted: dict[str, tuple[Wanted, bool]] = dict.fromkeys(needs.table.key, ("key", True))
    for name, kind in needs.column_kinds.items():
        wanted.setdefault(name, (kind, True))
    for name in needs.table.date_columns:
        wanted.setdefault(name, ("date", False))
    return wanted


def match_columns(needs: TableNeeds, profile: TableProfile) -> tuple[ColumnMatch, ...]:
    """Return the likely column of a table for each column that a plan reads of it.

    Columns with the plan's names are taken first; then, the likeliest first, columns of a fitting
    kind with a name that differs in case, blanks, underscores or accents alone, that means the same
    or is similar, or whose values are those that the plan names.
    """
    wanted = wanted_columns(needs)
    taken: dict[str, tuple[str, str]] = {
        name: (column.name, "")
        for name in wanted
        for column in profile.columns
        if column.name == name
    }
    likely = [
        (likelihood, name, column.name, why)
        for name, (kind, _) in wanted.items()
        if name not in taken
        for column in profile.columns
        if fits(kind, column)
        for likelihood, why in [_likelihood(needs, name, kind, column, profile)]
        if likelihood >= LEAST
    ]
    order = list(wanted)
    likely.sort(key=lambda pair: (-pair[0], order.index(pair[1]), pair[2]))
    for _, name, column, why in likely:
        if name not in taken and all(column != other for other, _ in taken.values()):
            taken[name] = (column, why)
    _take_only_key(needs, profile, taken)
    matches = []
    for name, (kind, needed) in wanted.items():
        match = ColumnMatch(wanted=name, kind=kind, needed=needed)
        if name in taken:
            match = evolve(match, column=taken[name][0], why=taken[name][1])
        matches.append(_completed(match, needs, profile, taken))
    return tuple(matches)


def score(matches: Sequence[ColumnMatch]) -> float:
    """Return the share of the needed columns that a table has; the same name counts for more."""
    needed = [match for match in matches if match.needed]
    found = sum(1.0 if m.is_same_name else 0.8 for m in needed if m.column is not None)
    return found / len(needed) if needed else 0.0


def fits(kind: Wanted, column: ColumnProfile) -> bool:
    """Return whether the values of a column can be what the plan takes it for."""
    holds = column.holds
    if holds == "nothing":
        return True
    match kind:
        case "any":
            return True
        case "key":
            return holds in _TYPES_OF_KEYS or column.type == "text"
        case "date":
            return column.is_date or column.dates is not None or bool(column.epochs)
        case "text":
            return column.type == "text"
        case "boolean":
            return holds == "boolean" or (bool(column.values) and set(column.values) <= {"0", "1"})
        case _:  # an integer, or a number
            return holds in ("integer", "number")


def _likelihood(
    needs: TableNeeds, name: str, kind: Wanted, column: ColumnProfile, profile: TableProfile
) -> tuple[float, str]:
    """Return how likely a column is the plan's, from 0 to about 1, and why."""
    likelihood, why = name_likelihood(name, column.name)
    named = _named(needs, name)
    if named and kind == "text":
        present = sum(value in column.values for value in named)
        share = present / len(named)
        if share > likelihood:
            likelihood, why = share, f"holds {present} of {len(named)} values that the plan names"
        elif share:
            likelihood += share / 10
    if kind == "key" and likelihood:
        likelihood += 0.1 if column.name in profile.keys else 0
        if needs.table.pauses is None and len(needs.table.key) == 1 and not column.is_unique:
            likelihood -= 0.3
    return likelihood, why


def name_likelihood(name: str, other: str) -> tuple[float, str]:
    """Return how likely two names mean the same, from 0 to 1, and why."""
    plain, plain_other = plain_name(name), plain_name(other)
    if plain and plain == plain_other:
        return 0.95, "the same name but for case, blanks or signs"
    if meaning(name) is not None and meaning(name) == meaning(other):
        return 0.85, "a word for the same"
    ratio = difflib.SequenceMatcher(None, plain, plain_other).ratio()
    if ratio >= _SIMILAR:
        return 0.8 * ratio, "a similar name"
    if len(plain) >= 4 and holds_name(name, other):
        return 0.65, "a similar name"
    return 0.0, ""


def _take_only_key(
    needs: TableNeeds, profile: TableProfile, taken: dict[str, tuple[str, str]]
) -> None:
    """Take for a key without a match the only column that may be one."""
    missing = [name for name in needs.table.key if name not in taken]
    used = {column for column, _ in taken.values()}
    left = [name for name in profile.keys if name not in used]
    if len(needs.table.key) == 1 and missing and len(left) == 1:
        taken[missing[0]] = (left[0], "the only column with a value in each row and none twice")


def _completed(
    match: ColumnMatch,
    needs: TableNeeds,
    profile: TableProfile,
    taken: Mapping[str, tuple[str, str]],
) -> ColumnMatch:
    """Return a match with what else is to be said: unfit values, renamed values, columns left."""
    if match.column is None:
        used = {column for column, _ in taken.values()}
        left = [c.name for c in profile.columns if c.name not in used and fits(match.kind, c)]
        return evolve(match, left=tuple(left))
    column = profile.column(match.column)
    problem = "" if fits(match.kind, column) else f"holds {_held(column)}"
    if match.kind == "key" and needs.table.pauses is None and len(needs.table.key) == 1:
        if column.nulls:
            problem = f"no value in {rows_text(column.nulls)}"
        elif column.distinct is not None and column.distinct < column.rows:
            problem = f"a value again in {rows_text(column.rows - column.distinct)}"
    renames, absent = _values(_named(needs, match.wanted), column, needs, match.wanted)
    return evolve(match, problem=problem, renames=renames, absent=absent)


def _held(column: ColumnProfile) -> str:
    return {"nothing": "no value", "text": "texts", "boolean": "words for true and false"}.get(
        column.holds, f"{column.type}" if column.holds == "other" else f"{column.holds}s"
    )


def _named(needs: TableNeeds, name: str) -> list[str]:
    """Return the texts of a column that targets name, each once."""
    return [v for v in dict.fromkeys(needs.category_values(name)) if isinstance(v, str)]


def _values(
    named: Collection[str], column: ColumnProfile, needs: TableNeeds, name: str
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return the values that are probably renamed, and the plan's values that are absent."""
    if not named or not column.values:
        return (), ()
    absent = [value for value in named if value not in column.values]
    known = {*named, *map(str, needs.alternative_values(name))}
    others = [value for value in column.values if value not in known]
    renames: list[tuple[str, str]] = []
    for value in absent:
        near = [other for other in others if plain_name(other) == plain_name(value)]
        near = near or difflib.get_close_matches(value, others, n=1, cutoff=_SIMILAR)
        renames += [(other, value) for other in near if other not in dict(renames)]
    return tuple(renames), tuple(absent)

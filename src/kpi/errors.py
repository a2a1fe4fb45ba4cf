"""Exceptions that `kpi` raises on purpose.

KpiError
├── PlanError     a mistake in a plan; carries every problem found, each with its place
├── DataError     a table that cannot be used as the plan says
├── OutputError   a result that cannot be written
└── ForkError     a process that was forked after the engine had been used

InternalError     a broken invariant of kpi itself: nobody else's mistake, so no KpiError
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

# A password may hold a slash or an @ that should be escaped.
_USER = re.compile(
    r"""([a-z][a-z0-9+.-]*://)(?:[^\s"'<>/:@]*:[^\s"'<>]*@|(?<!abfs://)(?<!abfss://)[^\s"'<>/]*@)""",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"""((?:[a-z][a-z0-9+.-]*://)[^\s"'<>?#]*)[?#][^\s"'<>)]*|\?[^\s"'<>)=]*=[^\s"'<>)]*""",
    re.IGNORECASE,
)


class KpiError(Exception):
    """Base of every error that `kpi` raises on purpose."""


@frozen
class Problem:
    """Mistake in a plan: the place, and what was found and what is accepted.

    Attributes:
        place: keys and positions from the top of the plan, e.g. `("targets", 3, "limit")`.
        message: a line with what was found and what is accepted.
    """

    place: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))}: {self.message}" if self.place else self.message


class PlanError(KpiError, ValueError):
    """Error in a plan, which cannot be used.

    Attributes:
        problems: every mistake, in the order of the plan.
    """

    def __init__(self, problems: str | Iterable[Problem], lines: Iterable[str] | None = None):
        self.problems: tuple[Problem, ...] = (
            (Problem((), problems),) if isinstance(problems, str) else tuple(problems)
        )
        self._lines = tuple(lines) if lines is not None else tuple(map(str, self.problems))
        super().__init__("\n".join(self._lines))

    def __reduce__(self) -> tuple[type[PlanError], tuple[object, ...]]:
        return type(self), (self.problems, self._lines)

    def within(self, *place: str | int) -> tuple[Problem, ...]:
        """Return the problems seen from further out: `place` goes before the place of each."""
        return tuple(evolve(p, place=(*place, *p.place)) for p in self.problems)


class DataError(KpiError, ValueError):
    """Error in a table, file or argument; a line says what, where and what to do."""


class OutputError(KpiError):
    """Output that cannot be written; a line says what, where and what to do."""


class ForkError(KpiError, RuntimeError):
    """Fork of a process in which the engine had been used; in the fork, queries would hang."""


class InternalError(Exception):
    """Invariant of `kpi` that does not hold: a fault in `kpi`, whatever plan and data are."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a trailing ` (did you mean 'x'?)`; the empty text where no known word is near."""
    near = nearest(word, known)
    return "" if near is None else f" (did you mean '{near}'?)"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is nearest to a word; None where none is near."""
    words = list(known)
    near = [other for other in words if other.casefold() == word.casefold()]
    near = near or difflib.get_close_matches(word, words, n=1)
    if not near:
        # Upper and lower case are the same word.
        small = {other.casefold(): other for other in words}
        near = [small[n] for n in difflib.get_close_matches(word.casefold(), small, n=1)]
    return near[0] if near else None


def listed(words: Sequence[object], most: int = 12) -> str:
    """Return the words with commas, cut after `most` with a count of the rest."""
    shown = ", ".join(str(w) for w in words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"


def without_credentials(text: str) -> str:
    """Return a text whose URLs have no user, no password and no query, which may hold a signature."""
    return _QUERY.sub(lambda match: match[1] or "", _USER.sub(r"\1", text))


def first_line(error: BaseException) -> str:
    """Return the first line of another library's error, or its type, for a message of one line.

    URLs in it come without credentials.
    """
    return without_credentials((str(error).strip().splitlines() or [type(error).__name__])[0])


def speakable_cause(error: BaseException) -> BaseException | None:
    """Return an error to be shown as the cause of another; None where it holds credentials."""
    text = str(error)
    return error if without_credentials(text) == text else None


def reason(error: BaseException) -> str:
    """Return why a file cannot be read or written, in the system's or the library's words."""
    why = error.strerror if isinstance(error, OSError) else None
    return why or first_line(error)

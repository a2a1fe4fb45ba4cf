"""The twelve targets of us-2017 written by hand, as a good analyst would in each library.

Each module's `ready` puts the cases in the form its library likes best, which is not timed, and
returns the question, which is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Answers: TypeAlias = dict[str, tuple[int, int]]
"""By target: the counted cases, and how many of them met it (1.1a: their total days)."""

Question: TypeAlias = Callable[[], Answers]

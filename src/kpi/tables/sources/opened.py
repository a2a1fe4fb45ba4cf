"""Sources that have been opened: each once, however many plans read it."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from kpi.tables.sources.source_table import SourceTable


@define(eq=False, repr=False)
class OpenedSources:
    """Sources that have been opened.

    Attributes:
        sources: each source after what it was opened with: path or declaration, and layout.
    """

    sources: list[tuple[object, SourceTable]] = field(factory=list)

    def once(self, opened_with: object, opener: Callable[[], SourceTable]) -> SourceTable:
        """Return the source that was opened with the same before, or else open it.

        Args:
            opened_with: what says where the rows come from and how they are written. It may hold
                mappings, which have no hash.
            opener: what opens the source.
        """
        for known, source in self.sources:
            if known == opened_with:
                return source
        source = opener()
        self.sources.append((opened_with, source))
        return source

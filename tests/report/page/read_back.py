"""A page of HTML read back: tables as lists of cells, texts, attributes that could load or run."""

from __future__ import annotations

from html.parser import HTMLParser

from attrs import define, field

_LOADING = frozenset({"src", "srcset", "href", "xlink:href", "action", "data", "poster"})
_EMPTY = frozenset({"meta", "rect", "line", "polyline", "circle", "link", "img", "br"})


@define
class ReadTable:
    """A table as it was read: caption, headings, and the cells of each row of its body."""

    caption: str = ""
    heads: list[str] = field(factory=list)
    rows: list[list[str]] = field(factory=list)


@define(eq=False, slots=False)
class Page(HTMLParser):
    """What was read of a page.

    Attributes:
        tables: the tables in order.
        loads: the values of attributes that could load something.
        attributes: the names of all attributes.
        elements: the names of all elements.
        ids: the ids of elements, in order.
        text: the text outside the style sheet.
        unclosed: the elements that are open.
    """

    tables: list[ReadTable] = field(factory=list)
    loads: list[str] = field(factory=list)
    attributes: set[str] = field(factory=set)
    elements: set[str] = field(factory=set)
    ids: list[str] = field(factory=list)
    text: str = ""
    unclosed: list[str] = field(factory=list)

    @classmethod
    def of(cls, html: str) -> Page:
        page = cls()
        HTMLParser.__init__(page, convert_charrefs=True)
        page.feed(html)
        page.close()
        assert page.unclosed == [], "every element is closed"
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag not in _EMPTY:
            self.unclosed.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in _LOADING:
                self.loads.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag == "table":
            self.tables.append(ReadTable())
        elif tag == "tr" and "tbody" in self.unclosed:
            self.tables[-1].rows.append([])
        elif tag in ("th", "td"):
            (self._row() if "tbody" in self.unclosed else self.tables[-1].heads).append("")

    def _row(self) -> list[str]:
        return self.tables[-1].rows[-1]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed[-1] == tag, f"{tag} closes {self.unclosed[-1]}"
        self.unclosed.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self.unclosed:
            return
        self.text += data
        if "svg" in self.unclosed:
            return
        if "caption" in self.unclosed:
            self.tables[-1].caption += data
        elif "tbody" in self.unclosed and {"th", "td"} & {*self.unclosed}:
            self._row()[-1] += data
        elif "thead" in self.unclosed and "th" in self.unclosed:
            self.tables[-1].heads[-1] += data

    def table(self, caption: str, n: int = 0) -> ReadTable:
        """Return the n-th table of a caption."""
        return [table for table in self.tables if table.caption == caption][n]

"""Escaping of foreign text, from the data and the plan, for each output format.

Titles, ids, group values, names of columns and files, and messages are foreign text: they may hold
escape sequences of a terminal, signs that turn the direction of writing, markup or formulas. Each
format has its function here (CSV: `kpi.report.csv`), and each foreign text goes through that
function once.
"""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[\\`*{}\[\]|~$#@!^]|(?<![^\W_])_|_(?![^\W_])")
_LINKS = re.compile(r"(?i)(?<=[a-z]):(?=//)|(?<=\bwww)\.")
_LIST = re.compile(r"^(\d{1,9})?([-+.)])(?=\s|$)|^(=+|-+)$")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def terminal_text(text: str) -> str:
    r"""Escape every character that does not print: ESC becomes `\x1b`, U+202E `\u202e`.

    Control, format and bidirectional characters, line breaks and lone surrogates are escaped, so
    that a text neither commands a terminal nor passes for another text or for a line of its own.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def markdown_text(text: str) -> str:
    """Escape a text so that Markdown (CommonMark, GFM) shows it as it is, wherever it is put.

    HTML becomes entities; signs of markup, of tables and of links get a backslash; characters that
    do not print are escaped as on a terminal. An underscore within a word is no sign of markup.
    """
    text = _MARKUP.sub(r"\\\g<0>", terminal_text(text).strip(" "))
    text = re.sub("[&<>]", lambda match: _HTML[match[0]], _LINKS.sub(r"\\\g<0>", text))
    return _LIST.sub(_escaped_list, text)


def html_text(text: str) -> str:
    """Escape a text for HTML, within an element or a quoted attribute.

    Characters that do not print are escaped as on a terminal.
    """
    return re.sub("[&<>\"']", lambda match: _HTML[match[0]], terminal_text(text))


def _escaped_list(match: re.Match[str]) -> str:
    number, mark, line = match.groups()
    return f"\\{line}" if line else f"{number or ''}\\{mark}"


def json_text(text: str) -> str:
    r"""Escape, in a JSON text, every character that does not print: U+202E becomes `\u202e`.

    The values stay the same: JSON has such characters within its strings alone.
    """
    return re.sub(r"[^\n\x20-\x7e]", _json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    sign = match[0]
    if sign.isprintable():
        return sign
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))

"""Reference of the Python names, made of their signatures and docstrings."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import griffe
from attrs import frozen

import kpi
from docs.site.pages import anchor
from kpi.errors import InternalError


@frozen
class Group:
    """The public names of some modules, on one page.

    Attributes:
        title: the title of the page.
        modules: the modules of `kpi` that define the names, or the rooms that hold these.
    """

    title: str
    modules: tuple[str, ...]


_PLANS = ("plan", "goals", "table", "parts", "on_condition", "readings")
_TIME = ("limits", "time_units", "windows", "calendars", "bounds")
_GIVEN = ("columns", "measurement", "sums")
_LOOK = ("inspect", "expected", "expected_file", "query_plan", "reproduce")
_EVALUATE = ("evaluate", "readings", "month_ends")
_FOLLOW = ("follow_up", "chart_series", "forecast")

GROUPS = {
    "plans": Group("Plans", tuple(f"definitions.{name}" for name in _PLANS)),
    "targets": Group("Targets", ("definitions.target", "rules._interval")),
    "rules": Group("Kinds of target", ("rules",)),
    "populations": Group("Populations", ("definitions.population",)),
    "limits": Group("Limits, windows, calendars", tuple(f"definitions.{n}" for n in _TIME)),
    "files": Group("Plan files and extract files", ("planfile", "definitions.extract_file")),
    "tables": Group("Tables", ("tables",)),
    "evaluate": Group("Evaluation", tuple(f"evaluation.{name}" for name in _EVALUATE)),
    "results": Group("Results", ("results",)),
    "look": Group("Checks of data and results", tuple(f"evaluation.{name}" for name in _LOOK)),
    "follow": Group("Follow-up", tuple(f"evaluation.{name}" for name in _FOLLOW)),
    "comparison": Group("Comparison of extracts", ("evaluation.comparison",)),
    "states": Group("States and ledgers", ("engine", "spark", "storage")),
    "errors": Group("Errors", ("errors",)),
    "measurement": Group("Measurement of a rule", tuple(f"definitions.{name}" for name in _GIVEN)),
}
"""The pages of the public names of `kpi`, by the name of the file, in the order of the navigation."""

FURTHER = {
    "kpi.spark": "Tables of Spark",
    "kpi.rules": "For authors of rules",
    "kpi.testing": "For tests",
}
"""Title of the page of each other module that lists public names."""

PLACE = "reference/api"
"""The directory of the pages in the site."""

_PUBLIC = Path(kpi.__file__).with_name("__init__.pyi")
_WIDTH = 78
_SECTIONS = {"parameters": "Args", "attributes": "Attributes", "raises": "Raises"}


def files() -> list[str]:
    """Return the names of the pages' files."""
    further = (_file(module) for module in FURTHER)
    return ["index.md", *(f"{file}.md" for file in GROUPS), *further]


def pages() -> dict[str, str]:
    """Return the Markdown of every page, by the name of its file."""
    found: dict[str, str] = {}
    contents: list[str] = []
    for file, names in by_group().items():
        named = sorted(names, key=str.lower)
        title = GROUPS[file].title
        entries = [entry("kpi", name, getattr(kpi, name)) for name in named]
        found[f"{file}.md"] = "\n".join([f"# {title}\n", *entries])
        contents.append(_contents(title, f"{file}.md", "kpi", named))
    for module, title in FURTHER.items():
        loaded = importlib.import_module(module)
        file = _file(module)
        entries = [entry(module, name, getattr(loaded, name)) for name in loaded.__all__]
        found[file] = "\n".join([f"# {title}\n", f"Imported from `{module}`.\n", *entries])
        contents.append(_contents(title, file, module, loaded.__all__))
    rows = "\n".join(["| page | names |\n|---|---|", *contents])
    found["index.md"] = f"# Python\n\nThe public names, with their docstrings.\n\n{rows}\n"
    return found


def _file(module: str) -> str:
    return f"{module.replace('.', '-')}.md"


def _contents(title: str, file: str, module: str, names: Iterable[str]) -> str:
    """Return the row of a page in the table of contents."""
    links = [f"[`{name}`]({file}#{anchor(f'{module}.{name}')})" for name in names]
    return f"| [{title}]({file}) | {', '.join(links)} |"


def by_group() -> dict[str, list[str]]:
    """Return the public names of `kpi`, by the file of their page, in the order of `GROUPS`.

    Raises:
        InternalError: where a name is of no group.
    """
    found: dict[str, list[str]] = {file: [] for file in GROUPS}
    for node in ast.parse(_PUBLIC.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                # A public module is named itself.
                found[_group(node.module or alias.name)].append(alias.name)
    return found


def _group(module: str) -> str:
    """Return the group that names the module, or the longest part of its path."""
    places = {place: file for file, group in GROUPS.items() for place in group.modules}
    path = module.split(".")
    for length in range(len(path), 0, -1):
        if file := places.get(".".join(path[:length])):
            return file
    raise InternalError(f"the public names of kpi.{module} are of no group of pages")


def entry(module: str, name: str, value: Any) -> str:
    """Return the section of a public name: its signature, its docstring, and the members of a class."""
    lines = [f"## {module}.{name}\n"]
    if inspect.ismodule(value):
        lines += [*docstring(value), *_functions(value)]
    elif inspect.isclass(value):
        fields = [*_fields(value)]
        lines += [] if fields else [_signature(name, value)]
        lines += [*docstring(value), *fields, *_members(name, value)]
    elif callable(value):
        lines += [_signature(name, value), *docstring(value)]
    else:
        lines += [f"A `{type(value).__name__}`.\n", *docstring(type(value))]
    return "\n".join(lines)


def docstring(value: Any) -> Iterator[str]:
    """Yield the parts of a docstring as Markdown: text, and a list for each of its sections.

    Raises:
        InternalError: where there is none.
    """
    text = inspect.getdoc(value)
    if text is None:
        raise InternalError(f"{value!r} has no docstring")
    for section in griffe.Docstring(text).parse("google", warnings=False):
        kind = section.kind.value
        if kind == "text":
            yield f"{section.value}\n"
        elif kind in _SECTIONS:
            yield f"**{_SECTIONS[kind]}**\n"
            for item in section.value:
                named = item.annotation if kind == "raises" else item.name
                yield f"- `{named}`: {_one_line(item.description)}"
            yield ""
        elif kind in ("returns", "yields"):
            described = " ".join(_one_line(item.description) for item in section.value)
            yield f"**{kind.capitalize()}**\n\n{described}\n"
        elif kind == "admonition":
            yield f"**{section.title}**\n\n{section.value.description}\n"
        else:
            raise InternalError(f"{value!r}: a section {kind} of its docstring has no form")


def _one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text).strip()


def _signature(name: str, value: Any) -> str:
    """Return the signature as a block of code, each parameter on a line where it is long."""
    try:
        found = inspect.signature(value)
    except ValueError:
        return ""
    types = {f.name: f.type for f in attrs.fields(value)} if attrs.has(value) else {}
    parameters = [
        p.replace(annotation=types.get(name, p.annotation))
        for name, p in found.parameters.items()
        if name != "self"
    ]
    returns = found.return_annotation
    told = not inspect.isclass(value) and returns not in (found.empty, None, "None")
    tail = f" -> {_annotation(returns)}" if told else ""
    shown = [*_shown(parameters)]
    line = f"{name}({', '.join(shown)}){tail}"
    if len(line) > _WIDTH:
        line = "".join([f"{name}(\n", *(f"    {text},\n" for text in shown), f"){tail}"])
    return f"```python\n{line}\n```\n"


def _shown(parameters: list[inspect.Parameter]) -> Iterator[str]:
    """Yield each parameter as it is declared; a default that is no literal as an ellipsis."""
    keyword_only = False
    for parameter in parameters:
        text = parameter.name
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            yield "*"
            keyword_only = True
        if parameter.kind is parameter.VAR_POSITIONAL:
            text, keyword_only = f"*{text}", True
        elif parameter.kind is parameter.VAR_KEYWORD:
            text = f"**{text}"
        if parameter.annotation is not parameter.empty:
            text += f": {_annotation(parameter.annotation)}"
        if parameter.default is not parameter.empty:
            text += f" = {_default(parameter.default)}"
        yield text


def _annotation(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return text.strip("'")


def _default(default: Any) -> str:
    literal = isinstance(default, str | int | bool | tuple | type(None))
    return repr(default) if literal else "..."


def _fields(value: type) -> Iterator[str]:
    """Yield the fields of a definition, which say themselves what they mean, as a table.

    Fields of a base that is public itself stand there.
    """
    fields = attrs.fields(value) if attrs.has(value) else ()
    bases = [base for base in value.__mro__[1:] if base.__name__ in kpi.__all__]
    own = [f for f in fields if "doc" in f.metadata and not any(_has(b, f) for b in bases)]
    if own:
        yield "| field | type | default | meaning |\n|---|---|---|---|"
        yield from map(_row, own)
        yield ""
    if bases and attrs.has(bases[0]):
        yield f"Its other fields are those of `kpi.{bases[0].__name__}`.\n"


def _has(base: type, field: attrs.Attribute[Any]) -> bool:
    return attrs.has(base) and field.name in attrs.fields_dict(base)


def _row(field: attrs.Attribute[Any]) -> str:
    required = field.default is attrs.NOTHING
    default = "required" if required else f"`{_default(field.default)}`".replace("`...`", "empty")
    meaning = _one_line(field.metadata["doc"])
    return f"| `{field.name}` | `{_annotation(field.type)}` | {default} | {meaning} |"


def _members(name: str, value: type) -> Iterator[str]:
    """Yield the public methods and properties that no public base has, each with a heading."""
    bases = [base for base in value.__mro__[1:] if base.__name__ in kpi.__all__]
    for member, defined in vars(value).items():
        plain = defined.__func__ if isinstance(defined, classmethod | staticmethod) else defined
        if member.startswith("_") or any(hasattr(base, member) for base in bases):
            continue
        if isinstance(plain, property) and plain.__doc__:
            yield f"### {name}.{member}\n"
            yield from docstring(plain)
        elif inspect.isfunction(plain) and plain.__doc__:
            yield f"### {name}.{member}()\n"
            if len(inspect.signature(plain).parameters) > 1:
                yield _signature(member, getattr(value, member))
            yield from docstring(plain)


def _functions(module: Any) -> Iterator[str]:
    """Yield the functions that a module lists, each with the first sentence of its docstring."""
    for name in getattr(module, "__all__", ()):
        text = inspect.getdoc(getattr(module, name))
        if text is not None and callable(getattr(module, name)):
            yield f"- `{name}`: {_one_line(_first(text))}"
    yield ""


def _first(text: str) -> str:
    return text.partition("\n\n")[0]

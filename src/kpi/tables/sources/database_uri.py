"""URIs of databases: taken apart, with variables of the environment, and without a word of passwords.

A message shows a database as `Address.place` does: as the URI writes it, without user, password and
parameters, and with the names of variables, not their values.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from kpi.errors import DataError, suggest

_SCHEMES = {
    "sqlite": "sqlite",
    "duckdb": "duckdb",
    "postgresql": "postgresql",
    "postgres": "postgresql",
}
_ENDINGS = {
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}
_FORMS = (
    "sqlite:///cases.db, duckdb:///cases.duckdb or postgresql://user:$PASSWORD@host:5432/database"
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*)|(\$))")
_PARTS = re.compile(
    r"(?:(?P<user>.*)@)?(?P<hosts>[^/?#@]*)(?:/(?P<name>[^/?#@]*))?(?:\?(?P<more>[^#@]*))?"
)
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(\d*|\$\w+|\$\{\w+\}))?")
_SECRETS = ("password", "sslpassword")
_SHORT = 4
"""Letters below which a secret is not looked for in messages, where it would garble all words."""

_UNSAID = (
    "the URI cannot be taken apart; write the signs @ : / ? # % of a user, a password or a name as "
    "%40 %3A %2F %3F %23 %25, or name variables of the environment: postgresql://$USER:$PASSWORD@host/database"
)


@frozen(kw_only=True)
class Address:
    """Address of a database.

    Attributes:
        kind: "sqlite", "duckdb" or "postgresql".
        place: the address in messages: no user, no password, no value of the environment.
        path: the file of a database in a file.
        options: the options of the connection to a server, as libpq names them.
    """

    kind: str
    place: str
    path: Path | None = None
    options: Mapping[str, str] = field(factory=dict, repr=False)

    def without_secrets(self, text: str) -> str:
        """Return a text with `***` wherever it holds a password, should a library name one."""
        secrets = [self.options.get(name, "") for name in _SECRETS]
        for secret in sorted([*secrets, os.environ.get("PGPASSWORD", "")], key=len, reverse=True):
            if len(secret) >= _SHORT:
                text = text.replace(secret, "***")
        return text


def address_of(uri: str, table: str, directory: Path | None = None) -> Address:
    """Take the URI of a database apart, with the variables of the environment that it names.

    Args:
        uri: the URI; or the path of a file whose ending tells its kind.
        table: the name of the table in messages.
        directory: the directory from which relative paths start (default: the current one).

    Raises:
        DataError: where the URI has another form, or a variable is not set; no message shows what
            may be a password.
    """
    whole = _VARIABLE.fullmatch(uri)
    if whole and not whole[3]:
        # Platforms hand over a whole URI so; its signs are its own.
        name = whole[1] or whole[2]
        return _address(_value(name, table), table, directory, lambda text: text, f"${name}")
    return _address(uri, table, directory, lambda text: _expanded(text, table), None)


def _address(
    uri: str, table: str, directory: Path | None, expand: Callable[[str], str], named: str | None
) -> Address:
    match = _SCHEME.fullmatch(uri)
    if match is None:
        kind = _ENDINGS.get(Path(uri).suffix.lower())
        if kind is None:
            raise DataError(f"{table}: the database is named otherwise than accepted: {_FORMS}")
        return _of_file(kind, uri, expand, directory, named)
    scheme, rest = match[1].lower(), match[2]
    kind = _SCHEMES.get(scheme)
    if kind is None:
        plain = scheme.partition("+")[0]
        hint = f" (write {plain}://)" if plain in _SCHEMES else suggest(scheme, _SCHEMES)
        raise DataError(
            f"{table}: no database of the kind {scheme} is read{hint}; accepted: {_FORMS}; from "
            "Python also a cursor of any database"
        )
    if kind == "postgresql":
        return _of_server(rest, table, expand, named)
    if not rest.startswith("/") or not rest.strip("/"):
        raise DataError(
            f"{table}: a file's path follows three slashes: {kind}:///cases.db from the directory, "
            f"{kind}:////data/cases.db from the root"
        )
    return _of_file(kind, rest[1:], expand, directory, named)


def _of_file(
    kind: str, text: str, expand: Callable[[str], str], directory: Path | None, named: str | None
) -> Address:
    path = (directory or Path()) / expand(text)
    return Address(kind=kind, place=named or str((directory or Path()) / text), path=path)


def _of_server(rest: str, table: str, expand: Callable[[str], str], named: str | None) -> Address:
    """Take the address of a server apart, as libpq does.

    Raises:
        DataError: where it cannot be taken apart.
    """
    parts = _PARTS.fullmatch(rest)
    hosts = [_HOST.fullmatch(host) for host in parts["hosts"].split(",")] if parts else [None]
    if parts is None or None in hosts or _is_doubtful(parts["user"] or ""):
        raise DataError(f"{table}: {_UNSAID}")
    user, colon, password = (parts["user"] or "").partition(":")
    options = {
        "host": ",".join(_decoded(host[1].strip("[]"), expand) for host in hosts if host),
        "port": ",".join(_decoded(host[2] or "", expand) for host in hosts if host),
        "user": _decoded(user, expand),
        "password": _secret(password, table, expand),
        "dbname": _decoded(parts["name"] or "", expand),
    }
    if not colon:
        # A variable may hold both.
        options["user"], _, options["password"] = options["user"].partition(":")
    for name, value in parse_qsl(parts["more"] or "", keep_blank_values=True):
        options[name] = _secret(value, table, expand) if name in _SECRETS else expand(value)
    if any("@" in options[name] for name in ("host", "port")):
        raise DataError(f"{table}: {_UNSAID}")
    name = f"/{parts['name']}" if parts["name"] else ""
    return Address(
        kind="postgresql",
        place=named or f"postgresql://{parts['hosts']}{name}",
        options={name: value for name, value in options.items() if value.strip(",")},
    )


def _is_doubtful(user: str) -> bool:
    """Return whether user and password have a sign that must be written with a percent sign."""
    return bool(re.search(r"[/?#\s]|:.*:|@", user)) or bool(re.search(r"%(?![0-9A-Fa-f]{2})", user))


def _decoded(text: str, expand: Callable[[str], str]) -> str:
    """Return a part of a URI: what is written decoded, what comes from a variable as it is."""
    pieces: list[str] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        pieces += [unquote(text[at : match.start()]), expand(match[0])]
        at = match.end()
    return "".join([*pieces, unquote(text[at:])])


def _secret(text: str, table: str, expand: Callable[[str], str]) -> str:
    """Return a password as `_decoded` does; of an unset variable within it not even the name.

    Raises:
        DataError: where the environment lacks a variable.
    """
    if _VARIABLE.fullmatch(text):
        return expand(text)
    try:
        return _decoded(text, expand)
    except DataError:
        pass
    raise DataError(
        f"{table}: the password in the URI holds a $ and no variable that is set; write the sign as "
        "%24, or the whole password as a variable of the environment"
    )


def _expanded(text: str, table: str) -> str:
    """Return a text with the values of the variables in it; `$$` is a dollar sign.

    Raises:
        DataError: naming a variable that is not set.
    """

    def value(match: re.Match[str]) -> str:
        return "$" if match[3] else _value(match[1] or match[2], table)

    return _VARIABLE.sub(value, text)


def _value(name: str, table: str) -> str:
    if name in os.environ:
        return os.environ[name]
    raise DataError(
        f"{table}: the environment has no variable {name}, which the URI of the database names"
        f"{suggest(name, os.environ)}"
    )

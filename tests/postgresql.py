"""A PostgreSQL server of the tests' own: on a free port, in a directory that is deleted after."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attrs import frozen

PASSWORD = "sesam%luk@dig:o'p\\\\"  # noqa: S105 - of a server that lives as long as the tests
"""With signs that have a meaning in a URI."""

OPTIONS = "-c fsync=off -c listen_addresses=127.0.0.1 -c max_connections=20 -c shared_buffers=8MB"

_ATTEMPTS = 3


@frozen
class Server:
    """Running server, with the user kpi and the database postgres.

    Attributes:
        port: its port on 127.0.0.1.
    """

    port: int

    @property
    def uri(self) -> str:
        """The URI, with the password as a variable of the environment."""
        return f"postgresql://kpi:$KPI_PASSWORD@127.0.0.1:{self.port}/postgres"

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"postgresql://127.0.0.1:{self.port}/postgres"

    def connect(self) -> Any:
        """Return a connection that can write, and commits each statement."""
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - the short suite is without it

        uri = f"postgresql://kpi:{quote(PASSWORD)}@127.0.0.1:{self.port}/postgres"
        return dbapi.connect(uri, autocommit=True)

    def run(self, *statements: str) -> None:
        """Run statements that give no rows."""
        with self.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def programs() -> Path:
    """Return the directory of the server's programs; Debian keeps them out of PATH."""
    on_path = shutil.which("postgres")
    if on_path and Path(on_path).with_name("initdb").exists():
        return Path(on_path).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _other_user() -> dict[str, Any]:
    """Return as whom the server runs: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres", names["nobody"])
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def server() -> Iterator[Server]:
    """Start a server, and stop it after."""
    # A socket's path is short, and the directories of pytest are closed to other users.
    room = Path(tempfile.mkdtemp(prefix="kpi-pg-"))
    user = _other_user()
    if user:
        os.chown(room, user["user"], user["group"])

    def run(program: str, *arguments: str | Path) -> None:
        command = [programs() / program, "-D", room / "data", *arguments]
        environment = {"LC_ALL": "C"}
        subprocess.run(command, check=True, cwd=room, capture_output=True, env=environment, **user)

    def start(attempts: int) -> int:
        port = _free_port()
        try:
            run("pg_ctl", "-w", "-l", room / "log", "-o", f"{OPTIONS} -p {port} -k {room}", "start")
        except subprocess.CalledProcessError:
            # Another program may have taken the port meanwhile.
            if attempts == 1:
                raise
            return start(attempts - 1)
        return port

    try:
        secret = room / "secret"
        secret.write_text(PASSWORD, "utf-8")
        create = ["--username=kpi", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"]
        run("initdb", "-E", "UTF8", *create)
        port = start(_ATTEMPTS)
        try:
            yield Server(port)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(room)

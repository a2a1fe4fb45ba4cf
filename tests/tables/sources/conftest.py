"""A database server for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgresql


@pytest.fixture(scope="session")
def running_server() -> Iterator[postgresql.Server]:
    """One server for all tests of a process."""
    with postgresql.server() as server:
        yield server


@pytest.fixture
def server(running_server: postgresql.Server, monkeypatch: pytest.MonkeyPatch) -> postgresql.Server:
    """The server, with its password in the environment."""
    monkeypatch.setenv("KPI_PASSWORD", postgresql.PASSWORD)
    return running_server

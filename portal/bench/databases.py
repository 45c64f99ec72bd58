"""Databases for a benchmark: one is prepared, and every measurement gets a fresh copy of it."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
import sqlalchemy as sa

from portal.bench import postgres

KINDS = ("sqlite", "postgres")


class Place(Protocol):
    """Where databases of one kind are made."""

    def new(self) -> str:
        """The URL of a new, empty database."""

    def copy(self, url: str) -> str:
        """The URL of a copy of a database nobody is connected to."""

    def drop(self, url: str) -> None:
        """Do away with a database made here."""


class SqlitePlace:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> str:
        return f"sqlite:///{self._folder / uuid.uuid4().hex}.db"

    def copy(self, url: str) -> str:
        copy = self.new()
        shutil.copy(_file(url), _file(copy))
        return copy

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(_file(url) + ending).unlink(missing_ok=True)


class PostgresPlace:
    """Databases of one server."""

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)

    def new(self) -> str:
        return self._made("template1")

    def copy(self, url: str) -> str:
        return self._made(str(sa.make_url(url).database))

    def drop(self, url: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')

    def _made(self, template: str) -> str:
        name = f"portal_bench_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def place(kind: str, folder: Path) -> Iterator[Place]:
    """Where databases of a kind are made; files stand in ``folder``.  Raises NoPostgres."""
    if kind == "sqlite":
        yield SqlitePlace(folder)
        return
    with postgres.address() as url:
        yield PostgresPlace(url)


def _file(url: str) -> str:
    return str(sa.make_url(url).database)

"""The world in which the access table is tried: three companies, one person of every role, put back after each write.

East is everybody's own place.  South is a company of East's community, West one of another town.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask

from portal.core import db
from portal.core.db import Base
from portal.core.journal import JournalLine
from portal.core.once import Once
from portal.core.settings import Settings
from tests.people import Cast
from tests.shelves import Shelf
from tests.visitors import Visitor

OWN, OTHER_COMPANY, OTHER_AREA = SIDES = ("own", "other_company", "other_area")
PLACES = {OWN: "east", OTHER_COMPANY: "south", OTHER_AREA: "west"}


@dataclass
class World:
    """The portal, its people and a thing of every kind on every side."""

    app: Flask
    settings: Settings
    shelf: Shelf
    people: dict[str, Cast]
    """By place; each sees its own place as East, so that the helpers of the other tests serve."""
    roles: dict[str, Any]
    """One actor of every role, all of East, the public apart."""
    things: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    """By name, place and role; role "" where the thing is the same for everybody."""
    seats: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By role, or by what a visitor is in the middle of: the cookie of the session and a token for its forms."""

    def keep(self) -> None:
        """The world is made: this is what it is put back to."""
        self.shelf.keep()

    def put_back(self) -> None:
        """Undo whatever was written."""
        self.shelf.put_back()
        self.shelf.serve()

    def find(self, name: str, side: str, role: str) -> Any:
        """A thing of a side, the one of this role where each has its own; None where that side has none."""
        place = PLACES[side]
        if (name, place, role) in self.things:
            return self.things[name, place, role]
        return self.things[name, place, ""]

    def seat(self, name: str) -> Visitor:
        """A browser in which this role is signed in."""
        visitor = Visitor(self.app)
        cookie, visitor.token = self.seats[name]
        visitor.client.set_cookie("portal", cookie)
        return visitor


COUNTED = frozenset({("export", "downloads")})
"""Columns in which a look is counted."""


def contents() -> dict[str, str]:
    """A digest of every table; a denied deed noted, the token of an answered form and a look counted are no change."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != Once.__tablename__]
    with db.database().engine.connect() as connection:
        return {table.name: _digest(connection, table) for table in tables}


def _digest(connection: sa.Connection, table: sa.Table) -> str:
    names = [f'"{one.name}"' for one in table.columns if (table.name, one.name) not in COUNTED]
    query = f'SELECT {", ".join(names)} FROM "{table.name}"'
    if table.name == JournalLine.__tablename__:
        query += " WHERE verb <> 'denied'"
    rows = sorted(map(repr, connection.exec_driver_sql(query).all()))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def changes(before: dict[str, str]) -> Iterator[str]:
    """The tables that are no longer what they were."""
    return (name for name, digest in contents().items() if before[name] != digest)


def kept_writes() -> int:
    """How many writes were carried out: each leaves its once-token."""
    with db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Once)) or 0

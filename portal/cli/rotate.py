"""Everything that is sealed, sealed anew under the key of now: after SECRET_KEY was changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import click
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from portal import tables
from portal.core import db, secrets_box
from portal.core.actor import SYSTEM
from portal.core.db import Base
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings
from portal.evidence import storage

IN_ROWS = (secrets_box.SEALED["sealed"], secrets_box.TIED["sealed"])
BATCH = 200
"""Rows of one write: some hundredths of a second, so that nobody at a counter notices."""


@dataclass(frozen=True)
class Sealed:
    """A column of sealed texts; ``is_tied`` where each belongs to its row alone."""

    model: type[Any]
    name: str
    is_tied: bool

    @property
    def title(self) -> str:
        return f"{self.model.__tablename__}.{self.name}"

    @property
    def column(self) -> Any:
        return getattr(self.model, self.name)

    def anew(self, row_id: int, text: str) -> str:
        """The same secret under the key of now; raises InvalidTag."""
        about = secrets_box.about(self.model.__tablename__, self.name, row_id) if self.is_tied else ""
        return secrets_box.seal(secrets_box.open_(text, about), about)


@dataclass
class Count:
    """What became of a column: sealed anew, sealed so already, and the rows no key opens."""

    anew: int = 0
    already: int = 0
    shut: list[int] = field(default_factory=list)


def sealed_columns() -> Iterator[Sealed]:
    """Every column whose model marks it, in the order of the tables' names."""
    mappers = sorted(Base.registry.mappers, key=lambda mapper: str(mapper.class_.__tablename__))
    for mapper in mappers:
        for column in mapper.columns:
            if column.info.get("sealed") in IN_ROWS:
                is_tied = column.info["sealed"] == secrets_box.TIED["sealed"]
                yield Sealed(mapper.class_, column.key, is_tied)


def old_files() -> int:
    """How many sealed files lie under an old key; each goes with the import it belongs to."""
    columns = [
        getattr(mapper.class_, column.key)
        for mapper in Base.registry.mappers
        for column in mapper.columns
        if column.info.get("sealed") == secrets_box.FILE["sealed"]
    ]
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        hashes = {sha256 for column in columns for sha256 in session.scalars(sa.select(column)) if sha256}
    return sum(storage.store().has(sha256) and not _is_current(sha256) for sha256 in hashes)


def _is_current(sha256: str) -> bool:
    return secrets_box.is_current(storage.store().read(sha256).decode())


def reseal(sealed: Sealed) -> Count:
    """Seal a column anew, a batch a transaction; begun again it goes on where it was ended.

    Only a text that is still what was read is replaced, so that whoever changes a row meanwhile loses nothing.
    """
    count, last = Count(), 0
    while rows := _batch(sealed, last, count):
        last = rows
    return count


def _batch(sealed: Sealed, after: int, count: Count) -> int:
    """One batch after an id; the id it ended at, 0 where nothing is left."""
    query = sa.select(sealed.model.id, sealed.column).where(
        sealed.model.id > after, sealed.column.is_not(None)
    )
    with db.acting(SYSTEM(Reach(Sight.CITY))) as session:
        rows = session.execute(query.order_by(sealed.model.id).limit(BATCH)).all()
        for row_id, text in rows:
            _one(session, sealed, row_id, text, count)
    return rows[-1][0] if rows else 0


def _one(session: Any, sealed: Sealed, row_id: int, text: str, count: Count) -> None:
    if secrets_box.is_current(text):
        count.already += 1
        return
    try:
        new = sealed.anew(row_id, text)
    except InvalidTag:
        count.shut.append(row_id)
        return
    same = sa.update(sealed.model).where(sealed.model.id == row_id, sealed.column == text)
    count.anew += session.execute(
        same.values({sealed.name: new}), execution_options={"synchronize_session": False}
    ).rowcount


def left_over() -> int:
    """How many texts are still not sealed under the key of now."""
    left = 0
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        for sealed in sealed_columns():
            for text in session.scalars(sa.select(sealed.column).where(sealed.column.is_not(None))):
                left += not secrets_box.is_current(text)
    return left


@click.command("rotate-key")
def rotate_key() -> None:
    """Seal every secret anew under SECRET_KEY; OLD_SECRET_KEYS names the keys of before.

    Restart the web servers and workers with both first, so that none seals under the old key any more.  May be ended
    and begun again at any time, while people work.
    """
    settings = Settings.from_environment()
    tables.load()
    db.use(settings.database_url)
    secrets_box.use(settings.secret_key, *settings.old_secret_keys)
    storage.use(settings)
    shut = 0
    for sealed in sealed_columns():
        count = reseal(sealed)
        shut += len(count.shut)
        click.echo(f"{sealed.title}: {count.anew} sealed anew, {count.already} already")
        for row_id in count.shut[:20]:
            click.echo(f"  row {row_id}: no key that was given opens it", err=True)
    if shut or left_over():
        raise click.ClickException(
            "something is still sealed under an old key: name that key in OLD_SECRET_KEYS and run this again"
        )
    click.echo("Everything in the database is sealed under the key of now.")
    click.echo(
        "OLD_SECRET_KEYS may go once the imports and exports of before this run are over, then restart."
    )

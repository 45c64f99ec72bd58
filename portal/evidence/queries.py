"""Looking up evidence: what belongs to a row, and whether a photo was seen before."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.core.reach import Owned
from portal.evidence.models import Attachment, Blob, Kind, Purpose

MOST_OF_ONE = 600  # six of each of a hundred items; cut off, a check could not be handed in
MOST_OF_MANY = 500
NEAR = 6  # bits of 64; a photo sent again through a messenger differs in fewer
HISTORY = timedelta(days=400)
MOST_COMPARED = 4_000


Sees = Callable[[Actor, int], bool]
"""Whether an actor sees the row of this number."""

_sees: dict[str, Sees] = {}


def shown_with(kind: str, sees: Sees) -> None:
    """Say who sees the rows of a table: whoever does sees what is attached to them, and nobody else."""
    _sees[kind] = sees


Speaks = Callable[[Sequence[str]], Iterable[str]]
"""Those of some hashes that rows of a package speak of."""

_speakers: list[Speaks] = []


def spoken_of_by(speaks: Speaks) -> None:
    """Say which files another package keeps in the storage, by rows of its own: the nightly sweep lets those be."""
    _speakers.append(speaks)


def spoken_of(hashes: Sequence[str]) -> set[str]:
    """Those of the hashes some row speaks of, here or in a package above."""
    kept = sa.select(Blob.sha256).where(Blob.sha256.in_(hashes))
    thumbs = sa.select(Blob.thumb_sha256).where(Blob.thumb_sha256.in_(hashes))
    ours = {*db.session.scalars(kept), *(thumb for thumb in db.session.scalars(thumbs) if thumb)}
    return ours.union(*(speaks(hashes) for speaks in _speakers))


class Look(Protocol):
    """What two pictures are compared by: a staged file or a blob."""

    @property
    def sha256(self) -> str: ...
    @property
    def sha256_in(self) -> str: ...
    @property
    def phash(self) -> str | None: ...


def get_attachment(attachment_id: int) -> Attachment:
    """The attachment with its blob; raises NotThere, also for somebody else's."""
    query = sa.select(Attachment).where(Attachment.id == attachment_id).options(joinedload(Attachment.blob))
    found = db.session.scalars(query).first()
    if found is None:
        raise NotThere
    return found


def get_shown(attachment_id: int, actor: Actor) -> Attachment:
    """The attachment of a row this actor sees; raises NotThere, also where nobody said who sees rows of that table.

    Reach alone is too wide: a department reaches its whole town and sees no self-check of it.
    """
    found = get_attachment(attachment_id)
    sees = _sees.get(found.owner_kind)
    if sees is None or not sees(actor, found.owner_id):
        raise NotThere
    return found


def of(owner: Any, role: Purpose | None = None) -> Sequence[Attachment]:
    """What belongs to a row, in the order it came; at most six hundred."""
    query = _of_kind(owner.__tablename__).where(Attachment.owner_id == owner.id)
    if role is not None:
        query = query.where(Attachment.role == role)
    return list(db.session.scalars(query.limit(MOST_OF_ONE)))


def of_many(owners: Iterable[Any]) -> dict[int, list[Attachment]]:
    """What belongs to each of several rows of one table, by the row's id; five hundred in all."""
    rows = {owner.id: owner for owner in owners}
    found: dict[int, list[Attachment]] = {owner_id: [] for owner_id in rows}
    if not rows:
        return found
    kinds = {owner.__tablename__ for owner in rows.values()}
    if len(kinds) > 1:
        raise ValueError("the owners stand in several tables")
    query = _of_kind(kinds.pop()).where(Attachment.owner_id.in_(rows)).limit(MOST_OF_MANY)
    for one in db.session.scalars(query):
        found[one.owner_id].append(one)
    return found


def find_same(owner: Any, part: str, role: Purpose, blob: Blob) -> Attachment | None:
    """The attachment that already says this, so that a file sent twice stands there once."""
    query = _of_kind(owner.__tablename__).where(
        Attachment.owner_id == owner.id,
        Attachment.part == part,
        Attachment.role == role,
        Attachment.blob_id == blob.id,
    )
    return db.session.scalars(query.limit(1)).first()


def seen_before(look: Look, owner: Owned) -> Attachment | None:
    """The earlier attachment of another row of the company that shows the same picture, or nearly.

    A suspicion to show to a person, never a reason to refuse: two photos of one clean drain look alike.
    The newest 4,000 photos of 400 days are compared.
    """
    history = _history(owner)
    exact = [one.id for one in history if look.sha256_in == one.sha256_in or look.sha256 == one.sha256]
    near = [one.id for one in history if _is_near(look.phash, one.phash)]
    return _earliest_elsewhere(exact, owner) or _earliest_elsewhere(near, owner)


def figures() -> dict[str, int]:
    """For the health page: how many files the last nightly look did not find."""
    query = sa.select(sa.func.count()).select_from(Blob).where(Blob.missing_since.is_not(None))
    return {"missing_files": db.session.scalar(query) or 0}


def _of_kind(kind: str) -> sa.Select[Attachment]:
    query = sa.select(Attachment).where(Attachment.owner_kind == kind).options(joinedload(Attachment.blob))
    return query.order_by(Attachment.id)


def _history(owner: Owned) -> Sequence[Any]:
    query = (
        sa.select(Blob.id, Blob.sha256_in, Blob.sha256, Blob.phash)
        .where(
            Blob.company_id == owner.company_id,
            Blob.kind == Kind.PHOTO,
            Blob.created_at > clock.now() - HISTORY,
        )
        .order_by(Blob.id.desc())
        .limit(MOST_COMPARED)
    )
    return db.session.execute(query).all()


def _is_near(one: str | None, other: str | None) -> bool:
    return bool(one and other) and (int(one or "", 16) ^ int(other or "", 16)).bit_count() <= NEAR


def _earliest_elsewhere(blob_ids: Sequence[int], owner: Any) -> Attachment | None:
    if not blob_ids:
        return None
    is_own = sa.and_(Attachment.owner_kind == owner.__tablename__, Attachment.owner_id == owner.id)
    query = (
        sa.select(Attachment)
        .where(Attachment.blob_id.in_(blob_ids), ~is_own)
        .options(joinedload(Attachment.blob))
        .order_by(Attachment.id)
    )
    return db.session.scalars(query.limit(1)).first()

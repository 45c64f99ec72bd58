"""What can be done with evidence: handed in with a row, taken back, and missed."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.reach import Owned
from portal.evidence import queries
from portal.evidence.models import Attachment, Blob, Purpose
from portal.evidence.staging.taking import Staged


def attach(
    staged: Staged, owner: Owned, part: str, role: Purpose | str, actor: Actor, name: str = ""
) -> Attachment:
    """Make a staged file part of a row, which the caller has checked to be open to this actor.

    A file sent twice for the same part is one attachment.  ``name`` is shown; without it the file's own.
    """
    if getattr(owner, "id", None) is None:
        db.session.add(owner)
        db.session.flush()
    blob, purpose = _blob(staged, owner.company_id), Purpose(role)
    if same := queries.find_same(owner, part, purpose, blob):
        return same
    new = _new(staged, owner, actor, part=part, role=purpose, blob=blob, name=name or staged.name)
    db.session.add(new)
    journal.write(
        new, actor, "attach", owner=f"{new.owner_kind}/{new.owner_id}", part=part, sha256=blob.sha256
    )
    return new


def _new(staged: Staged, owner: Any, actor: Actor, **facts: Any) -> Attachment:
    latitude, longitude = staged.position or (None, None)
    return Attachment(
        **facts,
        owner_kind=owner.__tablename__,
        owner_id=owner.id,
        vendor_id=_vendor_of(owner),
        by_person_id=actor.person_id,
        by_name=actor.name,
        taken_at=staged.taken_at,
        latitude=latitude,
        longitude=longitude,
    ).stands_in(owner)


def detach(attachment: Attachment, actor: Actor) -> None:
    """Take an attachment back, while its owner is still open: that is the caller's to know.

    The bytes stay until the nightly sweep finds that nothing speaks of them.
    """
    owner = f"{attachment.owner_kind}/{attachment.owner_id}"
    journal.write(attachment, actor, "detach", owner=owner, sha256=attachment.blob.sha256)
    db.session.delete(attachment)
    db.session.flush()


def follow(company_id: int, other_id: int, attachments: Any) -> None:
    """Let the files of these attachments (a condition on their rows) be known in another company instead.

    A file that a row left behind shows as well stays where it is, and so does one the other company has already:
    whoever sees an attachment is served its file either way.  The caller looks beyond reach.
    """
    twin = aliased(Blob)
    has_twin = sa.exists().where(
        twin.company_id == other_id, twin.sha256 == Blob.sha256, twin.sha256_in == Blob.sha256_in
    )
    going = sa.update(Blob).where(
        Blob.company_id == company_id,
        Blob.id.in_(sa.select(Attachment.blob_id).where(attachments)),
        Blob.id.not_in(sa.select(Attachment.blob_id).where(~attachments)),
        ~has_twin,
    )
    db.session.execute(going.values(company_id=other_id), execution_options={"synchronize_session": False})


def note_missing(blob: Blob, actor: Actor) -> None:
    """A file is not where its row says."""
    blob.missing_since = clock.now()
    journal.write(blob, actor, "file_missing", sha256=blob.sha256)


def note_found(blob: Blob, actor: Actor) -> None:
    """A file that was missing lies there again."""
    blob.missing_since = None
    journal.write(blob, actor, "file_found", sha256=blob.sha256)


def _vendor_of(owner: Any) -> int | None:
    found = getattr(owner, getattr(owner, "__vendor_key__", "vendor_id"), None)
    return int(found) if found is not None else None


def _blob(staged: Staged, company_id: int) -> Blob:
    """The company's row of these bytes, made if it is the first; a twin at the same time does no harm."""
    key = {"company_id": company_id, "sha256": staged.sha256, "sha256_in": staged.sha256_in}
    db.insert_if_new(
        Blob,
        **key,
        thumb_sha256=staged.thumb_sha256,
        phash=staged.phash,
        kind=staged.kind,
        size=staged.size,
        width=staged.width,
        height=staged.height,
        created_at=clock.now(),
    )
    return db.session.scalars(sa.select(Blob).filter_by(**key)).one()

"""What can be done with notices: tell, read, read them all."""

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.policy import demand
from portal.notices import texts
from portal.notices.models import Notice
from portal.notices.policy import May

OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")
MOST_LINES = 60


def tell(
    person_id: int,
    event: str,
    link: str,
    digest_key: str | None = None,
    *,
    key: str | None = None,
    **params: Any,
) -> None:
    """Put a notice into a person's inbox, in the transaction of its cause.

    ``link`` is a path of the portal.  With ``digest_key`` everything told this day under it is one notice of
    several lines; with ``key`` telling again says nothing new.  Raises LookupError for an event without words,
    ValueError for a missing word or a foreign link, TypeError for a figure that cannot be kept.
    """
    texts.check(event, params)
    if not OWN_PATH.fullmatch(link):
        raise ValueError(f"{link!r} is no path of the portal")
    figures = texts.packed(params)
    if digest_key is None:
        _enter(person_id, event, link, figures, once_key=f"{event} {key}" if key else None)
    else:
        _gather(person_id, event, link, figures, f"{digest_key}@{clock.today().isoformat()}")


def tell_many(
    person_ids: Iterable[int],
    event: str,
    link: str,
    *,
    key: str,
    digest_key: str | None = None,
    **params: Any,
) -> None:
    """Tell several people the same, each once however often an errand runs again."""
    for person_id in sorted(set(person_ids)):  # in one order, so that two tellers do not wait for each other
        tell(person_id, event, link, digest_key, key=key, **params)


def read(notice: Notice, actor: Actor) -> None:
    """Put a notice away as read."""
    demand(actor, May.PUT_AWAY)
    if notice.read_at is None:
        notice.read_at = clock.now()


def read_all(actor: Actor) -> None:
    """Put all of one's notices away as read."""
    demand(actor, May.PUT_AWAY)
    waiting = sa.update(Notice).where(Notice.person_id == actor.person_id, Notice.read_at.is_(None))
    db.session.execute(waiting.values(read_at=clock.now()))


def _enter(person_id: int, event: str, link: str, params: dict[str, Any], **keys: str | None) -> bool:
    now = clock.now()
    return db.insert_if_new(
        Notice,
        person_id=person_id,
        event=event,
        link=link,
        params=params,
        lines=[],
        line_count=0,
        created_at=now,
        told_at=now,
        **keys,
    )


def _gather(person_id: int, event: str, link: str, params: dict[str, Any], digest_key: str) -> None:
    """Add a line to the day's digest; a line it already has is no news."""
    _enter(person_id, event, link, params, digest_key=digest_key)
    query = sa.select(Notice).where(Notice.person_id == person_id, Notice.digest_key == digest_key)
    notice = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    line = {"event": event, "link": link, "params": params}
    if line in notice.lines:
        return
    if len(notice.lines) < MOST_LINES:
        notice.lines = [*notice.lines, line]
    notice.line_count += 1
    notice.told_at, notice.read_at = clock.now(), None
    db.session.flush()

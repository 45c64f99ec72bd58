"""Looking up a person's notices, and who is to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from portal.accounts.models import Membership, Person
from portal.core import clock, db
from portal.core.actor import Role
from portal.core.db import Moment
from portal.core.errors import NotThere
from portal.notices.models import Notice
from portal.territory.models import Organisation

PAGE = 20
MOST_COUNTED = 100
MOST_TOLD = 500


@dataclass(frozen=True)
class InboxPage:
    """One page of an inbox, unread first and the latest first, and where the next begins ("" on the last)."""

    rows: Sequence[Notice]
    next_cursor: str


@dataclass(frozen=True)
class Cursor:
    """The last notice of a page: whether it was read, when it was told, its number."""

    is_read: bool
    told_at: datetime
    notice_id: int

    def __str__(self) -> str:
        micros = round(self.told_at.timestamp() * 1_000_000)
        return f"{'r' if self.is_read else 'u'}.{micros}.{self.notice_id}"


def get_notice(notice_id: int, person_id: int) -> Notice:
    """A person's own notice; raises NotThere, also for somebody else's."""
    query = sa.select(Notice).where(Notice.id == notice_id, Notice.person_id == person_id)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotThere
    return found


def unread(person_id: int) -> int:
    """How many notices wait, counted up to a hundred."""
    waiting = sa.select(Notice.id).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    counted = waiting.limit(MOST_COUNTED).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0


def inbox(person_id: int, cursor: str = "") -> InboxPage:
    """Twenty notices of a person; a cursor that is none of ours starts at the beginning."""
    after = _parsed(cursor)
    rows: list[Notice] = []
    if after is None or not after.is_read:
        rows += _some(person_id, Notice.read_at.is_(None), after, PAGE + 1)
    if len(rows) <= PAGE:
        after = after if after is not None and after.is_read else None
        rows += _some(person_id, Notice.read_at.is_not(None), after, PAGE + 1 - len(rows))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    mark = str(Cursor(not last.is_unread, last.told_at, last.id)) if last else ""
    return InboxPage(rows[:PAGE], mark)


def _some(person_id: int, wanted: Any, after: Cursor | None, most: int) -> list[Notice]:
    query = sa.select(Notice).where(Notice.person_id == person_id, wanted)
    if after is not None:
        here = sa.tuple_(sa.literal(after.told_at, Moment()), sa.literal(after.notice_id))
        query = query.where(sa.tuple_(Notice.told_at, Notice.id) < here)
    return list(db.session.scalars(query.order_by(Notice.told_at.desc(), Notice.id.desc()).limit(most)))


def _parsed(text: str) -> Cursor | None:
    stage, _, rest = text.partition(".")
    micros, _, number = rest.partition(".")
    if stage not in {"u", "r"} or not all(_is_number(part) for part in (micros, number)):
        return None
    return Cursor(stage == "r", datetime.fromtimestamp(int(micros) / 1_000_000, UTC), int(number))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 17


def acting_for(organisation_id: int, *roles: Role) -> list[int]:
    """The persons who act for an organisation today, in these roles or in any."""
    return _persons(roles, Membership.organisation_id == organisation_id)


def acting_in(area_code: str, *roles: Role) -> list[int]:
    """The persons who act today for the organisations of exactly this area, in these roles or in any.

    Above all the officers of a community (12 digits) or a town (9 digits) a market stands in.
    """
    in_area = sa.select(Organisation.id).where(Organisation.area_code == area_code)
    return _persons(roles, Membership.organisation_id.in_(in_area))


def acting_as_vendor(company_id: int, vendor_id: int) -> list[int]:
    """The persons who act for a vendor today."""
    is_vendor = sa.and_(Membership.organisation_id == company_id, Membership.vendor_id == vendor_id)
    return _persons((Role.VENDOR,), is_vendor)


def _persons(roles: tuple[Role, ...], where: Any) -> list[int]:
    today = clock.today()
    query = (
        sa.select(Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            where,
            Membership.ended_at.is_(None),
            Membership.from_on <= today,
            sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
            Person.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Membership.person_id)
        .limit(MOST_TOLD)
    )
    if roles:
        query = query.where(Membership.role.in_(roles))
    return list(db.session.scalars(query))

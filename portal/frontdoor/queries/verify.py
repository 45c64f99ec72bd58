"""What stands behind a verification code: which record it is and whether a word of it was changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.core import db, digests, door
from portal.core.door import Door
from portal.markets.models import Market, PostKind
from portal.selfcheck.models import ControlRecord, Submission
from portal.selfcheck.queries import contents, records

OPENS: dict[str, type[Any]] = {one.__tablename__: one for one in (ControlRecord, Submission)}


@dataclass(frozen=True)
class Verified:
    """A record as a stranger may know it: what, of which market and day, when; no name and nothing that was found."""

    what: Any
    market: str
    first: date
    last: date
    at: datetime
    digest: str
    is_unchanged: bool
    signed_as: Any = ""
    number: int = 0
    newer: str = ""
    """The digest of a later submission of the same check, where it was sent back and walked again."""

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last eight signs, to be held against the paper."""
        return self.digest[:8], self.digest[-8:]

    @property
    def groups(self) -> str:
        return digests.in_groups(self.digest, 8)


def verify(text: str) -> Verified | None:
    """What a digest or short code opens; None alike for a malformed, an unknown and a revoked one."""
    code = digests.typed(text)
    found = _door(code) if code else None
    if found is None:
        return None
    with db.opened(found.reach, writes=False) as own:
        row = own.get(OPENS[found.opens], found.subject_id)
        if row is None:
            return None
        market = own.get_one(Market, row.market_id)
        return _record(row, market) if isinstance(row, ControlRecord) else _submission(row, market)


def _door(code: str) -> Door | None:
    return next((found for opens in OPENS if (found := door.find(opens, code)) is not None), None)


def _record(row: ControlRecord, market: Market) -> Verified:
    assert row.signed_at is not None, "a door stands before signed records alone"
    return Verified(
        what=row.kind.label,
        market=market.name,
        first=row.period_on,
        last=contents.last_day(row.kind, row.period_on),
        at=row.signed_at,
        digest=row.digest or "",
        is_unchanged=records.is_unchanged(row),
        signed_as=PostKind(row.signed_as).label,
    )


def _submission(row: Submission, market: Market) -> Verified:
    later = records.later_submission(row)
    occurrence = records.check_of(row)
    return Verified(
        what=occurrence.slot.label,
        market=market.name,
        first=occurrence.service_day,
        last=occurrence.service_day,
        at=row.submitted_at,
        digest=row.digest,
        is_unchanged=records.is_unchanged(row),
        number=row.number,
        newer=later.digest if later else "",
    )

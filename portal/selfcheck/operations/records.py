"""Records that come out of the checks by themselves, and the signature that fixes them."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts.operations.signatures import Signature
from portal.core import clock, db, door, errands
from portal.core.actor import Actor
from portal.core.digests import digest_of, short_code
from portal.core.errors import Mistake, NotAllowed, TooLate
from portal.core.reach import Reach, Sight
from portal.markets import queries as markets
from portal.markets.models import Market
from portal.selfcheck.models import ControlRecord, Occurrence, RecordKind, Submission
from portal.selfcheck.queries import contents
from portal.selfcheck.queries import records as queries
from portal.selfcheck.workflow import RECORD, RecordState

LONGEST_MEASURES = 2_000


def ask_to_form(place: Market | Occurrence, day: date) -> None:
    """Have a market's records of a day formed anew once this transaction is kept; many askings are one forming."""
    reach = Reach(Sight.COMPANY, str(place.company_id))
    key = f"{place.market_id}/{day.isoformat()}"
    facts: dict[str, Any] = {"market_id": place.market_id, "day": day.isoformat()}
    errands.later("selfcheck.form_records", key, reach=reach, again=True, **facts)


def form_records(market: Market, day: date) -> list[ControlRecord]:
    """Form the records of a day: 日管控 and 防火巡查; on a Monday last week's report, on the 1st last month's minutes.

    A record of a longer period that contains the day and is still forming is brought up to date as well.  Forming
    again changes nothing where no check changed; a signed record is never touched.
    """
    wanted = {(kind, day) for kind in (RecordKind.DAILY, RecordKind.PATROL)}
    if day.weekday() == 0:
        wanted.add((RecordKind.WEEKLY, day - contents.WEEK))
    if day.day == 1:
        wanted.add((RecordKind.MONTHLY, contents.period_of(RecordKind.MONTHLY, day - timedelta(days=1))))
    wanted |= {(one.kind, one.period_on) for one in _longer(market, day)}
    kept = contents.kinds_of(market)
    formed = [_form(market, kind, period_on) for kind, period_on in sorted(wanted) if kind in kept]
    return [record for record in formed if record is not None]


def sign(record: ControlRecord, signature: Signature, measures: str, actor: Actor, *, seen: str = "") -> None:
    """Sign a record: its content is computed a last time, fixed, and given its digest and its door.

    ``seen`` is the digest of the content the signer looked at.  Raises TooLate where it is signed, incomplete or has
    changed since, NotAllowed for whoever does not hold the post, Mistake("measures") where problems found stand
    without a word on how they were handled.
    """
    if record.state is RecordState.SIGNED:
        raise TooLate(_l("这份记录已经签认，不能再改。"))
    post = queries.SIGNED_BY[record.kind]
    if signature.person_id != actor.person_id or not queries.may_sign(actor, record):
        raise NotAllowed(_l("这份记录要由%(post)s签认。", post=post.label))
    market = markets.get_market(actor, record.market_id)
    content = contents.content_of(market, record.kind, record.period_on)
    _check_complete(record, content, seen)
    RECORD.perform(
        "sign",
        record,
        actor,
        content=content,
        measures=_measures(record.kind, content, measures),
        signed_by_id=signature.person_id,
        signed_by_name=signature.name,
        signed_as=post.value,
        signed_with=signature.method.value,
        signed_at=signature.at,
    )
    record.digest = digest_of(queries.statement_of(record))
    open_to_public(record)


def open_to_public(row: ControlRecord | Submission) -> None:
    """Put two doors before a signed record or a submission: its digest, and the short code one can type."""
    digest = row.digest or ""
    door.make(row.__tablename__, row, digest, short_code(digest))


def _longer(market: Market, day: date) -> list[ControlRecord]:
    """The week's and the month's record that contain a day, while they form."""
    periods = [
        sa.and_(ControlRecord.kind == kind, ControlRecord.period_on == contents.period_of(kind, day))
        for kind in (RecordKind.WEEKLY, RecordKind.MONTHLY)
    ]
    query = sa.select(ControlRecord).where(
        ControlRecord.market_id == market.id, ControlRecord.state == RecordState.FORMING, sa.or_(*periods)
    )
    return list(db.session.scalars(query))


def _form(market: Market, kind: RecordKind, period_on: date) -> ControlRecord | None:
    content = contents.content_of(market, kind, period_on)
    record = queries.find_record(market, kind, period_on)
    if record is None:
        if not contents.is_due(content):
            return None
        record = ControlRecord(market_id=market.id, kind=kind, period_on=period_on, content=content)
        db.session.add(record.stands_in(market))
        db.session.flush()
        return record
    if record.state is RecordState.FORMING and record.content != content:
        record.content, record.formed_at = content, clock.now()
    return record


def _check_complete(record: ControlRecord, content: dict[str, Any], seen: str) -> None:
    if not contents.is_complete(record.kind, record.period_on, content):
        raise TooLate(_l("这段时间的检查还没有全部结束，等交齐或者过了时间再签。"))
    if seen and seen != digest_of(content):
        raise TooLate(_l("刚才检查有变化，记录的内容已经更新。请再看一遍，然后签。"))


def _measures(kind: RecordKind, content: dict[str, Any], measures: str) -> str:
    """The words on measures: needed where something was found, and for the minutes of a month."""
    words = measures.strip()
    if not words and kind is RecordKind.MONTHLY:
        raise Mistake("measures", _l("请写会议决定、资源安排和下月重点。"))
    if not words and content["counts"]["findings"]:
        raise Mistake("measures", _l("这段时间发现了问题，请写怎么处理的。"))
    if len(words) > LONGEST_MEASURES:
        raise Mistake("measures", _l("最多写 %(n)s 个字。", n=LONGEST_MEASURES))
    return words

"""Telling people about checks: found, sent back, due soon, missed.  Nothing here moves a check."""

from datetime import time, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.actor import COMMUNITY_ROLES, Actor, Role
from portal.core.reach import Reach, Sight
from portal.markets.models import Market, PostKind
from portal.markets.queries import holders_of
from portal.notices import operations as notices
from portal.notices import queries as audience
from portal.selfcheck import notices as events
from portal.selfcheck.models import BACKFILL_FOR, Answer, ControlRecord, Occurrence, Sheet
from portal.selfcheck.queries import checks, records
from portal.selfcheck.workflow import CheckState, RecordState

WARNED_BEFORE = timedelta(minutes=20)
LOOK_EVERY = timedelta(minutes=5)
LONGEST_PERIOD = timedelta(days=32)
ANSWERABLE = (PostKind.SAFETY_MANAGER, PostKind.HEAD)


def tell_submitted_later(occurrence: Occurrence, number: int) -> None:
    """Have manager and community told of a check with a problem, once it is committed."""
    _later("selfcheck.tell_submitted", occurrence, number)


def tell_sent_back_later(occurrence: Occurrence) -> None:
    """Have whoever walked told that the check came back, once it is committed."""
    _later("selfcheck.tell_sent_back", occurrence, int(clock.now().timestamp()))


def tell_let_off_later(row: Any, what: events.LetOff, reason: str, actor: Actor, link: str) -> None:
    """Have the community told that a market will not check something, and why, once it is committed."""
    errands.later(
        "selfcheck.tell_let_off", f"{row.__tablename__}/{row.id}/{int(clock.now().timestamp())}",
        reach=Reach(Sight.COMPANY, str(row.company_id)), market_id=row.market_id, what=what.value,
        reason=reason, who=actor.name, link=link,
    )  # fmt: skip


def _later(name: str, occurrence: Occurrence, number: int = 0) -> None:
    reach = Reach(Sight.COMPANY, str(occurrence.company_id))
    errands.later(name, f"{occurrence.id}/{number}", reach=reach, occurrence_id=occurrence.id)


def _later_each(name: str, *which: sa.ColumnElement[bool]) -> None:
    """One errand for each of these checks, each in its company's reach: they are looked up by number and asked for in
    one statement, so that a busy hour does not hold the lock."""
    found = db.session.execute(sa.select(Occurrence.id, Occurrence.company_id).where(*which)).all()
    wanted: dict[str, tuple[Reach | None, dict[str, Any]]] = {
        f"{number}/0": (Reach(Sight.COMPANY, str(company_id)), {"occurrence_id": number})
        for number, company_id in found
    }
    errands.later_each(name, wanted)


@errands.handler("selfcheck.tell_submitted")
def tell_submitted(data: dict[str, Any]) -> None:
    """Tell the manager what was found, the community what to look at, and both of a suspected major hazard."""
    occurrence, market = _found(data)
    key = f"submitted/{occurrence.id}/{occurrence.submitted_at}"
    facts: dict[str, Any] = {"market": market.name, "slot": occurrence.slot, "number": occurrence.failed}
    officers = audience.acting_in(market.community_code, *COMMUNITY_ROLES)
    assert occurrence.submitted_at and occurrence.review_due_at, "it was submitted"
    if occurrence.failed:
        notices.tell_many(
            _answerable(market) - {occurrence.submitted_by_id or 0}, events.FOUND, _page(occurrence), key=key,
            who=occurrence.submitted_by_name, at=occurrence.submitted_at, **facts,
        )  # fmt: skip
    notices.tell_many(
        officers, events.TO_REVIEW, f"/reviews/{occurrence.id}", key=key,
        digest_key="selfcheck.to_review", until=occurrence.review_due_at, **facts,
    )  # fmt: skip
    if item := _suspected(occurrence):
        town = audience.acting_in(market.town_code, Role.TOWN_DISPATCHER)
        people = {*officers, *town, *_answerable(market)}
        notices.tell_many(
            people,
            events.SUSPECTED_MAJOR,
            _page(occurrence),
            key=f"major/{key}",
            market=market.name,
            item=item,
        )


@errands.handler("selfcheck.tell_sent_back")
def tell_sent_back(data: dict[str, Any]) -> None:
    """Tell whoever submitted, and who answers for the market, why it came back."""
    occurrence, market = _found(data)
    people = {occurrence.submitted_by_id or 0, *_answerable(market)} - {0}
    notices.tell_many(
        people, events.SENT_BACK, _page(occurrence), key=f"sent_back/{occurrence.id}/{occurrence.reviewed_at}",
        market=market.name, slot=occurrence.slot, who=occurrence.reviewed_by_name, reason=occurrence.review_note,
        until=occurrence.review_due_at,
    )  # fmt: skip


@errands.handler("selfcheck.tell_let_off")
def tell_let_off(data: dict[str, Any]) -> None:
    """Tell the community what a market decided by itself not to check, in the digest of the day."""
    market = db.session.get_one(Market, data["market_id"])
    notices.tell_many(
        audience.acting_in(market.community_code, *COMMUNITY_ROLES), events.LET_OFF, data["link"],
        key=f"let_off/{data['link']}/{data['what']}/{data['reason']}", digest_key=f"selfcheck.let_off/{market.id}",
        market=market.name, what=events.LetOff(data["what"]), who=data["who"], reason=data["reason"],
    )  # fmt: skip


@errands.schedule("selfcheck.due_soon", every=LOOK_EVERY)
def look_for_due_soon(_data: dict[str, Any]) -> None:
    """Ask for a word about every check that is due in twenty minutes and not submitted."""
    now = clock.now()
    is_due_soon = Occurrence.due_at.between(now, now + WARNED_BEFORE)
    _later_each("selfcheck.tell_due_soon", Occurrence.state.in_(checks.WAITING), is_due_soon)


@errands.handler("selfcheck.tell_due_soon")
def tell_due_soon(data: dict[str, Any]) -> None:
    """Tell whoever began the check, else all who walk in the market; nothing once it is submitted or over."""
    occurrence, market = _found(data)
    if occurrence.state not in checks.WAITING or clock.now() > occurrence.due_at:
        return
    people = {occurrence.opened_by_id} if occurrence.opened_by_id else _walkers(market)
    notices.tell_many(
        people, events.DUE_SOON, _page(occurrence), key=f"due_soon/{occurrence.id}",
        market=market.name, slot=occurrence.slot, due=occurrence.due_at,
    )  # fmt: skip


@errands.schedule("selfcheck.missed_digest", at=time(8, 30))
def look_for_missed(_data: dict[str, Any]) -> None:
    """Ask for a word about every check that was not walked and may still be entered."""
    now = clock.now()
    _later_each(
        "selfcheck.tell_missed",
        Occurrence.state.in_((*checks.WAITING, CheckState.MISSED)),
        Occurrence.is_backfilled.is_(False),
        Occurrence.missed_at.between(now - BACKFILL_FOR, now),  # each is told once
    )


@errands.handler("selfcheck.tell_missed")
def tell_missed(data: dict[str, Any]) -> None:
    """Tell who answers for the market, in the digest of the day; nothing once it was entered."""
    occurrence, market = _found(data)
    if not occurrence.is_missed(clock.now()):
        return
    notices.tell_many(
        _answerable(market), events.MISSED, _page(occurrence), key=f"missed/{occurrence.id}",
        digest_key=f"selfcheck.missed/{market.id}", market=market.name, slot=occurrence.slot,
        day=occurrence.service_day, until=occurrence.enterable_until,
    )  # fmt: skip


@errands.schedule("selfcheck.to_sign", at=time(8, 40))
def look_for_unsigned(_data: dict[str, Any]) -> None:
    """Ask for a word to whoever signs the records whose time ended yesterday."""
    query = sa.select(ControlRecord.market_id, ControlRecord.company_id).where(
        ControlRecord.state == RecordState.FORMING,
        ControlRecord.period_on >= clock.today() - LONGEST_PERIOD,
    )
    wanted: dict[str, tuple[Reach | None, dict[str, Any]]] = {
        f"{market_id}/{clock.today()}": (Reach(Sight.COMPANY, str(company_id)), {"market_id": market_id})
        for market_id, company_id in db.session.execute(query.distinct())
    }
    errands.later_each("selfcheck.tell_to_sign", wanted)


@errands.handler("selfcheck.tell_to_sign")
def tell_to_sign(data: dict[str, Any]) -> None:
    """Tell the holders of the post, in the digest of the day."""
    market = db.session.get_one(Market, data["market_id"])
    for record in records.ended_on(market, clock.today() - timedelta(days=1)):
        holders = holders_of([market.id], [records.SIGNED_BY[record.kind]])[market.id]
        notices.tell_many(
            holders, events.TO_SIGN, f"/records/{record.id}", key=f"to_sign/{record.id}",
            digest_key=f"selfcheck.to_sign/{market.id}", market=market.name, kind=record.kind,
            day=record.period_on, number=record.content["counts"]["findings"],
        )  # fmt: skip


def _found(data: dict[str, Any]) -> tuple[Occurrence, Market]:
    occurrence = db.session.get_one(Occurrence, data["occurrence_id"])
    return occurrence, checks.market_of(occurrence)


def _answerable(market: Market) -> set[int]:
    return set(holders_of([market.id], ANSWERABLE)[market.id])


def _walkers(market: Market) -> set[int]:
    return set(holders_of([market.id], [PostKind.PATROLLER])[market.id]) or _answerable(market)


def _page(occurrence: Occurrence) -> str:
    return f"/checks/{occurrence.id}"


def _suspected(occurrence: Occurrence) -> str:
    """The title of the first item flagged 疑似重大, or ""."""
    query = sa.select(Answer.item_code).where(
        Answer.occurrence_id == occurrence.id, Answer.is_suspected_major.is_(True)
    )
    code = db.session.scalars(query.order_by(Answer.id).limit(1)).first()
    items = db.session.get_one(Sheet, occurrence.sheet_id).items if code else []
    return next((str(item["title"]) for item in items if item["code"] == code), "")

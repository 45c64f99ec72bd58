"""What is done with checks as obligations: made ahead, kept in step with the plan, begun for an event, missed, excused.

Making and keeping in step are one act, which compares what should be there with what is there.  It may be repeated, or
killed half-way, and the next one does the rest.
"""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal, refs
from portal.core.actor import SYSTEM, Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.core.reach import ReachRefused, Sight
from portal.markets.models import Market
from portal.selfcheck import tasks
from portal.selfcheck.models import ExcuseKind, Occurrence, PlanLine, Sheet, Slot
from portal.selfcheck.notices import LetOff
from portal.selfcheck.policy import May
from portal.selfcheck.queries import plans, sheets
from portal.selfcheck.queries.outlook import Outlook, Wanted, outlook
from portal.selfcheck.queries.plans import Window
from portal.selfcheck.queries.sheets import Content
from portal.selfcheck.workflow import CHECK, CheckState

AHEAD = timedelta(days=14)
EVENT_MINUTES = 240
LARGEST_SEED = 2**62
BATCH = 200
COMES_BACK = frozenset({ExcuseKind.CLOSED, ExcuseKind.PLAN})


def make_ahead(market: Market, until: date | None = None) -> int:
    """Make the market's checks up to ``until`` (two weeks ahead) and bring those ahead into step; say how many are new.

    Idempotent.  Days nobody made, while no worker ran, are made up for and are then missed.  Needs the company's own
    reach, for a company's own items are nobody else's to read; raises ReachRefused under any other.
    """
    _need_own_reach()
    db.session.execute(sa.select(Market.id).where(Market.id == market.id).with_for_update())
    now, today = clock.now(), clock.today()
    last = until or today + AHEAD
    ahead = outlook(market, today, last)
    there = _there(market, min([today, *(day for _, day, _ in ahead.wanted)]), last)
    missing = [
        one
        for key, one in ahead.wanted.items()
        if key not in there
        and (one.window.due_at > now or one.day > ahead.made_until.get(one.line.id, today))
    ]
    sheet_ids = _sheets(market, (one.content for one in ahead.wanted.values()))
    for key, check in there.items():
        _bring_into_step(check, ahead.wanted.get(key), ahead, sheet_ids, now)
    _make(market, missing, sheet_ids)
    return len(missing)


def refresh(market: Market) -> int:
    """After a change of plan, list, items or calendar: excuse what fell away, give the rest its sheet, make the new."""
    return make_ahead(market)


def _need_own_reach() -> None:
    reach = db.session.reach
    if reach is None or reach.sight is not Sight.COMPANY:
        raise ReachRefused("checks are made in the company's own reach")


def _there(market: Market, first: date, last: date) -> dict[tuple[int, date, int], Occurrence]:
    query = sa.select(Occurrence).where(
        Occurrence.market_id == market.id,
        Occurrence.service_day.between(first, last),
        Occurrence.slot != Slot.EVENT,
    )
    return {(one.plan_line_id, one.service_day, one.round_no): one for one in db.session.scalars(query)}


def _sheets(market: Market, contents: Iterable[Content]) -> dict[str, int]:
    """The ids of the sheets of these contents by digest; those not there yet are written down."""
    by_digest = {one.digest: one for one in contents}
    known = sheets.known_sheets(market, set(by_digest))
    new = [
        Sheet(
            market_id=market.id,
            slot=one.slot,
            digest=digest,
            items=list(one.items),
            skipped=list(one.skipped),
        ).stands_in(market)
        for digest, one in by_digest.items()
        if digest not in known
    ]
    db.session.add_all(new)
    db.session.flush()
    return {**known, **{sheet.digest: sheet.id for sheet in new}}


def _bring_into_step(
    check: Occurrence, wanted: Wanted | None, ahead: Outlook, sheet_ids: dict[str, int], now: datetime
) -> None:
    """What nobody has begun follows the plan; what was begun, missed or excused by hand stays as it is."""
    me = SYSTEM(db.session.reach)
    if (
        check.state is CheckState.EXCUSED
        and check.excuse_kind in COMES_BACK
        and wanted
        and check.due_at > now
    ):
        CHECK.perform("restore", check, me, excuse_kind=None, excuse_reason="")
    if check.state is not CheckState.DUE or check.is_missed(now):
        return
    if wanted is not None:
        sheet_id = sheet_ids[wanted.content.digest]
        if check.sheet_id != sheet_id:
            check.sheet_id, check.item_count = sheet_id, len(wanted.content.items)
        if check.zone_ids != wanted.zone_ids:
            check.zone_ids = wanted.zone_ids
    elif check.service_day >= clock.today():
        reason = ahead.closed.reason_on(check.service_day)
        kind = ExcuseKind.PLAN if reason is None else ExcuseKind.CLOSED
        CHECK.perform("excuse", check, me, excuse_kind=kind, excuse_reason=reason or str(kind.label))


def _make(market: Market, missing: list[Wanted], sheet_ids: dict[str, int]) -> None:
    numbers = _new_refs(len(missing))
    db.session.add_all(
        _occurrence(market, one.line, one.day, one.window, one.content, sheet_ids, ref, zone_ids=one.zone_ids)
        for one, ref in zip(missing, numbers, strict=True)
    )
    db.session.flush()


def _occurrence(
    market: Market,
    line: PlanLine,
    day: date,
    window: Window,
    content: Content,
    sheet_ids: dict[str, int],
    ref: str,
    *,
    zone_ids: list[int],
    event: str = "",
) -> Occurrence:
    return Occurrence(
        market_id=market.id,
        plan_line_id=line.id,
        sheet_id=sheet_ids[content.digest],
        ref=ref,
        slot=line.slot,
        service_day=day,
        round_no=window.round_no,
        opens_at=window.opens_at,
        due_at=window.due_at,
        missed_at=window.missed_at,
        zone_ids=zone_ids,
        event=event,
        seed=secrets.randbelow(LARGEST_SEED),
        item_count=len(content.items),
    ).stands_in(market)


def _new_refs(number: int) -> list[str]:
    """As many references as asked for that no check of the company bears."""
    found: set[str] = set()
    while len(found) < number:
        drawn = {refs.new_ref() for _ in range(number - len(found))}
        found |= drawn - set(db.session.scalars(sa.select(Occurrence.ref).where(Occurrence.ref.in_(drawn))))
    return list(found)


def start_event(market: Market, event: str, actor: Actor, codes: frozenset[str] = frozenset()) -> Occurrence:
    """Something has happened: make a check, open from now on, of the items that name it.

    ``codes`` chooses the items; without them and without an item that names ``event`` all event items are walked.
    Raises NotAllowed, Mistake("event").
    """
    demand(actor, May.WALK, market)
    _need_own_reach()
    words = event.strip()
    if not 2 <= len(words) <= 120:
        raise Mistake("event", _l("请写遇到了什么事，2 到 120 个字。"))
    today = clock.today()
    content = sheets.maker(market, today, today).content(Slot.EVENT, today, event=words, codes=codes)
    if not content.items:
        raise Mistake("event", _l("这个市场没有要查的遇事事项。"))
    line = _event_line(market, actor)
    sheet_ids = _sheets(market, [content])
    window = _window_from_now(line, today)
    check = _occurrence(
        market, line, today, window, content, sheet_ids, _new_refs(1)[0], zone_ids=[], event=words
    )
    db.session.add(check)
    journal.write(check, actor, "start_event", words)
    return check


def _event_line(market: Market, actor: Actor) -> PlanLine:
    line = plans.find_event_line(market)
    if line is None:
        line = PlanLine(
            market_id=market.id,
            slot=Slot.EVENT,
            starts_at=datetime.min.time(),
            minutes=EVENT_MINUTES,
            from_on=clock.today(),
            set_by_id=actor.person_id,
        ).stands_in(market)
        db.session.add(line)
        db.session.flush()
    return line


def _window_from_now(line: PlanLine, today: date) -> Window:
    """The next round of the event line, opening now."""
    query = sa.select(sa.func.max(Occurrence.round_no)).where(
        Occurrence.plan_line_id == line.id, Occurrence.service_day == today
    )
    now = clock.now()
    due_at = now + timedelta(minutes=line.minutes)
    missed_at = due_at + timedelta(minutes=line.grace_minutes)
    return Window((db.session.scalar(query) or 0) + 1, now, due_at, missed_at)


def mark_missed(now: datetime, market_id: int | None = None) -> int:
    """Record what the due times already say, of one market or of all; say how many checks were missed."""
    me, count = SYSTEM(db.session.reach), 0
    while late := plans.overdue_checks(now, BATCH, market_id):
        for check in late:
            CHECK.perform("miss", check, me)
        db.session.flush()
        count += len(late)
    return count


def excuse(check: Occurrence, reason: str, actor: Actor) -> None:
    """Let one check be, for a reason, before it is due.

    Raises NotAllowed, TooLate (it is due already, or done, or something was found in it), Mistake("reason").
    """
    demand(actor, May.EXCUSE, check)
    if check.failed:
        raise TooLate(_l("这次检查已经查出问题，不能免查，请照实提交。"))
    if clock.now() >= check.due_at:
        raise TooLate(_l("时间已过，不能再免查；没有查的照实记为未查。"))
    words = reason.strip()
    if not 4 <= len(words) <= 200:
        raise Mistake("reason", _l("请写明为什么不查，4 到 200 个字。"))
    CHECK.perform("excuse", check, actor, words, excuse_kind=ExcuseKind.HAND, excuse_reason=words)
    tasks.tell_let_off_later(check, LetOff.CHECK, words, actor, f"/reviews/{check.id}")

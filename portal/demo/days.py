"""The second chapter: day after day the checks are made, walked, handed in and looked at, as the clock says."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.operations.signatures import Method, Signature
from portal.core import clock, db
from portal.core.actor import Actor
from portal.demo.cast import Place
from portal.demo.foundation import Company
from portal.evidence.staging import Staged, stage
from portal.markets.models import Market, Stall
from portal.selfcheck.models import ControlRecord, ItemKind, Occurrence, Outcome, RecordKind, ReviewKind, Slot
from portal.selfcheck.operations import checks, occurrences, records, reviews
from portal.selfcheck.operations.answers import Given
from portal.selfcheck.queries import walk
from portal.selfcheck.queries.items import Item, items_of
from portal.selfcheck.workflow import CheckState, RecordState

PHOTOS = Path(__file__).parent / "photos"
FAILS = 25  # of a thousand answers
MISSED, LATE, SENT_BACK = 1, 3, 12  # of a hundred checks; the last of a hundred with a problem
LOOKED_AT, SIGNED_AT = time(9, 10), time(8, 30)
OUT_OF_RANGE = Decimal("3.2")


class Picture:
    """A picture of the demonstration, handed in like an upload."""

    def __init__(self, path: Path) -> None:
        self.filename: str | None = path.name
        self.stream: IO[bytes] = BytesIO(path.read_bytes())


@cache
def photos() -> tuple[Staged, ...]:
    """The pictures, taken in once and put with many answers."""
    taken = [stage(Picture(path)) for path in sorted(PHOTOS.glob("*.jpg"))]
    return tuple(one for one in taken if isinstance(one, Staged))


def tell(company: Company, place: Place, day: date, until: datetime) -> None:
    """One market's day, as far as it has come by ``until``."""
    photos()
    _walk_day(company, place, day, until)
    _sign_day(company, place, day, until)
    _look(company, place, day, until)


def _market(place: Place) -> Market:
    query = sa.select(Market).where(Market.name == place.name)
    return db.session.scalars(query.options(joinedload(Market.company), joinedload(Market.community))).one()


def has_open_event(market: Market) -> bool:
    """Whether something has happened here that is still to be looked after."""
    query = sa.select(Occurrence.id).where(
        Occurrence.market_id == market.id,
        Occurrence.slot == Slot.EVENT,
        Occurrence.state.in_((CheckState.DUE, CheckState.OPEN)),
        Occurrence.due_at > clock.now(),
    )
    return db.session.scalars(query.limit(1)).first() is not None


def _walk_day(company: Company, place: Place, day: date, until: datetime) -> None:
    """Made and walked in one transaction, so that nobody can find a day's checks made and not walked."""
    patroller = company.actors[f"{place.company}_xuncha"]
    with db.acting(patroller):
        market = _market(place)
        with clock.at(datetime.combine(day, time(0, 1))):
            occurrences.make_ahead(market, day)
        stalls = db.session.scalars(sa.select(Stall.id).where(Stall.market_id == market.id)).all()
        for check in _of_day(market, day):
            if check.due_at + timedelta(minutes=30) < until:
                _walk(company, place, check, stalls)


def _of_day(market: Market, day: date) -> Sequence[Occurrence]:
    query = sa.select(Occurrence).where(
        Occurrence.market_id == market.id, Occurrence.service_day == day, Occurrence.state == CheckState.DUE
    )
    return db.session.scalars(query.order_by(Occurrence.opens_at)).all()


def _walk(company: Company, place: Place, check: Occurrence, stalls: Sequence[int]) -> None:
    chance = Random(f"{place.name} {check.service_day} {check.slot} {check.round_no}")
    if chance.randrange(100) < MISSED:
        return
    who = company.actors[f"{place.company}_{'dingban' if chance.randrange(5) == 0 else 'xuncha'}"]
    span = check.due_at - check.opens_at
    begins = check.opens_at + span * chance.uniform(0.1, 0.5)
    ends = min(begins + timedelta(minutes=4 + chance.randrange(6)), check.due_at - timedelta(minutes=1))
    with clock.at(begins):
        checks.start(check, who)
        _answer(check, who, stalls, chance)
    is_late = chance.randrange(100) < LATE
    with clock.at(check.due_at + timedelta(minutes=12) if is_late else max(ends, begins)):
        checks.submit(check, who)


def _answer(check: Occurrence, who: Actor, stalls: Sequence[int], chance: Random) -> None:
    items = list(items_of(walk.sheet_of(check)).values())
    given = {item.code: _given(item, chance, stalls) for item in items}
    checks.save_answers(check, given, who)
    for item in items:
        is_failed = given[item.code].outcome is Outcome.FAIL
        wanted = item.evidence_fail if is_failed else item.evidence_pass
        if {"photo", "file"} & wanted or item.code == check.random_code:
            checks.add_photo(check, item.code, chance.choice(photos()), who)


def _given(item: Item, chance: Random, stalls: Sequence[int]) -> Given:
    if chance.randrange(1000) < FAILS:
        number = _beyond(item) if item.is_measured else None
        if not item.is_measured or number is not None:
            return Given(Outcome.FAIL, number=number, phrases=item.phrases[:1], stall_id=chance.choice(stalls),
                         note="已告知档主" if chance.randrange(2) else "")  # fmt: skip
    match item.kind:
        case ItemKind.NUMBER | ItemKind.COUNT:
            return Given(Outcome.PASS, number=_within(item))
        case ItemKind.CHOICE:
            return Given(Outcome.PASS, text=item.choices[0] if item.choices else "")
        case ItemKind.DATE:
            return Given(Outcome.PASS, text=(clock.today() + timedelta(days=200)).isoformat())
        case ItemKind.TEXT | ItemKind.SCAN:
            return Given(Outcome.PASS, text=f"4419{chance.randrange(10**6):06d}")
    return Given(Outcome.PASS)


def _within(item: Item) -> Decimal:
    """A reading that passes; a whole one where things are counted."""
    low, high = item.low, item.high
    if low is not None and high is not None:
        return ((low + high) / 2).quantize(Decimal(1)) if item.kind is ItemKind.COUNT else (low + high) / 2
    if high is not None:
        return high - 1 if not item.is_high_inclusive else high
    return low + 2 if low is not None else Decimal(30)


def _beyond(item: Item) -> Decimal | None:
    """A reading that does not pass; None where every reading may."""
    if item.kind is ItemKind.COUNT:
        return None
    if item.high is not None:
        return item.high + OUT_OF_RANGE
    return item.low - OUT_OF_RANGE if item.low is not None and item.low > OUT_OF_RANGE else None


def _sign_day(company: Company, place: Place, day: date, until: datetime) -> None:
    """The next morning the records of the day are signed by whoever holds the post; the last two days still wait."""
    morning = clock.at_local(day + timedelta(days=1), SIGNED_AT)
    if morning + timedelta(days=1) > until:
        return
    for kind, username in ((RecordKind.DAILY, "xuncha"), (RecordKind.PATROL, "fuze")):
        signer = company.actors[f"{place.company}_{username}"]
        with clock.at(morning), db.acting(signer):
            query = sa.select(ControlRecord).where(ControlRecord.kind == kind, ControlRecord.period_on == day,
                                                   ControlRecord.state == RecordState.FORMING)  # fmt: skip
            for record in db.session.scalars(query).all():
                proof = Signature(signer.person_id, signer.name, Method.PASSWORD, clock.now())
                records.sign(record, proof, _measures(record.content), signer)


def _measures(content: dict[str, Any]) -> str:
    return "问题已告知档主，当天复看。" if content else ""


def _look(company: Company, place: Place, day: date, until: datetime) -> None:
    """The next working morning the community looks: what was clean is noted, the rest decided one by one."""
    morning = clock.at_local(day + timedelta(days=1), LOOKED_AT)
    if morning > until:
        return
    officer = company.actors[f"{place.community}_diaodu"]
    with clock.at(morning), db.acting(officer):
        waiting = _submitted(_market(place), day)
        reviews.note_clean([one for one in waiting if one.review_kind is ReviewKind.CLEAN], officer)
        back = [
            one for one in waiting if one.review_kind is not ReviewKind.CLEAN and not _decide(one, officer)
        ]
        ids = [one.id for one in back]
    if ids and morning + timedelta(hours=5) < until:
        _mend(company, place, ids, morning, officer)


def _submitted(market: Market, day: date) -> list[Occurrence]:
    query = sa.select(Occurrence).where(
        Occurrence.market_id == market.id,
        Occurrence.service_day == day,
        Occurrence.state == CheckState.SUBMITTED,
    )
    return list(db.session.scalars(query))


def _decide(check: Occurrence, officer: Actor) -> bool:
    """Accept it, or send it back; says whether it was accepted."""
    if check.failed and Random(check.ref).randrange(100) < SENT_BACK:
        reviews.send_back(check, "照片看不清是哪一档，请补拍并写明档口。", officer)
        return False
    reviews.accept(check, officer, "已核实，市场内部在改。" if check.failed else "")
    return True


def _mend(company: Company, place: Place, ids: list[int], morning: datetime, officer: Actor) -> None:
    patroller = company.actors[f"{place.company}_xuncha"]
    with clock.at(morning + timedelta(hours=1)), db.acting(patroller):
        for check in [db.session.get_one(Occurrence, number) for number in ids]:
            _add_note(check, patroller)
            checks.submit(check, patroller)
    with clock.at(morning + timedelta(hours=4)), db.acting(officer):
        for number in ids:
            reviews.accept(db.session.get_one(Occurrence, number), officer, "补齐了。")


def _add_note(check: Occurrence, patroller: Actor) -> None:
    """Answer the failed items again, with the note that was asked for."""
    again = {
        one.item_code: Given(
            one.outcome,
            number=one.number,
            text=one.text,
            phrases=tuple(one.phrases),
            stall_id=one.stall_id,
            note="已补拍，档口号写在照片上。",
        )
        for one in walk.answers_of(check)
        if one.outcome is Outcome.FAIL
    }
    checks.save_answers(check, again, patroller)

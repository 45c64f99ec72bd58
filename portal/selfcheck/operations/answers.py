"""What is found at the items of a check: kept as it is given, with the photos that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, identity
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.evidence import operations as evidence
from portal.evidence.models import Attachment, Purpose
from portal.evidence.staging import Staged
from portal.markets.models import Stall
from portal.selfcheck.models import Answer, Occurrence, Outcome
from portal.selfcheck.policy import May
from portal.selfcheck.queries import checks, walk
from portal.selfcheck.queries.items import Item, items_of
from portal.selfcheck.workflow import CheckState

MOST_DIGITS = 12
DECIMALS = Decimal("0.001")
LARGEST = Decimal(10) ** 9
LONGEST_TEXT, LONGEST_NOTE = 120, 1_000
MOST_PHOTOS = 6  # of one item
YEARS = range(1990, 2100)

CLOSED: dict[CheckState, Any] = {
    CheckState.DUE: _l("这次检查还没有开始，请先按“开始”。"),
    CheckState.SUBMITTED: _l("这次检查已经交了，答案不能再改。"),
    CheckState.ACCEPTED: _l("这次检查已经交了，答案不能再改。"),
    CheckState.EXCUSED: _l("这次检查已经免查，不用再答。"),
    CheckState.MISSED: _l("这次检查没有做，要补录才能再答。"),
}
"""Why a check takes no answers, by its state."""


@dataclass(frozen=True)
class Given:
    """What somebody gave for one item; ``outcome`` may be left to the number, the date or the choice.

    ``device_at`` is the telephone's own clock, a claim.  ``seen`` is the version of the answer the telephone knew
    (0 for none, None where it does not say): whoever has not seen a colleague's answer does not overwrite it.
    """

    outcome: Outcome | None = None
    number: Decimal | None = None
    text: str = ""
    phrases: tuple[str, ...] = ()
    note: str = ""
    stall_id: int | None = None
    is_suspected_major: bool = False
    device_at: datetime | None = None
    seen: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing yet."""
        return self.outcome is None and self.number is None and not self.text


class Kept(NamedTuple):
    """An answer, and whether it says something new."""

    answer: Answer
    is_new: bool


def save_answer(occurrence: Occurrence, item_code: str, given: Given, actor: Actor) -> Answer:
    """Keep what was found at one item.  Raises as ``keep`` does."""
    return keep(occurrence, {item_code: given}, actor)[item_code].answer


def save_answers(occurrence: Occurrence, given: Mapping[str, Given], actor: Actor) -> list[Answer]:
    """Keep what was found at several items.  Raises as ``keep`` does."""
    return [kept.answer for kept in keep(occurrence, given, actor).values()]


def keep(occurrence: Occurrence, given: Mapping[str, Given], actor: Actor) -> dict[str, Kept]:
    """Keep what was found, item by item; the same again is no news, in whatever state the check is.

    Raises Mistake (its field is the item's code) for what no answer can be, TooLate where the check takes none any
    more or a colleague answered in the meantime, NotAllowed for somebody who does not walk.
    """
    demand(actor, May.WALK, occurrence)
    items = items_of(walk.sheet_of(occurrence))
    known = {answer.item_code: answer for answer in walk.answers_of(occurrence)}
    check_stalls(occurrence, given)
    facts = {
        code: _facts(_item(items, code), one, occurrence) for code, one in given.items() if not one.is_empty
    }
    kept = {code: _kept(known.get(code), wanted) for code, wanted in facts.items()}
    if all(kept.values()):
        return {code: Kept(known[code], False) for code in kept}
    check_takes_answers(occurrence)
    for code, is_same in kept.items():
        if not is_same:
            known[code] = _enter(occurrence, known.get(code), code, facts[code], given[code], actor)
    _count(occurrence, known)
    db.session.flush()
    return {code: Kept(known[code], not is_same) for code, is_same in kept.items()}


def faults_of(occurrence: Occurrence, given: Mapping[str, Given]) -> dict[str, Any]:
    """What of it no answer can be, in words, by item: all at once, where ``keep`` stops at the first."""
    items = items_of(walk.sheet_of(occurrence))
    faults: dict[str, Any] = {}
    for code, one in given.items():
        try:
            if not one.is_empty:
                _facts(_item(items, code), one, occurrence)
        except Mistake as mistake:
            faults[code] = mistake.words
    return faults


def check_takes_answers(occurrence: Occurrence) -> None:
    """Whether answers may still be given or changed; raises TooLate with what to do instead."""
    if occurrence.state in {CheckState.OPEN, CheckState.SENT_BACK}:
        return
    if occurrence.state is CheckState.MISSED and occurrence.opened_at is not None:
        if checks.may_still_backfill(occurrence, clock.now()):
            return
        raise TooLate(_l("这次检查已经过了补录的时间，不能再改。"))
    raise TooLate(CLOSED[occurrence.state])


def add_photo(occurrence: Occurrence, item_code: str, staged: Staged, actor: Actor) -> Attachment:
    """Put a photo with an item.  Raises Mistake for an item that is not of this sheet or has enough photos."""
    demand(actor, May.WALK, occurrence)
    check_takes_answers(occurrence)
    _item(items_of(walk.sheet_of(occurrence)), item_code)
    if _photo_count(occurrence, item_code) >= MOST_PHOTOS:
        raise Mistake(item_code, _l("一项最多 6 张照片，多出来的没有收。"))
    return evidence.attach(staged, occurrence, item_code, Purpose.FOUND, actor)


def drop_photo(occurrence: Occurrence, photo: Attachment, actor: Actor) -> None:
    """Take a photo back while the check is open.  Raises TooLate for one that was handed in: it is evidence now."""
    demand(actor, May.WALK, occurrence)
    check_takes_answers(occurrence)
    if photo.blob.sha256 in _handed_in(occurrence):
        raise TooLate(_l("这张照片已经交上去了，不能再删；要补，再拍一张。"))
    evidence.detach(photo, actor)


def check_stalls(occurrence: Occurrence, given: Mapping[str, Given]) -> None:
    """Whether every stall named is one of the market's; raises Mistake at the first that is not."""
    named = {one.stall_id for one in given.values() if one.stall_id is not None}
    if not named:
        return
    query = sa.select(Stall.id).where(Stall.id.in_(named), Stall.market_id == occurrence.market_id)
    strange = named - set(db.session.scalars(query))
    for code, one in given.items():
        if one.stall_id in strange:
            raise Mistake(code, _l("这个市场没有这个档口，请从列表里选。"))


def _item(items: Mapping[str, Item], code: str) -> Item:
    if code not in items:
        raise Mistake(code, _l("这一项不在这次检查里，可能清单换过版本，请刷新再看。"))
    return items[code]


def _handed_in(occurrence: Occurrence) -> set[str]:
    """The hashes of the photos earlier submissions were sealed with."""
    sealed = checks.submissions_of(occurrence) if occurrence.submitted_at else []
    return {digest for one in sealed for item in one.content["items"] for digest in item["photos"]}


def _photo_count(occurrence: Occurrence, item_code: str) -> int:
    """How many photos of an item may still be taken back: those handed in leave room for new ones."""
    query = sa.select(sa.func.count(Attachment.id)).where(
        Attachment.owner_kind == Occurrence.__tablename__,
        Attachment.owner_id == occurrence.id,
        Attachment.part == item_code,
    )
    if occurrence.submitted_at:
        query = query.where(Attachment.created_at > occurrence.submitted_at)
    return db.session.scalar(query) or 0


def _facts(item: Item, given: Given, occurrence: Occurrence) -> dict[str, Any]:
    """The columns of the answer: what was given, made plain and judged; nothing is left of a problem that is none."""
    text = _checked_text(item, given.text)
    number = _checked_number(item, given.number)
    outcome = _judged(item, given.outcome, number, text, occurrence.service_day)
    is_failed = outcome is Outcome.FAIL
    if len(given.note) > LONGEST_NOTE:
        raise Mistake(item.code, _l("补的话太长，请写在 1000 字以内。"))
    if identity.stands_in(f"{given.note}\n{given.text}"):
        raise Mistake(item.code, _l("这里不要写身份证号，别人也会看到。请去掉再交。"))
    if set(given.phrases) - set(item.phrases):
        raise Mistake(item.code, _l("选的说法不在这一项里，请刷新再选。"))
    return {
        "outcome": outcome,
        "number": number,
        "text": text,
        "phrases": [words for words in item.phrases if words in given.phrases] if is_failed else [],
        "note": given.note if is_failed else "",
        "stall_id": given.stall_id if is_failed else None,
        "category": item.category if is_failed else "",
        "grade": item.grade if is_failed else None,
        "hazard_code": item.hazard_code if is_failed else "",
        "is_suspected_major": is_failed and given.is_suspected_major,
    }


def _judged(item: Item, said: Outcome | None, number: Decimal | None, text: str, day: date) -> Outcome:
    """有问题 said by a person stands; else what was filled in judges itself, where it can."""
    if said is Outcome.FAIL:
        return said
    if item.is_measured:
        if number is None:
            raise Mistake(item.code, _l("还要填读数。"))
        if item.judges(number) is Outcome.FAIL:
            return Outcome.FAIL
    elif not item.is_judged:
        if not text:
            raise Mistake(item.code, _l("还要填内容。"))
        return item.judges_text(text, day)
    if said is None and item.is_judged:
        raise Mistake(item.code, _l("请选正常还是有问题。"))
    return Outcome.PASS


def _checked_number(item: Item, number: Decimal | None) -> Decimal | None:
    if number is None or not item.is_measured:
        return None
    if not number.is_finite() or abs(number) >= LARGEST or len(number.as_tuple().digits) > MOST_DIGITS:
        raise Mistake(item.code, _l("这个数不对，请看一眼再填。"))
    plain = number.quantize(DECIMALS)
    if plain != number:
        raise Mistake(item.code, _l("最多填三位小数。"))
    return plain


def _checked_text(item: Item, text: str) -> str:
    if not text or item.is_judged or item.is_measured:
        return ""
    if len(text) > LONGEST_TEXT:
        raise Mistake(item.code, _l("太长了，请写在 120 字以内。"))
    if item.choices and text not in item.choices:
        raise Mistake(item.code, _l("请从列出的里面选一项。"))
    if not item.is_written and not item.choices and not _is_day(text):
        raise Mistake(item.code, _l("请填一个日期，例如 2026-10-09。"))
    return text


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year in YEARS
    except ValueError:
        return False


def _kept(known: Answer | None, facts: Mapping[str, Any]) -> bool:
    """Whether the answer says this already."""
    return known is not None and all(getattr(known, name) == value for name, value in facts.items())


def _enter(
    occurrence: Occurrence,
    known: Answer | None,
    code: str,
    facts: Mapping[str, Any],
    given: Given,
    actor: Actor,
) -> Answer:
    if known is None:
        known = Answer(occurrence=occurrence, market_id=occurrence.market_id, item_code=code)
        known.stands_in(occurrence)
        db.session.add(known)
    elif given.seen is not None and given.seen != known.version and known.answered_by_id != actor.person_id:
        words = _l(
            "同事先一步答了“%(outcome)s”，你的没有盖上去。要改，请刷新再答。", outcome=known.outcome.label
        )
        raise TooLate(words)
    for name, value in facts.items():
        setattr(known, name, value)
    known.answered_by_id, known.answered_at = actor.person_id, clock.now()
    known.device_at = given.device_at
    return known


def _count(occurrence: Occurrence, known: Mapping[str, Answer]) -> None:
    occurrence.answered = len(known)
    occurrence.failed = sum(answer.outcome is Outcome.FAIL for answer in known.values())

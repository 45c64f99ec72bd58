"""Lists of the self-check: checks, what failed in them, records, and what the community looks at."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, refs
from portal.core.actor import Actor
from portal.exchange.models import Listed
from portal.exchange.queries.listings.base import (
    NARROW,
    WIDE,
    Column,
    Line,
    Lines,
    Listing,
    Query,
    Wanted,
    several,
)
from portal.exchange.queries.listings.filters import FIRST, LAST, MARKET, MONTH, in_markets, word
from portal.markets.models import Market, PostKind, Stall
from portal.selfcheck.models import (
    Answer,
    Category,
    ControlRecord,
    Occurrence,
    Outcome,
    RecordKind,
    Sheet,
    Slot,
)
from portal.selfcheck.policy import May
from portal.selfcheck.queries import contents, gathering, reviews
from portal.selfcheck.queries.reviews import Shelf
from portal.selfcheck.workflow import CheckState, RecordState

MOST_SHEETS = 100
"""Sheets kept at hand while the failed answers go by; most checks share theirs."""
MOMENT = 18


def _on_days(query: Query, day: Any, wanted: Wanted) -> Query:
    """Both ends included; what is still to come only when asked for."""
    if first := wanted.get("first"):
        query = query.where(day >= first)
    return query.where(day <= wanted.get("last", clock.today()))


def _checks(actor: Actor, wanted: Wanted) -> Query:
    query = sa.select(Occurrence.company_id, Occurrence, Market.name).select_from(Occurrence)
    query = query.join(Market, Market.id == Occurrence.market_id)
    if slot := wanted.get("slot"):
        query = query.where(Occurrence.slot == slot)
    if state := wanted.get("state"):
        query = query.where(Occurrence.state == state)
    query = _on_days(query, Occurrence.service_day, wanted)
    order = (Occurrence.service_day.desc(), Occurrence.market_id, Occurrence.opens_at, Occurrence.id)
    return in_markets(query, Occurrence.market_id, actor, wanted).order_by(*order)


def _check_lines(_actor: Actor) -> Lines:
    now = clock.now()

    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        for one, market in rows:
            state = CheckState.MISSED if one.is_missed(now) else one.state
            yield (
                refs.spoken(one.ref), one.slot, one.round_no, one.event, one.service_day, one.opens_at, one.due_at,
                state, one.opened_by_name, one.opened_at, one.submitted_by_name, one.submitted_at, one.is_late,
                one.is_backfilled, one.backfill_reason, one.item_count, one.answered, one.failed, one.excuse_reason,
                one.reviewed_by_name, one.reviewed_at, one.review_note, market,
            )  # fmt: skip

    return lines


CHECKS = Listing(
    code=Listed.CHECKS,
    needs=May.READ,
    columns=(
        Column(_l("检查编号")), Column(_l("检查")), Column(_l("第几轮"), NARROW), Column(_l("遇什么事")),
        Column(_l("日期")), Column(_l("开始时间"), MOMENT), Column(_l("截止时间"), MOMENT), Column(_l("状态")),
        Column(_l("开始的人"), is_personal=True), Column(_l("实际开始"), MOMENT),
        Column(_l("提交的人"), is_personal=True), Column(_l("提交时间"), MOMENT), Column(_l("迟交"), NARROW),
        Column(_l("补录"), NARROW), Column(_l("补录原因"), WIDE), Column(_l("项数"), NARROW),
        Column(_l("已查"), NARROW), Column(_l("问题数"), NARROW), Column(_l("免查原因"), WIDE),
        Column(_l("社区看的人"), is_personal=True), Column(_l("社区看的时间"), MOMENT), Column(_l("社区意见"), WIDE),
        Column(_l("市场"), WIDE),
    ),
    filters=(MARKET, word("slot", _l("检查"), Slot), word("state", _l("状态"), CheckState), FIRST, LAST),
    query=_checks,
    lines=_check_lines,
)  # fmt: skip


def _findings(actor: Actor, wanted: Wanted) -> Query:
    """What failed, once it was handed in: before that it is the walker's own."""
    query = (
        sa.select(
            Answer.company_id, Answer, Occurrence.ref, Occurrence.slot, Occurrence.service_day, Occurrence.sheet_id,
            Occurrence.submitted_by_name, Stall.code, Market.name,
        )
        .select_from(Answer)
        .join(Occurrence, Occurrence.id == Answer.occurrence_id)
        .join(Market, Market.id == Answer.market_id)
        .outerjoin(Stall, Stall.id == Answer.stall_id)
        .where(Answer.outcome == Outcome.FAIL, Occurrence.submitted_at.is_not(None))
    )  # fmt: skip
    query = _on_days(query, Occurrence.service_day, wanted)
    order = (Occurrence.service_day.desc(), Occurrence.market_id, Answer.occurrence_id, Answer.id)
    return in_markets(query, Answer.market_id, actor, wanted).order_by(*order)


def _finding_lines(_actor: Actor) -> Lines:
    sheets: dict[int, dict[str, Any]] = {}
    categories = {one.code: one.name for one in db.session.scalars(sa.select(Category))}

    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        _look_up(sheets, {row[4] for row in rows})
        for answer, ref, slot, day, sheet_id, by, stall, market in rows:
            item = sheets[sheet_id].get(answer.item_code, {})
            yield (
                refs.spoken(ref), day, slot, answer.item_code, item.get("title", ""), item.get("place", ""), stall,
                categories.get(answer.category, answer.category), answer.grade, answer.is_suspected_major,
                gathering.reading(item, answer), several(answer.phrases), answer.note, by, answer.answered_at, market,
            )  # fmt: skip

    return lines


def _look_up(sheets: dict[int, dict[str, Any]], wanted: set[int]) -> None:
    """Have the items of these sheets at hand, by code."""
    missing = wanted - sheets.keys()
    if len(sheets) + len(missing) > MOST_SHEETS:
        sheets.clear()
        missing = wanted
    query = sa.select(Sheet.id, Sheet.items).where(Sheet.id.in_(missing))
    for sheet_id, items in db.session.execute(query).all() if missing else ():
        sheets[sheet_id] = {item["code"]: item for item in items}


FINDINGS = Listing(
    code=Listed.FINDINGS,
    needs=May.READ,
    columns=(
        Column(_l("检查编号")), Column(_l("日期")), Column(_l("检查")), Column(_l("事项编号"), NARROW),
        Column(_l("事项"), WIDE), Column(_l("位置"), WIDE), Column(_l("档口号")), Column(_l("问题类别")),
        Column(_l("建议等级"), NARROW), Column(_l("疑似重大"), NARROW), Column(_l("读数")), Column(_l("情况"), WIDE),
        Column(_l("说明"), WIDE), Column(_l("提交的人"), is_personal=True), Column(_l("记录时间"), MOMENT),
        Column(_l("市场"), WIDE),
    ),
    filters=(MARKET, FIRST, LAST),
    query=_findings,
    lines=_finding_lines,
)  # fmt: skip


def _records(actor: Actor, wanted: Wanted) -> Query:
    counts = ControlRecord.content["counts"]
    query = (
        sa.select(
            ControlRecord.company_id, ControlRecord.kind, ControlRecord.period_on, ControlRecord.state,
            counts["due"].as_integer(), counts["done"].as_integer(), counts["findings"].as_integer(),
            ControlRecord.measures, ControlRecord.signed_by_name, ControlRecord.signed_as, ControlRecord.signed_at,
            ControlRecord.digest, Market.name,
        )
        .select_from(ControlRecord)
        .join(Market, Market.id == ControlRecord.market_id)
    )  # fmt: skip
    if kind := wanted.get("kind"):
        query = query.where(ControlRecord.kind == kind)
    if state := wanted.get("state"):
        query = query.where(ControlRecord.state == state)
    if month := wanted.get("month"):
        last = contents.last_day(RecordKind.MONTHLY, month)
        query = query.where(ControlRecord.period_on.between(month, last))
    order = (ControlRecord.period_on.desc(), ControlRecord.id.desc())
    return in_markets(query, ControlRecord.market_id, actor, wanted).order_by(*order)


def _record_lines(_actor: Actor) -> Lines:
    posts = {one.value: one.label for one in PostKind}

    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        for *cells, post, at, digest, market in rows:
            yield (*cells, str(posts.get(post, post)), at, digest, market)

    return lines


RECORDS = Listing(
    code=Listed.RECORDS,
    needs=May.READ_RECORDS,
    columns=(
        Column(_l("记录")), Column(_l("从哪天")), Column(_l("状态"), NARROW), Column(_l("应查次数"), NARROW),
        Column(_l("已查次数"), NARROW), Column(_l("问题数"), NARROW), Column(_l("处理措施"), WIDE),
        Column(_l("签认人"), is_personal=True), Column(_l("签认岗位")), Column(_l("签认时间"), MOMENT),
        Column(_l("校验码（SHA-256）"), 66), Column(_l("市场"), WIDE),
    ),
    filters=(MARKET, word("kind", _l("记录"), RecordKind), word("state", _l("状态"), RecordState), MONTH),
    query=_records,
    lines=_record_lines,
)  # fmt: skip


def _reviews(actor: Actor, wanted: Wanted) -> Query:
    query = sa.select(
        Occurrence.company_id, Occurrence.ref, Occurrence.slot, Occurrence.service_day, Occurrence.review_kind,
        Occurrence.failed, Occurrence.state, Occurrence.submitted_by_name, Occurrence.submitted_at,
        Occurrence.review_due_at, Occurrence.reviewed_by_name, Occurrence.reviewed_at, Occurrence.review_note,
        Market.name,
    ).select_from(Occurrence).join(Market, Market.id == Occurrence.market_id)  # fmt: skip
    on_shelf = (
        reviews.stands_on(wanted["shelf"]) if "shelf" in wanted else Occurrence.review_kind.is_not(None)
    )
    order = (Occurrence.review_due_at, Occurrence.id)
    return in_markets(query.where(on_shelf), Occurrence.market_id, actor, wanted).order_by(*order)


def _review_lines(_actor: Actor) -> Lines:
    return lambda rows: ((refs.spoken(ref), *cells) for ref, *cells in rows)


REVIEWS = Listing(
    code=Listed.REVIEWS,
    needs=May.READ_REVIEWS,
    columns=(
        Column(_l("检查编号")), Column(_l("检查")), Column(_l("日期")), Column(_l("为什么看"), NARROW),
        Column(_l("问题数"), NARROW), Column(_l("状态")), Column(_l("提交的人"), is_personal=True),
        Column(_l("提交时间"), MOMENT), Column(_l("最晚看的时间"), MOMENT), Column(_l("社区看的人"), is_personal=True),
        Column(_l("社区看的时间"), MOMENT), Column(_l("社区意见"), WIDE), Column(_l("市场"), WIDE),
    ),
    filters=(MARKET, word("shelf", _l("哪一类"), Shelf)),
    query=_reviews,
    lines=_review_lines,
)  # fmt: skip

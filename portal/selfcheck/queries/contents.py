"""What stands in a record of each kind, computed from the checks and from nothing else."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db
from portal.markets.models import Market, MarketKind
from portal.selfcheck.models import Category, ControlRecord, RecordKind
from portal.selfcheck.queries import gathering
from portal.selfcheck.queries.gathering import FIRE, FOOD, Gathered, Look, Subject
from portal.selfcheck.workflow import RecordState

FOOD_MARKETS = frozenset({MarketKind.WET, MarketKind.FOOD, MarketKind.MIXED})
"""Where food is sold: the three records that follow 60号令 are formed there alone."""
SUBJECTS = {
    RecordKind.DAILY: FOOD,
    RecordKind.WEEKLY: FOOD,
    RecordKind.MONTHLY: FOOD,
    RecordKind.PATROL: FIRE,
}
REPEATED = 2
"""So many findings at one stall in a period make it a repeated one; an editable default."""
NEW_AFTER = timedelta(days=28)
"""A risk is new when the item did not fail in this time before; an editable default."""
MOST_ITEMS = 10
WEEK, A_DAY = timedelta(days=7), timedelta(days=1)


def kinds_of(market: Market) -> tuple[RecordKind, ...]:
    """The records a market keeps: every market's fire patrol, and food safety where food is sold."""
    return tuple(RecordKind) if market.kind in FOOD_MARKETS else (RecordKind.PATROL,)


def period_of(kind: RecordKind, day: date) -> date:
    """The day by which the period that contains ``day`` is named: itself, its Monday, the month's first."""
    match kind:
        case RecordKind.WEEKLY:
            return day - timedelta(days=day.weekday())
        case RecordKind.MONTHLY:
            return day.replace(day=1)
    return day


def last_day(kind: RecordKind, period_on: date) -> date:
    """The last day of a period."""
    match kind:
        case RecordKind.WEEKLY:
            return period_on + WEEK - A_DAY
        case RecordKind.MONTHLY:
            return (period_on + timedelta(days=31)).replace(day=1) - A_DAY
    return period_on


def content_of(market: Market, kind: RecordKind, period_on: date) -> dict[str, Any]:
    """The content of a record as the checks stand now."""
    gathered = gathering.gather(market, SUBJECTS[kind], period_on, last_day(kind, period_on))
    head = {
        "form": f"{kind.value}/1",
        "market": {"code": market.code, "name": market.name, "company": market.company.name},
        "first": period_on.isoformat(),
        "last": last_day(kind, period_on).isoformat(),
        "counts": gathering.counts(gathered),
    }
    return head | BODIES[kind](gathered, period_on)


def is_due(content: dict[str, Any]) -> bool:
    """Whether there was anything to record: a day on which nothing was due has no record."""
    return bool(content["counts"]["due"])


def is_complete(kind: RecordKind, period_on: date, content: dict[str, Any]) -> bool:
    """Whether no check of the period can still change it, and (but for a day's record) the period is over."""
    is_over = kind in {RecordKind.DAILY, RecordKind.PATROL} or clock.today() > last_day(kind, period_on)
    return is_over and not content["counts"]["waiting"]


def is_zero_risk(content: dict[str, Any]) -> bool:
    """Whether everything was looked at and nothing was found."""
    figures = content["counts"]
    return figures["done"] == figures["due"] and not figures["findings"]


def _daily(gathered: Gathered, day: date) -> dict[str, Any]:
    return {
        "checks": [gathering.check_line(gathered, one) for one in gathered.occurrences],
        "items": _items(gathered.all_looks()),
        "findings": gathering.findings(gathered),
    }


def _items(looks: Sequence[Look]) -> list[dict[str, Any]]:
    """Each item once: how often it was looked at, how often it failed, what was read."""
    by_code: dict[str, list[Look]] = {}
    for look in looks:
        by_code.setdefault(look.item["code"], []).append(look)
    return [
        {
            "code": code,
            "title": of_item[0].item["title"],
            "criterion": of_item[0].item.get("criterion", ""),
            "times": len(of_item),
            "failed": sum(look.is_failed for look in of_item),
            "readings": [text for look in of_item if (text := gathering.reading(look.item, look.answer))],
        }
        for code, of_item in by_code.items()
    ]


def _patrol(gathered: Gathered, day: date) -> dict[str, Any]:
    """GB/T 40248-2021, annex A: part, time, person, problem and how it was handled, round by round."""
    rounds = [
        gathering.check_line(gathered, one)
        | {"rows": [_patrol_row(gathered, look) for look in gathered.looks(one)]}
        for one in gathered.occurrences
    ]
    return {"rounds": rounds, "findings": gathering.findings(gathered)}


def _patrol_row(gathered: Gathered, look: Look) -> dict[str, Any]:
    line = gathering.finding(gathered, look)
    kept = ("title", "place", "stall", "reading", "words", "note", "at", "is_suspected_major")
    return {name: line[name] for name in kept} | {"is_failed": look.is_failed}


def _weekly(gathered: Gathered, monday: date) -> dict[str, Any]:
    days = [monday + timedelta(days=n) for n in range(7)]
    records = _records(gathered.market, RecordKind.DAILY, days[0], days[-1])
    lines = [_day_line(gathered.on(day), day, records.get(day)) for day in days]
    found = gathering.findings(gathered)
    looks = gathered.all_looks()
    return {
        "week": list(monday.isocalendar()[:2]),
        "days": lines,
        "covered": sum(line["record"] != "" for line in lines),
        "findings": found,
        "stalls": _stalls(found),
        "new_risks": _new_risks(gathered.market, FOOD, monday, found),
        "readings": gathering.readings(looks),
    }


def _day_line(gathered: Gathered, day: date, record: ControlRecord | None) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "record": record.state.value if record else "",
        "signed_by": record.signed_by_name if record else "",
    } | gathering.counts(gathered)


def _monthly(gathered: Gathered, first: date) -> dict[str, Any]:
    found = gathering.findings(gathered)
    missed = [
        one for one in gathered.occurrences if gathering.standing(one, gathered.now) == gathering.MISSED
    ]
    return _meeting(gathered, first) | {
        "findings": found,
        "categories": _categories(found),
        "items": _most_failed(found),
        "stalls": _stalls(found),
        "readings": gathering.readings(gathered.all_looks()),
        "missed": [gathering.check_line(gathered, one) for one in missed],
    }


def _meeting(gathered: Gathered, first: date) -> dict[str, Any]:
    """What the meeting has before it: the days' and weeks' records, and the month before."""
    market, last, eve = gathered.market, last_day(RecordKind.MONTHLY, first), first - A_DAY
    daily = _records(market, RecordKind.DAILY, first, last)
    weekly = _records(market, RecordKind.WEEKLY, first - WEEK + A_DAY, last)
    before = gathering.gather(market, FOOD, period_of(RecordKind.MONTHLY, eve), eve)
    due = [one for one in gathered.occurrences if gathering.standing(one, gathered.now) != gathering.EXCUSED]
    signed = [one for one in daily.values() if one.state is RecordState.SIGNED]
    return {
        "days": {"due": len({one.service_day for one in due}), "recorded": len(daily), "signed": len(signed)},
        "weeks": [_week_line(one) for one in weekly.values()],
        "before": gathering.counts(before),
    }


def _week_line(record: ControlRecord) -> dict[str, Any]:
    return {
        "monday": record.period_on.isoformat(),
        "sunday": last_day(RecordKind.WEEKLY, record.period_on).isoformat(),
        "record": record.state.value,
        "signed_by": record.signed_by_name,
        "findings": record.content["counts"]["findings"],
    }


def _categories(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {code: name for code, name in db.session.execute(sa.select(Category.code, Category.name)).all()}
    tally = Counter(one["category"] for one in found)
    return [{"code": code, "name": names.get(code, code), "findings": n} for code, n in tally.most_common()]


def _most_failed(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    tally = Counter((one["code"], one["title"]) for one in found)
    return [
        {"code": code, "title": title, "findings": n} for (code, title), n in tally.most_common(MOST_ITEMS)
    ]


def _stalls(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stalls at which something was found again and again."""
    by_stall: dict[str, list[str]] = {}
    for one in found:
        if one["stall"]:
            by_stall.setdefault(one["stall"], []).append(one["title"])
    again = sorted(by_stall.items(), key=lambda line: (-len(line[1]), line[0]))
    return [
        {"stall": stall, "times": len(titles), "titles": list(dict.fromkeys(titles))}
        for stall, titles in again
        if len(titles) >= REPEATED
    ]


def _new_risks(
    market: Market, subject: Subject, first: date, found: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The items that failed now and had not for four weeks."""
    before = gathering.gather(market, subject, first - NEW_AFTER, first - A_DAY)
    known = {one["code"] for one in gathering.findings(before)}
    tally = Counter((one["code"], one["title"]) for one in found if one["code"] not in known)
    return [{"code": code, "title": title, "findings": n} for (code, title), n in tally.items()]


def _records(market: Market, kind: RecordKind, first: date, last: date) -> dict[date, ControlRecord]:
    query = sa.select(ControlRecord).where(
        ControlRecord.market_id == market.id,
        ControlRecord.kind == kind,
        ControlRecord.period_on.between(first, last),
    )
    return {one.period_on: one for one in db.session.scalars(query.order_by(ControlRecord.period_on))}


BODIES: dict[RecordKind, Callable[[Gathered, date], dict[str, Any]]] = {
    RecordKind.DAILY: _daily,
    RecordKind.WEEKLY: _weekly,
    RecordKind.MONTHLY: _monthly,
    RecordKind.PATROL: _patrol,
}

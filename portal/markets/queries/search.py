"""Searching by word: what in sight begins, somewhere in its names or codes, with what was typed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import db
from portal.core.actor import Actor
from portal.markets import words
from portal.markets.models import Equipment, Found, Market, SearchWord, Stall, Vendor
from portal.markets.models.search import LONGEST_WORD
from portal.markets.queries.pages import PAGE
from portal.markets.queries.places import in_sight

FIRST = 5
"""How many of each kind the first page shows."""
BEYOND = "\U0010ffff"
"""Sorts behind every sign a word can have."""
ROWS: dict[Found, Any] = {Found.STALL: Stall, Found.VENDOR: Vendor, Found.EQUIPMENT: Equipment}


@dataclass(frozen=True)
class Hit:
    """A thing that was found, and its market."""

    row: Any
    market: Market


@dataclass(frozen=True)
class Hits:
    """Things of one kind; ``has_more`` says that a page of this kind alone shows others, from ``next_cursor`` on."""

    kind: Found
    rows: Sequence[Hit]
    has_more: bool
    next_cursor: str = ""


def search(actor: Actor, typed: str) -> list[Hits]:
    """The first of each kind, the shortest match first; kinds of which nothing was found are left out."""
    word = words.tidy(typed)[:LONGEST_WORD]
    if not words.is_asked(word):
        return []
    matched = _matched(actor, word).subquery()
    order = (matched.c.word, matched.c.subject_id)
    place = sa.func.row_number().over(partition_by=matched.c.kind, order_by=order).label("place")
    ranked = sa.select(matched.c.kind, matched.c.subject_id, place).subquery()
    query = sa.select(ranked.c.kind, ranked.c.subject_id).where(ranked.c.place <= FIRST + 1)
    found: dict[Found, list[int]] = {kind: [] for kind in Found}
    for kind, subject_id in db.session.execute(query.order_by(ranked.c.place)).all():
        found[kind].append(subject_id)
    shown = {kind: ids[:FIRST] for kind, ids in found.items()}
    hits = _hits(shown)
    return [Hits(kind, hits[kind], len(ids) > FIRST) for kind, ids in found.items() if hits[kind]]


def search_kind(actor: Actor, typed: str, kind: Found, cursor: str = "") -> Hits:
    """Fifty things of one kind, the shortest match first."""
    word = words.tidy(typed)[:LONGEST_WORD]
    if not words.is_asked(word):
        return Hits(kind, [], False)
    matched = _matched(actor, word).where(SearchWord.kind == kind).subquery()
    query = sa.select(matched.c.subject_id, matched.c.word)
    number, _, after = cursor.partition(".")
    last_id = db.as_id(number)
    if after and last_id is not None:
        here = sa.tuple_(matched.c.word, matched.c.subject_id)
        query = query.where(here > sa.tuple_(sa.literal(after), sa.literal(last_id)))
    found = db.session.execute(query.order_by(matched.c.word, matched.c.subject_id).limit(PAGE + 1)).all()
    rows = _hits({kind: [line.subject_id for line in found[:PAGE]]})[kind]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Hits(kind, rows, last is not None, f"{last.subject_id}.{last.word}" if last is not None else "")


def _matched(actor: Actor, word: str) -> Any:
    """What begins with the word: kind, subject and the shortest word of it that does."""
    return (
        sa.select(SearchWord.kind, SearchWord.subject_id, sa.func.min(SearchWord.word).label("word"))
        .where(
            SearchWord.word >= word,
            SearchWord.word < word + BEYOND,
            in_sight(actor, SearchWord.market_id),
        )
        .group_by(SearchWord.kind, SearchWord.subject_id)
    )


def _hits(ids: dict[Found, list[int]]) -> dict[Found, list[Hit]]:
    """The rows behind the numbers, in their order, each with its market."""
    rows = {kind: _rows(ROWS[kind], wanted) for kind, wanted in ids.items() if kind in ROWS and wanted}
    named = {row.market_id for found in rows.values() for row in found.values()}
    markets = _markets([*ids.get(Found.MARKET, ()), *named])
    rows[Found.MARKET] = markets
    return {
        kind: [
            Hit(row, markets[row.market_id]) for number in wanted if (row := rows.get(kind, {}).get(number))
        ]
        for kind, wanted in ids.items()
    }


def _rows(cls: Any, ids: Iterable[int]) -> dict[int, Any]:
    return {row.id: row for row in db.session.scalars(sa.select(cls).where(cls.id.in_(list(ids))))}


def _markets(ids: Iterable[int]) -> dict[int, Any]:
    wanted = set(ids)
    if not wanted:
        return {}
    query = sa.select(Market).where(Market.id.in_(wanted)).options(joinedload(Market.community))
    return {market.id: market for market in db.session.scalars(query)}

"""A check as it is walked: places in their order, at each its items with answers, photos, and what is missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.attributes import set_committed_value

from portal.core import db
from portal.evidence import queries as evidence
from portal.evidence.models import Attachment
from portal.markets.models import Stall, Zone
from portal.markets.workflow import StallState
from portal.selfcheck.models import Answer, Occurrence, Outcome, Sheet
from portal.selfcheck.queries.items import Item, items_of

MOST_STALLS = 1_500
PREFIX = re.compile("^(各|全部|当日区域的)")
NO_PLACE: Any = _l("场内")


@dataclass(frozen=True)
class Card:
    """One item of a check with what was given so far."""

    item: Item
    answer: Answer | None
    photos: Sequence[Attachment]
    is_random: bool
    is_backfilled: bool
    zones: Sequence[str] = ()
    """The zones it is looked at in today, by name; none means everywhere."""

    @property
    def code(self) -> str:
        return self.item.code

    @property
    def is_failed(self) -> bool:
        return self.answer is not None and self.answer.outcome is Outcome.FAIL

    @property
    def asks_photo(self) -> bool:
        """Whether a photo is asked for even when all is well, said from the start."""
        return self.is_random or self.item.wants_photo_of_pass

    @property
    def lacks_photo(self) -> bool:
        """Whether the answer given still wants its photo; what is entered afterwards needs none any more."""
        if self.answer is None or self.photos or self.is_backfilled:
            return False
        return self.item.wants_photo_of_fail if self.is_failed else self.asks_photo

    @property
    def gap(self) -> Any:
        """What is missing here, in words; "" where it is complete."""
        if self.answer is None:
            return _l("还没查")
        if not self.lacks_photo:
            return ""
        return _l("有问题，还差一张照片") if self.is_failed else _l("还差一张照片")


@dataclass(frozen=True)
class Spot:
    """One place of the walk."""

    number: int
    place: str
    cards: list[Card] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The first words of the place, for the line of the walk."""
        first = self.place.replace("，", "、").partition("、")[0]
        return PREFIX.sub("", first) or first

    @property
    def failed(self) -> int:
        return sum(card.is_failed for card in self.cards)

    @property
    def is_done(self) -> bool:
        return all(card.answer is not None for card in self.cards)


@dataclass(frozen=True)
class Walk:
    """A whole check, in the order it is walked."""

    occurrence: Occurrence
    cards: Sequence[Card]
    skipped: Sequence[Mapping[str, Any]]

    @property
    def spots(self) -> list[Spot]:
        """The places, each once, where its first item stands."""
        found: dict[str, Spot] = {}
        for card in self.cards:
            place = card.item.place or str(NO_PLACE)
            found.setdefault(place, Spot(len(found) + 1, place)).cards.append(card)
        return list(found.values())

    @property
    def failed(self) -> list[Card]:
        return [card for card in self.cards if card.is_failed]

    @property
    def answered(self) -> int:
        return sum(card.answer is not None for card in self.cards)

    @property
    def gaps(self) -> list[Card]:
        """The items at which something is still missing."""
        return [card for card in self.cards if card.gap]

    def again(self) -> "Walk":
        """The same walk with what was answered in the meantime."""
        known = {answer.item_code: answer for answer in answers_of(self.occurrence)}
        cards = [replace(card, answer=known.get(card.code)) for card in self.cards]
        return replace(self, cards=cards)

    @property
    def next(self) -> Spot | None:
        """The first place with something left to look at."""
        return next((spot for spot in self.spots if not spot.is_done), None)

    def get(self, code: str) -> Card | None:
        return next((card for card in self.cards if card.code == code), None)


def walk(occurrence: Occurrence) -> Walk:
    """The check with its sheet, answers and photos, in four statements at most."""
    items = items_of(sheet_of(occurrence))
    answers = {answer.item_code: answer for answer in answers_of(occurrence)}
    photos = evidence.of(occurrence)
    named = {code: item.zones_of_day(occurrence.zone_ids) for code, item in items.items()}
    names = zone_names({zone_id for zone_ids in named.values() for zone_id in zone_ids})
    cards = [
        Card(
            item=item,
            answer=answers.get(code),
            photos=[photo for photo in photos if photo.part == code],
            is_random=code == occurrence.random_code,
            is_backfilled=occurrence.is_backfilled,
            zones=[names[zone_id] for zone_id in named[code] if zone_id in names],
        )
        for code, item in items.items()
    ]
    return Walk(occurrence, cards, sheet_of(occurrence).skipped)


def sheet_of(occurrence: Occurrence) -> Sheet:
    """The sheet a check is walked by, read once and held by the check."""
    held: Sheet | None = occurrence.__dict__.get("sheet")
    if held is None or held.id != occurrence.sheet_id:
        held = db.session.get_one(Sheet, occurrence.sheet_id)
        set_committed_value(occurrence, "sheet", held)
    return held


def answers_of(occurrence: Occurrence) -> list[Answer]:
    """What was answered so far, read once and held by the check."""
    if "answers" not in occurrence.__dict__:
        query = sa.select(Answer).where(Answer.occurrence_id == occurrence.id)
        set_committed_value(occurrence, "answers", list(db.session.scalars(query.order_by(Answer.id))))
    return occurrence.answers


def zone_names(zone_ids: set[int]) -> dict[int, str]:
    """The names of zones, by their ids."""
    if not zone_ids:
        return {}
    query = sa.select(Zone.id, Zone.name).where(Zone.id.in_(zone_ids))
    return {zone_id: name for zone_id, name in db.session.execute(query).all()}


@dataclass(frozen=True)
class Place:
    """A stall to pick: its number, code and zone."""

    id: int
    code: str
    zone_id: int | None


def stalls_of(market_id: int) -> list[Place]:
    """The stalls of a market as people count them, those done away with left out."""
    query = (
        sa.select(Stall.id, Stall.code, Stall.zone_id)
        .where(Stall.market_id == market_id, Stall.state != StallState.CLOSED)
        .order_by(Stall.sort_key, Stall.id)
        .limit(MOST_STALLS)
    )
    return [Place(*row) for row in db.session.execute(query).all()]

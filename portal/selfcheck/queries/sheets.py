"""Sheets: which items a check of a market has on a day, and in what words, as content that can be compared.

A sheet is the core list and the lists of the market's kind, those items that belong to the slot, less what does not
apply, plus what the company adds.  In a mixed market a list applies to the zones of its kind.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from portal.core import db
from portal.markets import queries as markets
from portal.markets.models import Market, MarketKind, Zone
from portal.selfcheck.models import (
    Checklist,
    HouseItem,
    ItemFacts,
    ListCode,
    NotApplicable,
    Rotation,
    Sheet,
    Slot,
)
from portal.selfcheck.queries import lists, plans
from portal.selfcheck.queries.lists import Rulebook

WHOLE = ""
"""The one group of zones of a market that is not mixed, and the zones of a mixed one that have no kind."""
HOUSE = "house"
FACTS = tuple(name for name in ItemFacts.__annotations__ if name != "position")


@dataclass(frozen=True)
class Content:
    """What a sheet says, before anybody knows whether such a sheet is there already."""

    slot: Slot
    items: tuple[dict[str, Any], ...]
    skipped: tuple[dict[str, Any], ...]
    groups: frozenset[str]
    """The groups of zones that some rotating item of it walks through."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of slot, items and what is left out."""
        whole = {"slot": self.slot.value, "items": self.items, "skipped": self.skipped}
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class SheetMaker:
    """Makes the sheets of one market for a span of days from facts read once."""

    def __init__(
        self,
        market: Market,
        zones: Sequence[Zone],
        rules: Rulebook,
        house_items: Sequence[HouseItem],
        exempt: Sequence[NotApplicable],
    ) -> None:
        self.groups = zone_groups(market, zones)
        self._market = market
        self._rules = rules
        self._house_items = house_items
        self._exempt = exempt
        self._made: dict[Any, Content] = {}

    def lists_on(self, day: date) -> list[Checklist]:
        """The versions that apply in this market on a day, the core first."""
        holding = self._rules.on(day)
        if self._market.kind is MarketKind.MIXED:
            wanted = [ListCode.CORE, *(code for code in ListCode if code.value in self.groups)]
        else:
            wanted = [ListCode.CORE, ListCode(self._market.kind.value)]
        return [holding[code] for code in wanted if code in holding]

    def content(
        self, slot: Slot, day: date, *, event: str = "", codes: frozenset[str] = frozenset()
    ) -> Content:
        """The sheet of a slot on a day.

        For an event: the chosen items, else those that name it, else all event items.
        """
        versions = self.lists_on(day)
        own = [one for one in self._house_items if one.ended_on is None or one.ended_on > day]
        exempt = [
            one for one in self._exempt if one.from_on <= day and (one.ended_on is None or one.ended_on > day)
        ]
        key = (slot, event, codes, *(tuple(row.id for row in rows) for rows in (versions, own, exempt)))
        if key not in self._made:
            self._made[key] = self._make(slot, versions, own, exempt, event, codes)
        return self._made[key]

    def _make(
        self,
        slot: Slot,
        versions: Sequence[Checklist],
        own: Sequence[HouseItem],
        exempt: Sequence[NotApplicable],
        event: str,
        codes: frozenset[str],
    ) -> Content:
        left_out = {one.item_code: one for one in exempt}
        every: list[tuple[str, int, ItemFacts]] = [
            (one.code.value, one.version_no, item) for one in versions for item in one.items
        ]
        every += [(HOUSE, 1, item) for item in own]
        here = [line for line in every if slot.value in line[2].slots]
        if slot is Slot.EVENT:
            here = _of_event(here, event, codes)
        items = [self.facts(*line) for line in here if line[2].code not in left_out]
        skipped = [_skipped(item, left_out[item.code]) for _, _, item in here if item.code in left_out]
        rotating = {item["origin"] for item in items if item["rotation"] == Rotation.ZONE}
        groups = frozenset(group for origin in rotating for group in self._walked(origin))
        return Content(slot, tuple(items), tuple(skipped), groups)

    def facts(self, origin: str, version: int, item: ItemFacts) -> dict[str, Any]:
        facts = {name: plain(getattr(item, name)) for name in FACTS}
        zone_ids = (
            self.groups[origin] if self._market.kind is MarketKind.MIXED and origin in self.groups else []
        )
        return {**facts, "origin": origin, "version": version, "zone_ids": zone_ids}

    def _walked(self, origin: str) -> list[str]:
        """The groups of zones an item of this origin walks through."""
        is_narrow = self._market.kind is MarketKind.MIXED and origin in self.groups
        return [origin] if is_narrow else list(self.groups)


def _of_event(here: list[Any], event: str, codes: frozenset[str]) -> list[Any]:
    if codes:
        return [line for line in here if line[2].code in codes]
    return [line for line in here if event and line[2].event == event] or here


def _skipped(item: ItemFacts, row: NotApplicable) -> dict[str, Any]:
    return {
        "code": item.code,
        "title": item.title,
        "reason": row.reason,
        "set_by": row.set_by_name,
        "since": row.from_on.isoformat(),
    }


def plain(value: Any) -> Any:
    """A fact as JSON keeps it: a decimal as its shortest digits, an enumeration as its value."""
    if isinstance(value, Decimal):
        digits = f"{value:f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return value.value if isinstance(value, StrEnum) else value


def zone_groups(market: Market, zones: Sequence[Zone]) -> dict[str, list[int]]:
    """The zones that are walked through in turn: all of a market, or by kind in a mixed one."""
    groups: dict[str, list[int]] = {}
    for zone in zones:
        kind = zone.kind.value if market.kind is MarketKind.MIXED and zone.kind else WHOLE
        groups.setdefault(kind, []).append(zone.id)
    return groups


def maker(market: Market, first: date, last: date) -> SheetMaker:
    """Read what the sheets of a market from ``first`` to ``last`` depend on.  Needs the company's own reach."""
    return SheetMaker(
        market,
        markets.zones_of(market),
        lists.rulebook(first, last),
        plans.house_items_of(market, first),
        plans.not_applicable_of(market, first),
    )


def known_sheets(market: Market, digests: set[str]) -> dict[str, int]:
    """The ids of those sheets of the market that are there already, by digest."""
    query = sa.select(Sheet.digest, Sheet.id).where(Sheet.market_id == market.id, Sheet.digest.in_(digests))
    return {digest: sheet_id for digest, sheet_id in db.session.execute(query).all()}


def zones_of_day(item: Mapping[str, Any], zone_ids: Sequence[int]) -> list[int]:
    """The zones in which an item of a sheet is looked at when ``zone_ids`` are those of the day; empty: everywhere."""
    own = item["zone_ids"]
    if item["rotation"] != Rotation.ZONE:
        return list(own)
    return [zone_id for zone_id in zone_ids if not own or zone_id in own]


def official_items(market: Market, day: date) -> list[dict[str, Any]]:
    """Every official item that applies in a market on a day, whatever its slot, with origin and version."""
    made = maker(market, day, day)
    return [
        made.facts(one.code.value, one.version_no, item) for one in made.lists_on(day) for item in one.items
    ]


def events(market: Market, day: date) -> list[str]:
    """What may happen that the market's items name, each once, in the order of the lists."""
    named = [item["event"] for item in official_items(market, day) if Slot.EVENT in item["slots"]]
    return list(dict.fromkeys(word for word in named if word))

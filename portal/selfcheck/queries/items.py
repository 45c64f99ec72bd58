"""An item of a sheet as whoever walks reads it: what is asked, what passes, and what proves the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.selfcheck.models import Evidence, Grade, ItemKind, Outcome, Rotation, Sheet

MEASURED = frozenset({ItemKind.NUMBER, ItemKind.COUNT})
WRITTEN = frozenset({ItemKind.TEXT, ItemKind.SCAN})
SHOWN = frozenset({Evidence.PHOTO.value, Evidence.FILE.value})
"""Kinds of evidence that a camera gives: a file is a paper, photographed."""


@dataclass(frozen=True)
class Item:
    """One item as it stood when the sheet was made."""

    code: str
    title: str
    title_en: str
    place: str
    rotation: Rotation
    kind: ItemKind
    unit: str
    low: Decimal | None
    high: Decimal | None
    is_low_inclusive: bool
    is_high_inclusive: bool
    choices: tuple[str, ...]
    target_note: str
    evidence_pass: frozenset[str]
    evidence_fail: frozenset[str]
    phrases: tuple[str, ...]
    category: str
    grade: Grade
    may_be_major: bool
    hazard_code: str
    criterion: str
    criterion_en: str
    method: str
    basis: str
    origin: str
    version: int
    zone_ids: tuple[int, ...]
    """In a mixed market the zones of the item's kind; empty means all of them."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Item":
        """The item of one mapping of a sheet."""
        words = {name: str(facts.get(name) or "") for name in WORDS}
        return cls(
            **words,
            version=int(facts.get("version") or 1),
            zone_ids=tuple(facts.get("zone_ids") or ()),
            rotation=Rotation(facts.get("rotation") or Rotation.NONE),
            kind=ItemKind(facts.get("kind") or ItemKind.TICK),
            grade=Grade(facts.get("grade") or Grade.MINOR),
            low=_number(facts.get("low")),
            high=_number(facts.get("high")),
            is_low_inclusive=bool(facts.get("is_low_inclusive", True)),
            is_high_inclusive=bool(facts.get("is_high_inclusive", True)),
            may_be_major=bool(facts.get("may_be_major")),
            choices=tuple(facts.get("choices") or ()),
            phrases=tuple(facts.get("phrases") or ()),
            evidence_pass=_evidence(facts.get("evidence_pass"), Evidence.NONE),
            evidence_fail=_evidence(facts.get("evidence_fail"), Evidence.PHOTO),
        )

    @property
    def is_measured(self) -> bool:
        return self.kind in MEASURED

    @property
    def is_written(self) -> bool:
        return self.kind in WRITTEN

    @property
    def has_range(self) -> bool:
        """Whether the list says which numbers pass; without a range the person judges."""
        return self.low is not None or self.high is not None

    @property
    def is_judged(self) -> bool:
        """Whether 正常 has to be said, since nothing that is filled in says it."""
        return self.kind is ItemKind.TICK or (self.is_measured and not self.has_range)

    @property
    def wants_photo_of_pass(self) -> bool:
        return bool(self.evidence_pass & SHOWN)

    @property
    def wants_photo_of_fail(self) -> bool:
        return bool(self.evidence_fail & SHOWN)

    def judges(self, number: Decimal) -> Outcome:
        """What a number says of itself."""
        return Outcome.FAIL if self.is_below(number) or self.is_above(number) else Outcome.PASS

    def is_below(self, number: Decimal) -> bool:
        if self.low is None:
            return False
        return number < self.low or (number == self.low and not self.is_low_inclusive)

    def is_above(self, number: Decimal) -> bool:
        if self.high is None:
            return False
        return number > self.high or (number == self.high and not self.is_high_inclusive)

    def judges_text(self, text: str, day: date) -> Outcome:
        """What a choice or a date says of itself: the first choice passes, a date until its own day is over."""
        if self.kind is ItemKind.CHOICE:
            return Outcome.PASS if not self.choices or text == self.choices[0] else Outcome.FAIL
        if self.kind is ItemKind.DATE:
            return Outcome.PASS if date.fromisoformat(text) >= day else Outcome.FAIL
        return Outcome.PASS

    def zones_of_day(self, of_the_day: Sequence[int]) -> list[int]:
        """The zones it is looked at in when these are the check's; empty means everywhere."""
        if self.rotation is not Rotation.ZONE:
            return list(self.zone_ids)
        return [zone_id for zone_id in of_the_day if not self.zone_ids or zone_id in self.zone_ids]

    @property
    def range_words(self) -> Any:
        """The numbers that pass, in words; "" where no limit is known."""
        facts = {"unit": self.unit, "low": _plain(self.low), "high": _plain(self.high)}
        if self.low is not None and self.low == self.high:
            return _l("应为 %(low)s %(unit)s", **facts)
        if self.low is not None and self.high is not None:
            return _l("允许 %(low)s – %(high)s %(unit)s", **facts)
        if self.high is not None:
            words = (_l("不高于 %(high)s %(unit)s", **facts), _l("低于 %(high)s %(unit)s", **facts))
            return words[0] if self.is_high_inclusive else words[1]
        if self.low is not None:
            words = (_l("不低于 %(low)s %(unit)s", **facts), _l("高于 %(low)s %(unit)s", **facts))
            return words[0] if self.is_low_inclusive else words[1]
        return ""

    def words_outside(self, number: Decimal) -> Any:
        """By how much a number is out of range, in words; "" inside it."""
        facts = {"number": _plain(number), "unit": self.unit}
        if self.high is not None and self.is_above(number):
            gap = _plain(number - self.high)
            return _l("%(number)s %(unit)s 高了 %(gap)s，记为有问题", gap=gap, **facts)
        if self.low is not None and self.is_below(number):
            gap = _plain(self.low - number)
            return _l("%(number)s %(unit)s 低了 %(gap)s，记为有问题", gap=gap, **facts)
        return ""


WORDS = (
    "code", "title", "title_en", "place", "unit", "target_note", "category", "hazard_code", "criterion",
    "criterion_en", "method", "basis", "origin",
)  # fmt: skip


MOST_SHEETS = 500
_read: dict[str, Mapping[str, Item]] = {}


def items_of(sheet: Sheet) -> Mapping[str, Item]:
    """The items of a sheet by their codes, in the order they are walked.

    A sheet never changes and is known by its digest, so it is read once a process.
    """
    known = _read.get(sheet.digest)
    if known is None:
        if len(_read) >= MOST_SHEETS:
            _read.clear()
        known = MappingProxyType({facts["code"]: Item.of(facts) for facts in sheet.items})
        _read[sheet.digest] = known
    return known


def _evidence(words: Any, nothing: Evidence) -> frozenset[str]:
    return frozenset(str(words or nothing.value).split("|"))


def _number(value: Any) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"

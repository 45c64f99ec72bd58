"""What people fill in about a place, a vendor or a paper, and the small checks they share."""

import re
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import identity
from portal.core.errors import Mistake, TooLate
from portal.markets.models import Market, MarketKind, Stall, Vendor, VendorKind, Zone
from portal.markets.numbers import Verdict, clean

CODE = re.compile(r"[0-9A-Z一-鿿]+(-[0-9A-Z一-鿿]+)*")
LARGEST_MARKET_M2 = Decimal(9_999_999)
LARGEST_STALL_M2 = Decimal(99_999)
MOST_FLOORS = 200


@dataclass(frozen=True)
class MarketFacts:
    """What is written down about a market."""

    name: str
    kind: MarketKind
    opener_name: str
    address: str
    opens_at: time
    closes_at: time
    opener_uscc: str = ""
    phone: str = ""
    area_m2: Decimal | None = None
    floors_up: int | None = None
    floors_down: int | None = None
    is_key_unit: bool = False


@dataclass(frozen=True)
class ZoneFacts:
    """What is written down about a zone."""

    code: str
    name: str
    kind: MarketKind | None = None
    floor: str = ""


@dataclass(frozen=True)
class StallFacts:
    """What is written down about a stall."""

    code: str
    zone: Zone | None = None
    area_m2: Decimal | None = None
    trade_codes: list[str] = field(default_factory=list)
    has_gas: bool = False


@dataclass(frozen=True)
class VendorFacts:
    """What is written down about a vendor; an identity number only where there is no credit code."""

    kind: VendorKind
    name: str
    keeper_name: str
    phone: str
    uscc: str = ""
    identity: str = ""
    trade_codes: list[str] = field(default_factory=list)
    goods: str = ""
    started_on: date | None = None


@dataclass(frozen=True)
class PaperFacts:
    """What stands on a paper.  ``is_long_term`` is 长期: no last day, said so on purpose."""

    number: str = ""
    authority: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    is_long_term: bool = False
    holder_name: str = ""
    is_original_seen: bool = False


def need_open(market: Market) -> None:
    """Nothing is added to a closed market; raises TooLate."""
    if not market.is_open:
        raise TooLate(_l("这个市场已经关闭，资料只能看，不能改。"))


def need_version(row: Market | Stall | Vendor | Zone | Any, version: int) -> None:
    """The form was opened on the row as it is now; raises TooLate where somebody saved in between."""
    if row.version != version:
        raise TooLate(_l("刚才有人改过这份资料，请看最新的再改，你填的没有保存。"))


def text(name: str, value: str, shortest: int, longest: int) -> str:
    """A text within its lengths and without an identity number, which has a field of its own; raises Mistake."""
    if not value.strip():
        if shortest == 0:
            return ""
        raise Mistake(name, _l("这里要填。"))
    if not shortest <= len(value.strip()) <= longest:
        raise Mistake(name, _l("这里要 %(least)s 到 %(most)s 个字。", least=shortest, most=longest))
    if identity.stands_in(value):
        raise Mistake(name, _l("这里不要写身份证号，别人也会看到。请去掉再交。"))
    return value.strip()


def code(name: str, value: str, longest: int = 20) -> str:
    """The code of a zone or a stall: half-width, upper case, letters, digits, Chinese and single hyphens."""
    tidy = re.sub(r"[-‐-―−－]+", "-", clean(value))
    if not tidy:
        raise Mistake(name, _l("编号要填。"))
    if len(tidy) > longest or not CODE.fullmatch(tidy):
        raise Mistake(name, _l("编号用字母、数字、汉字和短横，最多 %(most)s 个，比如 A-017。", most=longest))
    return tidy


def number(name: str, verdict: Verdict) -> str:
    """The number a verdict lets pass; raises Mistake with its words and the suggestion, if there is one."""
    if verdict.ok:
        return verdict.number
    if verdict.suggestion:
        raise Mistake(
            name,
            _l(
                "%(words)s 是不是 %(number)s？是的话请照这样改。",
                words=verdict.words,
                number=verdict.suggestion,
            ),
            verdict.suggestion,
        )
    raise Mistake(name, verdict.words)


def square_metres(name: str, value: Decimal | None, largest: Decimal) -> Decimal | None:
    """An area in square metres with one decimal, above nothing; raises Mistake."""
    if value is None:
        return None
    if not value.is_finite() or not Decimal(0) < value <= largest:
        raise Mistake(name, _l("面积要大于 0，最多 %(most)s 平方米。", most=largest))
    return round(value, 1) or Decimal("0.1")


def floors(name: str, value: int | None) -> int | None:
    """A number of floors; raises Mistake."""
    if value is not None and not 0 <= value <= MOST_FLOORS:
        raise Mistake(name, _l("层数要在 0 到 %(most)s 之间。", most=MOST_FLOORS))
    return value

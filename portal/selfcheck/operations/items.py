"""What every item must say, official or a company's own, checked before it is written down."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core.errors import Mistake
from portal.selfcheck.models import Grade, ItemFacts, ItemKind, Rotation, Slot
from portal.selfcheck.queries import lists

COPIED = tuple(ItemFacts.__annotations__)
WITH_RANGE = frozenset({ItemKind.NUMBER, ItemKind.COUNT})
LARGEST = Decimal(100_000_000)
LONGEST = {"title": 120, "title_en": 240, "place": 120, "event": 60, "unit": 20, "target_note": 1_000}
LONGEST_TEXT = 1_000
MOST_WORDS = 12
LONGEST_WORD = 60


def copied(item: ItemFacts) -> dict[str, Any]:
    """All that is known of an item, for the same item in the next version."""
    return {name: getattr(item, name) for name in COPIED}


def checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an item as they may be written down; raises Mistake(field)."""
    known = {name: value for name, value in facts.items() if name in lists.FIELDS}
    _check_texts(known)
    _check_when(known)
    _check_answer(known)
    if known.get("category") not in {one.code for one in lists.categories()}:
        raise Mistake("category", _l("请选一个隐患类别。"))
    if known.get("grade") not in set(Grade):
        raise Mistake("grade", _l("请选建议等级：一般或较大。重大由部门认定。"))
    return known


def _check_texts(facts: Mapping[str, Any]) -> None:
    if not facts.get("title"):
        raise Mistake("title", _l("请写要查的事项。"))
    for name, value in facts.items():
        most = LONGEST.get(name, LONGEST_TEXT)
        if isinstance(value, str) and len(value) > most:
            raise Mistake(name, _l("太长了，最多 %(most)s 个字。", most=most))
    for name in ("phrases", "choices"):
        words = facts.get(name) or []
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
            raise Mistake(name, _l("最多 12 条，每条不超过 60 个字。"))


def _check_when(facts: Mapping[str, Any]) -> None:
    slots = facts.get("slots") or []
    if not slots or not set(slots) <= {slot.value for slot in Slot}:
        raise Mistake("slots", _l("请选什么时候查，至少一个。"))
    if (Slot.EVENT.value in slots) != bool(facts.get("event")):
        raise Mistake("event", _l("选了“遇事检查”要写遇到什么事，没选就不写。"))
    if facts.get("rotation", Rotation.NONE) not in set(Rotation):
        raise Mistake("rotation", _l("请选查多大范围。"))


def _check_answer(facts: Mapping[str, Any]) -> None:
    kind, low, high = facts.get("kind", ItemKind.TICK), facts.get("low"), facts.get("high")
    if kind not in set(ItemKind):
        raise Mistake("kind", _l("请选怎么答。"))
    if (low is not None or high is not None) and kind not in WITH_RANGE:
        raise Mistake("low", _l("只有填读数和填数量的事项有上下限。"))
    if any(one is not None and abs(one) >= LARGEST for one in (low, high)):
        raise Mistake("low", _l("这个数太大了。"))
    if low is not None and high is not None and low > high:
        raise Mistake("high", _l("上限不能比下限小。"))
    if kind == ItemKind.CHOICE and len(facts.get("choices") or []) < 2:
        raise Mistake("choices", _l("选一项的事项至少要两个选项，第一个是合格。"))

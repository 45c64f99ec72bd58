"""The shape of a plan's line: what it says, the usual ones by a market's hours, and what a line must keep to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core.errors import Mistake
from portal.markets.models import Market
from portal.selfcheck.models import Slot
from portal.selfcheck.queries.plans import DAILY_SLOTS

DAY = 24 * 60
LONGEST_PATROL_GAP = 120
"""Minutes from one patrol to the next in opening hours (GB/T 40248-2021 7.3.5)."""
BEFORE_OPENING, OPENING_MINUTES = 60, 90
BEFORE_CLOSING, CLOSING_MINUTES = 30, 90
EARLIEST_OPENING_CHECK = 240
"""Minutes before opening from which a start on the clock is taken to mean the evening before."""
FRIDAY = 5
OFFICE_START, OFFICE_MINUTES = time(9), 540
EVERY_WEEKDAY = frozenset(range(1, 8))


@dataclass(frozen=True)
class LineFacts:
    """A line of a plan as it is asked for; times are local, lengths in minutes."""

    slot: Slot
    starts_at: time
    minutes: int
    rounds: int = 1
    every_minutes: int = 0
    weekdays: Sequence[int] = field(default=())
    day_of_month: int | None = None
    month: int | None = None
    grace_minutes: int = 180


def usual_lines(market: Market) -> list[LineFacts]:
    """The usual plan by the hours of a market; it trades past midnight where it closes before it opens."""
    opens = _minutes(market.opens_at)
    trade = (_minutes(market.closes_at) - opens) % DAY or DAY
    gap = LONGEST_PATROL_GAP
    return [
        LineFacts(Slot.OPENING, _clock(opens - BEFORE_OPENING), OPENING_MINUTES),
        LineFacts(Slot.PATROL, market.opens_at, gap, max(1, trade // gap), gap, grace_minutes=60),
        LineFacts(Slot.CLOSING, _clock(opens + trade - BEFORE_CLOSING), CLOSING_MINUTES),
        LineFacts(Slot.DAILY, market.opens_at, trade),
        _rare(Slot.WEEKLY, weekdays=(FRIDAY,)),
        _rare(Slot.MONTHLY, day_of_month=10),
        _rare(Slot.QUARTERLY, day_of_month=15, month=1),
        _rare(Slot.YEARLY, day_of_month=15, month=11),
    ]


def _rare(slot: Slot, **days: Any) -> LineFacts:
    return LineFacts(slot, OFFICE_START, OFFICE_MINUTES, **days)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _clock(minutes: int) -> time:
    return time(minutes % DAY // 60, minutes % 60)


def day_shift(market: Market, slot: Slot, starts_at: time) -> int:
    """On which day, counted from the service day, a window opens.

    An opening check before midnight belongs to the trade that follows it; what a market that trades past midnight does
    in the small hours belongs to the day the trade began.
    """
    opens, closes, starts = _minutes(market.opens_at), _minutes(market.closes_at), _minutes(starts_at)
    if slot is Slot.OPENING:
        ahead = (opens - starts) % DAY
        return -1 if starts > opens and ahead <= EARLIEST_OPENING_CHECK else 0
    is_past_midnight = closes < opens and starts < opens
    return 1 if is_past_midnight and slot in DAILY_SLOTS else 0


def check_line(facts: LineFacts) -> None:
    """Refuse a line that cannot be kept, or that lets a duty slip; raises Mistake(field)."""
    if facts.slot is Slot.EVENT:
        raise Mistake("slot", _l("遇事检查不排时间，遇到事再开始。"))
    if not 15 <= facts.minutes <= DAY:
        raise Mistake("minutes", _l("时间窗要在 15 分钟到 24 小时之间。"))
    if not 0 <= facts.grace_minutes <= 720:
        raise Mistake("grace_minutes", _l("宽限最多 12 小时。"))
    _check_rounds(facts)
    _check_days(facts)


def _check_rounds(facts: LineFacts) -> None:
    if facts.rounds == 1:
        return
    if not 1 <= facts.rounds <= 24 or facts.slot not in DAILY_SLOTS:
        raise Mistake("rounds", _l("一天最多 24 轮，只有每天的检查可以分轮。"))
    if not facts.minutes <= facts.every_minutes or facts.rounds * facts.every_minutes > DAY:
        raise Mistake("every_minutes", _l("两轮不能重叠，加起来不超过一天。"))
    if facts.slot is Slot.PATROL and facts.every_minutes > LONGEST_PATROL_GAP:
        raise Mistake("every_minutes", _l("营业时间至少每两小时巡查一次（GB/T 40248）。"))


def _check_days(facts: LineFacts) -> None:
    if not set(facts.weekdays) <= EVERY_WEEKDAY or (facts.slot is Slot.WEEKLY and not facts.weekdays):
        raise Mistake("weekdays", _l("请选星期几，至少一天。"))
    if facts.slot in DAILY_SLOTS or facts.slot is Slot.WEEKLY:
        return
    if facts.day_of_month is None or not 1 <= facts.day_of_month <= 31:
        raise Mistake("day_of_month", _l("请填几号，1 到 31。"))
    most = {Slot.QUARTERLY: 3, Slot.YEARLY: 12}.get(facts.slot, 0)
    if most and (facts.month is None or not 1 <= facts.month <= most):
        raise Mistake("month", _l("每季的填季内第几个月（1 到 3），每年的填几月（1 到 12）。"))

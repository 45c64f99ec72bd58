"""The day of whoever walks: the checks in their windows, what came back, and what was missed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.core import clock
from portal.core.policy import may
from portal.markets.policy import May as OfMarkets
from portal.markets.queries import setup
from portal.selfcheck.models import Occurrence
from portal.selfcheck.policy import May
from portal.selfcheck.queries import checks as queries
from portal.selfcheck.queries import walk
from portal.selfcheck.queries.checks import Day
from portal.selfcheck.routes.area import area
from portal.selfcheck.workflow import CheckState
from portal.web import navigation
from portal.web.gate import actor
from portal.web.pages import page

navigation.entry("selfcheck.today", _l("今日"), "today", May.WALK, 10)


@dataclass(frozen=True)
class Round:
    """Windows still to come of one line of the plan, told as one: the rounds of a patrol."""

    checks: Sequence[Occurrence]

    @property
    def first(self) -> Occurrence:
        return self.checks[0]

    @property
    def last(self) -> Occurrence:
        return self.checks[-1]


@dataclass(frozen=True)
class Pane:
    """A window of the day as the ribbon draws it, cut off at midnight."""

    label: str
    opens: time
    closes: time
    tone: str


@dataclass(frozen=True)
class Ribbon:
    """A day from above, from the first hour in which something is due to the last."""

    windows: Sequence[Pane]
    first_hour: int
    last_hour: int


@area.get("/today", needs=May.WALK)
def today() -> ResponseReturnValue:
    days = queries.today(actor())
    return page(
        "selfcheck/today/index.html",
        days=days,
        title=_title(days),
        rounds={day.market.id: _rounds(day.later) for day in days},
        ribbons={day.market.id: _ribbon(day) for day in days},
        place=_next_place(days),
        unready=setup.unready(actor()) if may(actor(), OfMarkets.EDIT) else [],
        states=CheckState,
    )


def _title(days: Sequence[Day]) -> str:
    """What is left to be done, said as the work."""
    left = sum(day.left for day in days)
    if any(day.back for day in days):
        back = sum(len(day.back) for day in days)
        return str(ngettext("有 %(num)s 次检查要补查", "有 %(num)s 次检查要补查", back))
    if left:
        return str(ngettext("今天还有 %(num)s 次检查", "今天还有 %(num)s 次检查", left))
    return str(_("今天的检查都做完了") if any(day.done for day in days) else _("今天没有要做的检查"))


def _rounds(later: Iterable[Occurrence]) -> list[Round]:
    """Windows of the same line one after the other are one row."""
    found: dict[tuple[object, ...], list[Occurrence]] = {}
    for one in later:
        found.setdefault((one.plan_line_id, one.service_day), []).append(one)
    return [Round(checks) for checks in found.values()]


def _ribbon(day: Day) -> Ribbon:
    """The windows that open today, done ones green and missed ones red."""
    tones = {"ok": day.done, "late": day.missed, "": [*day.back, *day.now, *day.later]}
    panes = [_pane(one, tone) for tone, checks in tones.items() for one in checks if _opens_today(one)]
    panes.sort(key=lambda pane: pane.opens)
    hours = [
        clock.local(clock.now()).hour,
        *(hour for pane in panes for hour in (pane.opens.hour, pane.closes.hour)),
    ]
    first, last = min(hours), max(hours) + 1
    return Ribbon(panes, max(0, min(first, last - 8)), last)


def _opens_today(one: Occurrence) -> bool:
    return clock.local(one.opens_at).date() == clock.today()


def _pane(one: Occurrence, tone: str) -> Pane:
    opens, closes = clock.local(one.opens_at), clock.local(one.due_at)
    until = closes.time() if closes.date() == opens.date() else time(23, 59)
    return Pane(str(one.slot.label), opens.time(), until, tone)


def _next_place(days: Sequence[Day]) -> dict[int, str]:
    """Where the first check under way goes on, by its id: what the button says."""
    open_ones = [one for day in days for one in (*day.back, *day.now) if one.state is not CheckState.DUE]
    if not open_ones:
        return {}
    spot = walk.walk(open_ones[0]).next
    return {open_ones[0].id: spot.name} if spot else {}

"""The day of whoever walks: the checks in their windows, what came back, and what was missed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

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


@area.get("/today", needs=May.WALK)
def today() -> ResponseReturnValue:
    days = queries.today(actor())
    return page(
        "selfcheck/today/index.html",
        days=days,
        title=_title(days),
        rounds={day.market.id: _rounds(day.later) for day in days},
        place=_next_place(days),
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


def _next_place(days: Sequence[Day]) -> dict[int, str]:
    """Where the first check under way goes on, by its id: what the button says."""
    open_ones = [one for day in days for one in (*day.back, *day.now) if one.state is not CheckState.DUE]
    if not open_ones:
        return {}
    spot = walk.walk(open_ones[0]).next
    return {open_ones[0].id: spot.name} if spot else {}

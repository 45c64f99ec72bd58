"""What is asked about a market's plan, its exceptions, and a town's closure."""

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.markets.forms.fields import chips, choices, clock_time, count, day, words
from portal.selfcheck.forms.lists import ItemForm
from portal.selfcheck.models import PlanLine, Slot
from portal.selfcheck.operations.planlines import DAY, LineFacts
from portal.web.forms import PortalForm

PLANNED = [slot for slot in Slot if slot is not Slot.EVENT]


def numbers(label: Any) -> SelectMultipleField:
    """Any number of numbered choices, shown as chips."""
    return SelectMultipleField(
        label, coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class LineForm(PortalForm):
    """A line of a plan: from when to when, how often, on which days."""

    slot = SelectField(_l("哪一种检查"), [DataRequired(_l("请选哪一种检查。"))], choices=choices(PLANNED))
    starts_at = clock_time(_l("从几点"))
    ends_at = clock_time(_l("到几点"))
    rounds = count(_l("一天几轮"))
    every_minutes = count(_l("每轮隔多久开始"))
    weekdays = numbers(_l("星期几"))
    day_of_month = count(_l("几号"))
    month = count(_l("几月"))
    grace_minutes = count(_l("过时还收多久"))

    def facts(self) -> LineFacts:
        """What was typed, as the operation takes it; an end before the beginning lies on the next day."""
        rounds = 1 if self.rounds.data is None else self.rounds.data
        return LineFacts(
            slot=Slot(self.slot.data),
            starts_at=self.starts_at.data,
            minutes=(_minutes(self.ends_at.data) - _minutes(self.starts_at.data)) % DAY or DAY,
            rounds=rounds,
            every_minutes=self.every_minutes.data or 0,
            weekdays=tuple(self.weekdays.data or ()),
            day_of_month=self.day_of_month.data,
            month=self.month.data,
            grace_minutes=180 if self.grace_minutes.data is None else self.grace_minutes.data,
        )


def typed(line: PlanLine) -> dict[str, Any]:
    """What the form of a line is filled with."""
    ends = (_minutes(line.starts_at) + line.minutes) % DAY
    names = ("rounds", "every_minutes", "weekdays", "day_of_month", "month", "grace_minutes", "starts_at")
    facts = {name: getattr(line, name) for name in names}
    return {**facts, "slot": line.slot.value, "ends_at": time(ends // 60, ends % 60)}


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


class EndLineForm(PortalForm):
    """Nothing is asked: the page itself is the question."""


class NotApplicableForm(PortalForm):
    item_code = SelectField(_l("哪一项不适用"), [DataRequired(_l("请选一项。"))])
    reason = words(_l("为什么不适用"), 200)


class HouseItemForm(ItemForm):
    """An item of the company's own; its basis is the concern it serves."""

    basis = words(_l("为了什么"), 200)


class CloseDaysForm(PortalForm):
    from_on = day(_l("从哪天"))
    to_on = day(_l("到哪天"))
    reason = words(_l("为什么休市"), 200)


class CloseTownForm(CloseDaysForm):
    area_code = SelectField(_l("哪些市场"), [DataRequired(_l("请选哪些市场。"))])


class LiftClosureForm(PortalForm):
    """Nothing is asked: the page itself is the question."""


class ExcuseCheckForm(PortalForm):
    reason = words(_l("为什么不查"), 200)


class StartEventForm(PortalForm):
    event = SelectField(_l("遇到什么事"))
    other = words(_l("别的事，写一句"), 120, needed=False)
    codes = chips(_l("要查哪几项"))

    def words(self) -> str:
        """What has happened: the words typed, else the one chosen."""
        return str(self.other.data or self.event.data or "")

"""Fields the forms of this package share."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget, TextInput

from portal.core.labels import Labelled
from portal.web.forms import MOST_DIGITS, half_width

DAY_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"]
CLOCK_FORMATS = ["%H:%M", "%H:%M:%S"]


def words(label: Any, most: int, *, needed: bool = True, **options: Any) -> StringField:
    """A line of text of at most ``most`` signs."""
    checks = [Length(max=most, message=_l("这里最多 %(most)s 个字。", most=most))]
    return StringField(label, [*([DataRequired(_l("这里要填。"))] if needed else []), *checks], **options)


def figures(label: Any, *, needed: bool = False) -> StringField:
    """A number made of letters and digits, as it is printed on a paper."""
    return words(label, 80, needed=needed, filters=[half_width])


class AmountField(DecimalField):
    """A number with decimals; more digits than anything in the trade has are refused."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = half_width(valuelist[0]) if valuelist else ""
        if len(typed or "") > MOST_DIGITS:
            raise ValueError(str(_l("这个数太大了，请核对。")))
        try:
            super().process_formdata([typed or ""])
        except ValueError:
            raise ValueError(str(_l("请填数字。"))) from None


class CountField(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = half_width(valuelist[0]) if valuelist else ""
        if len(typed or "") > MOST_DIGITS:
            raise ValueError(str(_l("这个数太大了，请核对。")))
        try:
            super().process_formdata([typed or ""])
        except ValueError:
            raise ValueError(str(_l("请填整数。"))) from None


def amount(label: Any) -> AmountField:
    return AmountField(label, [Optional()], places=1, widget=TextInput())


def count(label: Any) -> CountField:
    return CountField(label, [Optional()], widget=TextInput())


class DayField(DateField):
    """A day, however its parts are kept apart."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([half_width(one) or "" for one in valuelist])
        except ValueError:
            raise ValueError(str(_l("日期写成 2026-10-01 这样。"))) from None


def day(label: Any, *, needed: bool = True) -> DayField:
    checks: list[Any] = [InputRequired(_l("请填日期。"))] if needed else [Optional()]
    return DayField(label, checks, format=DAY_FORMATS)


class ClockField(TimeField):
    """A clock time, 24 hours."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([half_width(one) or "" for one in valuelist])
        except ValueError:
            raise ValueError(str(_l("时间写成 06:30 这样。"))) from None


def clock_time(label: Any) -> ClockField:
    return ClockField(label, [InputRequired(_l("请填时间。"))], format=CLOCK_FORMATS)


class VersionField(IntegerField):
    """Which state of the row the form was opened on; hidden."""

    widget = HiddenInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0] if valuelist else ""
        self.data = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < MOST_DIGITS else 0


def chips(label: Any) -> SelectMultipleField:
    """Any number of choices, shown as chips; the view hands the choices in."""
    return SelectMultipleField(label, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())


def choices(members: Iterable[Labelled], empty: Any = None) -> list[SelectChoice]:
    """The members of an enumeration with their words; ``empty`` puts a first choice of none."""
    first = [SelectChoice("", empty)] if empty is not None else []
    return first + [SelectChoice(member.value, member.label) for member in members]


def one_of(choice_of: type[Labelled], typed: str | None) -> Any:
    """The member of this value, or None."""
    return next((member for member in choice_of if member.value == typed), None)


__all__ = [
    "ValidationError",
    "amount",
    "chips",
    "choices",
    "clock_time",
    "count",
    "day",
    "figures",
    "one_of",
    "words",
]

"""What is asked about an item of a checklist, and about a version that is published."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextArea, TextInput

from portal.core.labels import Labelled
from portal.markets.forms.fields import AmountField, choices, day, one_of, words
from portal.selfcheck.models import Evidence, Grade, ItemFacts, ItemKind, Rotation, Slot
from portal.selfcheck.queries.sheets import plain
from portal.web.forms import PortalForm, tidy

PROOFS = [one for one in Evidence if one is not Evidence.NONE]


class LinesField(Field):
    """A list of short texts, one a line."""

    widget = TextArea()

    def process_formdata(self, valuelist: list[str]) -> None:
        texts = (tidy(line) for line in (valuelist[0] if valuelist else "").splitlines())
        self.data = [text for text in texts if text]

    def _value(self) -> str:
        return "\n".join(self.data or [])


class LimitField(AmountField):
    """A limit, shown in its shortest digits."""

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return self.raw_data[0] if self.raw_data else ""
        return str(plain(self.data))


def prose(label: Any) -> TextAreaField:
    return TextAreaField(label, [Length(max=1_000, message=_l("最多 1000 个字。"))])


def limit(label: Any) -> LimitField:
    return LimitField(label, [Optional()], places=None, widget=TextInput())


def picks(label: Any, members: Iterable[Labelled]) -> SelectMultipleField:
    """Any number of an enumeration's members, shown as chips."""
    return SelectMultipleField(
        label,
        choices=choices(members),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def joined(chosen: list[str] | None) -> str:
    """What proves an answer, as an item keeps it."""
    return "|".join(chosen or []) or Evidence.NONE.value


class ItemForm(PortalForm):
    """An item, as far as a company's own has it too."""

    title = words(_l("要查的事项"), 120)
    place = words(_l("在哪里看"), 120, needed=False)
    slots = picks(_l("什么时候查"), Slot)
    kind = SelectField(_l("怎么答"), default=ItemKind.TICK.value, choices=choices(ItemKind))
    unit = words(_l("计量单位"), 20, needed=False)
    low = limit(_l("下限"))
    high = limit(_l("上限"))
    criterion = prose(_l("怎样算合格"))
    phrases = LinesField(_l("有问题时的常用说法"))
    category = SelectField(_l("隐患类别"), [DataRequired(_l("请选隐患类别。"))])
    grade = RadioField(_l("建议等级"), [DataRequired(_l("请选建议等级。"))], choices=choices(Grade))
    basis = prose(_l("依据"))

    def facts(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        return {
            "title": self.title.data,
            "place": self.place.data or "",
            "slots": [slot.value for slot in Slot if slot.value in (self.slots.data or [])],
            "kind": one_of(ItemKind, self.kind.data),
            "unit": self.unit.data or "",
            "low": self.low.data,
            "high": self.high.data,
            "criterion": self.criterion.data or "",
            "phrases": self.phrases.data or [],
            "category": self.category.data,
            "grade": one_of(Grade, self.grade.data),
            "basis": self.basis.data or "",
        }


class OfficialItemForm(ItemForm):
    """An item of an official list: besides, in English, how it is looked at and proved, and whose subject it is."""

    title_en = words(_l("英文"), 240, needed=False)
    rotation = SelectField(_l("查多大范围"), default=Rotation.NONE.value, choices=choices(Rotation))
    event = words(_l("遇到什么事"), 60, needed=False)
    is_low_inclusive = BooleanField(_l("下限本身算合格"))
    is_high_inclusive = BooleanField(_l("上限本身算合格"))
    choices = LinesField(_l("选项，第一个是合格"))
    target_note = prose(_l("数值说明"))
    evidence_pass = picks(_l("正常时要什么凭据"), PROOFS)
    evidence_fail = picks(_l("有问题时要什么凭据"), PROOFS)
    criterion_en = prose(_l("英文标准"))
    method = prose(_l("怎么查"))
    may_be_major = BooleanField(_l("可能是重大，由部门认定"))
    hazard_code = words(_l("隐患编号"), 12, needed=False)
    function_code = SelectField(_l("主管职能"), default="")

    def facts(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        return {
            **super().facts(),
            "title_en": self.title_en.data or "",
            "rotation": one_of(Rotation, self.rotation.data),
            "event": self.event.data or "",
            "is_low_inclusive": self.is_low_inclusive.data,
            "is_high_inclusive": self.is_high_inclusive.data,
            "choices": self.choices.data or [],
            "target_note": self.target_note.data or "",
            "evidence_pass": joined(self.evidence_pass.data),
            "evidence_fail": joined(self.evidence_fail.data),
            "criterion_en": self.criterion_en.data or "",
            "method": self.method.data or "",
            "may_be_major": self.may_be_major.data,
            "hazard_code": self.hazard_code.data or "",
            "function_code": self.function_code.data or "",
        }


def typed(item: ItemFacts) -> dict[str, Any]:
    """What the form of an item is filled with."""
    facts = {name: getattr(item, name) for name in ItemFacts.__annotations__}
    for name in ("evidence_pass", "evidence_fail"):
        facts[name] = [word for word in facts[name].split("|") if word != Evidence.NONE.value]
    return facts


class DraftListForm(PortalForm):
    note = prose(_l("为什么改"))


class PublishListForm(PortalForm):
    effective_on = day(_l("生效日期"))


class WithdrawListForm(PortalForm):
    """Nothing is asked: the page itself is the question."""


class DropItemForm(PortalForm):
    """Nothing is asked: the page itself is the question."""

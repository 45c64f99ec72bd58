"""What is asked about equipment."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, HiddenField, SelectField
from wtforms.validators import DataRequired

from portal.markets.forms.fields import VersionField, choices, day, figures, words
from portal.markets.models import CheckPoint, EquipmentKind, Stall, Vendor
from portal.markets.operations import EquipmentFacts, PaperFacts
from portal.web.forms import PortalForm


class EditEquipmentForm(PortalForm):
    """A piece of equipment as it stands."""

    kind = SelectField(_l("是什么设备"), [DataRequired(_l("请选设备种类。"))])
    code = words(_l("设备编号"), 60)
    name = words(_l("叫什么"), 80, needed=False)
    point = SelectField(_l("在哪个巡查点"))
    stall = words(_l("在哪个档口"), 40, needed=False)
    place = words(_l("具体位置"), 120, needed=False)
    maker = words(_l("厂家"), 80, needed=False)
    model = words(_l("型号"), 80, needed=False)
    made_on = day(_l("出厂日期"), needed=False)
    note = words(_l("备注"), 200, needed=False)
    version = VersionField()

    def offer(self, points: Any, empty: Any) -> None:
        """Offer the kinds, and the check points of the market."""
        self.kind.choices = choices(EquipmentKind, _l("请选择"))
        self.point.choices = [("", empty), *((str(one.id), f"{one.code} {one.name}") for one in points)]

    def facts(
        self, point: CheckPoint | None, stall: Stall | None, vendor: Vendor | None = None
    ) -> EquipmentFacts:
        """What was typed, as the operation takes it."""
        return EquipmentFacts(
            kind=EquipmentKind(self.kind.data),
            code=self.code.data,
            name=self.name.data or "",
            maker=self.maker.data or "",
            model=self.model.data or "",
            place=self.place.data or "",
            point=point,
            stall=stall,
            vendor=vendor,
            made_on=self.made_on.data,
            note=self.note.data or "",
            **self._dates(),
        )

    def _dates(self) -> dict[str, Any]:
        return {}


class AddEquipmentForm(EditEquipmentForm):
    """A new piece: besides, when it was looked at last and until when that holds."""

    checked_on = day(_l("最近一次检验、检定或维修"), needed=False)
    due_on = day(_l("到期日"), needed=False)

    def _dates(self) -> dict[str, Any]:
        return {"checked_on": self.checked_on.data, "due_on": self.due_on.data}


class DateEquipmentForm(PortalForm):
    """What the newest mark of inspection, verification or maintenance says."""

    issued_on = day(_l("哪天检验、检定或维修的"))
    expires_on = day(_l("到期日"), needed=False)
    number = figures(_l("证书或标志编号"))
    authority = words(_l("谁做的"), 80, needed=False)
    photo = FileField(_l("标志或证书的照片"))
    is_original_seen = BooleanField(_l("我看过标志或证书"))

    def facts(self) -> PaperFacts:
        """What was typed, as the operation takes it."""
        return PaperFacts(
            number=self.number.data or "",
            authority=self.authority.data or "",
            issued_on=self.issued_on.data,
            expires_on=self.expires_on.data,
            is_original_seen=self.is_original_seen.data,
        )


class SieveEquipmentForm(PortalForm):
    """By what the list is narrowed; it stands in the address, so nothing here carries a token."""

    class Meta(PortalForm.Meta):
        csrf = False

    kind = SelectField(_l("是什么设备"))
    zone = SelectField(_l("在哪个区"))
    due = HiddenField()

    def offer(self, zones: Any) -> None:
        """Offer every kind, and the zones of the market."""
        self.kind.choices = choices(EquipmentKind, _l("全部"))
        self.zone.choices = [("", _l("全部")), *((str(one.id), f"{one.code} {one.name}") for one in zones)]


class EndEquipmentForm(PortalForm):
    ended_on = day(_l("哪天停用"))
    note = words(_l("说明"), 200, needed=False)

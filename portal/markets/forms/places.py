"""What is asked about a market, a zone, a stall."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.markets.forms.fields import (
    VersionField,
    amount,
    chips,
    choices,
    clock_time,
    count,
    figures,
    one_of,
    words,
)
from portal.markets.models import MarketKind, Zone
from portal.markets.operations import MarketFacts, StallFacts, ZoneFacts
from portal.web.forms import PortalForm


class EditMarketForm(PortalForm):
    """A market as it stands."""

    name = words(_l("市场名称"), 80)
    kind = RadioField(_l("市场类型"), [DataRequired(_l("请选市场类型。"))], choices=choices(MarketKind))
    opener_name = words(_l("开办者（全称）"), 120)
    opener_uscc = figures(_l("开办者统一社会信用代码"))
    address = words(_l("地址"), 200)
    phone = figures(_l("市场电话"))
    opens_at = clock_time(_l("开市时间"))
    closes_at = clock_time(_l("收市时间"))
    area_m2 = amount(_l("建筑面积"))
    floors_up = count(_l("地上层数"))
    floors_down = count(_l("地下层数"))
    is_key_unit = BooleanField(_l("消防安全重点单位"))
    version = VersionField()

    def facts(self) -> MarketFacts:
        """What was typed, as the operation takes it."""
        return MarketFacts(
            name=self.name.data,
            kind=MarketKind(self.kind.data),
            opener_name=self.opener_name.data,
            address=self.address.data,
            opens_at=self.opens_at.data,
            closes_at=self.closes_at.data,
            opener_uscc=self.opener_uscc.data or "",
            phone=self.phone.data or "",
            area_m2=self.area_m2.data,
            floors_up=self.floors_up.data,
            floors_down=self.floors_down.data,
            is_key_unit=self.is_key_unit.data,
        )


class RegisterMarketForm(EditMarketForm):
    """A new market: besides, where it stands and who runs it."""

    community = SelectField(_l("在哪个村（社区）"), [DataRequired(_l("请选村（社区）。"))])
    company = words(_l("管理公司（全称、简称或统一社会信用代码）"), 80)


class CloseMarketForm(PortalForm):
    note = words(_l("为什么关闭"), 200)


class RestampMarketForm(PortalForm):
    community = SelectField(_l("改到哪个村（社区）"), [DataRequired(_l("请选村（社区）。"))])
    reason = words(_l("为什么改"), 200)


class ZoneForm(PortalForm):
    """A zone."""

    code = words(_l("区的编号"), 40)
    name = words(_l("区的名称"), 40)
    kind = SelectField(_l("这个区的类型"), choices=choices(MarketKind, _l("同市场")))
    floor = words(_l("楼层"), 10, needed=False)
    version = VersionField()

    def facts(self) -> ZoneFacts:
        """What was typed, as the operation takes it."""
        return ZoneFacts(
            self.code.data, self.name.data, one_of(MarketKind, self.kind.data), self.floor.data or ""
        )


class StallForm(PortalForm):
    """A stall."""

    code = words(_l("档口编号"), 40)
    zone = SelectField(_l("在哪个区"))
    area_m2 = amount(_l("面积"))
    trade_codes = chips(_l("这个档口经营什么"))
    has_gas = BooleanField(_l("有燃气"))
    version = VersionField()

    def facts(self, zone: Zone | None) -> StallFacts:
        """What was typed, as the operation takes it."""
        return StallFacts(
            code=self.code.data,
            zone=zone,
            area_m2=self.area_m2.data,
            trade_codes=self.trade_codes.data or [],
            has_gas=self.has_gas.data,
        )


class AddStallsForm(PortalForm):
    first = words(_l("第一个编号"), 40)
    last = words(_l("最后一个编号"), 40)
    zone = SelectField(_l("在哪个区"))


class ChangeStallForm(PortalForm):
    """Which of the moves open now; the view hands them in."""

    verb: Any = RadioField(_l("改成什么状态"), [InputRequired(_l("请选一种状态。"))])
    note = TextAreaField(_l("说明"), [Length(max=200, message=_l("说明最多 200 个字。"))])

"""What is asked about a vendor, a stay, a post."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.markets.forms.fields import VersionField, chips, choices, day, figures, words
from portal.markets.models import PostKind, VendorKind
from portal.markets.operations import VendorFacts
from portal.web.forms import PortalForm


class VendorForm(PortalForm):
    """A vendor."""

    kind = RadioField(_l("主体类型"), [DataRequired(_l("请选主体类型。"))], choices=choices(VendorKind))
    name = words(_l("名称（照执照填）"), 120)
    keeper_name = words(_l("经营者或负责人"), 60)
    phone = figures(_l("联系电话"), needed=True)
    uscc = figures(_l("统一社会信用代码"))
    identity = figures(_l("身份证号"))
    trade_codes = chips(_l("经营什么"))
    goods = TextAreaField(
        _l("经营品种、进货渠道和产地"), [Length(max=400, message=_l("这里最多 400 个字。"))]
    )
    started_on = day(_l("从哪天开始在本市场经营"))
    version = VersionField()

    def facts(self) -> VendorFacts:
        """What was typed, as the operation takes it."""
        return VendorFacts(
            kind=VendorKind(self.kind.data),
            name=self.name.data,
            keeper_name=self.keeper_name.data,
            phone=self.phone.data,
            uscc=self.uscc.data or "",
            identity=self.identity.data or "",
            trade_codes=self.trade_codes.data or [],
            goods=self.goods.data or "",
            started_on=self.started_on.data,
        )


class MoveInForm(PortalForm):
    """Who moves into this stall."""

    vendor = SelectField(_l("哪家商户"), [DataRequired(_l("请选商户。"))])
    from_on = day(_l("哪天进场"))


class MoveVendorInForm(PortalForm):
    """Into which stall this vendor moves."""

    stall = words(_l("档口编号"), 40)
    from_on = day(_l("哪天进场"))


class MoveOutForm(PortalForm):
    to_on = day(_l("哪天离场"))
    note = words(_l("说明"), 200, needed=False)


class EndVendorForm(PortalForm):
    ended_on = day(_l("哪天停止经营"))


class AppointForm(PortalForm):
    """Who takes which post."""

    person = SelectField(_l("谁"), [DataRequired(_l("请选人。"))])
    kind = RadioField(_l("什么岗位"), [DataRequired(_l("请选岗位。"))], choices=choices(PostKind))
    from_on = day(_l("从哪天起"))


class EndPostForm(PortalForm):
    to_on = day(_l("最后一天"))

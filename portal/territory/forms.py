"""What is asked about an organisation."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.forms import PortalForm, half_width


class RenameOrganisationForm(PortalForm):
    name = StringField(
        _l("全称"), [DataRequired(_l("请填全称。")), Length(max=80, message=_l("全称最多 80 个字。"))]
    )
    short_name = StringField(_l("简称"), [Length(max=30, message=_l("简称最多 30 个字。"))])
    uscc = StringField(
        _l("统一社会信用代码"),
        [Length(max=40, message=_l("统一社会信用代码是 18 位。"))],
        filters=[half_width],
    )
    phone = StringField(_l("联系电话"), [Length(max=30, message=_l("电话最多 30 个字。"))])
    functions = SelectMultipleField(
        _l("部门职能"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class RegisterOrganisationForm(RenameOrganisationForm):
    kind = RadioField(_l("是什么单位"), [DataRequired(_l("请选是什么单位。"))])
    area_code = SelectField(_l("在哪个区划"), [DataRequired(_l("请选区划。"))])

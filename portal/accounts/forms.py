"""What people type to sign in, to prove to be it, and to let others in."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.web.forms import PortalForm, half_width

LONGEST = Length(max=200, message=_l("填得太长了。"))


class SignInForm(PortalForm):
    username = StringField(
        _l("手机号或用户名"), [DataRequired(_l("请填手机号或用户名。")), LONGEST], filters=[half_width]
    )
    password = PasswordField(_l("密码"), [DataRequired(_l("请填密码。"))])
    remember = BooleanField(_l("这是我自己的手机，记住 14 天（只对市场巡查员、服务专员和商户有效）"))

    def validate_username(self, field: Any) -> None:
        """A number that is nearly a telephone number is one with a digit lost."""
        digits = (field.data or "").replace("-", "")
        if digits.isdigit() and len(digits) != 11:
            raise ValidationError(_("手机号要 11 位，现在是 %(n)s 位。", n=len(digits)))


class CodeForm(PortalForm):
    code = StringField(_l("动态码"), [DataRequired(_l("请填动态码。")), LONGEST])


class EnrolForm(PortalForm):
    code = StringField(
        _l("手机上显示的 6 位数字"),
        [DataRequired(_l("请填手机上显示的 6 位数字。")), LONGEST],
        filters=[half_width],
    )


class ConfirmForm(PortalForm):
    password = PasswordField(_l("你的密码"), [DataRequired(_l("请填密码。"))])


class NewPasswordForm(PortalForm):
    new_password = PasswordField(_l("新密码"), [DataRequired(_l("请填新密码。"))])
    again = PasswordField(_l("再填一次新密码"), [DataRequired(_l("请再填一次新密码。"))])


class ChangePasswordForm(NewPasswordForm):
    password = PasswordField(_l("现在的密码"), [DataRequired(_l("请填现在的密码。"))])


class SetPinForm(ConfirmForm):
    new_pin = PasswordField(_l("新的签名码"), [DataRequired(_l("请填 4 到 6 位数字。"))])


class AddPersonForm(PortalForm):
    name = StringField(
        _l("姓名"), [DataRequired(_l("请填姓名。")), Length(max=60, message=_l("姓名最多 60 个字。"))]
    )
    phone = StringField(_l("手机号"), [LONGEST], filters=[half_width])
    username = StringField(_l("用户名"), [LONGEST], filters=[half_width])
    role = RadioField(_l("做什么"), [DataRequired(_l("请选一种身份。"))])


class LeaveForm(PortalForm):
    successor = SelectField(_l("谁来接手"))

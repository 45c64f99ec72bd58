"""What is filled in to sign a record, and to narrow the list of records."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, TextAreaField
from wtforms.validators import Length

from portal.selfcheck.operations.records import LONGEST_MEASURES
from portal.web.forms import PortalForm


class SignRecordForm(PortalForm):
    """The one thing a person adds, the proof to be it, and the digest of what was on the page."""

    measures = TextAreaField(_l("处理措施"), [Length(max=LONGEST_MEASURES, message=_l("最多写 2000 个字。"))])
    seen = HiddenField()
    pin = PasswordField(_l("签名码"))
    password = PasswordField(_l("密码"))

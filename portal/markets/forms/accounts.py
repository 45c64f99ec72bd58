"""What is asked to open an account for a vendor."""

from flask_babel import lazy_gettext as _l

from portal.markets.forms.fields import figures, words
from portal.web.forms import PortalForm


class OpenAccountForm(PortalForm):
    name = words(_l("姓名"), 60)
    phone = figures(_l("手机号，登录用"), needed=True)

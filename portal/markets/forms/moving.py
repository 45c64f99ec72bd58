"""What is asked when another company comes to run a market."""

from flask_babel import lazy_gettext as _l

from portal.markets.forms.fields import words
from portal.web.forms import PortalForm


class ChangeOperatorForm(PortalForm):
    company = words(_l("新的管理公司（全称、简称或统一社会信用代码）"), 80)
    reason = words(_l("为什么换"), 200)

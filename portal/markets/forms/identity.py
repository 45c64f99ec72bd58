"""What is asked before an identity number is shown."""

from flask_babel import lazy_gettext as _l

from portal.markets.forms.fields import words
from portal.web.forms import PortalForm


class RevealIdentityForm(PortalForm):
    reason = words(_l("为什么要看"), 200)

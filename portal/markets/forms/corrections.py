"""What a vendor writes to have something put right, and what he is answered."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.markets.forms.fields import VersionField, choices, words
from portal.markets.models import CorrectedField
from portal.web.forms import PortalForm


class AskCorrectionForm(PortalForm):
    field = RadioField(
        _l("哪一样不对"), [DataRequired(_l("请选哪一样不对。"))], choices=choices(CorrectedField)
    )
    wished = TextAreaField(
        _l("应该是什么"),
        [DataRequired(_l("这里要填。")), Length(max=400, message=_l("这里最多 400 个字。"))],
    )
    reason = words(_l("为什么"), 200)


class AcceptCorrectionForm(PortalForm):
    answer = words(_l("给商户的话"), 200, needed=False)
    version = VersionField()


class DeclineCorrectionForm(PortalForm):
    refusal = words(_l("为什么不采纳"), 200)

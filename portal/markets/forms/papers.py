"""What is asked about a paper."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, SelectField
from wtforms.validators import DataRequired

from portal.markets.forms.fields import VersionField, day, figures, words
from portal.markets.operations import PaperFacts
from portal.web.forms import PortalForm


class RenewPaperForm(PortalForm):
    """What stands on a paper whose kind is known."""

    number = figures(_l("证号"))
    issued_on = day(_l("发证日期"), needed=False)
    expires_on = day(_l("到期日"), needed=False)
    is_long_term = BooleanField(_l("长期有效，没有到期日"))
    authority = words(_l("发证机关"), 80, needed=False)
    holder_name = words(_l("是谁的，或哪台设备的"), 80, needed=False)
    photo = FileField(_l("证照照片"))
    is_original_seen = BooleanField(_l("我核对过原件"))

    def facts(self) -> PaperFacts:
        """What was typed, as the operation takes it."""
        return PaperFacts(
            number=self.number.data or "",
            authority=self.authority.data or "",
            issued_on=self.issued_on.data,
            expires_on=self.expires_on.data,
            is_long_term=self.is_long_term.data,
            holder_name=self.holder_name.data or "",
            is_original_seen=self.is_original_seen.data,
        )


class CorrectPaperForm(RenewPaperForm):
    reason = words(_l("为什么改"), 200)
    version = VersionField()


class RecordPaperForm(RenewPaperForm):
    kind = SelectField(_l("是什么证照"), [DataRequired(_l("请选证照。"))])
    worker = SelectField(_l("是谁的，登记过的从业人员里选"))


class RecordMarketPaperForm(RenewPaperForm):
    kind = SelectField(_l("是什么证照"), [DataRequired(_l("请选证照。"))])
    holder_name = words(_l("是谁的，或哪台设备的"), 80)

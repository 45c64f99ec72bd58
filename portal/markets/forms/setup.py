"""What is asked of somebody who is invited into a market."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import DataRequired

from portal.accounts.operations.people import PersonCard
from portal.core.actor import Role
from portal.markets.forms.fields import chips, choices, figures, words
from portal.markets.models import PostKind
from portal.web.forms import PortalForm

INVITED = (Role.PATROLLER, Role.SERVICE_CLERK, Role.MARKET_MANAGER)


class InvitePersonForm(PortalForm):
    name = words(_l("姓名"), 60)
    phone = figures(_l("手机号"), needed=True)
    role = RadioField(_l("做什么"), [DataRequired(_l("请选一种身份。"))], choices=choices(INVITED))
    posts = chips(_l("担任什么岗位"))

    def card(self) -> PersonCard:
        """What was typed, as the operation takes it."""
        return PersonCard(self.name.data, self.phone.data)

    def kinds(self) -> list[PostKind]:
        """The posts that were ticked."""
        return [PostKind(value) for value in self.posts.data or ()]

"""What the journal is searched by."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.insight.queries import words
from portal.insight.queries.log import Wanted
from portal.web.forms import PortalForm

EVERY = SelectChoice("", _l("全部"))


class SearchLogForm(PortalForm):
    """Filters of the journal; they stand in the address, so nothing here carries a token."""

    class Meta(PortalForm.Meta):
        csrf = False

    name = StringField(_l("谁"), [Optional(), Length(max=80)])
    verb = SelectField(_l("做了什么"), [Optional()], default="")
    thing = SelectField(_l("对什么"), [Optional()], default="")
    first = DateField(_l("从哪天"), [Optional()])
    last = DateField(_l("到哪天"), [Optional()])

    def offer(self) -> None:
        """Offer every verb and thing there are words for."""
        self.verb.choices = [EVERY, *(SelectChoice(code, label) for code, label in words.VERBS.items())]
        self.thing.choices = [EVERY, *(SelectChoice(code, label) for code, label in words.THINGS.items())]

    def wanted(self, before: int | None, organisation_id: int | None, subject_id: int | None) -> Wanted:
        """What is asked for, as the query takes it."""
        return Wanted(
            name=self.name.data or "",
            verb=self.verb.data or "",
            subject_kind=self.thing.data or "",
            subject_id=subject_id,
            organisation_id=organisation_id,
            first=self.first.data,
            last=self.last.data,
            before=before,
        )

"""By what the journal is searched, and which part of an area is looked at."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.insight.queries import words
from portal.insight.queries.log import Wanted
from portal.insight.queries.part import Part
from portal.markets.forms.fields import choices
from portal.markets.models import MarketKind
from portal.web.forms import PortalForm
from portal.web.pages import localized

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


class PartForm(PortalForm):
    """Which part of an area is looked at; it stands in the address, so nothing here carries a token."""

    class Meta(PortalForm.Meta):
        csrf = False

    town = SelectField(_l("镇街"))
    community = SelectField(_l("村（社区）"))
    kind = SelectField(_l("市场类型"))
    function = SelectField(_l("证照归哪个部门管"))

    def offer(self, part: Part) -> None:
        """Offer what the reader may choose from; a question with nothing to choose is not asked."""
        self.kind.choices = choices(MarketKind, _l("全部"))
        for name, offered in (
            ("town", part.towns),
            ("community", part.communities),
            ("function", part.functions),
        ):
            if not offered:
                del self[name]
                continue
            self[name].choices = [EVERY, *(SelectChoice(one.code, localized(one, "name")) for one in offered)]

"""What is asked about a check point."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.markets.forms.fields import VersionField, words
from portal.markets.models import Zone
from portal.markets.operations import PointFacts
from portal.web.forms import PortalForm


class PointForm(PortalForm):
    """A check point."""

    code = words(_l("巡查点编号"), 40)
    name = words(_l("巡查点名称"), 60)
    zone = SelectField(_l("在哪个区"))
    place = words(_l("具体位置"), 120, needed=False)
    version = VersionField()

    def facts(self, zone: Zone | None) -> PointFacts:
        """What was typed, as the operation takes it."""
        return PointFacts(self.code.data, self.name.data, self.place.data or "", zone)


class EndPointForm(PortalForm):
    """A check point is given up: said once more."""

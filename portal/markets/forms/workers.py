"""What is asked about the people of a vendor."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from portal.markets.forms.fields import VersionField, day, words
from portal.markets.operations.workers import WorkerFacts
from portal.web.forms import PortalForm


class WorkerForm(PortalForm):
    """Somebody who works at a vendor's stall."""

    name = words(_l("姓名"), 60)
    job = words(_l("做什么"), 60, needed=False)
    handles_ready_food = BooleanField(_l("直接接触入口食品，要健康证"))
    from_on = day(_l("从哪天起"))
    version = VersionField()

    def facts(self) -> WorkerFacts:
        """What was typed, as the operation takes it."""
        return WorkerFacts(
            name=self.name.data,
            job=self.job.data or "",
            handles_ready_food=self.handles_ready_food.data,
            from_on=self.from_on.data,
        )


class EndWorkerForm(PortalForm):
    to_on = day(_l("最后一天"))

"""The portal's own health, for those who run it."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.insight import operations
from portal.insight.policy import May
from portal.insight.queries import health
from portal.insight.routes.entry import area
from portal.web import navigation
from portal.web.gate import actor
from portal.web.pages import go, page, tell

navigation.entry("insight.show_health", _l("运行情况"), "settings", May.SEE_HEALTH, order=720)


@area.get("/status", needs=May.SEE_HEALTH)
def show_health() -> ResponseReturnValue:
    """What waits, what failed and what is missing."""
    return page("insight/health.html", health=health.look(), rights=May)


@area.post("/status/errands/<int:errand_id>/again", needs=May.TEND_ERRANDS)
def try_errand_again(errand_id: int) -> ResponseReturnValue:
    """Let a parked errand be tried again."""
    errand = health.get_parked(errand_id)
    operations.try_again(errand, actor())
    tell(_("会马上再试一次。"))
    return go("insight.show_health")

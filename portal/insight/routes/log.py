"""The journal, for auditors."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.insight.forms import SearchLogForm
from portal.insight.policy import May
from portal.insight.queries import log, words
from portal.insight.routes.entry import area
from portal.web import navigation
from portal.web.pages import page

navigation.entry("insight.show_log", _l("日志"), "rule", May.SEE_LOG, order=12)


@area.get("/log", needs=May.SEE_LOG)
def show_log() -> ResponseReturnValue:
    """Who did what, when: found by name, deed, thing, organisation and day."""
    form = SearchLogForm(request.args)
    form.offer()
    is_understood = form.validate()
    asked = {name: db.as_id(request.args.get(name, "")) for name in ("before", "organisation", "number")}
    wanted = form.wanted(asked["before"], asked["organisation"], asked["number"])
    found = log.find(wanted if is_understood else log.Wanted())
    return page(
        "insight/log.html", form=form, found=found, words=words, seal=log.last_seal(), onward=_onward(found)
    )


def _onward(found: log.Found) -> dict[str, Any]:
    """The parameters of the next page: the same filters, before the last line."""
    if found.next_before is None:
        return {}
    return {**request.args.to_dict(), "before": found.next_before}

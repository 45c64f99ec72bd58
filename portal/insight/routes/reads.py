"""The read log: who saw whose personal data."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.core.actor import Role
from portal.insight.policy import May
from portal.insight.queries import reads, words
from portal.insight.routes.entry import area
from portal.web import navigation
from portal.web.gate import actor
from portal.web.pages import page

navigation.entry(
    "insight.show_reads", _l("查阅记录"), "eye", May.SEE_READS, order=710, roles=frozenset({Role.AUDITOR})
)


@area.get("/reads", needs=May.SEE_READS)
def show_reads() -> ResponseReturnValue:
    """Who saw whose personal data in full, and why; everybody sees what concerns him."""
    reader = request.args.get("q", "").strip()[:80]
    found = reads.find(actor(), reader, db.as_id(request.args.get("before", "")))
    return page("insight/reads.html", found=found, q=reader, words=words)

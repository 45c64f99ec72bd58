"""The inbox: unread first, opened by pressing, never by looking."""

from dataclasses import dataclass

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.errors import NotThere
from portal.notices import operations, queries, texts
from portal.notices.models import Notice
from portal.notices.policy import May
from portal.web.area import Area
from portal.web.gate import actor
from portal.web.pages import go, page, tell

area = Area("notices", __name__, url_prefix="/notices")


@dataclass(frozen=True)
class Shown:
    """A notice in the reader's language; ``lines`` are the titles of what a digest gathers."""

    notice: Notice
    title: str
    body: str
    lines: list[str]

    @property
    def left_out(self) -> int:
        """How many things the digest gathers beyond its lines."""
        return max(0, self.notice.line_count - len(self.lines)) if self.lines else 0


@area.get("", needs=May.READ)
def index() -> ResponseReturnValue:
    found = queries.inbox(actor().person_id, request.args.get("after", ""))
    return page(
        "notices/index.html",
        waiting=[_shown(one) for one in found.rows if one.is_unread],
        done=[_shown(one) for one in found.rows if not one.is_unread],
        next_cursor=found.next_cursor,
        number=queries.unread(actor().person_id),
    )


@area.post("/<int:notice_id>/open", needs=May.PUT_AWAY)
def open_notice(notice_id: int) -> ResponseReturnValue:
    notice = queries.get_notice(notice_id, actor().person_id)
    link = _link(notice, request.form.get("line", ""))
    operations.read(notice, actor())
    return redirect(request.script_root + link, 303)


@area.post("/<int:notice_id>/read", needs=May.PUT_AWAY)
def read(notice_id: int) -> ResponseReturnValue:
    operations.read(queries.get_notice(notice_id, actor().person_id), actor())
    return go("notices.index")


@area.post("/read-all", needs=May.PUT_AWAY)
def read_all() -> ResponseReturnValue:
    operations.read_all(actor())
    tell(_("都记为看过了。"))
    return go("notices.index")


def _shown(notice: Notice) -> Shown:
    if len(notice.lines) < 2:
        return Shown(
            notice, texts.title(notice.event, notice.params), texts.body(notice.event, notice.params), []
        )
    lines = [texts.title(line["event"], line["params"]) for line in notice.lines]
    return Shown(notice, texts.digest(notice.event, notice.line_count), "", lines)


def _link(notice: Notice, line: str) -> str:
    """Where a notice, or one line of a digest, leads; raises NotThere for a line it has not."""
    if not line:
        return notice.link
    if not (line.isascii() and line.isdigit() and int(line[:4]) < len(notice.lines)):
        raise NotThere
    return str(notice.lines[int(line[:4])]["link"])

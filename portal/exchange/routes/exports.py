"""Pages of lists that go out: asking for one, following it, fetching the file."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.core import aside, clock, digests
from portal.core.aside import Kind
from portal.core.policy import demand
from portal.exchange import files, words
from portal.exchange.forms.exports import AskExportForm
from portal.exchange.models import Export, ExportFormat, Listed
from portal.exchange.operations import exports as operations
from portal.exchange.policy import May
from portal.exchange.queries import exports as queries
from portal.exchange.queries import listings
from portal.exchange.queries.listings.base import Listing, in_words
from portal.exchange.routes.entry import area
from portal.exchange.workflow import ExportState
from portal.web import navigation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

navigation.entry("exchange.list_exports", _l("导出"), "download", May.READ_EXPORTS, order=830)

PIECE = 1 << 18
"""Bytes of a file sent at a time."""
A_MEGABYTE = 1 << 20
ALONE = "sandbox; default-src 'none'"


@area.context_processor
def _furnish() -> dict[str, Any]:
    return {
        "listed": _listed,
        "narrowed": _narrowed,
        "size": _size,
        "limits": queries,
        "in_groups": digests.in_groups,
    }


def _narrowed(export: Export) -> str:
    """What it was narrowed by, in the language of whoever reads."""
    told = [(words.said(label), words.said(value)) for label, value in export.told]
    return in_words(told) or _("没有筛选")


def _size(bytes_: int) -> str:
    """How long a file is, as a telephone says it."""
    if bytes_ < A_MEGABYTE:
        return str(_("%(number)s KB", number=-(-bytes_ // 1024)))
    return str(_("%(number)s MB", number=f"{bytes_ / A_MEGABYTE:.1f}"))


def _listed(code: str) -> Any:
    """What a list is called; its code where it is no longer made."""
    return Listed(code).label if code in set(Listed) else code


@area.get("/exports", needs=May.READ_EXPORTS)
def list_exports() -> ResponseReturnValue:
    """What one took out, and what there is to take."""
    found = queries.list_exports(actor(), request.args.get("after", ""))
    return page("exchange/export_list.html", found=found, offered=listings.open_to(actor()))


@area.get("/exports/rows", needs=May.READ_EXPORTS)
def export_rows() -> ResponseReturnValue:
    """The list alone: what an open page asks again while something is being made."""
    found = queries.list_exports(actor(), request.args.get("after", ""))
    return page("exchange/_export_rows.html", found=found)


@area.get("/exports/ask/<listing>", needs=May.EXPORT)
def ask_export(listing: str) -> ResponseReturnValue:
    """What will go out, before anything is made."""
    return _ask_page(listings.get_listing(listing), request.args, AskExportForm())


@area.post("/exports", needs=May.EXPORT)
def make_export() -> ResponseReturnValue:
    """Have a list made."""
    listing, form = listings.get_listing(request.form.get("listing", "")), AskExportForm()
    if form.validate_on_submit():
        with told(form):
            export = operations.ask(listing, request.form, ExportFormat(form.format.data), actor())
            tell(_("正在做表，做好了会通知你。这一页可以先离开。"))
            return go("exchange.show_export", export_id=export.id)
    return _ask_page(listing, request.form, form)


def _ask_page(listing: Listing, asked: Mapping[str, str], form: AskExportForm) -> ResponseReturnValue:
    demand(actor(), listing.needs)
    chosen = listing.chosen(actor(), asked)
    return page(
        "exchange/export_ask.html",
        listing=listing,
        form=form,
        kept={name: one.kept for name, one in chosen.items()},
        told=listing.told(chosen),
        rows=queries.rows_of(listing.narrowed(actor(), chosen)),
    )


@area.get("/exports/<int:export_id>", needs=May.READ_EXPORTS)
def show_export(export_id: int) -> ResponseReturnValue:
    """One export: how far it is, and what there is to know about its file."""
    return page("exchange/export_show.html", **_shown(export_id))


@area.get("/exports/<int:export_id>/progress", needs=May.READ_EXPORTS)
def export_progress(export_id: int) -> ResponseReturnValue:
    """How far it is, alone: what an open page asks again."""
    return page("exchange/_export_state.html", **_shown(export_id))


def _shown(export_id: int) -> dict[str, Any]:
    export = queries.get_export(actor(), export_id)
    has_expired = export.expires_at is not None and export.expires_at <= clock.now()
    is_ready = export.state is ExportState.READY and not has_expired
    state = ExportState.GONE if export.state is ExportState.READY and has_expired else export.state
    return {"export": export, "is_ready": is_ready, "state": state}


@area.get("/exports/<int:export_id>/file", needs=May.READ_EXPORTS)
def export_file(export_id: int) -> ResponseReturnValue:
    """The file, bit by bit."""
    export = queries.get_export(actor(), export_id)
    file = operations.open_file(export, actor())
    aside.note(Kind.SEEN, operations.count_download, export_id=export.id)
    answer = Response(_pieces(file), mimetype=files.KINDS[export.format].mimetype)
    answer.call_on_close(file.close)
    answer.content_length = export.size
    answer.headers["Content-Disposition"] = _disposition(export)
    answer.headers["Content-Security-Policy"] = ALONE
    answer.set_etag(export.sha256)
    return answer


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _disposition(export: Export) -> str:
    """Saved under the name of the list and the moment it was asked for (RFC 6266: a plain name, then the full one)."""
    ending, at = files.KINDS[export.format].ending, f"{clock.local(export.asked_at):%Y%m%d-%H%M}"
    full = quote(f"{_listed(export.listing)}-{at}.{ending}", safe="")
    return f"attachment; filename={export.listing}-{at}.{ending}; filename*=UTF-8''{full}"

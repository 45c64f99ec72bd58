"""A sign is scanned: whoever works here goes where his work is, everybody else reads the public page."""

from collections.abc import Sequence

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.core import refs
from portal.core.actor import Actor, Role
from portal.core.door import Door
from portal.core.errors import NotThere
from portal.core.policy import Everyone, may
from portal.frontdoor.queries import scan as queries
from portal.frontdoor.routes.area import area
from portal.markets import papers
from portal.markets import queries as markets
from portal.markets.models import Market, Sign, SignKind
from portal.markets.policy import May
from portal.markets.queries import signs
from portal.selfcheck.models import Occurrence
from portal.selfcheck.policy import May as Walk
from portal.selfcheck.workflow import CheckState
from portal.web import navigation
from portal.web.gate import actor
from portal.web.pages import page

SCANNERS = frozenset(
    {
        Role.PATROLLER,
        Role.MARKET_MANAGER,
        Role.SERVICE_CLERK,
        Role.GRID_OFFICER,
        Role.COMMUNITY_DISPATCHER,
    }
)

navigation.entry("frontdoor.scanner", _l("扫码"), "scan", May.READ, order=510, roles=SCANNERS)


@area.get("/s/<code>", needs=Everyone.MAY_READ, rate="120 per minute")
def scan(code: str) -> ResponseReturnValue:
    """What a sign opens for whoever scans it; a forged or revoked one says so in words and opens nothing."""
    found = queries.look(code)
    if found is None or found.revoked_at is not None:
        return _nothing(is_revoked=found is not None)
    who: Actor | None = g.actor
    if who is not None and request.args.get("as") != "public":
        own = _own_page(who, found)
        if own is not None:
            return own
    facts = queries.facts_of(found)
    return page("frontdoor/sign.html", facts=facts, kinds=SignKind) if facts else _nothing(is_revoked=True)


def _nothing(*, is_revoked: bool) -> ResponseReturnValue:
    """The same page for every code that opens nothing, with nothing of what it was."""
    answer = make_response(
        page("frontdoor/no_sign.html", is_revoked=is_revoked, start=papers.address_start())
    )
    answer.status_code = 410 if is_revoked else 404
    return answer


def _own_page(who: Actor, found: Door) -> ResponseReturnValue | None:
    """The page of whoever works with what the sign stands for; None for strangers to it."""
    sign = queries.sign_in_reach(found) if may(who, May.READ) else None
    return _opened(who, sign) if sign is not None else None


def _opened(who: Actor, sign: Sign) -> ResponseReturnValue | None:
    try:
        market = markets.get_market(who, sign.market_id)
    except NotThere:  # in the company, but none of his markets
        return None
    checks = queries.checks_under_way(who, market.id) if may(who, Walk.WALK) else []
    begun = [one for one in checks if one.state is not CheckState.DUE]
    if len(begun) == 1:
        return redirect(_in_check(begun[0], sign), 302)
    return _choice(market, sign, checks) if checks else redirect(_file_of(sign), 302)


def _in_check(check: Occurrence, sign: Sign) -> str:
    return f"{url_for('selfcheck.show_check', occurrence_id=check.id, sign=sign.ref)}#scanned"


def _choice(market: Market, sign: Sign, checks: Sequence[Occurrence]) -> ResponseReturnValue:
    """A patroller has several checks to walk, or none that is begun: he says which."""
    return page(
        "frontdoor/choose.html",
        market=market,
        placard=signs.placards(market, [sign])[0],
        checks=[(check, _in_check(check, sign)) for check in checks],
        file=_file_of(sign),
    )


def _file_of(sign: Sign) -> str:
    """The page of the portal about what a sign stands for."""
    market_id, subject_id = sign.market_id, sign.subject_id
    if sign.kind is SignKind.MARKET:
        return url_for("markets.show", market_id=market_id)
    if sign.kind is SignKind.ZONE:
        return url_for("markets.list_stalls", market_id=market_id, zone=subject_id)
    if sign.kind is SignKind.POINT:
        return url_for("markets.show_point", market_id=market_id, point_id=subject_id)
    return url_for("markets.show_stall", market_id=market_id, stall_id=subject_id)


@area.get("/scan", needs=May.READ)
def scanner() -> ResponseReturnValue:
    """Scan a sign with the page's own camera, take a photo of it, or type its number."""
    return page("frontdoor/scan.html", typed="", words="", start=papers.address_start())


@area.get("/s", needs=May.READ)
def by_number() -> ResponseReturnValue:
    """Where the number printed on a sign leads, for staff in its reach."""
    typed = request.args.get("number", "").strip()[:40]
    sign = signs.find_by_ref(typed)
    opened = _opened(actor(), sign) if sign is not None else None
    if opened is not None:
        return opened
    words = (
        _("没有查到这个编号。它可能作废了，或者不在你负责的市场。")
        if refs.is_ref(typed)
        else _("编号是 9 位数字，请对着标识码再看一遍。")
    )
    html = render_template("frontdoor/scan.html", typed=typed, words=words, start=papers.address_start())
    return html, 404

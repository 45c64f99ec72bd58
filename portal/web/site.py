"""The pages that belong to no package: the way in, the reader's preferences, and the pulse."""

from enum import StrEnum

from flask import g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.core import db, errands
from portal.core.policy import Everyone, grant, signed_in
from portal.web import navigation
from portal.web.area import Area
from portal.web.gate import actor, remember_preference, wiring
from portal.web.pages import LANGUAGES, page_before

area = Area("site", __name__)


class May(StrEnum):
    """Rights of the site itself."""

    ENTER = "site:enter"


grant({May.ENTER: [signed_in]})


@area.get("/", needs=May.ENTER)
def home() -> ResponseReturnValue:
    """On to the first way this person has: what his day begins with."""
    ways = navigation.open_to(actor())
    return redirect(url_for(ways[0].endpoint if ways else "accounts.me"))


@area.get("/health", needs=Everyone.MAY_READ)
def health() -> ResponseReturnValue:
    """Whether the database answers, and how far the errands are behind; no figure about people."""
    return jsonify(status="ok", errands=errands.lag(), database=db.database().engine.dialect.name)


@area.post("/prefer", needs=Everyone.MAY_READ)
def prefer() -> ResponseReturnValue:
    """Large type or not, Chinese or English; remembered in the browser and with the person."""
    language = request.form.get("language")
    large = request.form.get("large")
    if language in dict(LANGUAGES):
        remember_preference("language", language)
    if large in {"0", "1"}:
        remember_preference("large", large == "1")
    if g.actor is not None:
        wiring().set_preferences(g.actor, session.get("language"), session.get("large"))
    return redirect(page_before(), 303)

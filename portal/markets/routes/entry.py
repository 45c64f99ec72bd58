"""The area of markets, the ways into it, and what its pages share."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import SelectChoice

from portal.core.actor import Role
from portal.markets import queries
from portal.markets.models import Market, Zone
from portal.markets.policy import May
from portal.markets.workflow import MARKET, STALL
from portal.web import navigation
from portal.web.area import Area
from portal.web.gate import actor
from portal.web.pages import localized

area = Area("markets", __name__)

KEEPERS = frozenset({Role.MARKET_MANAGER, Role.SERVICE_CLERK})
OFFICERS_OF_PAPERS = frozenset({Role.COMMUNITY_DISPATCHER, Role.TOWN_DISPATCHER})

navigation.entry("markets.index", lazy_pgettext("many", "市场"), "market", May.READ, order=500)
navigation.entry(
    "markets.list_papers", _l("证照到期"), "paper", May.READ, order=520, roles=KEEPERS | OFFICERS_OF_PAPERS
)

navigation.entry(
    "markets.show_mine", _l("我的证照"), "paper", May.READ_VENDOR, order=100, roles=frozenset({Role.VENDOR})
)


DEEDS: dict[str, Any] = {
    **{move.verb: move.label for move in MARKET.moves},
    **{move.verb: move.label for move in STALL.moves},
    "edit_market": _l("改了市场资料"),
    "restamp": _l("改到别的村（社区）"),
    "edit_stall": _l("改了档口资料"),
    "record_paper": _l("登记证照"),
    "renew_paper": _l("登记新证"),
    "confirm_paper": _l("核对了原件"),
    "correct_paper": _l("更正登记"),
    "plan": _l("排检查计划"),
}
"""What the journal's verbs read like on a timeline."""


class Words:
    """The words of deeds, as the timeline asks for them."""

    def label(self, verb: str) -> Any:
        return DEEDS.get(verb, verb)


@area.context_processor
def _furnish() -> dict[str, Any]:
    return {"words": Words(), "rights": May}


def get_market(market_id: int) -> Market:
    """The market in sight of whoever asks; raises NotThere."""
    return queries.get_market(actor(), market_id)


def asked(name: str, most: int = 80) -> str:
    """A word of the address, cut to a sane length."""
    return request.args.get(name, "").strip()[:most]


def zone_choices(zones: Any) -> list[SelectChoice]:
    return [SelectChoice("", _l("不分区")), *(SelectChoice(str(z.id), f"{z.code} {z.name}") for z in zones)]


def zone_of(zones: Any, typed: str | None) -> Zone | None:
    """The zone that was chosen, None for none."""
    return next((zone for zone in zones if str(zone.id) == typed), None)


def trade_choices() -> list[SelectChoice]:
    return [SelectChoice(trade.code, localized(trade, "name")) for trade in queries.trades()]

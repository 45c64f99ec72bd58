"""The area of markets, the ways into it, and what its pages share."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from wtforms import SelectChoice

from portal.core.actor import Role
from portal.core.errors import Mistake, NotThere
from portal.markets import queries
from portal.markets.models import Market, Zone
from portal.markets.policy import May
from portal.markets.queries import Requirement, VendorFile
from portal.markets.workflow import MARKET, SIGN, STALL
from portal.territory import queries as territory
from portal.territory.models import Area as Place
from portal.territory.models import Level, Organisation, cut
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
    "markets.show_mine", _l("我的档案"), "paper", May.READ_VENDOR, order=100, roles=frozenset({Role.VENDOR})
)


DEEDS: dict[str, Any] = {
    **{move.verb: move.label for move in MARKET.moves},
    **{move.verb: move.label for move in STALL.moves},
    **{move.verb: move.label for move in SIGN.moves},
    **SIGN.deeds,
    "edit_market": _l("改了市场资料"),
    "restamp": _l("改到别的村（社区）"),
    "change_operator": _l("换管理公司"),
    "edit_stall": _l("改了档口资料"),
    "record_paper": _l("登记证照"),
    "renew_paper": _l("登记新证"),
    "confirm_paper": _l("核对了原件"),
    "correct_paper": _l("更正登记"),
    "register_vendor": _l("登记商户"),
    "edit_vendor": _l("改了商户资料"),
    "end_vendor": _l("登记停止经营"),
    "resume_vendor": _l("恢复经营"),
    "reveal_identity": _l("看了身份证号"),
    "erase": _l("按期清除了个人资料"),
    "open_account": _l("开通了商户账号"),
    "add_equipment": _l("登记设备"),
    "edit_equipment": _l("改了设备资料"),
    "end_equipment": _l("停用"),
    "resume_equipment": _l("恢复使用"),
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


def next_step(file: VendorFile) -> dict[str, str]:
    """What is to be done first about a vendor's papers, in words, with how much else there is."""
    if not file.required:
        return {"words": _("没有要办的"), "note": ""}
    if not file.open:
        return {
            "words": _("证照齐全"),
            "note": ngettext("共 %(num)s 样", "共 %(num)s 样", len(file.required)),
        }
    names = [_demanded(line) for line in file.open]
    return {
        "words": _("、").join(names[:3]),
        "note": ngettext("要办 %(num)s 样", "要办 %(num)s 样", len(names)),
    }


def _demanded(line: Requirement) -> str:
    kind, standing = localized(line.kind, "name"), line.standing.label
    if line.worker is None:
        return str(_("%(kind)s（%(standing)s）", kind=kind, standing=standing))
    return str(_("%(name)s的%(kind)s（%(standing)s）", name=line.worker.name, kind=kind, standing=standing))


def zone_choices(zones: Any) -> list[SelectChoice]:
    return [SelectChoice("", _l("不分区")), *(SelectChoice(str(z.id), f"{z.code} {z.name}") for z in zones)]


def zone_of(zones: Any, typed: str | None) -> Zone | None:
    """The zone that was chosen, None for none."""
    return next((zone for zone in zones if str(zone.id) == typed), None)


def trade_choices() -> list[SelectChoice]:
    return [SelectChoice(trade.code, localized(trade, "name")) for trade in queries.trades()]


def own_town() -> str:
    """The code of the town one works for, "" for those of the city."""
    own = actor().area_code or ""
    return cut(own, Level.TOWN) if len(own) >= Level.TOWN.length else ""


def town_named(named: str) -> Place | None:
    """The town a market is entered in: one's own, or the one the address names."""
    code = own_town() or named
    town = territory.find_area(code) if code else None
    if code and (town is None or town.level is not Level.TOWN):
        raise NotThere
    return town


def towns_to_choose() -> Sequence[Place]:
    """The towns to choose from first, for whoever has more than one."""
    return [] if own_town() else territory.towns()


def community_choices(town: Place | None) -> list[SelectChoice]:
    """The communities of a town as a select offers them."""
    found = territory.communities(town.code) if town else []
    return [SelectChoice("", _l("请选择")), *(SelectChoice(one.code, one.name) for one in found)]


def company_named(typed: str) -> Organisation:
    """The market company of this name or credit code; raises Mistake("company")."""
    found = queries.find_companies(typed)
    if not found:
        raise Mistake("company", _l("没有找到这家公司，请先登记单位，或核对名称。"))
    if len(found) > 1:
        raise Mistake("company", _l("有两家公司叫这个名字，请填统一社会信用代码。"))
    return found[0]

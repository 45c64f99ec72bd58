"""The steps of a market's setting-up that the books of markets answer: zones, stalls, people, posts, signs."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.accounts.models import Membership, Person
from portal.core import clock
from portal.core.actor import COMPANY_ROLES
from portal.markets.models import Market, MarketKind, Post, PostKind, Sign, SignKind, Stall, Zone
from portal.markets.policy import May
from portal.markets.queries.setup import Counts, Standing, Step, register
from portal.markets.workflow import SignState, StallState

FOOD_MARKETS = frozenset({MarketKind.WET, MarketKind.FOOD, MarketKind.MIXED})
ALWAYS = (PostKind.HEAD, PostKind.SAFETY_MANAGER)
"""Every market answers for its safety (消防法 article 16)."""
WITH_FOOD = (PostKind.FOOD_SAFETY_OFFICER, PostKind.FOOD_SAFETY_DIRECTOR)
"""Where food is sold (市场监管总局令第60号)."""
FEWEST_PEOPLE = 2
"""Somebody who walks and somebody who looks after it."""


def posts_needed(market: Market) -> Sequence[PostKind]:
    """The posts a market of this kind must have filled, for they sign its records."""
    return (*ALWAYS, *WITH_FOOD) if market.kind in FOOD_MARKETS else ALWAYS


def _count(cls: Any, *wanted: Any) -> Any:
    return sa.select(sa.func.count(cls.id)).where(*wanted).scalar_subquery()


def _zones() -> Mapping[str, Any]:
    return {"all": _count(Zone, Zone.market_id == Market.id)}


def _judge_zones(market: Market, counts: Counts) -> Standing:
    if not counts["all"]:
        return Standing(False, _l("还没有分区：自检按区走，先把区加上。"))
    return Standing(True, _l("已有 %(number)s 个区", number=counts["all"]))


def _stalls() -> Mapping[str, Any]:
    return {"all": _count(Stall, Stall.market_id == Market.id, Stall.state != StallState.CLOSED)}


def _judge_stalls(market: Market, counts: Counts) -> Standing:
    if not counts["all"]:
        return Standing(False, _l("还没有档口：可以一次加一排，也可以用表格导入。"))
    return Standing(True, _l("已有 %(number)s 个档口", number=counts["all"]))


def _people() -> Mapping[str, Any]:
    today = clock.today()
    works = sa.select(sa.func.count(sa.distinct(Membership.person_id))).join(Person)
    works = works.where(
        Membership.organisation_id == Market.company_id,
        Membership.role.in_(COMPANY_ROLES),
        Membership.ended_at.is_(None),
        Membership.from_on <= today,
        sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
        Person.disabled_at.is_(None),
    )
    return {
        "all": works.scalar_subquery(),
        "opened": works.where(Person.password_hash.is_not(None)).scalar_subquery(),
    }


def _judge_people(market: Market, counts: Counts) -> Standing:
    invited = counts["all"] - counts["opened"]
    if counts["all"] < FEWEST_PEOPLE:
        return Standing(False, _l("只有负责人一个，请邀请巡查员和其他人。"))
    if invited:
        return Standing(counts["opened"] >= FEWEST_PEOPLE, _l(
            "已有 %(number)s 个人，其中 %(invited)s 个还没开通账号", number=counts["all"], invited=invited
        ))  # fmt: skip
    return Standing(True, _l("已有 %(number)s 个人", number=counts["all"]))


def _posts() -> Mapping[str, Any]:
    today = clock.today()
    held = (
        Post.market_id == Market.id,
        Post.from_on <= today,
        sa.or_(Post.to_on.is_(None), Post.to_on >= today),
    )
    return {kind.value: _count(Post, Post.kind == kind, *held) for kind in (*ALWAYS, *WITH_FOOD)}


def _judge_posts(market: Market, counts: Counts) -> Standing:
    vacant = [kind for kind in posts_needed(market) if not counts[kind.value]]
    if not vacant:
        return Standing(True, _l("要有的岗位都有人了"))
    names = _Listed([kind.label for kind in vacant])
    return Standing(False, _l("还没有人担任：%(posts)s。相关记录没人签。", posts=names))


class _Listed:
    """Several labels as one, said in the language of whoever reads."""

    def __init__(self, labels: Sequence[Any]) -> None:
        self._labels = labels

    def __str__(self) -> str:
        return str(_l("、")).join(str(label) for label in self._labels)


def _signs() -> Mapping[str, Any]:
    hangs = sa.select(Sign.subject_id).where(
        Sign.market_id == Market.id,
        Sign.kind == SignKind.STALL,
        Sign.state == SignState.LIVE,
        Sign.printed_at.is_not(None),
    )
    own = (Stall.market_id == Market.id, Stall.state != StallState.CLOSED)
    return {"all": _count(Stall, *own), "bare": _count(Stall, *own, Stall.id.not_in(hangs.correlate(Market)))}


def _judge_signs(market: Market, counts: Counts) -> Standing:
    if not counts["all"]:
        return Standing(False, _l("先有档口，再做档口的标识码。"))
    if counts["bare"]:
        return Standing(False, _l("还有 %(number)s 个档口没有印好的标识码", number=counts["bare"]))
    return Standing(True, _l("每个档口都有标识码"))


for step in (
    Step("zones", _l("分区"), "markets.list_zones", 10, May.KEEP_STALLS, May.READ, _zones, _judge_zones),
    Step(
        "stalls",
        lazy_pgettext("many", "档口"),
        "markets.list_stalls",
        20,
        May.KEEP_STALLS,
        May.READ,
        _stalls,
        _judge_stalls,
    ),
    Step("people", _l("人员"), "markets.invite", 30, May.APPOINT, May.READ, _people, _judge_people),
    Step("posts", _l("岗位"), "markets.list_posts", 40, May.APPOINT, May.READ_POSTS, _posts, _judge_posts),
    Step("signs", _l("标识码"), "markets.list_signs", 60, May.KEEP_SIGNS, May.READ, _signs, _judge_signs),
):
    register(step)

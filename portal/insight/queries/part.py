"""Which part of the markets in reach is looked at: a town, a community, a kind, the papers of a function."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portal.core import db
from portal.core.actor import Actor, Role
from portal.core.reach import Sight
from portal.markets.models import Market, MarketKind, Paper, PaperKind
from portal.markets.workflow import MarketState
from portal.territory import queries as territory
from portal.territory.models import Area, Function, Level, cut


@dataclass(frozen=True)
class Part:
    """What was chosen, and what could be.

    The session's reach narrows every statement by itself; these conditions only narrow it further.
    """

    towns: Sequence[Area]
    """The towns to choose from: none for a reader of one town."""
    communities: Sequence[Area]
    functions: Sequence[Function]
    town: Area | None = None
    community: Area | None = None
    kind: MarketKind | None = None
    function: Function | None = None
    own_functions: frozenset[str] | None = None
    """A department's functions; None for those who look at every paper."""
    town_codes: tuple[str, ...] = ()
    place: Area | None = None
    """The smallest area everything shown lies in."""

    def of(self, cls: Any) -> list[Any]:
        """The conditions on a class whose rows stand in a market: its trading markets of this part."""
        return [*self._codes(cls), cls.market_id.in_(sa.select(Market.id).where(*self.of_markets()))]

    def of_markets(self) -> list[Any]:
        """The conditions on markets."""
        kind = [] if self.kind is None else [Market.kind == self.kind]
        return [*self._codes(Market), *kind, Market.state == MarketState.OPEN]

    def by_day(self, cls: Any) -> list[Any]:
        """The conditions on a class of which a few days are read: the towns are named, so that an index serves them."""
        return [*self.of(cls), cls.town_code.in_(self.town_codes)]

    def _codes(self, cls: Any) -> list[Any]:
        if self.community is not None:
            return [cls.community_code == self.community.code]
        return [] if self.town is None else [cls.town_code == self.town.code]

    def of_papers(self) -> list[Any]:
        """The conditions on papers, the function's among them."""
        return [*self.of(Paper), *self.of_kinds(Paper.kind_code)]

    def of_kinds(self, code: Any) -> list[Any]:
        """The kinds of paper of the function chosen, or of a department's own, as a condition on their code."""
        if self.function is None and self.own_functions is None:
            return []
        wanted = self.own_functions or () if self.function is None else (self.function.code,)
        return [code.in_(sa.select(PaperKind.code).where(PaperKind.function_code.in_(sorted(wanted))))]

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen, as it stands in an address."""
        named = {
            "town": self.town if self.towns else None,
            "community": self.community,
            "function": self.function,
        }
        codes = {name: thing.code for name, thing in named.items() if thing is not None}
        return codes | ({"kind": self.kind.value} if self.kind else {})


def choose(actor: Actor, *, town: str, community: str, kind: MarketKind | None, function: str) -> Part:
    """What an address names, as far as the reader reaches it; a name that is not offered chooses nothing."""
    sight = actor.reach.sight if actor.reach else None
    towns = territory.towns() if sight is Sight.CITY else []
    own_town = _own_town(actor)
    chosen_town = territory.find_area(own_town) if own_town else _named(towns, town)
    is_whole = sight is not Sight.COMMUNITY and chosen_town is not None
    communities = territory.communities(chosen_town.code) if is_whole and chosen_town else []
    own = actor.functions if actor.role is Role.DEPARTMENT_OFFICER else None
    functions = _functions(own)
    chosen_community = _named(communities, community)
    return Part(
        towns=towns,
        communities=communities,
        functions=functions,
        town=chosen_town,
        community=chosen_community,
        kind=kind,
        function=_named(functions, function),
        own_functions=own,
        town_codes=(chosen_town.code,) if chosen_town else tuple(one.code for one in towns),
        place=chosen_community
        or (chosen_town if sight is not Sight.COMMUNITY else None)
        or territory.find_area(actor.area_code or ""),
    )


def _own_town(actor: Actor) -> str:
    code = actor.area_code or ""
    return cut(code, Level.TOWN) if len(code) >= Level.TOWN.length else ""


def _named(offered: Sequence[Any], code: str) -> Any:
    return next((one for one in offered if one.code == code), None)


def _functions(own: frozenset[str] | None) -> Sequence[Function]:
    """The functions that have a say about a kind of paper, a department's own alone for it."""
    named = sa.select(PaperKind.function_code).where(PaperKind.function_code.is_not(None))
    query = sa.select(Function).where(Function.code.in_(named)).order_by(Function.code)
    return list(db.session.scalars(query if own is None else query.where(Function.code.in_(sorted(own)))))

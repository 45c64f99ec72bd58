"""Rights: who may do what, one table a package, asked at the gate and again in the move."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from portal.core.actor import Actor, Role
from portal.core.errors import NotAllowed

Rule = Callable[[Actor, Any], bool]


class Everyone(StrEnum):
    """The right of pages that open without an account."""

    MAY_READ = "everyone:read"


_granted: dict[StrEnum, tuple[Rule, ...]] = {}


def grant(table: Mapping[StrEnum, Sequence[Rule]]) -> None:
    """Enter a package's table; any one of a right's rules suffices.  A right is granted in one place."""
    for right, rules in table.items():
        if right in _granted:
            raise ValueError(f"{right} is granted twice")
        _granted[right] = tuple(rules)


def may(actor: Actor | None, right: StrEnum, subject: Any = None) -> bool:
    """Whether this actor has the right, in general (no subject) or on this object."""
    if right is Everyone.MAY_READ:
        return True
    if actor is None:
        return False
    return any(rule(actor, subject) for rule in _granted.get(right, ()))


def demand(actor: Actor, right: StrEnum, subject: Any = None) -> None:
    """Go on only with the right; raises NotAllowed."""
    if not may(actor, right, subject):
        raise NotAllowed


def granted() -> Mapping[StrEnum, tuple[Rule, ...]]:
    """Every right there is."""
    return _granted


def signed_in(actor: Actor, subject: Any) -> bool:
    """Anybody with an account."""
    return actor.role is not Role.SYSTEM


def role(*roles: Role) -> Rule:
    """Whoever acts in one of these roles."""
    wanted = frozenset(roles)

    def acts_as(actor: Actor, subject: Any) -> bool:
        return actor.role in wanted

    acts_as.roles = wanted  # type: ignore[attr-defined]
    return acts_as


def both(first: Rule, *others: Rule) -> Rule:
    """All of these at once."""
    rules = (first, *others)

    def all_of_them(actor: Actor, subject: Any) -> bool:
        return all(rule(actor, subject) for rule in rules)

    all_of_them.roles = getattr(first, "roles", None)  # type: ignore[attr-defined]
    return all_of_them


the_portal: Rule = role(Role.SYSTEM)

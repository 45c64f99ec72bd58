"""The portal's main ways, entered by each package and shown to whoever has the right."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import request, url_for

from portal.core.actor import Actor, Role
from portal.core.policy import may

MOST_ON_A_PHONE = 5


@dataclass(frozen=True)
class Entry:
    """One way: where it leads, its word and icon, the right it takes, its place in the order."""

    endpoint: str
    label: Any  # a lazy translation
    icon: str
    needs: StrEnum
    order: int
    roles: frozenset[Role] | None = None


@dataclass(frozen=True)
class Item:
    """An entry as one reader sees it on one page."""

    label: Any
    icon: str
    url: str
    is_current: bool
    wide_only: bool
    count: int | None = None
    is_alert: bool = False
    heading: bool = False


_entries: list[Entry] = []


def entry(
    endpoint: str, label: Any, icon: str, needs: StrEnum, order: int, roles: frozenset[Role] | None = None
) -> None:
    """Enter a way.  ``roles`` narrows it to those whose daily work it is, beyond the right."""
    _entries.append(Entry(endpoint, label, icon, needs, order, roles))


def open_to(actor: Actor | None) -> list[Entry]:
    """The ways of this actor, in order."""
    if actor is None:
        return []
    mine = [one for one in _entries if (not one.roles or actor.role in one.roles) and may(actor, one.needs)]
    return sorted(mine, key=lambda one: one.order)


def items(actor: Actor | None) -> list[Item]:
    """The ways as the layout draws them; the sixth and later show on desktops only."""
    ways = open_to(actor)
    urls = {one.endpoint: url_for(one.endpoint) for one in ways}
    current = _current(urls)
    narrow = {one.endpoint for one in [*ways[: MOST_ON_A_PHONE - 1], *ways[-1:]]}
    return [
        Item(
            label=one.label,
            icon=one.icon,
            url=urls[one.endpoint],
            is_current=one.endpoint == current,
            wide_only=one.endpoint not in narrow,
        )
        for one in ways
    ]


def _current(urls: dict[str, str]) -> str | None:
    """The way the page lies on: the one whose address it continues, else the first of its package."""
    onward = [
        endpoint for endpoint, url in urls.items() if f"{request.path}/".startswith(f"{url.rstrip('/')}/")
    ]
    if onward:
        return max(onward, key=lambda endpoint: len(urls[endpoint]))
    package = (request.endpoint or "").partition(".")[0]
    return next((endpoint for endpoint in urls if endpoint.startswith(f"{package}.")), None)

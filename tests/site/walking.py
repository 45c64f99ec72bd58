"""Walking every route: who may open it by access.csv, with which things, at which address."""

from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.site import access
from tests.site.access import READS, SEATS
from tests.site.access_bodies import FORMS, SCRIPTS, Ask
from tests.site.access_offices import PUBLIC
from tests.site.access_world import OWN, World
from tests.visitors import Visitor

FULL = {
    ("markets.show_stall", "stall_id"): "kept stall",
    ("selfcheck.show_review", "occurrence_id"): "full check",
    ("selfcheck.receipt", "occurrence_id"): "full check",
    ("selfcheck.check_pdf", "occurrence_id"): "full check",
    ("selfcheck.accept", "occurrence_id"): "full check",
    ("selfcheck.send_back", "occurrence_id"): "full check",
}
"""Where the fuller thing stands behind a page than the one that will do for its rights."""
NO_PAGE = frozenset({
    "evidence.show",
    "evidence.thumb",
    "exchange.export_file",
    "exchange.import_template",
    "exchange.marked_import",
    "selfcheck.check_pdf",
    "selfcheck.record_pdf",
    "selfcheck.list_photos",
    "markets.sign_sheet",
    "site.health",
})  # fmt: skip
"""What answers with something other than a page of HTML."""
PARTS = frozenset({"selfcheck.review_rows", "exchange.export_rows", "exchange.export_progress"})
"""Parts of a page, fetched by a script."""
LEADS_ON = frozenset({"site.home", "frontdoor.by_number"})
"""Addresses that only lead on."""
FOR_NOBODY_YET = frozenset({"accounts.sign_in", "frontdoor.scan"})
"""Pages that lead on whoever is signed in."""


@dataclass(frozen=True)
class Stop:
    """One request of the walk: a route and method, by one role, on its own side."""

    world: World
    route: str
    method: str
    role: str
    rule: Rule

    @property
    def endpoint(self) -> str:
        return str(self.rule.endpoint)

    @property
    def name(self) -> str:
        return f"{self.method} {self.route} by {self.role}"

    @property
    def who(self) -> Ask:
        return Ask(self.world, self.endpoint, self.role, OWN)

    def things(self) -> dict[str, Any]:
        """What stands behind the parameters."""
        names = access.names_of(self.rule)
        return {name: self.who.find(FULL.get((self.endpoint, name), thing)) for name, thing in names.items()}

    def path(self, **changes: Any) -> str:
        """The address; ``changes`` puts other things behind the parameters."""
        with self.world.app.test_request_context():
            return self.world.app.url_for(self.endpoint, **self.things() | changes)

    @property
    def seat_name(self) -> str:
        """Whose browser it is: the role's, in the middle of what the route needs."""
        return SEATS.get((self.endpoint, self.role), self.role)

    def seat(self) -> Visitor:
        """The browser of whoever asks."""
        return self.world.seat(self.seat_name)

    @property
    def is_script(self) -> bool:
        """Whether one of the portal's scripts asks, with JSON."""
        return self.endpoint in SCRIPTS

    def form(self) -> dict[str, Any]:
        """What a real person would send."""
        return (SCRIPTS if self.is_script else FORMS)[self.endpoint](self.who)

    def send(
        self, visitor: Visitor, form: dict[str, Any], *, language: str = "zh-CN", **changes: Any
    ) -> TestResponse:
        """Make the write; ``changes`` puts other things behind the parameters of its path."""
        path, headers = self.path(**changes), {"Accept-Language": language}
        if self.is_script:
            return visitor.script(self.method, path, json=form, headers=headers)
        return visitor.post(path, form, headers=headers)


def stops(world: World) -> list[Stop]:
    """Every route, method and role that may, own things; raises KeyError for a row without a route."""
    rules = access.rules_of(world.app)
    return [
        Stop(world, row.route, row.method, role, rules[row.route, row.method])
        for row in access.rows()
        for role in row.roles
        if row.outcomes[OWN] == "ok"
    ]


def reads(world: World) -> list[Stop]:
    """Every page by every role that may open it."""
    return [stop for stop in stops(world) if stop.method in READS]


def writes(world: World) -> list[Stop]:
    """Every deed, by the first role that may do it; who signs in is nobody yet."""
    first: dict[tuple[str, str], Stop] = {}
    for stop in stops(world):
        if stop.method not in READS and (stop.role == PUBLIC or stop.endpoint not in FOR_NOBODY_YET):
            first.setdefault((stop.route, stop.method), stop)
    return list(first.values())


def pages(world: World) -> list[Stop]:
    """Every page of HTML by every role that may open it."""
    return [stop for stop in reads(world) if is_page(stop)]


def is_page(stop: Stop) -> bool:
    """Whether a page of HTML answers whoever sits there."""
    is_for_him = stop.role == PUBLIC or stop.endpoint not in FOR_NOBODY_YET
    return is_for_him and stop.endpoint not in NO_PAGE | LEADS_ON | PARTS

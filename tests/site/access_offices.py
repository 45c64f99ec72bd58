"""What is one's own and not a market's: sessions, notices, kept forms, colleagues, an office's drafts and closures."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from portal.accounts import queries as accounts
from portal.accounts.models import KeptForm, Membership, Person
from portal.accounts.operations import links, second_factor, sessions
from portal.accounts.operations.sessions import Visitor as Browser
from portal.core import clock, db
from portal.core.actor import SYSTEM, Actor, Role
from portal.exchange.models import Export, ExportFormat, Listed
from portal.exchange.operations import exports
from portal.exchange.workflow import ExportState
from portal.notices.models import Notice
from portal.selfcheck import notices as events
from portal.selfcheck.models import Checklist, ListCode, RecordKind
from portal.selfcheck.operations import lists
from tests.people import Cast
from tests.site.access_people import BY_ROLE, actor, add_person
from tests.site.access_things import FACTORIES
from tests.site.access_world import World
from tests.visitors import Visitor

PUBLIC = "public"
HALF_WAY, ENROLLING = "half way", "enrolling"


def people_of_east(cast: Cast) -> dict[str, Actor]:
    """One actor of every role but the vendor's, whose account needs a file to belong to."""
    return {role.value: cast.actors[name] for role, name in BY_ROLE.items()}


def furnish(world: World) -> None:
    """Put a thing of every kind on every side, and seat everybody."""
    for place, cast in world.people.items():
        for name, factory in FACTORIES.items():
            world.things[name, place, ""] = factory(cast)
    _enter_vendor(world)
    _sort_records(world)
    _draft(world)
    _leave_out(world)
    _add_colleagues(world)
    _own(world)
    _seat(world)


def _enter_vendor(world: World) -> None:
    """The vendor who keeps a stall in East has an account."""
    east = world.people["east"]
    with db.acting(SYSTEM(None)):
        vendor_id = world.things["vendor", "east", ""]
        part = add_person("dang", "梁样烧", Role.VENDOR, east.east.company_id, vendor_id=vendor_id)
    world.roles[Role.VENDOR.value] = actor(part)


def _sort_records(world: World) -> None:
    """Each signs the record of the post: the patroller the day's, the manager the fire patrol's."""
    for place in world.people:
        records = world.things["records", place, ""]
        world.things["record", place, ""] = records[RecordKind.DAILY]
        world.things["record to sign", place, ""] = records[RecordKind.DAILY]
        world.things["record to sign", place, Role.MARKET_MANAGER.value] = records[RecordKind.PATROL]


def _draft(world: World) -> None:
    """East's fire office drafts one list, West's another, the city a third; a company drafts none."""
    cast = world.people["east"]
    city, office = Role.CITY_OFFICER.value, Role.DEPARTMENT_OFFICER.value
    east, first_east = _drafted(ListCode.CORE, cast.xiao)
    west, first_west = _drafted(ListCode.WET, cast.west_xiao)
    upper, first_upper = _drafted(ListCode.CLOTHING, cast.shi_er)
    drafts = {("", "east"): east, (city, "east"): upper, ("", "west"): west}
    items = {("", "east"): first_east, (city, "east"): first_upper, ("", "west"): first_west}
    for (role, place), number in drafts.items():
        world.things["draft", place, role] = number
        world.things["item", place, role] = items[role, place]
    with db.acting(cast.shi_ban):
        published = lists.lists.latest(ListCode.CORE).id
    for role, number in (("", published), (office, east), (city, upper)):
        world.things["checklist", "east", role] = number
    world.things["draft to publish", "east", ""] = upper
    world.things["checklist", "west", ""] = world.things["draft to publish", "west", ""] = west
    world.things["list without a draft", "east", ""] = ListCode.BUILDING.value


def _drafted(code: ListCode, who: Actor) -> tuple[int, int]:
    """A draft that leaves its last item out, and its first item."""
    with db.acting(who):
        draft: Checklist = lists.draft_version(code, who, "去掉一项")
        db.session.flush()
        lists.drop_item(draft, draft.items[-1], who)
        return draft.id, draft.items[0].id


def _leave_out(world: World) -> None:
    """What belongs to an office South has none of, and what is chosen on a form has no sides."""
    for name in ("closure", "checklist", "draft to publish", "draft", "item"):
        world.things[name, "south", ""] = None
    for name in ("list without a draft", "town", "listing"):
        world.things[name, "south", ""] = world.things[name, "west", ""] = None


def _add_colleagues(world: World) -> None:
    """A second manager everywhere, one who is shut out, and the same in East's fire office."""
    office = Role.DEPARTMENT_OFFICER.value
    with db.acting(SYSTEM(None)):
        for place, cast in world.people.items():
            company_id = cast.east.company_id
            world.things["part", place, ""] = _colleague(f"{place}_er", Role.MARKET_MANAGER, company_id)
            world.things["part shut out", place, ""] = _shut_out(
                f"{place}_san", Role.MARKET_MANAGER, company_id
            )
            world.things["workplace", place, ""] = company_id
        fire = world.roles[office].organisation_id
        world.things["part", "east", office] = _colleague("xiao_er", Role.DEPARTMENT_OFFICER, fire)
        world.things["part shut out", "east", office] = _shut_out("xiao_san", Role.DEPARTMENT_OFFICER, fire)
        world.things["workplace", "east", office] = fire


def _colleague(username: str, role: Role, organisation_id: int) -> int:
    return add_person(username, "同样事", role, organisation_id)


def _shut_out(username: str, role: Role, organisation_id: int) -> int:
    part = add_person(username, "停样用", role, organisation_id)
    person_id = db.session.get_one(Membership, part).person_id
    db.session.get_one(Person, person_id).disabled_at = clock.now()
    return part


def _own(world: World) -> None:
    """Everybody has a second session, a notice, a kept form; else they are the manager's."""
    owners = [("east", role, who) for role, who in world.roles.items()]
    owners += [(place, "", cast.kuang) for place, cast in world.people.items()]
    with db.acting(SYSTEM(None)):
        for place, role, who in owners:
            world.things["other session", place, role] = _session(who.person_id).sign_in.id
            world.things["notice", place, role] = _notice(who.person_id)
            world.things["kept form", place, role] = _kept_form(who.person_id)
            second_factor.prepare(db.session.get_one(Person, who.person_id))
        for place in world.people:
            person_id = db.session.get_one(Membership, world.things["part", place, ""]).person_id
            world.things["link", place, ""] = links.issue(db.session.get_one(Person, person_id), SYSTEM(None))
    for place, role, who in owners:
        world.things["export", place, role] = made_export(who)


def _session(person_id: int) -> sessions.Started:
    """A session that has shown everything that was asked for."""
    started = sessions.begin(db.session.get_one(Person, person_id), Browser())
    return sessions.advance(started.sign_in, Browser())


def _notice(person_id: int) -> int:
    row = Notice(person_id=person_id, event=events.DUE_SOON, link="/account", params={}, lines=[])
    row.params = {"market": "东样肉菜市场", "slot": "开市检查", "due": "06:00"}
    db.session.add(row)
    db.session.flush()
    return row.id


def made_export(who: Actor) -> int:
    """A list everybody may have, as a file that lies ready; a vendor, who takes no lists out, has none made."""
    with db.acting(who):
        row = Export(
            person_id=who.person_id,
            membership_id=who.membership_id,
            organisation_id=who.organisation_id,
            listing=Listed.ORGANISATIONS.value,
            format=ExportFormat.CSV,
            state=ExportState.WAITING,
        )
        db.session.add(row)
        db.session.flush()
        export_id = row.id
    with db.acting(SYSTEM(None)):
        exports.make(export_id, SYSTEM(None))
    return export_id


def _kept_form(person_id: int) -> str:
    token = secrets.token_urlsafe(24)
    db.session.add(
        KeptForm(
            token_hash=accounts.hashed(token),
            person_id=person_id,
            path="/account/confirm",
            fields=[["reason", "写了一半"]],
            files=[],
            expires_at=clock.now() + timedelta(hours=1),
        )
    )
    return token


def _seat(world: World) -> None:
    """Sign everybody in without the pages, and fetch each a token for forms."""
    with db.acting(SYSTEM(None)):
        tokens = {role: _session(who.person_id).token for role, who in world.roles.items()}
        halves = _half_way(world)
    for role, token in tokens.items():
        world.seats[role] = _sit(world, {"_user_id": token}.items(), "/account")
    for name, token in halves.items():
        world.seats[name] = _sit(world, {"half": token}.items(), "/sign-in")
    world.seats[PUBLIC] = _sit(world, (), "/sign-in")


def _half_way(world: World) -> dict[str, str]:
    """Two whose passwords were right: one has still to show a code, the other to bind a telephone."""
    waiting = db.session.get_one(Person, world.people["east"].shi.person_id)
    company_id = world.people["south"].east.company_id
    part = add_person("nan_xin", "南样新", Role.MARKET_MANAGER, company_id, has_factor=False)
    newcomer = db.session.get_one(Person, db.session.get_one(Membership, part).person_id)
    second_factor.prepare(newcomer)
    world.things["newcomer", "east", ""] = second_factor.pending_secret(newcomer)
    return {
        HALF_WAY: sessions.begin(waiting, Browser()).token,
        ENROLLING: sessions.begin(newcomer, Browser()).token,
    }


def _sit(world: World, held: Iterable[tuple[str, str]], path: str) -> tuple[str, str]:
    visitor = Visitor(world.app)
    with visitor.client.session_transaction() as session:
        session.update(dict(held))
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.text
    cookie = visitor.client.get_cookie("portal")
    assert cookie is not None and visitor.token
    return cookie.value, visitor.token

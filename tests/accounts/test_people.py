"""Who lets whom in, as what, and how that ends."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from portal.accounts import policy, queries
from portal.accounts.models import LinkPurpose, Membership, OneTimeLink, Person
from portal.accounts.operations import links, people, sessions
from portal.accounts.operations.people import PersonCard
from portal.accounts.operations.sessions import Visitor
from portal.core import clock, db, journal
from portal.core.actor import SYSTEM, Actor, Role
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.territory.models import Kind, Organisation
from tests.people import CITY, EAST_COMMUNITY, EAST_TOWN, WEST_COMMUNITY, WEST_TOWN, Cast

NEW = PersonCard("新来的人", "13900139000")
PLACES = {
    "east": (Kind.COMPANY, EAST_COMMUNITY),
    "west": (Kind.COMPANY, WEST_COMMUNITY),
    "east_community": (Kind.COMMUNITY, EAST_COMMUNITY),
    "west_community": (Kind.COMMUNITY, WEST_COMMUNITY),
    "east_town": (Kind.TOWN, EAST_TOWN),
    "west_town": (Kind.TOWN, WEST_TOWN),
    "east_fire": (Kind.DEPARTMENT, EAST_TOWN),
    "west_fire": (Kind.DEPARTMENT, WEST_TOWN),
    "city_fire": (Kind.DEPARTMENT, CITY),
    "city": (Kind.CITY, CITY),
    "platform": (Kind.PLATFORM, CITY),
}
# Who may let in whom, and where; written by hand, to be read against policy.py.
COMPANY = {"market_manager", "patroller", "service_clerk"}
EXPECTED: dict[str, dict[str, set[str]]] = {
    "kuang": {"east": COMPANY},
    "west_kuang": {"west": COMPANY},
    "qu": {"east": {"market_manager"}, "east_community": {"community_dispatcher", "grid_officer"}},
    "zhen": {
        "east": {"market_manager"},
        "east_community": {"community_dispatcher", "grid_officer"},
        "east_town": {"town_dispatcher"},
        "east_fire": {"department_officer"},
    },
    "xiao": {"east_fire": {"department_officer"}},
    "city_xiao": {"city_fire": {"department_officer"}},
    "shi_ban": {
        "east": {"market_manager"},
        "west": {"market_manager"},
        "east_community": {"community_dispatcher", "grid_officer"},
        "west_community": {"community_dispatcher", "grid_officer"},
        "east_town": {"town_dispatcher"},
        "west_town": {"town_dispatcher"},
        "east_fire": {"department_officer"},
        "west_fire": {"department_officer"},
        "city_fire": {"department_officer"},
        "city": {"city_officer"},
    },
}
EXPECTED["guan"] = EXPECTED["shi_ban"] | {
    "platform": {"platform_admin", "auditor"},
    "city": {"city_officer", "auditor"},
}
GRANTERS = (
    "kuang",
    "west_kuang",
    "qu",
    "zhen",
    "xiao",
    "city_xiao",
    "shi_ban",
    "guan",
    "mai",
    "fu",
    "gu",
    "shen",
)


def body(place: str) -> Organisation:
    kind, code = PLACES[place]
    query = sa.select(Organisation).where(Organisation.kind == kind, Organisation.area_code == code)
    return db.session.scalars(query).one()


def add(
    actor: Actor, place: str, role: Role, card: PersonCard = NEW, vendor_id: int | None = None
) -> Membership:
    with db.acting(actor):
        return people.add_person(card, body(place), role, actor, vendor_id)


def person(of: Any) -> Person:
    return queries.get_person(of.person_id)


@pytest.mark.parametrize("granter", GRANTERS)
def test_a_role_is_given_only_below_ones_own_and_inside_ones_own(cast: Cast, granter: str) -> None:
    actor = getattr(cast, granter)
    given: dict[str, set[str]] = {}
    for place in PLACES:
        for role in set(Role) - {Role.VENDOR}:
            try:
                with db.acting(actor) as session:
                    people.add_person(NEW, body(place), role, actor)
                    session.flush()
                    session.rollback()
                given.setdefault(place, set()).add(role.value)
            except (NotAllowed, Mistake):
                continue
    assert given == EXPECTED.get(granter, {})


def test_the_choice_on_the_page_is_what_the_operation_allows(cast: Cast) -> None:
    with db.reading():
        for granter, expected in EXPECTED.items():
            for place in PLACES:
                choice = {role.value for role in people.grantable(getattr(cast, granter), body(place))}
                assert choice == expected.get(place, set()), (granter, place)


def test_somebody_new_has_no_password_and_an_invitation_of_seven_days(cast: Cast) -> None:
    added = add(cast.kuang, "east", Role.PATROLLER)
    with db.acting(cast.kuang) as session:
        one = person(added)
        assert (one.username, one.phone, one.password_hash) == ("p13900139000", "13900139000", None)
        links.issue(one, cast.kuang)
        link = session.scalars(sa.select(OneTimeLink)).one()
        assert link.purpose is LinkPurpose.INVITE and (link.expires_at - link.issued_at).days in {6, 7}


def test_an_account_that_exists_is_joined_by_name_and_number(cast: Cast) -> None:
    first = add(cast.kuang, "east", Role.PATROLLER)
    second = add(cast.west_kuang, "west", Role.PATROLLER)
    assert first.person_id == second.person_id


def test_the_number_alone_does_not_tell_whose_it_is(cast: Cast) -> None:
    add(cast.kuang, "east", Role.PATROLLER)
    with pytest.raises(Mistake) as caught:
        add(cast.west_kuang, "west", Role.PATROLLER, PersonCard("猜一个名字", "13900139000"))
    assert caught.value.field == "phone" and "新来的人" not in str(caught.value.words)


@pytest.mark.parametrize(
    ("card", "field"),
    [
        (PersonCard("", "13900139001"), "name"),
        (PersonCard("甲", "13900139001"), "name"),
        (PersonCard("某某"), "phone"),
        (PersonCard("某某", "1390013900"), "phone"),
        (PersonCard("某某", "23900139001"), "phone"),
        (PersonCard("某某", username="a"), "username"),
        (PersonCard("某某", username="中文名"), "username"),
        (PersonCard("某某", username="13900139009"), "username"),
        (PersonCard("某某", "13900139001", username="mai"), "username"),
    ],
)
def test_a_card_that_cannot_be_taken_says_which_field(cast: Cast, card: PersonCard, field: str) -> None:
    with pytest.raises(Mistake) as caught:
        add(cast.kuang, "east", Role.PATROLLER, card)
    assert caught.value.field == field


def test_the_same_part_is_not_given_twice(cast: Cast) -> None:
    add(cast.kuang, "east", Role.PATROLLER)
    with pytest.raises(Mistake):
        add(cast.kuang, "east", Role.PATROLLER)
    add(cast.kuang, "east", Role.SERVICE_CLERK)


def test_a_vendor_is_let_in_with_the_number_of_the_card(cast: Cast) -> None:
    with pytest.raises(Mistake):
        add(cast.kuang, "east", Role.VENDOR)
    with pytest.raises(Mistake):
        add(cast.kuang, "east", Role.PATROLLER, vendor_id=7)
    assert add(cast.kuang, "east", Role.VENDOR, vendor_id=7).vendor_id == 7


def test_nobody_gives_himself_a_part(cast: Cast) -> None:
    with db.acting(SYSTEM(None)):
        person(cast.kuang).phone = "13800138001"
    with pytest.raises(NotAllowed):
        add(cast.kuang, "east", Role.SERVICE_CLERK, PersonCard("邝样安", "13800138001"))


def test_nobody_ends_his_own_part(cast: Cast) -> None:
    with pytest.raises(NotAllowed), db.acting(cast.kuang):
        people.end_membership(queries.get_membership(cast.kuang.membership_id, cast.kuang), cast.kuang)


def test_an_ended_part_is_dead_at_once_and_stands_in_the_journal(cast: Cast) -> None:
    with db.acting(SYSTEM(None)):
        one = person(cast.mai)
        one.totp_confirmed_at = None
        token = sessions.begin(one, Visitor()).token
    with db.acting(cast.kuang):
        membership = queries.get_membership(cast.mai.membership_id, cast.kuang)
        people.end_membership(membership, cast.kuang)
        assert journal.of(membership)[0].verb == "end_membership"
        with pytest.raises(TooLate):
            people.end_membership(membership, cast.kuang)
    with db.reading():
        assert queries.actor_of_token(token) is None


@pytest.mark.parametrize("name", ["west_mai", "qu", "zhen", "xiao", "shi_ban", "guan"])
def test_people_elsewhere_are_not_there_for_a_manager(cast: Cast, name: str) -> None:
    with db.reading(), pytest.raises(NotThere):
        queries.get_membership(getattr(cast, name).membership_id, cast.kuang)


def test_a_disabled_account_is_out_and_comes_back_with_its_password(cast: Cast) -> None:
    with db.acting(SYSTEM(None)):
        one = person(cast.mai)
        one.totp_confirmed_at = None
        token, before = sessions.begin(one, Visitor()).token, one.password_hash
    with db.acting(cast.kuang):
        people.disable(person(cast.mai), cast.kuang)
    with db.reading():
        assert queries.actor_of_token(token) is None
    with db.acting(cast.kuang):
        people.enable(person(cast.mai), cast.kuang)
        assert person(cast.mai).password_hash == before
        with pytest.raises(TooLate):
            people.enable(person(cast.mai), cast.kuang)


@pytest.mark.parametrize(
    ("by", "whose"),
    [
        ("west_kuang", "mai"),
        ("mai", "shi"),
        ("fu", "mai"),
        ("gu", "mai"),
        ("qu", "mai"),
        ("qu", "zhen"),
        ("zhen", "west_zhen"),
        ("zhen", "shi_ban"),
        ("kuang", "kuang"),
        ("shi_ban", "guan"),
        ("shen", "mai"),
        ("west_zhen", "kuang"),
        ("xiao", "west_xiao"),
    ],
)
def test_nobody_shuts_out_whom_he_could_not_let_in(cast: Cast, by: str, whose: str) -> None:
    actor = getattr(cast, by)
    with pytest.raises(NotAllowed), db.acting(actor):
        people.disable(person(getattr(cast, whose)), actor)


def also(who: Actor, role: Role, place: str) -> None:
    """Give somebody of the cast a second part."""
    with db.acting(SYSTEM(None)) as session:
        session.add(
            Membership(
                person_id=who.person_id, organisation_id=body(place).id, role=role, from_on=date(2026, 1, 1)
            )
        )


def test_a_manager_has_no_hold_on_somebody_with_a_part_elsewhere(cast: Cast) -> None:
    also(cast.mai, Role.PATROLLER, "west")
    with db.acting(cast.kuang):
        one = person(cast.mai)
        for deed in (people.disable, links.issue):
            with pytest.raises(NotAllowed):
                deed(one, cast.kuang)
        people.end_membership(queries.get_membership(cast.mai.membership_id, cast.kuang), cast.kuang)


def test_an_officers_part_keeps_a_manager_from_resetting_the_password(cast: Cast) -> None:
    also(cast.mai, Role.COMMUNITY_DISPATCHER, "east_community")
    with pytest.raises(NotAllowed), db.acting(cast.kuang):
        links.issue(person(cast.mai), cast.kuang)
    with db.acting(cast.zhen):
        assert links.issue(person(cast.mai), cast.zhen)


def test_the_list_shows_whoever_belongs_there_today(cast: Cast) -> None:
    with db.acting(cast.kuang):
        before = {one.person.name for one in queries.people_of(body("east")).rows}
        people.end_membership(queries.get_membership(cast.mai.membership_id, cast.kuang), cast.kuang)
        after = {one.person.name for one in queries.people_of(body("east")).rows}
    assert before == {"麦小禾", "邝样安", "施样替", "符样帮"} and before - after == {"麦小禾"}


def test_the_list_is_bounded_and_paged(cast: Cast) -> None:
    with db.acting(SYSTEM(None)) as session:
        for number in range(queries.PAGE):
            one = Person(username=f"many{number}", name="许多人")
            session.add(one)
            session.flush()
            session.add(
                Membership(person_id=one.id, organisation_id=cast.east.company_id, role=Role.PATROLLER)
            )
    with db.reading():
        first = queries.people_of(body("east"))
        second = queries.people_of(body("east"), first.next_cursor)
    assert (len(first.rows), len(second.rows), second.next_cursor) == (queries.PAGE, 4, "")


def test_every_role_sits_somewhere_and_reaches_what_its_organisation_says(cast: Cast) -> None:
    assert set(policy.ORGANISATIONS_OF_ROLE) == set(Role) - {Role.SYSTEM}
    for actor in cast.actors.values():
        with db.reading():
            assert queries.actor_in(actor.membership_id).reach == actor.reach


def test_a_vendors_reach_is_company_and_vendor(cast: Cast) -> None:
    added = add(cast.kuang, "east", Role.VENDOR, vendor_id=7)
    with db.reading():
        actor = queries.actor_in(added.id)
    assert actor.reach is not None and actor.reach.key == f"{cast.east.company_id}:7"
    assert (actor.vendor_id, actor.company_id) == (7, cast.east.company_id)


def test_a_part_that_ended_yesterday_acts_no_more(cast: Cast) -> None:
    with db.acting(SYSTEM(None)) as session:
        session.get_one(Membership, cast.mai.membership_id).to_on = date(2026, 1, 2)
    with db.reading(), pytest.raises(NotThere):
        queries.actor_in(cast.mai.membership_id)
    assert clock.today() > date(2026, 1, 2)

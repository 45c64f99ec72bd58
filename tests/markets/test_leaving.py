"""A person who leaves hands over what is open: posts, checks, and the company itself."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.accounts import queries as accounts
from portal.accounts.models import Membership
from portal.accounts.operations.leaving import leave, open_with
from portal.core import clock, db, errands, journal
from portal.core.actor import SYSTEM, Role
from portal.core.errors import Mistake, NotAllowed, TooLate
from portal.core.reach import beyond_reach
from portal.markets import queries
from portal.markets.models import Post, PostKind
from portal.selfcheck.models import Occurrence
from portal.selfcheck.operations import checks
from tests.selfcheck import day
from tests.site.access_people import add_person
from tests.visitors import Visitor


def _part(actor, keeper):
    return accounts.get_membership(actor.membership_id, keeper)


def _leave(cast, who, successor=None, actor=None):
    actor = actor or cast.kuang
    with db.acting(actor):
        leave(_part(who, actor), _part(successor, actor) if successor else None, actor)


def _posts(cast, who) -> set[PostKind]:
    with db.acting(cast.kuang):
        tomorrow = clock.today() + timedelta(days=1)
        posts = queries.posts_of(cast.market())
        return {one.kind for one in posts if one.person_id == who.person_id and one.is_held_on(tomorrow)}


def test_posts_and_unfinished_checks_go_to_the_successor_and_the_part_ends(cast):
    with clock.at(day.WALKING):
        check = day.make_check(cast)
        with db.acting(cast.mai):
            checks.start(day.the(cast.mai, check), cast.mai)
        with db.acting(cast.kuang):
            assert [one.number for one in open_with(_part(cast.mai, cast.kuang), cast.kuang)] == [2, 1]
        _leave(cast, cast.mai, cast.fu)
        assert _posts(cast, cast.mai) == set()
        assert _posts(cast, cast.fu) >= {PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER}
        with db.acting(cast.kuang) as session:
            occurrence = session.get_one(Occurrence, check)
            assert (occurrence.opened_by_id, occurrence.opened_by_name) == (cast.fu.person_id, cast.mai.name)
            assert session.get_one(Membership, cast.mai.membership_id).ended_at is not None
            assert "hand_over" in [line.verb for line in journal.of(occurrence)]
        with pytest.raises(TooLate):
            _leave(cast, cast.mai)


def test_a_successor_who_holds_the_post_holds_it_once_and_nobody_may_be_named(cast):
    _leave(cast, cast.mai, cast.shi)
    assert _posts(cast, cast.shi) == {PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER}
    _leave(cast, cast.shi)
    assert _posts(cast, cast.shi) == set()


def test_only_a_colleague_of_today_takes_over(cast):
    with db.acting(SYSTEM(None)):
        gone = add_person("zou", "邹样走", Role.PATROLLER, cast.east.company_id)
        db.session.get_one(Membership, gone).ended_at = clock.now()
    for number in (gone, cast.west_mai.membership_id, cast.mai.membership_id):
        with db.acting(cast.kuang), pytest.raises(Mistake):
            leave(_part(cast.mai, cast.kuang), db.session.get_one(Membership, number), cast.kuang)


def test_the_last_manager_leaves_only_when_somebody_becomes_manager(cast):
    with pytest.raises(Mistake) as told:
        _leave(cast, cast.kuang)
    assert told.value.field == "successor"
    _leave(cast, cast.kuang, cast.fu)
    with db.reading():
        roles = {one.role for one in accounts.current_memberships(cast.fu.person_id)}
        assert roles == {Role.MARKET_MANAGER, Role.SERVICE_CLERK}
        assert accounts.current_memberships(cast.kuang.person_id) == []


def test_somebody_who_stays_in_another_part_keeps_his_posts(cast):
    with db.acting(SYSTEM(None)) as session:
        part = Membership(person_id=cast.mai.person_id, organisation_id=cast.east.company_id,
                          role=Role.SERVICE_CLERK)  # fmt: skip
        session.add(part)
    _leave(cast, cast.mai)
    assert _posts(cast, cast.mai) == {PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER}


def test_what_an_office_may_not_see_is_handed_over_in_the_companys_own_reach(cast):
    _leave(cast, cast.kuang, cast.fu, actor=cast.qu)
    held = sa.select(Post.to_on).where(
        Post.person_id == cast.kuang.person_id, Post.company_id == cast.east.company_id
    )
    errands.drain()
    with beyond_reach("a test looks"), db.opened(None, writes=False) as session:
        assert set(session.scalars(held)) == {clock.today()}
    assert PostKind.HEAD in _posts(cast, cast.fu)


def test_nobody_else_ends_a_part(cast):
    with db.acting(cast.kuang):
        part = _part(cast.mai, cast.kuang)
        for actor in (cast.mai, cast.west_kuang, cast.west_qu, cast.xiao):
            with pytest.raises(NotAllowed):
                leave(part, None, actor)


def test_the_button_leads_to_the_page_where_something_is_open(app, cast):
    manager = Visitor(app).sign_in("kuang")
    path = f"/people/{cast.mai.membership_id}"
    manager.get(path)
    answer = manager.post(f"{path}/end")
    assert answer.status_code == 303 and answer.location.endswith("/leave")
    text = manager.get(answer.location).text
    assert "担任的岗位" in text and "符样帮" in text and "西样" not in text
    assert manager.post(f"{path}/leave", {"successor": str(cast.west_mai.membership_id)}).status_code == 422
    assert manager.post(f"{path}/leave", {"successor": str(cast.fu.membership_id)}).status_code == 303
    assert "麦小禾" not in manager.get("/people").text.partition("<tbody")[2]
    own = f"/people/{cast.kuang.membership_id}/leave"
    assert f'href="{own}"' in manager.get(f"/people/{cast.kuang.membership_id}").text
    manager.get(own)
    assert manager.post(own, {"successor": ""}).status_code == 422
    answer = manager.post(own, {"successor": str(cast.fu.membership_id)})
    assert answer.status_code == 303 and manager.get("/today").status_code == 302

"""What people are told, how often, and who is asked to listen."""

from datetime import date, datetime, timedelta
from urllib.parse import quote

import pytest

from portal.accounts.models import Membership, Person
from portal.core import clock, db, errands
from portal.core.actor import SYSTEM, Role
from portal.core.errors import NotThere
from portal.markets.models import PaperStanding
from portal.notices import operations, queries, schedule, texts
from portal.notices.models import Notice
from portal.web.pages import CHINESE
from tests.notices.conftest import DONE, DUE, GRADED
from tests.people import count_rows

MORNING = datetime(2026, 10, 9, 8, 30, tzinfo=clock.ZONE)


@pytest.fixture
def told(cast):
    """Tells the patroller of East about papers that end tomorrow, in one transaction each."""

    def tell(paper="健康证", at=MORNING, **more):
        with clock.at(at), db.acting(cast.kuang):
            operations.tell(
                cast.mai.person_id,
                DUE,
                f"/papers?named={quote(paper)}",
                paper=paper,
                vendor="林样记",
                day=date(2026, 10, 10),
                **more,
            )

    return tell


def inbox(actor):
    with db.acting(actor):
        return queries.inbox(actor.person_id).rows


def test_a_notice_waits_for_its_person_and_for_nobody_else(cast, told):
    told()

    assert [one.event for one in inbox(cast.mai)] == [DUE]
    assert inbox(cast.shi) == inbox(cast.west_mai) == []


def test_somebody_elses_notice_is_not_there(cast, told):
    told()
    notice = inbox(cast.mai)[0]

    with db.acting(cast.kuang), pytest.raises(NotThere):
        queries.get_notice(notice.id, cast.kuang.person_id)


def test_events_of_one_day_gather_in_one_notice_of_several_lines(cast, told):
    for hour, paper in enumerate(("健康证", "营业执照", "食品经营许可证")):
        told(paper, MORNING + timedelta(hours=hour), digest_key="due")

    (notice,) = inbox(cast.mai)
    assert [line["params"]["paper"] for line in notice.lines] == ["健康证", "营业执照", "食品经营许可证"]
    assert texts.digest(notice.event, notice.line_count) == "明天到期 3 件"
    assert (notice.created_at, notice.told_at) == (MORNING, MORNING + timedelta(hours=2))


def test_another_day_is_another_digest(cast, told):
    told(digest_key="due")
    told(digest_key="due", at=MORNING + timedelta(days=1))

    assert len(inbox(cast.mai)) == 2


def test_the_day_of_a_digest_is_the_day_in_the_market(cast, told):
    told("甲", datetime(2026, 10, 9, 0, 5, tzinfo=clock.ZONE), digest_key="due")
    told("乙", datetime(2026, 10, 9, 23, 55, tzinfo=clock.ZONE), digest_key="due")

    assert len(inbox(cast.mai)) == 1


def test_a_line_told_twice_stands_once_and_wakes_nobody(cast, told):
    told(digest_key="due")
    with db.acting(cast.mai):
        operations.read(queries.inbox(cast.mai.person_id).rows[0], cast.mai)
    told(digest_key="due")

    (notice,) = inbox(cast.mai)
    assert (notice.line_count, notice.is_unread) == (1, False)


def test_something_new_in_a_digest_makes_it_unread_again(cast, told):
    told(digest_key="due")
    with db.acting(cast.mai):
        operations.read(queries.inbox(cast.mai.person_id).rows[0], cast.mai)
    told("营业执照", digest_key="due")

    assert inbox(cast.mai)[0].is_unread


def test_a_digest_keeps_sixty_lines_and_counts_the_rest(cast, told, monkeypatch):
    monkeypatch.setattr(operations, "MOST_LINES", 3)
    for number in range(5):
        told(f"证{number}", digest_key="due")

    (notice,) = inbox(cast.mai)
    assert (len(notice.lines), notice.line_count) == (3, 5)


def test_several_people_are_told_once_however_often_the_errand_runs(cast):
    people = [cast.mai.person_id, cast.shi.person_id, cast.mai.person_id]
    for _ in range(2):
        with db.acting(SYSTEM(cast.kuang.reach)):
            operations.tell_many(people, DONE, "/today", key="check/7")

    assert count_rows(Notice) == 2


def test_without_a_key_every_telling_is_a_notice(cast, told):
    told()
    told()

    assert len(inbox(cast.mai)) == 2


def test_what_is_told_with_a_write_that_fails_is_not_told(cast):
    with pytest.raises(ZeroDivisionError), db.acting(cast.kuang):
        operations.tell(cast.mai.person_id, DONE, "/today")
        raise ZeroDivisionError
    assert inbox(cast.mai) == []


@pytest.mark.parametrize(
    "link",
    [
        "",
        "today",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a b",
        "/a\n",
    ],
)
def test_a_notice_leads_nowhere_but_into_the_portal(cast, link):
    with db.acting(cast.kuang), pytest.raises(ValueError, match="no path"):
        operations.tell(cast.mai.person_id, DONE, link)


def test_a_word_that_is_missing_is_found_at_the_telling(cast):
    with db.acting(cast.kuang), pytest.raises(ValueError, match=r"day.*vendor"):
        operations.tell(cast.mai.person_id, DUE, "/today", paper="健康证")


def test_an_event_without_words_cannot_be_told(cast):
    with db.acting(cast.kuang), pytest.raises(LookupError, match="nobody registered"):
        operations.tell(cast.mai.person_id, "test.unheard", "/today")


def test_an_event_has_its_words_once(cast):
    with pytest.raises(ValueError, match="already"):
        texts.register(DONE, title="x")


def test_days_moments_and_labels_are_said_when_read(app, told, cast):
    told()
    params = texts.packed({"standing": PaperStanding.EXPIRED, "at": MORNING})
    with app.test_request_context("/", headers={"Accept-Language": "zh"}):
        assert texts.title(GRADED, params) == "定为已过期，10月9日 星期五 08:30"
        assert texts.body(DUE, inbox(cast.mai)[0].params) == "林样记 的证，10月10日 星期六 是最后一天。"
    assert CHINESE == "zh_Hans_CN"


def test_a_label_that_is_no_more_is_said_as_it_was_kept(cast):
    assert texts._unpacked({"word": ["portal.gone", "Gone", "kept"]}) == "kept"


def test_the_words_of_an_event_that_is_no_more_are_plain(app):
    with app.test_request_context("/"):
        assert texts.title("gone.event", {}) == "一条通知"
        assert texts.body("gone.event", {}) == ""


def test_what_cannot_be_kept_is_refused():
    with pytest.raises(TypeError, match="cannot keep"):
        texts.packed({"x": 1.5})


def test_the_bell_counts_what_waits_up_to_a_hundred_in_one_statement(cast, told, statements):
    for number in range(3):
        told(f"证{number}")
    with db.acting(cast.mai):
        statements.statements.clear()
        assert queries.unread(cast.mai.person_id) == 3
        assert len(statements) == 1
        db.session.add_all(
            Notice(person_id=cast.mai.person_id, event=DONE, link="/", params={}, lines=[])
            for _ in range(150)
        )
        db.session.flush()
        assert queries.unread(cast.mai.person_id) == 100


def test_all_of_ones_own_are_put_away_and_nobody_elses(cast, told):
    told()
    told()
    with db.acting(cast.kuang):
        operations.tell(cast.shi.person_id, DONE, "/today")
    with db.acting(cast.mai):
        operations.read_all(cast.mai)
        assert (queries.unread(cast.mai.person_id), queries.unread(cast.shi.person_id)) == (0, 1)


def test_the_first_reading_is_the_one_that_counts(cast, told):
    told()
    with clock.at(MORNING), db.acting(cast.mai):
        operations.read(queries.inbox(cast.mai.person_id).rows[0], cast.mai)
    with db.acting(cast.mai):
        operations.read(queries.inbox(cast.mai.person_id).rows[0], cast.mai)

    assert inbox(cast.mai)[0].read_at == MORNING


def test_the_inbox_turns_its_pages_unread_first_latest_first_none_lost_none_twice(cast, told):
    for minute in range(45):
        told(f"证{minute}", MORNING + timedelta(minutes=minute // 2))  # two at a time: the number decides
    with db.acting(cast.mai):
        for one in queries.inbox(cast.mai.person_id).rows[::3]:
            operations.read(one, cast.mai)
    seen, cursor, pages = [], "", 0
    with db.acting(cast.mai):
        while pages == 0 or cursor:
            found = queries.inbox(cast.mai.person_id, cursor)
            seen, cursor, pages = [*seen, *found.rows], found.next_cursor, pages + 1

    assert pages == 3
    assert len({one.id for one in seen}) == len(seen) == 45
    assert [one.is_unread for one in seen] == [True] * 38 + [False] * 7
    for group in (seen[:38], seen[38:]):
        assert group == sorted(group, key=lambda one: (one.told_at, one.id), reverse=True)


@pytest.mark.parametrize(
    "cursor", ["", "x", "u", "u.1", "u.x.1", "u.1.-1", "q.1.1", "u.9" + "9" * 40 + ".1", "u.١.1"]
)
def test_a_cursor_that_is_none_of_ours_starts_at_the_beginning(cast, told, cursor):
    told()
    with db.acting(cast.mai):
        assert len(queries.inbox(cast.mai.person_id, cursor).rows) == 1


def test_an_audience_is_found_by_organisation_and_role(cast):
    with db.acting(cast.mai):
        assert queries.acting_for(cast.east.company_id, Role.PATROLLER) == [
            cast.mai.person_id,
            cast.shi.person_id,
        ]
        assert cast.kuang.person_id in queries.acting_for(cast.east.company_id)
        assert cast.west_mai.person_id not in queries.acting_for(cast.east.company_id)


def test_an_audience_is_found_by_area_and_role(cast):
    with db.acting(cast.mai):
        assert queries.acting_in(cast.east.community_code, Role.GRID_OFFICER) == [cast.gu.person_id]
        assert queries.acting_in(cast.east.town_code, Role.TOWN_DISPATCHER) == [cast.zhen.person_id]
        assert queries.acting_in(cast.east.town_code[:6], Role.TOWN_DISPATCHER) == []


def test_who_has_left_or_was_shut_out_is_not_told(cast):
    with db.acting(cast.kuang):
        db.session.get_one(Membership, cast.mai.membership_id).to_on = clock.today() - timedelta(days=1)
        db.session.get_one(Person, cast.shi.person_id).disabled_at = clock.now()
        db.session.flush()

        assert queries.acting_for(cast.east.company_id, Role.PATROLLER) == []


def test_the_people_of_a_vendor_are_found(cast):
    with db.acting(cast.kuang):
        db.session.add(
            Membership(
                person_id=cast.fu.person_id,
                organisation_id=cast.east.company_id,
                role=Role.VENDOR,
                vendor_id=7,
            )
        )
        db.session.flush()

        assert queries.acting_as_vendor(cast.east.company_id, 7) == [cast.fu.person_id]
        assert queries.acting_as_vendor(cast.west.company_id, 7) == []


def test_old_notices_are_forgotten_after_half_a_year(cast, told):
    told()
    for days, left in ((179, 1), (181, 0)):
        with clock.at(MORNING + timedelta(days=days)), db.acting(SYSTEM(errands.CITY)):
            schedule.sweep({})
        assert count_rows(Notice) == left


def test_one_key_may_stand_for_two_events(cast):
    with db.acting(cast.kuang):
        operations.tell(cast.mai.person_id, DONE, "/today", key="check/7")
        operations.tell(cast.mai.person_id, GRADED, "/today", key="check/7", standing="x", at=MORNING)

    assert len(inbox(cast.mai)) == 2

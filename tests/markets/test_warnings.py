"""Papers that run out: listed, and told once a day to those who answer for them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.core import db, errands
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.markets import notices, operations, queries, schedule
from portal.markets.models import PaperWarning
from portal.notices.models import Notice
from tests.markets.conftest import (
    MONDAY,
    kind_of,
    on,
    paper_facts,
    record,
    vendor_of,
)
from tests.people import count_rows

pytestmark = pytest.mark.usefixtures("monday")

assert schedule.expire  # importing it registers the errands


def warn(cast, side="east"):
    """One night's look at the papers of a company: how many warnings were new."""
    company_id = getattr(cast, side).company_id
    with db.acting(SYSTEM(Reach(Sight.COMPANY, str(company_id)))):
        return operations.remind_of_papers(company_id)


def inbox(actor) -> list[tuple[str, int]]:
    """The notices of a person: event of each line."""
    with db.acting(actor):
        found = db.session.scalars(sa.select(Notice).where(Notice.person_id == actor.person_id))
        return [(line["event"], line["params"]["number"]) for notice in found for line in notice.lines]


def test_what_runs_out_is_listed_earliest_first_and_in_pages(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        for number in range(60):
            facts = paper_facts(expires_on=MONDAY + timedelta(days=number - 5), number=f"N{number}")
            operations.record_paper(vendor_of(vendor_id), kind_of("tobacco_permit"), facts, cast.kuang)
    with db.acting(cast.qu):
        first = queries.due_papers(cast.qu)
        second = queries.due_papers(cast.qu, cursor=first.next_cursor)
        days = [line.days_left for line in [*first.rows, *second.rows]]
        assert (len(first.rows), len(second.rows)) == (50, 10)
        assert days == list(range(-5, 55))
        assert len(queries.due_papers(cast.qu, is_expired=True).rows) == 5
    with db.acting(cast.west_qu):
        assert queries.due_papers(cast.west_qu).rows == []


def test_papers_of_a_vendor_who_has_left_are_not_chased(cast, new_vendor):
    vendor_id = new_vendor()
    record(cast, vendor_id, "tobacco_permit", expires_on=MONDAY)
    with db.acting(cast.kuang):
        operations.end_vendor(vendor_of(vendor_id), MONDAY, cast.kuang)
        assert queries.due_papers(cast.kuang).rows == []
    assert warn(cast) == 0


def test_a_warning_day_is_told_once_and_the_next_one_again(cast, new_vendor):
    record(cast, new_vendor(), "tobacco_permit", expires_on=MONDAY + timedelta(days=30))
    told = {}
    for day in (0, 0, 22, 23, 23, 30, 31, 37, 38, 60):
        with on(MONDAY + timedelta(days=day)):
            told[day] = told.get(day, 0) + warn(cast)
    assert {day: number for day, number in told.items() if number} == {0: 1, 23: 1, 31: 1, 38: 1}


def test_those_who_answer_are_told_and_the_community_only_a_week_after_the_last_day(cast, new_vendor):
    record(cast, new_vendor(), "tobacco_permit", expires_on=MONDAY - timedelta(days=7))
    assert warn(cast) == 1
    assert inbox(cast.kuang) == inbox(cast.mai) == [(notices.EXPIRED, 1)]
    assert inbox(cast.shi) == inbox(cast.qu) == inbox(cast.west_kuang) == []
    with on(MONDAY + timedelta(days=1)):
        assert warn(cast) == 1
        assert inbox(cast.qu) == [(notices.LONG_EXPIRED, 1)]
        assert inbox(cast.gu) == inbox(cast.west_qu) == []


def test_many_papers_of_a_day_are_one_digest(cast, new_vendor):
    vendor_id = new_vendor()
    for number in range(5):
        record(cast, vendor_id, "tobacco_permit", expires_on=MONDAY + timedelta(days=number * 10 - 10))
    assert warn(cast) == 5
    with db.acting(cast.kuang):
        mine = list(db.session.scalars(sa.select(Notice).where(Notice.person_id == cast.kuang.person_id)))
        assert [notice.line_count for notice in mine] == [2]
    assert set(inbox(cast.kuang)) == {(notices.DUE, 4), (notices.LONG_EXPIRED, 1)}


def test_nights_that_were_missed_are_made_up_by_the_tightest_warning(cast, new_vendor):
    record(cast, new_vendor(), "tobacco_permit", expires_on=MONDAY + timedelta(days=60))
    with on(MONDAY + timedelta(days=55)):
        assert warn(cast) == 1
    with db.acting(cast.kuang):
        assert [one.threshold for one in db.session.scalars(sa.select(PaperWarning))] == [7]


def test_a_date_put_right_is_warned_of_anew(cast, new_vendor, photo):
    paper_id = record(cast, new_vendor(), "tobacco_permit", expires_on=MONDAY + timedelta(days=30))
    assert warn(cast) == 1
    with db.acting(cast.kuang):
        paper = queries.get_paper(cast.kuang, paper_id)
        operations.add_photos(paper, [photo], cast.kuang)
        facts = paper_facts(expires_on=MONDAY + timedelta(days=29))
        operations.correct_paper(paper, facts, "看错日期", paper.version, cast.kuang)
    assert warn(cast) == 1


def test_the_night_of_one_company_leaves_the_other_alone(cast, new_vendor):
    record(cast, new_vendor(), "tobacco_permit", expires_on=MONDAY)
    assert warn(cast, "west") == 0
    assert count_rows(PaperWarning) == 0
    assert warn(cast) == 1
    assert count_rows(PaperWarning) == 1


def test_the_nightly_errand_looks_at_every_company_once(cast, new_vendor):
    record(cast, new_vendor(), "tobacco_permit", expires_on=MONDAY)
    errands.fire_schedules()
    while errands.drain():
        pass
    errands.fire_schedules()
    while errands.drain():
        pass
    assert inbox(cast.kuang) == [(notices.DUE, 1)]


def test_the_list_of_what_runs_out_stays_within_its_statements(cast, new_vendor, statements):
    vendor_id = new_vendor()
    for number in range(5):
        record(cast, vendor_id, "food_permit", expires_on=MONDAY + timedelta(days=number))
    statements.statements.clear()
    with db.acting(cast.qu):
        lines = queries.due_papers(cast.qu).rows
        assert [(line.paper.vendor.name, line.paper.market.name, line.paper.kind.name) for line in lines]
    assert len(statements) <= 2

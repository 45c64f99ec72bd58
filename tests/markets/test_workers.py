"""The people of a vendor, and the health certificates the law asks of those who touch ready-to-eat food."""

from datetime import date, timedelta

import pytest

from portal.core import db
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets import operations, queries
from portal.markets.models import PaperStanding
from portal.markets.operations import workers
from portal.markets.operations.workers import WorkerFacts
from tests.markets.conftest import (
    MONDAY,
    kind_of,
    on,
    paper_facts,
    vendor_actor,
    vendor_of,
)

pytestmark = pytest.mark.usefixtures("monday")

COOK = WorkerFacts("陈样切", "切配", handles_ready_food=True, from_on=date(2026, 3, 1))
CLERK = WorkerFacts("何样收", "收银", from_on=date(2026, 3, 1))


def add(cast, vendor_id, facts=COOK):
    with db.acting(cast.kuang):
        return workers.add_worker(vendor_of(vendor_id), facts, cast.kuang).id


def certify(cast, vendor_id, worker_id, **changes):
    with db.acting(cast.kuang):
        cook = queries.get_worker(cast.kuang, worker_id)
        facts = paper_facts(issued_on=date(2026, 3, 1), expires_on=None, **changes)
        kind = kind_of("health_certificate")
        return operations.record_paper(vendor_of(vendor_id), kind, facts, cast.kuang, about=cook).id


def asked(cast, vendor_id):
    with db.acting(cast.kuang):
        lines = queries.required_papers(vendor_of(vendor_id))
        return [(line.worker.name if line.worker else "", line.standing) for line in lines]


def test_a_certificate_is_asked_of_each_who_touches_ready_food_and_of_nobody_else(cast, new_vendor):
    vendor_id = new_vendor(trade_codes=[])
    cook, _ = add(cast, vendor_id), add(cast, vendor_id, CLERK)
    assert asked(cast, vendor_id) == [("陈样切", PaperStanding.MISSING)]
    paper = certify(cast, vendor_id, cook)
    with db.acting(cast.kuang):
        entered = queries.get_paper(cast.kuang, paper)
        assert (entered.holder_name, entered.expires_on) == ("陈样切", date(2027, 2, 28))
    assert asked(cast, vendor_id) == [("陈样切", PaperStanding.VALID)]
    with on(date(2027, 3, 1)):
        assert asked(cast, vendor_id) == [("陈样切", PaperStanding.EXPIRED)]


def test_a_renewed_certificate_stays_the_same_persons_and_both_rows_stay(cast, new_vendor):
    vendor_id = new_vendor()
    paper = certify(cast, vendor_id, add(cast, vendor_id))
    with on(date(2027, 3, 1)), db.acting(cast.kuang):
        facts = paper_facts(issued_on=date(2027, 2, 20), expires_on=None)
        new = operations.renew_paper(queries.get_paper(cast.kuang, paper), facts, cast.kuang)
        assert new.worker_id is not None
        lines = queries.papers_of_vendor(vendor_of(vendor_id))
        assert [line.paper.id for line in lines] == [new.id, paper]


def test_of_who_has_left_nothing_is_asked_and_nothing_told(cast, new_vendor):
    vendor_id = new_vendor()
    cook = add(cast, vendor_id)
    certify(cast, vendor_id, cook)
    with on(date(2027, 2, 20)), db.acting(cast.kuang):
        assert [line.paper.worker_id for line in queries.due_papers(cast.kuang).rows] == [cook]
        workers.end_worker(queries.get_worker(cast.kuang, cook), date(2027, 2, 19), cast.kuang)
        assert queries.due_papers(cast.kuang).rows == []
        assert queries.required_papers(vendor_of(vendor_id)) == []
        with pytest.raises(TooLate):
            workers.end_worker(queries.get_worker(cast.kuang, cook), date(2027, 2, 19), cast.kuang)


def test_only_the_manager_enters_people_a_vendor_sees_his_own_and_a_stranger_none(cast, new_vendor):
    vendor_id = new_vendor()
    cook = add(cast, vendor_id)
    with db.acting(cast.fu), pytest.raises(NotAllowed):
        workers.add_worker(vendor_of(vendor_id), COOK, cast.fu)
    own = vendor_actor(cast, vendor_id)
    with db.acting(own):
        assert [one.id for one in queries.workers_of(queries.get_vendor(own, vendor_id))] == [cook]
    with db.acting(cast.west_kuang), pytest.raises(NotThere):
        queries.get_worker(cast.west_kuang, cook)
    for wrong in (WorkerFacts("", from_on=MONDAY), WorkerFacts("样", from_on=MONDAY + timedelta(days=1))):
        with pytest.raises(Mistake):
            add(cast, vendor_id, wrong)
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        vendor, licence = vendor_of(vendor_id), kind_of("business_licence")
        cook_row = queries.get_worker(cast.kuang, cook)
        operations.record_paper(vendor, licence, paper_facts(), cast.kuang, about=cook_row)
    assert told.value.field == "worker"

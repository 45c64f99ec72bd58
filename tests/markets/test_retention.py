"""What was kept its time goes: counted by rule, erased by the clock, the row and its days left standing."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal.core import db, journal
from portal.core.actor import SYSTEM
from portal.core.errors import NotAllowed, TooLate
from portal.core.reach import Reach, Sight
from portal.evidence.models import Attachment
from portal.markets import operations, queries
from portal.markets.models import Correction, Paper, VendorKind, Worker
from portal.markets.operations import accounts, workers
from portal.markets.operations import retention as erasing
from portal.markets.operations.workers import WorkerFacts
from portal.markets.queries import retention
from tests.markets.conftest import (
    MONDAY,
    OWN_ID,
    kind_of,
    on,
    paper_facts,
    vendor_facts,
    vendor_of,
)
from tests.markets.test_corrections import ask

pytestmark = pytest.mark.usefixtures("monday")

HALF_A_YEAR_ON = date(2027, 4, 13)
"""The first day after six whole months since MONDAY, 12 October."""
CITY = Reach(Sight.CITY)


@pytest.fixture
def left(cast, new_vendor, photo):
    """A farmer with a cook, a certificate with a photo, a correction and an account, who stops on Monday."""
    vendor_id = new_vendor(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID)
    ask(cast, vendor_id)
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        cook = workers.add_worker(vendor, WorkerFacts("陈样切", from_on=date(2026, 3, 1)), cast.kuang)
        facts = paper_facts(number="A2026", expires_on=date(2027, 9, 1))
        paper = operations.record_paper(vendor, kind_of("health_certificate"), facts, cast.kuang, about=cook)
        operations.add_photos(paper, [photo], cast.kuang)
        accounts.open_account(vendor, "梁样烧", "13800138000", cast.kuang)
        operations.end_vendor(vendor, MONDAY, cast.kuang)
    return vendor_id


def sweep(cast, side="east", most=erasing.AT_ONCE):
    with db.acting(SYSTEM(CITY)):
        return erasing.erase_due(cast.market(getattr(cast, side)), SYSTEM(CITY), most)


def due(cast):
    with db.acting(cast.kuang):
        return {one.rule.code: (one.now, one.soon, one.first_on) for one in retention.due_in(cast.market())}


def test_a_file_is_kept_six_whole_months_and_counted_before_it_goes(cast, left):
    assert due(cast)["vendor_files"] == (0, 0, HALF_A_YEAR_ON)
    with on(HALF_A_YEAR_ON - timedelta(days=1)):
        assert due(cast)["vendor_files"] == (0, 1, HALF_A_YEAR_ON)
        assert sweep(cast)["vendor_files"] == 0
    with on(HALF_A_YEAR_ON):
        assert due(cast)["vendor_files"] == (1, 0, HALF_A_YEAR_ON)


def test_names_numbers_and_photos_go_and_the_days_stay(cast, left):
    with on(HALF_A_YEAR_ON):
        assert sweep(cast) == {"vendor_files": 1, "certificates": 0, "workers": 0}
        assert sweep(cast) == {"vendor_files": 0, "certificates": 0, "workers": 0}
    with db.acting(cast.kuang) as session:
        vendor = vendor_of(left)
        kept = (vendor.phone, vendor.goods, vendor.id_sealed, vendor.id_last4)
        assert kept == ("", "", None, None) and vendor.name == vendor.keeper_name == retention.ERASED
        assert (vendor.started_on, vendor.ended_on, vendor.erased_on) == (
            date(2025, 3, 1), MONDAY, HALF_A_YEAR_ON
        )  # fmt: skip
        paper, cook = session.scalars(sa.select(Paper)).one(), session.scalars(sa.select(Worker)).one()
        assert (paper.number, paper.holder_name, paper.expires_on) == ("", retention.ERASED, date(2027, 9, 1))
        assert (cook.name, cook.from_on) == (retention.ERASED, date(2026, 3, 1))
        assert session.scalars(sa.select(Correction.wished)).all() == [""]
        assert session.scalars(sa.select(Attachment.id)).all() == []
        assert queries.accounts_of(vendor) == []
        line = journal.of(cast.market())[0]
        assert (line.verb, line.data["vendor_files"]) == ("erase", 1)
        with pytest.raises(TooLate):
            operations.edit_vendor(vendor, vendor_facts(), vendor.version, cast.kuang)
        operations.resume_vendor(vendor, cast.kuang)
        session.flush()
        operations.edit_vendor(vendor, vendor_facts(), vendor.version, cast.kuang)
        assert vendor.name == "样记烧腊"


def test_certificates_and_people_who_left_have_their_own_time(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        cook = workers.add_worker(vendor, WorkerFacts("陈样切", from_on=date(2025, 3, 1)), cast.kuang)
        facts = paper_facts(number="A2025", issued_on=date(2025, 3, 1), expires_on=date(2026, 2, 28))
        operations.record_paper(vendor, kind_of("health_certificate"), facts, cast.kuang, about=cook)
        operations.record_paper(vendor, kind_of("food_permit"), facts, cast.kuang)
        workers.end_worker(cook, date(2026, 4, 11), cast.kuang)
    assert sweep(cast) == {"vendor_files": 0, "certificates": 1, "workers": 1}
    with db.acting(cast.kuang) as session:
        numbers = dict(session.execute(sa.select(Paper.kind_code, Paper.number)).all())
        assert numbers == {"health_certificate": "", "food_permit": "A2025"}
        assert vendor_of(vendor_id).name == "样记烧腊"


def test_who_left_takes_a_certificate_along_that_would_still_hold(cast, new_vendor, photo):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        cook = workers.add_worker(vendor, WorkerFacts("陈样切", from_on=date(2025, 3, 1)), cast.kuang)
        facts = paper_facts(number="A2026", expires_on=date(2027, 9, 1))
        paper = operations.record_paper(vendor, kind_of("health_certificate"), facts, cast.kuang, about=cook)
        operations.add_photos(paper, [photo], cast.kuang)
        workers.end_worker(cook, date(2026, 4, 11), cast.kuang)
    assert sweep(cast) == {"vendor_files": 0, "certificates": 0, "workers": 1}
    with db.acting(cast.kuang) as session:
        paper = session.scalars(sa.select(Paper)).one()
        assert (paper.number, paper.holder_name) == ("", retention.ERASED)
        assert session.scalars(sa.select(Attachment.id)).all() == []


def test_the_portal_alone_erases_batch_by_batch(cast, new_vendor):
    for number in range(3):
        vendor_id = new_vendor(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID, name=f"样{number}")
        with db.acting(cast.kuang):
            operations.end_vendor(vendor_of(vendor_id), MONDAY, cast.kuang)
    with on(HALF_A_YEAR_ON):
        with db.acting(cast.kuang), pytest.raises(NotAllowed):
            erasing.erase_due(cast.market(), cast.kuang)
        assert [sweep(cast, most=2)["vendor_files"] for _ in range(3)] == [2, 1, 0]
        assert sweep(cast, "west")["vendor_files"] == 0

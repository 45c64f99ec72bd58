"""Corrections: a vendor says what is wrong in his file, and hears what became of it."""

import pytest

from portal.core import db
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets import operations, queries
from portal.markets.models import CorrectedField
from portal.markets.operations import corrections
from portal.markets.workflow import CorrectionState
from portal.notices.models import Notice
from tests.markets.conftest import vendor_actor, vendor_facts, vendor_of

pytestmark = pytest.mark.usefixtures("monday")


def ask(cast, vendor_id, field=CorrectedField.PHONE, wished="139 0013 9000"):
    who = vendor_actor(cast, vendor_id)
    with db.acting(who):
        return corrections.ask_correction(vendor_of(vendor_id), field, wished, "换了手机号", who).id


def decide(cast, correction_id, deed, *args):
    with db.acting(cast.kuang):
        correction = queries.get_correction(cast.kuang, correction_id)
        deed(correction, *args, cast.kuang)
        return correction.state


def told(person_id):
    with db.reading() as session:
        query = session.query(Notice).filter(Notice.person_id == person_id).order_by(Notice.id)
        return [(row.event, row.link) for row in query]


def test_an_accepted_correction_is_in_the_file_and_both_are_told(cast, new_vendor):
    vendor_id = new_vendor()
    number = ask(cast, vendor_id)
    assert told(cast.kuang.person_id) == [("markets.correction_asked", f"/corrections/{number}")]
    with db.acting(cast.kuang):
        version = vendor_of(vendor_id).version
    state = decide(cast, number, corrections.accept_correction, "改好了", version)
    with db.acting(cast.kuang):
        assert (state, vendor_of(vendor_id).phone) == (CorrectionState.ACCEPTED, "13900139000")
        assert vendor_of(vendor_id).name == vendor_facts().name
    assert told(cast.mai.person_id) == [("markets.correction_decided", "/vendors/mine/corrections")]
    with pytest.raises(TooLate):
        decide(cast, number, corrections.decline_correction, "已经改过了")


def test_a_declined_one_changes_nothing_and_needs_an_answer(cast, new_vendor):
    vendor_id = new_vendor()
    number = ask(cast, vendor_id)
    with pytest.raises(Mistake) as wrong:
        decide(cast, number, corrections.decline_correction, "不")
    assert wrong.value.field == "refusal"
    assert (
        decide(cast, number, corrections.decline_correction, "请带新号的证明来") is CorrectionState.DECLINED
    )
    with db.acting(cast.kuang):
        assert vendor_of(vendor_id).phone == "13800138000"


def test_a_file_changed_meanwhile_is_not_written_over(cast, new_vendor):
    vendor_id = new_vendor()
    number = ask(cast, vendor_id)
    with db.acting(cast.kuang):
        seen = vendor_of(vendor_id).version
        operations.edit_vendor(vendor_of(vendor_id), vendor_facts(goods="烧鹅"), seen, cast.kuang)
    with pytest.raises(TooLate):
        decide(cast, number, corrections.accept_correction, "", seen)


@pytest.mark.parametrize(
    ("field", "wished", "where"),
    [
        (CorrectedField.PHONE, "12345", "wished"),
        (CorrectedField.PHONE, "13800138000", "wished"),
        (CorrectedField.NAME, "", "wished"),
        (CorrectedField.OTHER, "身份证是 360426199101010071", "wished"),
    ],
)
def test_what_cannot_be_wished_is_said_at_once(cast, new_vendor, field, wished, where):
    with pytest.raises(Mistake) as wrong:
        ask(cast, new_vendor(), field, wished)
    assert wrong.value.field == where


def test_a_vendor_asks_for_his_own_file_and_nobody_for_another(cast, new_vendor):
    vendor_id = new_vendor()
    number = ask(cast, vendor_id)
    for who in (cast.kuang, cast.mai, cast.zhen):
        with db.acting(who), pytest.raises(NotAllowed):
            corrections.ask_correction(vendor_of(vendor_id), CorrectedField.NAME, "新名", "改名了", who)
    with db.acting(cast.west_kuang), pytest.raises(NotThere):
        queries.get_correction(cast.west_kuang, number)
    other = vendor_actor(cast, new_vendor(uscc="92441900MA00000020"))
    with db.acting(other):
        assert queries.corrections_of(queries.get_vendor(other, other.vendor_id)) == []

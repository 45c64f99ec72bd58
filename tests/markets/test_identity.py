"""Identity numbers: sealed to their vendor, shown for a written reason, never twice the same way out."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from portal.core import clock, db, journal, readlog, unkept
from portal.core import identity as figures
from portal.core.errors import Mistake, NotAllowed, NotThere
from portal.core.readlog import PersonalRead
from portal.markets import operations
from portal.markets.models import VendorKind
from portal.markets.operations import identity
from tests.markets.conftest import OTHER_USCC, OWN_ID, vendor_facts, vendor_of

pytestmark = pytest.mark.usefixtures("monday")

WHY = "签合同核对本人"


@pytest.fixture
def farmer(new_vendor):
    return new_vendor(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID)


def reads():
    with db.reading() as session:
        query = sa.select(
            PersonalRead.reader, PersonalRead.what, PersonalRead.subject_id, PersonalRead.reason
        )
        return [tuple(row) for row in session.execute(query)]


def test_whoever_sees_a_number_says_why_and_stands_in_the_read_log_and_the_journal(cast, farmer):
    with db.acting(cast.kuang):
        assert identity.reveal(vendor_of(farmer), WHY, cast.kuang) == OWN_ID
    assert reads() == [("邝样安", "identity", farmer, WHY)]
    with db.acting(cast.kuang):
        line = journal.of(vendor_of(farmer))[0]
        assert (line.verb, line.note) == ("reveal_identity", WHY)
        assert OWN_ID not in f"{line.note}{line.data}"


def test_without_reason_right_or_number_nothing_is_shown_and_nothing_written(cast, farmer, new_vendor):
    licensed = new_vendor()
    with db.acting(cast.kuang):
        for reason in ("", "看看", f"他是 {OWN_ID}"):
            with pytest.raises(Mistake):
                identity.reveal(vendor_of(farmer), reason, cast.kuang)
        with pytest.raises(NotThere):
            identity.reveal(vendor_of(licensed), WHY, cast.kuang)
    for who in (cast.mai, cast.fu, cast.zhen, cast.shi_ban, cast.shen):
        with db.opened(who.reach, writes=True), pytest.raises(NotAllowed):
            identity.reveal(vendor_of(farmer), WHY, who)
    assert reads() == []


def test_nobody_sees_more_than_thirty_in_a_day(cast, farmer):
    with db.acting(cast.kuang):
        for _ in range(identity.MOST_A_DAY):
            identity.reveal(vendor_of(farmer), WHY, cast.kuang)
        with pytest.raises(identity.TooManySeen):
            identity.reveal(vendor_of(farmer), WHY, cast.kuang)
    with clock.at(clock.now() + timedelta(hours=25)), db.acting(cast.kuang):
        assert identity.reveal(vendor_of(farmer), WHY, cast.kuang) == OWN_ID


def test_a_sealed_number_moved_to_another_vendor_does_not_open(cast, farmer, new_vendor):
    other = new_vendor(kind=VendorKind.UNLICENSED, uscc="", identity="11010519491231002X")
    with db.acting(cast.kuang):
        vendor_of(other).id_sealed = vendor_of(farmer).id_sealed
        with pytest.raises(InvalidTag):
            identity.number_of(vendor_of(other))
        facts = vendor_facts(uscc=OTHER_USCC)
        operations.edit_vendor(vendor_of(farmer), facts, vendor_of(farmer).version, cast.kuang)
        assert identity.number_of(vendor_of(farmer)) is None


def test_a_mere_look_is_written_down_aside(cast, farmer):
    with db.opened(cast.kuang.reach, writes=False):
        readlog.seen(cast.kuang, vendor_of(farmer), "phone")
    assert reads() == [("邝样安", "phone", farmer, "")]


@pytest.mark.parametrize(
    "text",
    [
        OWN_ID,
        f"证号{OWN_ID}。",
        "360426 19910101 0071",
        "３６０４２６１９９１０１０１００７１",
        "11010519491231002x",
    ],
)
def test_a_number_is_known_however_it_is_written(text):
    assert figures.stands_in(text)
    assert OWN_ID not in figures.masked(text) and figures.masked(text).rstrip("。").endswith(("0071", "002X"))


@pytest.mark.parametrize(
    "text", ["13800138000", "JY24419001234567", "360426199113010071", OWN_ID + "0", "91350100M000100Y43"]
)
def test_other_figures_are_left_as_they_are(text):
    assert figures.masked(text) == text


def test_what_is_kept_of_a_form_holds_no_number(cast):
    typed = {"identity": [OWN_ID], "new_password": ["x"], "note": [f"他是{OWN_ID}"], "name": ["样"]}
    assert unkept.without_secrets(typed) == {"note": ["他是" + "*" * 14 + OWN_ID[-4:]], "name": ["样"]}

"""Photos become part of a row, once, inside one company; and look-alikes are shown, never refused."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock, db, journal
from portal.core.errors import NotThere
from portal.core.reach import beyond_reach
from portal.evidence import operations, queries
from portal.evidence.models import Attachment, Blob, Purpose
from portal.markets.models import Stall
from portal.markets.workflow import StallState
from tests.evidence import pictures
from tests.people import count_rows

NOON = datetime(2026, 10, 9, 12, 0, tzinfo=clock.ZONE)


def stall(side, number=0):
    return db.session.get_one(Stall, side.stall_ids[number])


@pytest.fixture
def attached(cast, take):
    """A photo of the first stall of East, with its reader's session closed again; its number."""
    staged = take(pictures.camera_photo())
    with clock.at(NOON), db.acting(cast.mai):
        return operations.attach(staged, stall(cast.east), "FS-01", "found", cast.mai).id


def test_an_attachment_bears_the_codes_of_its_owner_and_the_claims_of_the_camera(cast, attached):
    with db.acting(cast.mai):
        one = queries.get_attachment(attached)

        assert (one.company_id, one.community_code, one.town_code) == (
            cast.east.company_id,
            cast.east.community_code,
            cast.east.town_code,
        )
        assert (one.owner_kind, one.owner_id, one.part, one.role) == (
            "stall",
            cast.east.stall_ids[0],
            "FS-01",
            Purpose.FOUND,
        )
        assert one.position == (23.043333, 113.75)
        assert one.taken_at == datetime(2026, 10, 9, 5, 33, 10, tzinfo=clock.ZONE)
        assert (one.by_person_id, one.by_name) == (cast.mai.person_id, "麦小禾")
        assert [line.verb for line in journal.of(one)] == ["attach"]


def test_the_journal_keeps_the_hash_of_what_was_handed_in(cast, attached):
    with db.acting(cast.mai):
        one = queries.get_attachment(attached)

        assert journal.of(one)[0].data["sha256"] == one.blob.sha256


@pytest.mark.parametrize("who", ["gu", "zhen", "shi_ban", "kuang"])
def test_whoever_reaches_the_market_reaches_its_photos(cast, attached, who):
    with db.acting(getattr(cast, who)):
        assert queries.get_attachment(attached).id == attached
        assert len(queries.of(stall(cast.east))) == 1


@pytest.mark.parametrize("who", ["west_mai", "west_kuang", "west_gu", "west_qu", "west_zhen"])
def test_for_everybody_else_it_is_not_there(cast, attached, who):
    with db.acting(getattr(cast, who)), pytest.raises(NotThere):
        queries.get_attachment(attached)


def test_a_photo_sent_twice_stands_there_once(cast, take):
    first, again = take(), take()
    with db.acting(cast.mai):
        one = operations.attach(first, stall(cast.east), "FS-01", Purpose.FOUND, cast.mai)
        two = operations.attach(again, stall(cast.east), "FS-01", Purpose.FOUND, cast.mai)

        assert one is two
    assert (count_rows(Attachment), count_rows(Blob)) == (1, 1)


def test_the_same_photo_for_two_items_is_two_attachments_of_one_file(cast, take, files):
    staged = take()
    with db.acting(cast.mai):
        operations.attach(staged, stall(cast.east), "FS-01", Purpose.FOUND, cast.mai)
        operations.attach(staged, stall(cast.east), "FS-02", Purpose.FOUND, cast.mai)
    assert (count_rows(Attachment), count_rows(Blob)) == (2, 1)
    assert len(list(files.walk())) == 2  # the photo and its thumb


def test_two_companies_never_learn_of_a_common_file(cast, take):
    for who, side in ((cast.mai, cast.east), (cast.west_mai, cast.west)):
        staged = take()
        with db.acting(who):
            operations.attach(staged, stall(side), "", Purpose.FOUND, who)
            assert queries.seen_before(staged, stall(side)) is None
    assert count_rows(Blob) == 2


def test_a_new_row_is_saved_with_its_first_photo(cast, take):
    staged = take()
    with db.acting(cast.kuang):
        market = cast.market()
        new = Stall(
            market_id=market.id,
            zone_id=cast.east.zone_ids[0],
            code="A-099",
            sort_key="A-099",
            state=StallState.VACANT,
        )
        operations.attach(staged, new.stands_in(market), "", Purpose.PAPER, cast.kuang)

        assert [one.owner_id for one in queries.of(new)] == [new.id]


def test_what_belongs_to_many_rows_is_read_at_once(cast, take, statements):
    one, two = take(), take(pictures.photo(3))
    with db.acting(cast.mai):
        operations.attach(one, stall(cast.east, 0), "", Purpose.BEFORE, cast.mai)
        operations.attach(two, stall(cast.east, 1), "", Purpose.AFTER, cast.mai)
        stalls = [stall(cast.east, number) for number in range(4)]
        statements.statements.clear()
        found = queries.of_many(stalls)

        assert len(statements) == 1
        assert [len(found[one.id]) for one in stalls] == [1, 1, 0, 0]
        assert found[stalls[1].id][0].blob.sha256 == two.sha256
        assert queries.of_many([]) == {}


def test_the_photos_of_one_purpose_are_read_alone(cast, take):
    one, two = take(), take(pictures.photo(3))
    with db.acting(cast.mai):
        operations.attach(one, stall(cast.east), "", Purpose.BEFORE, cast.mai)
        operations.attach(two, stall(cast.east), "", Purpose.AFTER, cast.mai)

        assert [found.blob.sha256 for found in queries.of(stall(cast.east), Purpose.AFTER)] == [two.sha256]


def test_what_is_taken_back_is_gone_and_the_journal_says_so(cast, attached):
    with db.acting(cast.mai):
        operations.detach(queries.get_attachment(attached), cast.mai)
        assert queries.of(stall(cast.east)) == []

        lines = sa.select(journal.JournalLine.verb).where(journal.JournalLine.subject_id == attached)
        assert "detach" in list(db.session.scalars(lines))


def test_yesterdays_photo_handed_in_again_is_shown_with_where_it_was(cast, take, attached):
    again = take(pictures.camera_photo())
    with db.acting(cast.mai):
        earlier = queries.seen_before(again, stall(cast.east, 1))

        assert earlier is not None
        assert (earlier.id, earlier.created_at) == (attached, NOON)


def test_a_photo_saved_again_is_recognised_by_its_looks(cast, take):
    image = pictures.scene((1200, 900))
    first, again = (
        take(pictures.saved(image, quality=95)),
        take(pictures.saved(image.resize((600, 450)), quality=40)),
    )
    with db.acting(cast.mai):
        one = operations.attach(first, stall(cast.east), "", Purpose.FOUND, cast.mai)

        assert queries.seen_before(again, stall(cast.east, 1)) is one


def test_a_row_is_not_suspected_of_its_own_photo_nor_of_another_scene(cast, take, attached):
    same, other = take(pictures.camera_photo()), take(pictures.photo(7))
    with db.acting(cast.mai):
        assert queries.seen_before(same, stall(cast.east, 0)) is None
        assert queries.seen_before(other, stall(cast.east, 1)) is None


def test_nobody_is_suspected_of_a_photo_older_than_the_history(cast, take, attached):
    again = take(pictures.camera_photo())
    with clock.at(NOON + timedelta(days=401)), db.acting(cast.mai):
        assert queries.seen_before(again, stall(cast.east, 1)) is None


def test_a_suspicion_never_hinders_the_attaching(cast, take, attached):
    again = take(pictures.camera_photo())
    with db.acting(cast.mai):
        operations.attach(again, stall(cast.east, 1), "", Purpose.FOUND, cast.mai)

        assert len(queries.of(stall(cast.east, 1))) == 1


def test_taking_in_while_a_write_is_open_is_a_mistake_of_ours(cast, take):
    with db.acting(cast.mai):
        db.session.add(
            Stall(market_id=1, zone_id=1, code="x", sort_key="x", state=StallState.VACANT).stands_in(
                cast.market()
            )
        )
        with pytest.raises(RuntimeError, match="slow work"):
            take()
        db.session.rollback()


def test_nothing_is_attached_to_a_row_of_another_company(cast, take):
    staged = take()
    with beyond_reach("the test looks over the wall"), db.acting(cast.west_mai):
        foreign = stall(cast.east)
    with pytest.raises(Exception, match="lies outside"), db.acting(cast.west_mai):
        operations.attach(staged, foreign, "", Purpose.FOUND, cast.west_mai)
    assert count_rows(Attachment) == 0

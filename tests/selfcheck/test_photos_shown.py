"""A photo of a check is shown to whoever reads the check; that he reaches the market is not enough."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import clock, db
from portal.core.actor import Actor, Role
from portal.core.errors import NotThere
from portal.core.reach import Reach, Sight
from portal.evidence import queries
from portal.evidence.staging import Staged, stage
from portal.markets.models import Post
from portal.selfcheck.operations import checks
from tests.evidence import pictures
from tests.people import Cast
from tests.selfcheck import day

LONG_AGO = date(2026, 1, 2)


@pytest.fixture
def photo(app: Flask, cast: Cast) -> int:
    """A photo of a check of East that is under way; its number."""
    occurrence_id, staged = day.make_check(cast), stage(pictures.sent(pictures.photo()))
    assert isinstance(staged, Staged)
    with clock.at(day.WALKING), db.acting(cast.mai) as session:
        occurrence = day.the(cast.mai, occurrence_id)
        checks.start(occurrence, cast.mai)
        kept = checks.add_photo(occurrence, "C-01", staged, cast.mai)
        session.flush()
        return kept.id


def is_shown(photo_id: int, who: Actor) -> bool:
    with db.opened(who.reach, writes=False):
        try:
            return queries.get_shown(photo_id, who).id == photo_id
        except NotThere:
            return False


@pytest.mark.parametrize("who", ["mai", "kuang", "fu", "gu", "qu", "zhen", "shi_ban", "shen"])
def test_whoever_reads_the_check_sees_its_photos(cast: Cast, photo: int, who: str) -> None:
    assert is_shown(photo, getattr(cast, who))


@pytest.mark.parametrize("who", ["xiao", "city_xiao", "west_mai", "west_gu", "west_zhen"])
def test_a_department_reaches_the_town_and_sees_no_photo_of_a_check(cast: Cast, photo: int, who: str) -> None:
    assert not is_shown(photo, getattr(cast, who))


def test_a_colleague_of_another_market_sees_none(cast: Cast, photo: int) -> None:
    assert is_shown(photo, cast.shi)
    with db.acting(cast.kuang) as session:
        held = sa.update(Post).where(Post.person_id == cast.shi.person_id)
        session.execute(held.values(to_on=LONG_AGO))
    assert not is_shown(photo, cast.shi)


def test_a_vendor_sees_none(cast: Cast, photo: int) -> None:
    reach = Reach(Sight.VENDOR, f"{cast.east.company_id}:1")
    assert not is_shown(photo, replace(cast.mai, role=Role.VENDOR, reach=reach, vendor_id=1))

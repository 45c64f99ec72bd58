"""The demonstration breaks no rule of the portal, may be told twice, and is never told in production."""

import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal import tables
from portal.core import db, schema, secrets_box
from portal.core.actor import Role
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings
from portal.demo import cast, story
from portal.demo.report import report
from portal.evidence import storage
from portal.markets.models import Stall, Vendor
from portal.markets.numbers import judge_uscc
from portal.selfcheck.models import Occurrence
from portal.selfcheck.workflow import CheckState
from tests.conftest import SECRET

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(new_database, tmp_path: Path) -> Settings:
    """An empty installation."""
    tables.load()
    made = Settings(home=tmp_path, database_url=new_database(), secret_key=SECRET)
    schema.create(db.use(made.database_url, strict=True).engine)
    secrets_box.use(SECRET)
    storage.use(made)
    return made


def count(model: type) -> int:
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        return session.scalar(sa.select(sa.func.count(model.id))) or 0


def states() -> set[CheckState]:
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        return set(session.scalars(sa.select(Occurrence.state).distinct()))


def test_the_story_is_told_once_however_often_it_is_told(settings: Settings) -> None:
    story.tell(settings, 3)
    told = count(Stall), count(Vendor), count(Occurrence)
    assert told[0] == sum(place.stalls for place in cast.PLACES) == 610
    assert {CheckState.DUE, CheckState.ACCEPTED} <= states()
    story.tell(settings, 3)
    assert (count(Stall), count(Vendor), count(Occurrence)) == told

    found = report("http://127.0.0.1:8000")
    roles = [one["role"] for one in found["accounts"]]
    assert set(roles) == {role.value for role in Role} - {"system"}
    for staff in ("market_manager", "patroller", "service_clerk"):
        companies = {one["reach"]["company"] for one in found["accounts"] if one["role"] == staff}
        assert len(companies) >= 2
    assert len({one["reach"]["town"] for one in found["accounts"] if "town" in one["reach"]}) >= 2


def test_production_is_told_no_stories(settings: Settings) -> None:
    with pytest.raises(story.NotHere):
        story.tell(dataclasses.replace(settings, environment="production"))
    assert count(Stall) == 0


def test_credit_codes_are_valid_in_their_check_sign() -> None:
    assert all(judge_uscc(cast.credit_code(n, is_company=n % 2 == 0)).ok for n in range(1, 400))

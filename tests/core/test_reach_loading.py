"""What is loaded along with a row, or later through it, keeps to the reach as well."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload, subqueryload

from portal.core import db
from portal.markets.models import Stall, Zone
from tests.people import Cast


@pytest.fixture
def crossing(cast: Cast) -> Cast:
    """A stall of East that points to a zone of West, as no operation would let it."""
    with db.database().engine.begin() as connection:
        connection.execute(
            sa.update(Stall.__table__)
            .where(Stall.__table__.c.id == cast.east.stall_ids[0])
            .values(zone_id=cast.west.zone_ids[0])
        )
    return cast


@pytest.mark.parametrize("load", [joinedload, selectinload, subqueryload], ids=lambda load: load.__name__)
def test_what_is_loaded_along_is_narrowed(crossing: Cast, load) -> None:
    with db.opened(crossing.mai.reach, writes=False) as session:
        stalls = session.scalars(sa.select(Stall).options(load(Stall.zone)).order_by(Stall.id)).all()
        assert stalls[0].zone is None
        assert stalls[1].zone is not None and stalls[1].zone.company_id == crossing.east.company_id


def test_what_is_refreshed_keeps_to_the_reach(crossing: Cast) -> None:
    with db.opened(crossing.mai.reach, writes=False) as session:
        zone = session.get_one(Zone, crossing.east.zone_ids[0])
        session.expire(zone)
        session.refresh(zone)
        assert zone.name

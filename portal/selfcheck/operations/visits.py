"""Coming to a check point during a check: its sign was scanned, once a check."""

from datetime import datetime

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.policy import demand
from portal.markets.models import CheckPoint
from portal.selfcheck.models import Occurrence, PointVisit
from portal.selfcheck.operations.answers import check_takes_answers
from portal.selfcheck.policy import May
from portal.selfcheck.queries import visits as queries


def visit(
    occurrence: Occurrence, point: CheckPoint, actor: Actor, device_at: datetime | None = None
) -> tuple[PointVisit, bool]:
    """Note that somebody came to a point; give the visit and whether it is new.

    The second time is no news, in whatever state the check is.  ``device_at`` is the telephone's own clock, a claim.
    It is a plain fact beside the answers: nothing is counted from it, no answer hangs on it.  Raises NotAllowed,
    TooLate.
    """
    demand(actor, May.WALK, occurrence)
    known = queries.find_visit(occurrence, point)
    if known is not None:
        return known, False
    check_takes_answers(occurrence)
    made = PointVisit(
        market_id=occurrence.market_id,
        occurrence_id=occurrence.id,
        point_id=point.id,
        at=clock.now(),
        device_at=device_at,
        by_person_id=actor.person_id,
        by_name=actor.name,
    ).stands_in(occurrence)
    db.session.add(made)
    db.session.flush()
    return made, True

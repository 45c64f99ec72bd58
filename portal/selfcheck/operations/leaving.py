"""What of the self-check lies open with somebody who leaves: checks he began and nobody handed in."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts.models import Membership
from portal.accounts.operations.leaving import Duty, register
from portal.core import db, journal
from portal.core.actor import Actor
from portal.selfcheck.models import Occurrence
from portal.selfcheck.workflow import CheckState

UNFINISHED = (CheckState.OPEN, CheckState.SENT_BACK)


def _begun_by(membership: Membership) -> tuple[Any, ...]:
    return (
        Occurrence.company_id == membership.organisation_id,
        Occurrence.opened_by_id == membership.person_id,
        Occurrence.state.in_(UNFINISHED),
    )


def count_checks(membership: Membership) -> int:
    """How many checks he began are not handed in."""
    query = sa.select(sa.func.count(Occurrence.id)).where(*_begun_by(membership))
    return db.session.scalar(query) or 0


def hand_over_checks(membership: Membership, successor: Membership | None, actor: Actor) -> None:
    """Let the successor be the one who is reminded of them, or everybody who walks where there is none.

    Who began a check, by name, and who gave each answer stays as it was.
    """
    for check in db.session.scalars(sa.select(Occurrence).where(*_begun_by(membership))).all():
        check.opened_by_id = successor.person_id if successor else None
        journal.write(check, actor, "hand_over", successor.person.name if successor else "")


register(Duty("selfcheck.checks", _l("开始了还没交的检查"), count_checks, hand_over_checks))

"""Two hands: whoever hands out a new password does not also take off the second factor, and the other way round.

Either alone lets nobody in; together they would let one officer enter in another's name.
"""

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts import policy, queries
from portal.accounts.models import Person
from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import NotAllowed
from portal.core.journal import JournalLine

APART = timedelta(days=7)
RESET_LINK, RESET_FACTOR = "issue_reset_link", "reset_second_factor"


def need_another_hand(person: Person, actor: Actor, done_before: str) -> None:
    """Raises NotAllowed where the actor did the other half for this person within seven days.

    Only for those who must have a second factor.
    """
    parts = queries.current_memberships(person.id)
    if not any(one.role in policy.NEEDS_SECOND_FACTOR for one in parts):
        return
    query = sa.select(JournalLine.id).where(
        JournalLine.subject_kind == Person.__tablename__,
        JournalLine.subject_id == person.id,
        JournalLine.verb == done_before,
        JournalLine.person_id == actor.person_id,
        JournalLine.at > clock.now() - APART,
    )
    if db.session.scalars(query.limit(1)).first() is not None:
        raise NotAllowed(
            _l("重设密码和解除动态码要由两个人分别办。你七天内已经给他办过另一样，请找另一位有权的同事。")
        )

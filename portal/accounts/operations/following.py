"""Accounts of vendors follow their market to another company."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Membership, SignIn
from portal.accounts.policy import May
from portal.core import clock, db, journal
from portal.core.actor import Actor, Role
from portal.core.policy import demand
from portal.territory.models import Organisation

AT_ONCE = 500


def follow(vendor_ids: Sequence[int], company_id: int, company: Organisation, actor: Actor) -> int:
    """Let the accounts of these vendors belong to another company; says how many did.

    Each part ends and the same one begins there.  The sessions that act in it go on in the new one: they open the
    same vendor's file and nothing else.  Raises NotAllowed.
    """
    number = 0
    for start in range(0, len(vendor_ids), AT_ONCE):
        query = (
            sa.select(Membership)
            .where(
                Membership.organisation_id == company_id,
                Membership.role == Role.VENDOR,
                Membership.vendor_id.in_(vendor_ids[start : start + AT_ONCE]),
                Membership.ended_at.is_(None),
            )
            .options(joinedload(Membership.person))
        )
        for old in db.session.scalars(query).all():
            _follow(old, company, actor)
            number += 1
    return number


def _follow(old: Membership, company: Organisation, actor: Actor) -> None:
    new = Membership(
        person=old.person,
        organisation=company,
        role=old.role,
        vendor_id=old.vendor_id,
        to_on=old.to_on,
        by_person_id=actor.person_id,
    )
    demand(actor, May.ADD_PEOPLE, new)
    old.ended_at = clock.now()
    journal.write(new, actor, "follow_market", before=old.organisation_id)
    open_ones = sa.update(SignIn).where(SignIn.membership_id == old.id, SignIn.ended_at.is_(None))
    db.session.execute(
        open_ones.values(membership_id=new.id), execution_options={"synchronize_session": False}
    )

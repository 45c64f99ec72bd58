"""What a script, or somebody at the keyboard, needs to know of the demonstration."""

from typing import Any

import sqlalchemy as sa

from portal.accounts.models import Person
from portal.core import db, secrets_box
from portal.core.actor import Actor
from portal.core.reach import Reach, Sight
from portal.demo import cast, foundation
from portal.markets.models import Market, Stall


def report(base: str) -> dict[str, Any]:
    """``base``, ``accounts``, ``markets`` and ``signs``; secrets of invented people are no secrets."""
    company = foundation.find()
    return {
        "base": base,
        "accounts": [_account(username, actor) for username, actor in company.actors.items()],
        "markets": _markets(),
        "signs": [],
    }


def _account(username: str, actor: Actor) -> dict[str, Any]:
    with db.reading() as session:
        person = session.get_one(Person, actor.person_id)
        secret = secrets_box.open_(person.totp_secret).decode() if person.totp_secret else None
        pin = cast.PIN if person.pin_hash else None
    return {
        "user": username,
        "name": actor.name,
        "password": cast.PASSWORD,
        "pin": pin,
        "totp_secret": secret,
        "role": actor.role.value,
        "organisation": actor.organisation_name,
        "reach": _reach(actor),
    }


def _reach(actor: Actor) -> dict[str, Any]:
    if actor.reach is None or actor.reach.sight is Sight.CITY:
        return {"city": cast.CITY}
    if actor.reach.sight is Sight.VENDOR:
        return {"company": actor.reach.number, "vendor": actor.reach.vendor}
    key = actor.reach.number if actor.reach.sight is Sight.COMPANY else actor.reach.key
    return {actor.reach.sight.value: key}


def _markets() -> list[dict[str, Any]]:
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        counts = dict(
            session.execute(sa.select(Stall.market_id, sa.func.count()).group_by(Stall.market_id)).all()
        )
        return [
            {
                "id": one.id,
                "code": one.code,
                "name": one.name,
                "kind": one.kind.value,
                "company": one.company_id,
                "community": one.community_code,
                "town": one.town_code,
                "stalls": counts.get(one.id, 0),
            }
            for one in session.scalars(sa.select(Market).order_by(Market.id))
        ]

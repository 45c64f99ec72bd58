"""Signs: made for whatever lacks one, printed, printed again, taken back, replaced."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, door, journal, refs, secrets_box
from portal.core.actor import Actor
from portal.core.errors import TooLate
from portal.core.policy import demand
from portal.markets.models import Market, Sign, SignKind
from portal.markets.operations.facts import need_open, text
from portal.markets.policy import May
from portal.markets.queries import signs as queries
from portal.markets.queries.signs import Placard
from portal.markets.workflow import SIGN

OPENS = Sign.__tablename__
MOST_AT_ONCE = 1_000


def make_signs(market: Market, actor: Actor) -> int:
    """Make a sign for the market and for each zone, point and stall of it that has none; say how many.

    A stall that was done away with gets none.  At most a thousand at once, in a handful of statements; whoever asks
    again gets the rest.  Raises NotAllowed, TooLate.
    """
    demand(actor, May.KEEP_SIGNS, market)
    need_open(market)
    db.session.execute(sa.select(Market.id).where(Market.id == market.id).with_for_update())
    wanted: list[tuple[SignKind, Any]] = []
    for kind in SignKind:
        rows = queries.without_sign(market, kind, MOST_AT_ONCE - len(wanted))
        wanted += [(kind, row) for row in rows]
    if wanted:
        made = _made(market, wanted, actor)
        numbers = {kind.value: sum(one.kind is kind for one in made) for kind in SignKind}
        journal.write(market, actor, "make_signs", made=numbers)
    return len(wanted)


def _made(market: Market, wanted: Sequence[tuple[SignKind, Any]], actor: Actor) -> list[Sign]:
    """The rows and their doors, each in one statement."""
    codes = [door.new_code() for _ in wanted]
    signs = [
        Sign(
            market_id=market.id,
            kind=kind,
            subject_id=subject.id,
            ref=ref,
            code_sealed=secrets_box.seal(code.encode()),
            made_by=actor.name,
        ).stands_in(market)
        for (kind, subject), code, ref in zip(wanted, codes, _new_refs(market, len(wanted)), strict=True)
    ]
    db.session.add_all(signs)
    db.session.flush()
    door.make_each(OPENS, dict(zip(codes, signs, strict=True)))
    return signs


def _new_refs(market: Market, number: int) -> list[str]:
    """So many numbers no sign of the company bears."""
    drawn: set[str] = set()
    while len(drawn) < number:
        fresh = {refs.new_ref() for _ in range(number - len(drawn))}
        drawn |= fresh - queries.taken_refs(market.company_id, list(fresh))
    return list(drawn)


def print_signs(market: Market, placards: Sequence[Placard], actor: Actor) -> list[Sign]:
    """Note that these are printed now; give those that get a label.

    What was done away with gets none; where nothing is left, TooLate says so.  Raises NotAllowed, TooLate.
    """
    demand(actor, May.KEEP_SIGNS, market)
    printed = [one.sign for one in placards if not one.is_gone]
    if not printed:
        raise TooLate(_l("没有可以打印的：撤销了的档口和巡查点，不再印标识码。"))
    changes = {"prints": Sign.prints + 1, "printed_at": clock.now(), "version": Sign.version + 1}
    db.session.execute(
        sa.update(Sign).where(Sign.id.in_([sign.id for sign in printed])).values(changes),
        execution_options={"synchronize_session": False},
    )
    if len(printed) == 1:
        journal.write(printed[0], actor, "print_signs")
    else:
        journal.write(market, actor, "print_signs", signs=[sign.id for sign in printed])
    return printed


def revoke_sign(sign: Sign, reason: str, actor: Actor) -> None:
    """Let a sign open nothing any more.  Raises NotAllowed, TooLate, Mistake("reason")."""
    why = text("reason", reason, 2, 200)
    facts = {"revoked_at": clock.now(), "revoked_by": actor.name, "revoked_reason": why}
    SIGN.perform("revoke_sign", sign, actor, why, **facts)
    door.revoke(OPENS, sign)
    db.session.flush()


def replace_sign(market: Market, sign: Sign, reason: str, actor: Actor) -> Sign:
    """Take a sign back and make a new one for the same thing.  Raises NotAllowed, TooLate, Mistake("reason").

    What was done away with gets no new one, and keeps the old until that is taken back.
    """
    need_open(market)
    if queries.placards(market, [sign])[0].is_gone:
        raise TooLate(_l("这里已经撤销，不再做新的标识码。旧码可以作废。"))
    revoke_sign(sign, reason, actor)
    new = _made(market, [(sign.kind, queries.subject_of(sign))], actor)[0]
    journal.write(new, actor, "replace_sign", before=sign.id)
    return new


def code_of(sign: Sign) -> str:
    """The code of a sign, out of its box: for the papers it is printed on."""
    return secrets_box.open_(sign.code_sealed).decode()

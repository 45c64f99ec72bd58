"""Identity numbers of vendors without a credit code: kept sealed, shown by their last four, revealed for a reason."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from portal.core import clock, journal, readlog, secrets_box
from portal.core.actor import Actor
from portal.core.errors import Mistake, NotThere, Refusal
from portal.core.policy import demand
from portal.markets.models import Vendor
from portal.markets.operations.facts import text
from portal.markets.policy import May

WHAT = "identity"
MOST_A_DAY = 30
"""So many a person may see in 24 hours; an editable default."""
SHORTEST_REASON, LONGEST_REASON = 4, 200


class TooManySeen(Refusal):
    """Somebody saw as many identity numbers as one may in a day."""

    status = 429
    title = _l("今天看得太多了")
    default = _l("一天最多看 %(most)s 个身份证号。请明天再看；急用请找平台管理员。", most=MOST_A_DAY)


def reveal(vendor: Vendor, reason: str, actor: Actor) -> str:
    """The identity number in full, for a reason that is written into the read log and the journal.

    Raises NotAllowed, NotThere (there is none), Mistake("reason"), TooManySeen.
    """
    demand(actor, May.REVEAL_IDENTITY, vendor)
    own = number_of(vendor)
    if own is None:
        raise NotThere
    why = text("reason", reason, 0, LONGEST_REASON)
    if len(why) < SHORTEST_REASON:
        raise Mistake("reason", _l("请写清楚为什么要看，至少 %(least)s 个字。", least=SHORTEST_REASON))
    if readlog.times(actor.person_id, WHAT, clock.now() - timedelta(hours=24)) >= MOST_A_DAY:
        raise TooManySeen
    readlog.seen(actor, vendor, WHAT, why)
    journal.write(vendor, actor, "reveal_identity", why)
    return own


def seal(vendor: Vendor, own: str) -> None:
    """Put the number into the box, tied to the vendor's row, which has its id."""
    vendor.id_sealed, vendor.id_last4 = secrets_box.seal(own.encode(), _about(vendor)), own[-4:]


def forget(vendor: Vendor) -> bool:
    """Drop the number; say whether there was one."""
    was_there = vendor.id_sealed is not None
    vendor.id_sealed = vendor.id_last4 = None
    return was_there


def number_of(vendor: Vendor) -> str | None:
    """The number out of the box; raises InvalidTag where the sealed text is not this row's."""
    return secrets_box.open_(vendor.id_sealed, _about(vendor)).decode() if vendor.id_sealed else None


def _about(vendor: Vendor) -> str:
    return secrets_box.about("vendor", "id_sealed", vendor.id)

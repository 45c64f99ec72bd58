"""What is done about the portal's own health: a parked errand is tried once more."""

from portal.core import clock, journal
from portal.core.actor import Actor
from portal.core.errands import Errand, State
from portal.core.errors import TooLate
from portal.core.policy import demand
from portal.insight.policy import May


def try_again(errand: Errand, actor: Actor) -> None:
    """Give a parked errand all its tries again, from now on.  Raises NotAllowed, TooLate for one that is not parked."""
    demand(actor, May.TEND_ERRANDS, errand)
    if errand.status is not State.PARKED:
        raise TooLate
    errand.status, errand.attempts, errand.due_at, errand.leased_until = State.WAITING, 0, clock.now(), None
    journal.write(errand, actor, "try_again", errand.name)

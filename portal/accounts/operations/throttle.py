"""How often one may guess: counted by account and source, so that nobody locks another out.

A source is a device known to belong to the account, else the address.  A stranger's failures from elsewhere are
another source; his failures at the same address leave the owner's own device open.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts.models import Device, FailedSignIn, FailureKind, Person
from portal.core import aside, clock, db
from portal.core.aside import Kind
from portal.core.errors import Refusal

WINDOW = timedelta(minutes=15)
MOST = 10
FREE = 3
"""So many slips cost no waiting; from then on each doubles it."""
FIRST_WAIT = timedelta(seconds=5)
MOST_OF_ADDRESS = 60
MOST_CODES = 20
CODE_WINDOW = timedelta(hours=24)
MOST_PINS = 5
PIN_WINDOW = timedelta(hours=24)
KEPT_FOR = timedelta(days=7)


class TooOften(Refusal):
    """Too many guesses; the words say how long to wait."""

    status = 429
    default = _l("试得太多了，请过一会儿再试。")

    def __init__(self, remaining: timedelta) -> None:
        self.remaining = remaining
        minutes, seconds = divmod(max(1, round(remaining.total_seconds())), 60)
        if minutes:
            words = _l(
                "试错的次数太多，请 %(n)s 分钟以后再试；急用可以请管理员给你一条重设链接。", n=minutes + 1
            )
        else:
            words = _l("刚才没有对上，请等 %(n)s 秒再试。", n=seconds)
        super().__init__(words)


@dataclass(frozen=True)
class Tries:
    """Whose secret is guessed, and from where; hashes, for a typed name may be a password in the wrong field."""

    account: str
    source: str
    address: str

    @property
    def is_of_known_device(self) -> bool:
        return self.source != self.address


def tries(who: Person | str, address: str, device: Device | None = None) -> Tries:
    """The counter for a person (or a name nobody bears), at an address, perhaps on a device known as his."""
    place = _digest(f"address:{network(address)}")
    if isinstance(who, str):
        return Tries(_digest(f"name:{who.casefold()}"), place, place)
    is_own = device is not None and device.person_id == who.id and device.is_valid(clock.now())
    return Tries(
        _digest(f"person:{who.id}"), _digest(f"device:{device.id}") if is_own and device else place, place
    )


def network(address: str) -> str:
    """The address as it is counted: an IPv6 network of 64 bits is one house."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def pause(failures: Sequence[datetime], now: datetime) -> timedelta:
    """How long to wait after these failures (latest first) of the last quarter of an hour."""
    if len(failures) >= MOST:
        return max(failures[MOST - 1] + WINDOW - now, timedelta(0))
    if len(failures) < FREE:
        return timedelta(0)
    seconds = FIRST_WAIT.total_seconds() * 2 ** (len(failures) - FREE)
    return max(failures[0] + timedelta(seconds=seconds) - now, timedelta(0))


def admit(one: Tries) -> None:
    """Let a guess be made, or raise TooOften."""
    now = clock.now()
    since = now - WINDOW
    own = sa.select(FailedSignIn.at).where(
        FailedSignIn.account == one.account, FailedSignIn.source == one.source, FailedSignIn.at > since
    )
    wait = pause(_latest(own, MOST), now)
    if not wait and not one.is_of_known_device:
        all_here = sa.select(FailedSignIn.at).where(
            FailedSignIn.address == one.address, FailedSignIn.at > since
        )
        failures = _latest(all_here, MOST_OF_ADDRESS)
        if len(failures) == MOST_OF_ADDRESS:
            wait = failures[-1] + WINDOW - now
    if wait:
        raise TooOften(wait)


def admit_code(one: Tries) -> None:
    """Let a code be guessed, or raise TooOften: bounded for the account from everywhere besides.

    Whoever comes so far has the password, so no stranger locks anybody out by it; a device known as the person's own
    stays open.  Ten tries at each of a thousand addresses would find one code of a million within a day.
    """
    admit(one)
    now = clock.now()
    query = sa.select(FailedSignIn.at).where(
        FailedSignIn.account == one.account,
        FailedSignIn.kind == FailureKind.CODE,
        FailedSignIn.at > now - CODE_WINDOW,
    )
    failures = [] if one.is_of_known_device else _latest(query, MOST_CODES)
    if len(failures) == MOST_CODES:
        raise TooOften(failures[-1] + CODE_WINDOW - now)


def pin_is_spent(one: Tries) -> bool:
    """Whether the PIN was wrong so often today that only the password will do."""
    query = sa.select(FailedSignIn.at).where(
        FailedSignIn.account == one.account,
        FailedSignIn.source == one.source,
        FailedSignIn.kind == FailureKind.PIN,
        FailedSignIn.at > clock.now() - PIN_WINDOW,
    )
    return len(_latest(query, MOST_PINS)) == MOST_PINS


def _latest(query: sa.Select[datetime], most: int) -> Sequence[datetime]:
    return list(db.session.scalars(query.order_by(FailedSignIn.at.desc()).limit(most)))


def record(one: Tries, kind: FailureKind) -> None:
    """Count a failure; it is kept whatever becomes of the request."""
    aside.note(Kind.FAILED_SIGN_IN, _add, tries=one, failure=kind, at=clock.now())


def _add(tries: Tries, failure: FailureKind, at: datetime) -> None:
    facts = {"account": tries.account, "source": tries.source, "address": tries.address}
    db.session.add(FailedSignIn(**facts, kind=failure, at=at))


def forget(one: Tries) -> None:
    """After a full sign-in: the slips of this account at this source count no more."""
    db.session.execute(
        sa.delete(FailedSignIn).where(FailedSignIn.account == one.account, FailedSignIn.source == one.source)
    )


def sweep() -> int:
    """Drop failures too old to count; say how many."""
    old = sa.delete(FailedSignIn).where(FailedSignIn.at < clock.now() - KEPT_FOR)
    return db.session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""What we remember about people, where they belong and how they signed in."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock, secrets_box
from portal.core.actor import Role
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Machinery
from portal.territory.models import Organisation

HASH = sa.String(64)
"""A SHA-256 in hexadecimal; what it hashes is random and is kept by nobody but its bearer."""


BROWSERS = (
    ("MicroMessenger", _l("微信")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
"""What browsers call themselves, told apart in this order, for many claim to be several."""


class Stage(Labelled):
    """How far a sign-in has come; only a full one opens pages."""

    PASSWORD = "password", _l("已核对密码")
    ENROL = "enrol", _l("待绑定动态码")
    FULL = "full", _l("已登录")


class LinkPurpose(Labelled):
    """What a one-time link is for."""

    INVITE = "invite", _l("开通账号")
    RESET = "reset", _l("重设密码")

    @property
    def lives(self) -> timedelta:
        """How long such a link can be used."""
        return timedelta(days=7) if self is LinkPurpose.INVITE else timedelta(minutes=30)


class FailureKind(Labelled):
    """What was tried in vain."""

    PASSWORD = "password", _l("密码")
    CODE = "code", _l("动态码")
    PIN = "pin", _l("签名码")


class Person(Identified, Machinery, Base):
    """Somebody with an account: one person, one account, however many memberships."""

    __tablename__ = "person"

    username: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    """argon2id; None until the invitation is taken up."""
    pin_hash: Mapped[str | None] = mapped_column(sa.String(200))
    """argon2id of the 4 to 6 digits that sign on a remembered device."""
    totp_secret: Mapped[str | None] = mapped_column(sa.String(200), info=secrets_box.SEALED)
    """Sealed by core.secrets_box."""
    totp_pending: Mapped[str | None] = mapped_column(sa.String(200), info=secrets_box.SEALED)
    """The sealed secret on the enrolment page; it takes the other's place with the first right code."""
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The last time step (30 s since 1970) a code was taken for; RFC 6238 section 5.2 forbids a second use."""
    locale: Mapped[str] = mapped_column(sa.String(16), default="")
    """Empty: as the browser says."""
    is_large: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    memberships: Mapped[list["Membership"]] = relationship(lazy="raise", back_populates="person")

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed_at is not None


class RecoveryCode(Identified, Machinery, Base):
    """A code written on paper, good once in place of the second factor."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(HASH, unique=True)
    used_at: Mapped[datetime | None]


class Membership(Identified, Machinery, Base):
    """A person's part in an organisation; it is ended, never changed into another part."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.Index("ix_membership_of_person", "person_id"),
        sa.Index("ix_membership_of_organisation", "organisation_id", "id"),
        sa.CheckConstraint("(role = 'vendor') = (vendor_id IS NOT NULL)", name="vendor_has_number"),
        sa.CheckConstraint("role != 'system'", name="nobody_is_the_system"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    role: Mapped[Role]
    vendor_id: Mapped[int | None] = mapped_column(BigId)
    from_on: Mapped[date] = mapped_column(default=clock.today)
    to_on: Mapped[date | None]
    """The last day it holds; None while it is open."""
    ended_at: Mapped[datetime | None]
    """Set when somebody ended it; it is void from that moment, whatever ``to_on`` says."""
    by_person_id: Mapped[int | None] = mapped_column(BigId)

    person: Mapped[Person] = relationship(lazy="raise", back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(lazy="raise")

    def is_current(self, today: date) -> bool:
        """Whether it holds on a day."""
        return self.ended_at is None and self.from_on <= today and (self.to_on is None or today <= self.to_on)


class Device(Identified, Machinery, Base):
    """A browser a person has signed in from; a remembered one keeps its person signed in and lets a PIN sign."""

    __tablename__ = "device"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    """Changes at every sign-in, so that a copied cookie dies."""
    remembered_until: Mapped[datetime | None]
    """A device that is merely known gives no access; it only keeps a stranger's failures from locking its owner."""
    agent: Mapped[str] = mapped_column(sa.String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    def is_valid(self, now: datetime) -> bool:
        """Whether it still counts as known."""
        return self.revoked_at is None and now < self.expires_at

    def is_remembered(self, now: datetime) -> bool:
        """Whether its person stays signed in on it and may sign with the PIN."""
        return self.is_valid(now) and self.remembered_until is not None and now < self.remembered_until


class SignIn(Identified, Machinery, Base):
    """One session: the browser holds a random token, this row its hash.  A row never gains powers: a later stage,
    another role or a renewed proof is a new row, and the old one ends.
    """

    __tablename__ = "sign_in"
    __table_args__ = (sa.Index("ix_sign_in_of_person", "person_id", "ended_at"),)

    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    stage: Mapped[Stage]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    membership_id: Mapped[int] = mapped_column(sa.ForeignKey("membership.id"))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("device.id"))
    has_second_factor: Mapped[bool] = mapped_column(default=False)
    wants_memory: Mapped[bool] = mapped_column(default=False)
    """The box "remember this device" was ticked; looked at when the sign-in becomes full."""
    idle_minutes: Mapped[int | None]
    """How long it may lie idle; None for the remembered device of a company's staff."""
    agent: Mapped[str] = mapped_column(sa.String(200), default="")
    address: Mapped[str] = mapped_column(sa.String(45), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    began_at: Mapped[datetime] = mapped_column(default=clock.now)
    """When the person signed in; a renewed row keeps it."""
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    """When the person last proved to be it (password and, where due, second factor)."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")
    membership: Mapped[Membership] = relationship(lazy="raise")
    device: Mapped[Device | None] = relationship(lazy="raise")

    @property
    def browser(self) -> str:
        """What the browser says it is, in words its owner knows: Chrome · Android."""
        known = [
            next((word for sign, word in table if sign in self.agent), None) for table in (BROWSERS, SYSTEMS)
        ]
        return " · ".join(str(word) for word in known if word) or str(_l("没有说是什么浏览器"))

    def is_alive(self, now: datetime) -> bool:
        """Whether the row itself still holds; the person and the membership are asked besides."""
        is_idle = self.idle_minutes is not None and now - self.last_seen_at > timedelta(
            minutes=self.idle_minutes
        )
        return self.ended_at is None and now < self.expires_at and not is_idle


class FailedSignIn(Identified, Machinery, Base):
    """A password, code or PIN that was wrong."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (
        sa.Index("ix_failed_sign_in_account", "account", "source", "at"),
        sa.Index("ix_failed_sign_in_address", "address", "at"),
        sa.Index("ix_failed_sign_in_at", "at"),
    )

    account: Mapped[str] = mapped_column(HASH)
    """The hash of the person's number, or of the name that was typed where nobody bears it."""
    source: Mapped[str] = mapped_column(HASH)
    """The hash of a device known to belong to that account, else of the address."""
    address: Mapped[str] = mapped_column(HASH)
    kind: Mapped[FailureKind]
    at: Mapped[datetime] = mapped_column(default=clock.now)


class OneTimeLink(Identified, Machinery, Base):
    """A link handed over in person: whoever bears it sets the password, once."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    purpose: Mapped[LinkPurpose]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    by_person_id: Mapped[int] = mapped_column(BigId)
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


class KeptForm(Identified, Machinery, Base):
    """What somebody had typed when the session ran out; given back to the same person alone."""

    __tablename__ = "kept_form"

    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    path: Mapped[str] = mapped_column(sa.String(800))
    fields: Mapped[list[Any]]
    """Pairs of name and value, in the order they were sent; passwords and tokens are left out."""
    files: Mapped[list[str]]
    """The names of the files that were lost."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

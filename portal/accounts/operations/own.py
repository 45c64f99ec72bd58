"""What everybody does with their own account: password, PIN, language and type."""

from flask_babel import lazy_gettext as _l

from portal.accounts import policy, queries
from portal.accounts.models import Person
from portal.accounts.operations import links, passwords, sessions
from portal.core import journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, NotAllowed

LOCALES = frozenset({"zh_Hans_CN", "en"})


def check_new_password(person: Person, password: str, again: str) -> None:
    """Take a new password or say why not, before it is hashed; raises Mistake(field)."""
    passwords.check(password, shortest=links.shortest_for(person), known=links.known_words(person))
    if passwords.normal(password) != passwords.normal(again):
        raise Mistake("again", _l("两次填的密码不一样。"))


def change_password(person: Person, password_hash: str, sign_in_id: int, actor: Actor) -> None:
    """Set one's own new password (hashed before the write began); every other session ends."""
    _demand_own(person, actor)
    person.password_hash = password_hash
    links.void(person)
    sessions.end_others(person.id, sign_in_id)
    journal.write(person, actor, "change_password")


def set_pin(person: Person, pin_hash: str, actor: Actor) -> None:
    """Set the PIN that signs on a remembered device.  Raises NotAllowed where one's roles may have none."""
    _demand_own(person, actor)
    if not may_have_pin(actor):
        raise NotAllowed(_l("签名码只给市场一线的手机用，你签名时用密码。"))
    person.pin_hash = pin_hash
    journal.write(person, actor, "set_pin")


def may_have_pin(actor: Actor) -> bool:
    """Whether a PIN is of use to this actor: only on the telephones of the floor."""
    return actor.role in policy.FRONT_LINE


def set_preferences(actor: Actor, language: str | None, large: bool | None) -> None:
    """Remember language and large type with the person; what is None or unknown stays."""
    person = queries.get_person(actor.person_id)
    if language in LOCALES:
        person.locale = language
    if large is not None:
        person.is_large = large


def _demand_own(person: Person, actor: Actor) -> None:
    if person.id != actor.person_id:
        raise NotAllowed

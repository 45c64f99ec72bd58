"""Accounts of vendors: opened from the file, ended with it."""

from flask_babel import lazy_gettext as _l

from portal.accounts.models import Membership
from portal.accounts.operations import people
from portal.accounts.operations.people import PersonCard
from portal.core import db, journal
from portal.core.actor import Actor, Role
from portal.core.errors import TooLate
from portal.core.policy import demand
from portal.markets.models import Vendor
from portal.markets.policy import May
from portal.territory.models import Organisation


def open_account(vendor: Vendor, name: str, phone: str, actor: Actor) -> Membership:
    """Let somebody in who reads this vendor's file alone; an account that bears the number is joined.

    Raises NotAllowed, TooLate (the vendor has left), Mistake(field).
    """
    demand(actor, May.KEEP_VENDORS, vendor)
    if vendor.ended_on is not None:
        raise TooLate(_l("这家商户已经停止经营，不再开账号。"))
    company = db.session.get_one(Organisation, vendor.company_id)
    membership = people.add_person(PersonCard(name, phone), company, Role.VENDOR, actor, vendor_id=vendor.id)
    journal.write(vendor, actor, "open_account", membership=membership.id)
    return membership

"""The pages of accounts, split by who opens them: the way in, one's own account, other people."""

from portal.accounts.routes import door, leaving, own, people
from portal.accounts.routes.entry import area

__all__ = ["area", "door", "leaving", "own", "people"]

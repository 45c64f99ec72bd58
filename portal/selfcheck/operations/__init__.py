"""What can be done with checklists, plans, checks, reviews and records, by noun."""

from portal.selfcheck.operations import leaving

__all__ = ["leaving"]

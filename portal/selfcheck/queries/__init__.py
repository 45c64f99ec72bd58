"""Looking up checklists, plans, checks, reviews and records, by noun."""

from portal.selfcheck.queries import setup

__all__ = ["setup"]

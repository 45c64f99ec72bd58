"""Pages that open without an account: is this paper real, and what hangs behind this sign."""

from portal.frontdoor.routes import scan, verify
from portal.frontdoor.routes.area import area

__all__ = ["area", "scan", "verify"]

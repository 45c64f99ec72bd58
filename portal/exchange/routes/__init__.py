"""The pages of workbooks that come in and lists that go out."""

from portal.exchange.routes import exports, imports
from portal.exchange.routes.entry import area

__all__ = ["area", "exports", "imports"]

"""The pages of insight, split by what is looked at."""

from portal.insight.routes import health, log, markets, reads
from portal.insight.routes.entry import area

__all__ = ["area", "health", "log", "markets", "reads"]

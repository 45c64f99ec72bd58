"""The pages of markets, split by noun: markets, zones, stalls, vendors, papers, posts."""

from portal.markets.routes import markets, papers, posts, stalls, vendors, zones
from portal.markets.routes.entry import area

__all__ = ["area", "markets", "papers", "posts", "stalls", "vendors", "zones"]

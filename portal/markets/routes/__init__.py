"""The pages of markets, split by noun: markets, zones, stalls, vendors, papers, posts."""

from portal.markets.routes import markets, moving, papers, posts, signs, stalls, vendors, zones
from portal.markets.routes.entry import area

__all__ = ["area", "markets", "moving", "papers", "posts", "signs", "stalls", "vendors", "zones"]

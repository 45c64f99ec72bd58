"""The page that says what is kept how long, and what is erased when."""

from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.policy import demand
from portal.markets.policy import May
from portal.markets.queries import retention
from portal.markets.routes.entry import area, get_market
from portal.web.gate import actor
from portal.web.pages import page


@area.get("/markets/<int:market_id>/retention", needs=May.READ_RETENTION)
def show_retention(market_id: int) -> ResponseReturnValue:
    """The rules with how many rows each has come due, and the files that are erased next."""
    market = get_market(market_id)
    demand(actor(), May.READ_RETENTION, market)
    return page(
        "markets/show_retention.html",
        market=market,
        due=retention.due_in(market),
        standing=retention.STANDING,
        files=[
            (vendor, max(retention.VENDOR_FILES.due_on(vendor.ended_on), clock.today()))
            for vendor in retention.ending_files(market)
            if vendor.ended_on is not None
        ],
    )

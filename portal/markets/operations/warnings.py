"""The nightly look at papers: which warning days have come, and who is told of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from portal.core import clock, db
from portal.core.actor import Role
from portal.markets import notices, queries
from portal.markets.models import LONG_PAST, PAST, Market, Paper, PaperKind, PaperWarning, PostKind
from portal.notices import operations as inbox

ANSWERING = (
    PostKind.HEAD,
    PostKind.SAFETY_MANAGER,
    PostKind.FOOD_SAFETY_OFFICER,
    PostKind.FOOD_SAFETY_DIRECTOR,
)
"""The posts told of papers that run out; where nobody holds one, the company's managers are."""

EVENTS = {PAST: notices.EXPIRED, LONG_PAST: notices.LONG_EXPIRED}
LIST = "/papers"
EXPIRED_LIST = "/papers?show=expired"


def remind_of_papers(company_id: int) -> int:
    """Note every warning day the company's papers have reached and tell it; says how many there were.

    Each person gets one digest a day, a line a market and event.  A paper a week past its last day is told to
    the community as well.  Run again on the same day it tells nothing.
    """
    markets = queries.open_markets_of(company_id)
    holders = queries.holders_of([market.id for market in markets], ANSWERING)
    dispatchers = queries.dispatchers_of({market.community_code for market in markets})
    managers = [person.id for person in queries.colleagues(company_id, Role.MARKET_MANAGER)]
    number = 0
    for market in markets:
        for event, warnings in new_warnings(market).items():
            number += len(warnings)
            told = set(holders[market.id] or managers)
            if event == notices.LONG_EXPIRED:
                told |= set(dispatchers[market.community_code])
            _tell(market, event, warnings, told)
    return number


def _tell(market: Market, event: str, warnings: Sequence[PaperWarning], people: set[int]) -> None:
    day = min(warning.expires_on for warning in warnings)
    for person_id in sorted(people):
        inbox.tell(
            person_id,
            event,
            LIST if event == notices.DUE else EXPIRED_LIST,
            notices.DIGEST,
            market=market.name,
            number=len(warnings),
            day=day,
        )


def new_warnings(market: Market) -> dict[str, list[PaperWarning]]:
    """Note the warnings of a market that were not told yet, by event; the unique key lets none come twice."""
    papers = _in_their_windows(market)
    calendar, told, today = queries.calendar_for(papers), queries.told_thresholds(papers), clock.today()
    found: dict[str, list[PaperWarning]] = defaultdict(list)
    for paper in papers:
        threshold = paper.threshold_on(today, calendar)
        if threshold is None or paper.expires_on is None or (paper.id, paper.expires_on, threshold) in told:
            continue
        warning = PaperWarning(
            market_id=market.id,
            paper_id=paper.id,
            expires_on=paper.expires_on,
            threshold=threshold,
            told_on=today,
        ).stands_in(market)
        db.session.add(warning)
        found[EVENTS.get(threshold, notices.DUE)].append(warning)
    db.session.flush()
    return found


def _in_their_windows(market: Market) -> Sequence[Paper]:
    """The papers near enough to their last day that a warning could be due, window by window."""
    windows: dict[int, list[PaperKind]] = defaultdict(list)
    for kind in queries.paper_kinds():
        if kind.may_expire:
            windows[kind.widest_window].append(kind)
    today = clock.today()
    return [
        paper
        for days, kinds in windows.items()
        for paper in queries.expiring_in(market, kinds, today + timedelta(days=days))
    ]

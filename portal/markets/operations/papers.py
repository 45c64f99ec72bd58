"""Papers: recorded, renewed, compared with the original, put right."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.evidence import operations as evidence
from portal.evidence.models import Purpose
from portal.evidence.queries import of as photos_of
from portal.evidence.staging.taking import Staged
from portal.markets import numbers
from portal.markets.models import Equipment, Holder, Market, Paper, PaperKind, Vendor, Worker
from portal.markets.operations import terms
from portal.markets.operations.facts import PaperFacts, need_open, need_version, number, text
from portal.markets.policy import May

FARTHEST_YEARS = 20


def record_paper(
    owner: Vendor | Market,
    kind: PaperKind,
    facts: PaperFacts,
    actor: Actor,
    *,
    about: Worker | Equipment | None = None,
) -> Paper:
    """Enter a paper of a vendor, or one of the market's own; ``about`` is the person or the piece it speaks of.

    Raises NotAllowed, TooLate, Mistake(field): a last day before the issue or more than 20 years ahead is
    refused, and so is a number of the wrong form where that form is certain.
    """
    demand(actor, May.KEEP_PAPERS, owner)
    market = db.session.get_one(Market, owner.market_id)
    need_open(market)
    vendor = owner if isinstance(owner, Vendor) else None
    if vendor is None and kind.holder is Holder.VENDOR:
        raise Mistake("kind", _l("这种证照要登记在商户名下。"))
    if isinstance(about, Worker) and kind.holder is not Holder.PERSON:
        raise Mistake("worker", _l("这种证照不是个人的，不用选从业人员。"))
    if vendor is not None and vendor.erased_on is not None:
        raise TooLate(_l("这家商户的资料已经按期清除。还在经营的，请先恢复经营。"))
    paper = new_paper(market, vendor, kind, facts, about)
    _compare(paper, facts, actor)
    db.session.add(paper)
    journal.write(paper, actor, "record_paper")
    return paper


def new_paper(
    market: Market,
    vendor: Vendor | None,
    kind: PaperKind,
    facts: PaperFacts,
    about: Worker | Equipment | None = None,
) -> Paper:
    """A paper with what is written on it, not yet added to anything; raises Mistake(field)."""
    return Paper(
        market_id=market.id,
        vendor_id=vendor.id if vendor else None,
        kind=kind,
        worker_id=about.id if isinstance(about, Worker) else None,
        equipment_id=about.id if isinstance(about, Equipment) else None,
        **written_on(kind, _named(facts, about), vendor is None),
    ).stands_in(market)


def _named(facts: PaperFacts, about: Worker | Equipment | None) -> PaperFacts:
    """A paper about somebody or something bears its name, whatever else was typed."""
    return facts if about is None else replace(facts, holder_name=_name_of(about))


def _name_of(about: Worker | Equipment) -> str:
    return about.name if isinstance(about, Worker) else about.called


def renew_paper(paper: Paper, facts: PaperFacts, actor: Actor) -> Paper:
    """Enter the renewal of a paper.  The old row stays and is warned of no more.

    Raises NotAllowed, TooLate (renewed already), Mistake(field).
    """
    demand(actor, May.KEEP_PAPERS, paper)
    if paper.replaced_by_id is not None:
        raise TooLate(_l("这份证照已经登记过新证。"))
    written = written_on(paper.kind, facts, paper.vendor_id is None, is_later=True)
    is_early = _is_no_later(written["expires_on"], paper.expires_on)
    if (
        is_early and paper.equipment_id is None
    ):  # an extinguisher mended early has its shorter term from then on
        raise Mistake("expires_on", _l("新证的到期日要比旧证的 %(day)s 晚。", day=paper.expires_on))
    same = {name: getattr(paper, name) for name in ("market_id", "vendor_id", "worker_id", "equipment_id")}
    new = Paper(**same, kind=paper.kind, **written).stands_in(paper)
    _compare(new, facts, actor)
    db.session.add(new)
    db.session.flush()
    paper.replaced_by_id = new.id
    journal.write(paper, actor, "renew_paper", renewal=new.id)
    db.session.flush()
    return new


def confirm_paper(paper: Paper, actor: Actor) -> None:
    """Say that the entry was compared with the original.  Raises NotAllowed, TooLate."""
    demand(actor, May.KEEP_PAPERS, paper)
    if paper.confirmed_at is not None:
        raise TooLate(_l("这份证照已经核对过。"))
    paper.confirmed_at, paper.confirmed_by = clock.now(), actor.name
    journal.write(paper, actor, "confirm_paper")


def add_photos(paper: Paper, photos: Iterable[Staged], actor: Actor) -> None:
    """Put staged photos or PDF files with a paper.  Raises NotAllowed."""
    demand(actor, May.KEEP_PAPERS, paper)
    for staged in photos:
        evidence.attach(staged, paper, "", Purpose.PAPER, actor)


def correct_paper(paper: Paper, facts: PaperFacts, reason: str, version: int, actor: Actor) -> None:
    """Put a slip of the pen right, with a reason; a day is changed only where a photo shows it.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_PAPERS, paper)
    need_version(paper, version)
    why = text("reason", reason, 2, 200)
    written = written_on(paper.kind, facts, paper.vendor_id is None)
    before = {name: str(getattr(paper, name)) for name in written if getattr(paper, name) != written[name]}
    if before.keys() & {"issued_on", "expires_on"} and not photos_of(paper):
        raise Mistake("photo", _l("改日期要附上证照的照片。"))
    for name, value in written.items():
        setattr(paper, name, value)
    paper.confirmed_at, paper.confirmed_by = None, ""
    _compare(paper, facts, actor)
    journal.write(paper, actor, "correct_paper", why, before=before)


def written_on(
    kind: PaperKind, facts: PaperFacts, needs_holder: bool, *, is_later: bool = False
) -> dict[str, Any]:
    """What is written down of a paper of this kind; raises Mistake(field)."""
    issued_on, expires_on = facts.issued_on, _last_day(kind, facts, is_later)
    if issued_on is not None and not date(1949, 10, 1) <= issued_on <= _years_ahead(FARTHEST_YEARS):
        raise Mistake("issued_on", _l("发证日期不对，请对照原件。"))
    if expires_on is not None:
        if issued_on is not None and expires_on < issued_on:
            raise Mistake("expires_on", _l("到期日不能早于发证日期。"))
        if not date(1949, 10, 1) <= expires_on <= _years_ahead(FARTHEST_YEARS):
            raise Mistake("expires_on", _l("到期日不能超过 20 年；没有到期日的请勾“长期”。"))
    return {
        "holder_name": text("holder_name", facts.holder_name, 1 if needs_holder else 0, 80),
        "number": _number(kind, facts.number),
        "authority": text("authority", facts.authority, 0, 80),
        "issued_on": issued_on,
        "expires_on": expires_on,
    }


def _number(kind: PaperKind, typed: str) -> str:
    if not typed.strip():
        return ""
    kept = number("number", numbers.judge_paper(kind.code, typed))
    return text("number", kept, 1, 60)


def _last_day(kind: PaperKind, facts: PaperFacts, is_later: bool) -> date | None:
    """The last day as written; reckoned from the issue where the kind holds a known number of months."""
    if not kind.may_expire:
        return None
    if facts.is_long_term:
        if facts.expires_on is not None:
            raise Mistake("expires_on", _l("勾了“长期”就不要再填到期日。"))
        return None
    if facts.expires_on is not None:
        return facts.expires_on
    if facts.issued_on is not None and (reckoned := terms.last_day(kind, facts.issued_on, is_later=is_later)):
        return reckoned
    raise Mistake("expires_on", _l("请填到期日；没有到期日的请勾“长期”。"))


def _years_ahead(years: int) -> date:
    return clock.add_months(clock.today(), years * 12)


def _is_no_later(new: date | None, old: date | None) -> bool:
    return new is not None and old is not None and new <= old


def _compare(paper: Paper, facts: PaperFacts, actor: Actor) -> None:
    """A paper whose original was seen is confirmed, unless its number reads oddly."""
    is_odd = bool(paper.number) and numbers.judge_paper(paper.kind.code, paper.number).is_doubtful
    if facts.is_original_seen and not is_odd:
        paper.confirmed_at, paper.confirmed_by = clock.now(), actor.name

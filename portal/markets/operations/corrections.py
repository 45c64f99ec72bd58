"""Corrections: what a vendor says is wrong in his own file, taken over or answered (PIPL articles 46 and 50)."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from portal.core import clock, db
from portal.core.actor import Actor, Role
from portal.core.errors import Mistake
from portal.core.policy import demand
from portal.markets import notices, numbers, queries
from portal.markets.models import CorrectedField, Correction, Vendor
from portal.markets.operations.facts import VendorFacts, number, text
from portal.markets.operations.vendors import edit_vendor
from portal.markets.policy import May
from portal.markets.workflow import CORRECTION
from portal.notices import operations as inbox

LONGEST = {
    CorrectedField.NAME: 120,
    CorrectedField.KEEPER_NAME: 60,
    CorrectedField.PHONE: 20,
    CorrectedField.GOODS: 400,
    CorrectedField.OTHER: 400,
}
MOST_OPEN = 10
"""So many may wait at a time; an editable default."""


def ask_correction(
    vendor: Vendor, field: CorrectedField, wished: str, reason: str, actor: Actor
) -> Correction:
    """Ask for something in one's own file to be put right; the company's managers are told.

    Raises NotAllowed, Mistake(field).
    """
    correction = Correction(
        vendor_id=vendor.id,
        market_id=vendor.market_id,
        field=field,
        old="" if field is CorrectedField.OTHER else getattr(vendor, field.value),
        wished=_fit(field, wished),
        reason=text("reason", reason, 2, 200),
        by_person_id=actor.person_id,
        by_name=actor.name,
    ).stands_in(vendor)
    demand(actor, May.ASK_CORRECTION, correction)
    if correction.wished == correction.old:
        raise Mistake("wished", _l("和现在记的一样，不用更正。"))
    if queries.count_open_corrections(vendor) >= MOST_OPEN:
        raise Mistake("field", _l("还有 %(n)s 条申请没有答复，请等市场处理完再提。", n=MOST_OPEN))
    CORRECTION.perform("ask_correction", correction, actor)
    _tell_managers(correction, vendor)
    return correction


def _tell_managers(correction: Correction, vendor: Vendor) -> None:
    for person in queries.colleagues(vendor.company_id, Role.MARKET_MANAGER):
        inbox.tell(
            person.id,
            notices.CORRECTION_ASKED,
            f"/corrections/{correction.id}",
            key=str(correction.id),
            vendor=vendor.name,
            field=correction.field,
        )


def _fit(field: CorrectedField, wished: str) -> str:
    if field is CorrectedField.PHONE:
        return number("wished", numbers.judge_phone(wished))
    return text("wished", wished, 1, LONGEST[field])


def accept_correction(correction: Correction, answer: str, version: int, actor: Actor) -> None:
    """Take a correction over into the file as it was when the form was opened; the vendor is told.

    What is none of the fields ("other") is put right by hand first.
    Raises NotAllowed, TooLate (decided, or the file changed meanwhile), Mistake(field).
    """
    demand(actor, May.DECIDE_CORRECTION, correction)
    words = text("answer", answer, 0, 200)
    if correction.field is not CorrectedField.OTHER:
        vendor = correction.vendor
        wished = {correction.field.value: correction.wished}
        edit_vendor(vendor, replace(_facts_of(vendor), **wished), version, actor)  # type: ignore[arg-type]
    _decide("accept_correction", correction, words, actor)


def decline_correction(correction: Correction, answer: str, actor: Actor) -> None:
    """Leave the file as it is and say why; the vendor is told.  Raises NotAllowed, TooLate, Mistake("refusal")."""
    demand(actor, May.DECIDE_CORRECTION, correction)
    _decide("decline_correction", correction, text("refusal", answer, 4, 200), actor)


def _decide(verb: str, correction: Correction, answer: str, actor: Actor) -> None:
    CORRECTION.perform(
        verb, correction, actor, answer, answer=answer, decided_at=clock.now(), decided_by=actor.name
    )
    db.session.flush()
    inbox.tell(
        correction.by_person_id,
        notices.CORRECTION_DECIDED,
        "/vendors/mine/corrections",
        key=str(correction.id),
        field=correction.field,
        state=correction.state,
    )


def _facts_of(vendor: Vendor) -> VendorFacts:
    return VendorFacts(
        kind=vendor.kind,
        name=vendor.name,
        keeper_name=vendor.keeper_name,
        phone=vendor.phone,
        uscc=vendor.uscc or "",
        trade_codes=list(vendor.trade_codes),
        goods=vendor.goods,
        started_on=vendor.started_on,
    )

"""Reference data: the kinds of paper and the trades, as the files in portal/data say."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from portal.core import db
from portal.core.actor import Actor
from portal.core.policy import demand
from portal.markets.models import Holder, PaperKind, Trade, WarnUnit
from portal.markets.policy import May
from portal.territory.operations import BadRows

Row = Mapping[str, str]


def load_papers(rows: Iterable[Row], actor: Actor) -> int:
    """Bring the kinds of paper to what the rows of papers.csv say; says how many changed or are new.

    Codes never change or get reused, so a kind that vanished from the list stays.  Raises NotAllowed, BadRows.
    """
    demand(actor, May.LOAD)
    return _load(PaperKind, [_paper_kind(row, position) for position, row in enumerate(rows, start=1)])


def load_trades(rows: Iterable[Row], actor: Actor) -> int:
    """Bring the trades to what the rows of trades.csv say; papers.csv must be loaded before.

    Says how many changed or are new.  Raises NotAllowed, BadRows.
    """
    demand(actor, May.LOAD)
    known = set(db.session.scalars(sa.select(PaperKind.code)))
    found = [_trade(row, position) for position, row in enumerate(rows, start=1)]
    for trade in found:
        if unknown := [code for code in trade["required_papers"] if code not in known]:
            raise BadRows(f"{trade['code']}: no such paper as {unknown[0]!r}")
    return _load(Trade, found)


def _load(cls: type[Any], wanted: list[dict[str, Any]]) -> int:
    if not wanted:
        raise BadRows("the file has no rows")
    known = {row.code: row for row in db.session.scalars(sa.select(cls))}
    changed = 0
    for facts in wanted:
        row = known.get(facts["code"])
        if row is None:
            db.session.add(cls(**facts))
            changed += 1
        elif any(getattr(row, name) != value for name, value in facts.items()):
            for name, value in facts.items():
                setattr(row, name, value)
            changed += 1
    db.session.flush()
    return changed


def _paper_kind(row: Row, position: int) -> dict[str, Any]:
    try:
        months, days = row["validity_months"].strip(), row["warn_days"].strip()
        return {
            "code": _code(row),
            "name": row["zh"].strip(),
            "name_en": row["en"].strip(),
            "holder": Holder(row["holder"].strip()),
            "validity_months": int(months) if months else None,
            "warn_days": sorted((int(day) for day in days.split("|")), reverse=True) if days else [],
            "warn_unit": WarnUnit(row["warn_unit"].strip()),
            "renewal_note": row["renewal_window_zh"].strip(),
            "after_expiry_note": row["after_expiry_zh"].strip(),
            "hazard_code": row["hazard_code"].strip() or None,
            "function_code": row["function"].strip() or None,
            "basis": row["basis"].strip(),
            "provenance": row["provenance"].strip(),
            "position": position,
        }
    except (KeyError, ValueError) as wrong:
        raise BadRows(f"row {position + 1}: {wrong}") from wrong


def _trade(row: Row, position: int) -> dict[str, Any]:
    try:
        required = row["required_papers"].strip()
        return {
            "code": _code(row),
            "name": row["zh"].strip(),
            "name_en": row["en"].strip(),
            "required_papers": required.split("|") if required else [],
            "counts_in_permit_rate": row["counts_in_permit_rate"].strip() == "1",
            "note": row["note_zh"].strip(),
            "position": position,
        }
    except KeyError as wrong:
        raise BadRows(f"row {position + 1}: the column {wrong} is missing") from wrong


def _code(row: Row) -> str:
    code = row["code"].strip()
    if not code or len(code) > 40:
        raise ValueError("the code is missing or too long")
    return code

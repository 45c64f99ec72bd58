"""The papers in a vendor's row: licence, food permit, one other; recorded, or renewals of those in the books."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.core.errors import Mistake
from portal.exchange.kinds.base import Change, Taken, plain
from portal.exchange.workbooks import cleaning, table
from portal.markets import queries
from portal.markets.models import Holder, Market, Paper, PaperKind
from portal.markets.operations import PaperFacts
from portal.markets.operations.papers import written_on

LICENCE, PERMIT = "business_licence", "food_permit"
NO_END = _l("长期")


@dataclass(frozen=True, slots=True)
class PaperAct:
    """One paper of a row: recorded, or (``paper_id``) entered as the renewal of the one in the books."""

    kind_code: str
    facts: PaperFacts
    paper_id: int | None = None


@dataclass(frozen=True)
class Group:
    """The columns of one paper."""

    number: str
    issued: str
    expires: str

    def columns(self) -> dict[str, str]:
        """Which column answers for which field of a paper."""
        return {"number": self.number, "issued_on": self.issued, "expires_on": self.expires}


GROUPS = {
    LICENCE: Group("uscc", "licence_issued", "licence_expires"),
    PERMIT: Group("permit_number", "permit_issued", "permit_expires"),
}
OTHER = Group("other_number", "other_issued", "other_expires")


class Papers:
    """The kinds of paper, and the papers vendors of a market have, read once for all rows."""

    def __init__(self, market: Market) -> None:
        self.kinds = {kind.code: kind for kind in queries.paper_kinds(Holder.VENDOR)}
        self.by_word = {table.plain_word(kind.name): kind.code for kind in self.kinds.values()}
        query = sa.select(Paper).where(
            Paper.market_id == market.id, Paper.vendor_id.is_not(None), Paper.replaced_by_id.is_(None)
        )
        self.held = {(paper.vendor_id, paper.kind_code): paper for paper in db.session.scalars(query)}

    @property
    def words(self) -> list[str]:
        """The words of the drop-down: what has columns of its own is not among them."""
        return [kind.name for code, kind in self.kinds.items() if code not in GROUPS]

    def read(self, taken: Taken, vendor_id: int | None) -> tuple[list[PaperAct], list[Change]]:
        """What a row says of papers, and what that changes."""
        acts: list[PaperAct] = []
        changes: list[Change] = []
        for code, group in (*GROUPS.items(), (self._other(taken), OTHER)):
            own = (
                (group.issued, group.expires)
                if code == LICENCE
                else (group.number, group.issued, group.expires)
            )
            if not any(taken.has(name) for name in own):
                continue
            if code not in self.kinds:
                taken.wrong("other_kind", _l("填了编号或日期的，要写明是什么证照，请从模板的下拉里选。"))
                continue
            self._one(taken, self.kinds[code], group, vendor_id, acts, changes)
        return acts, changes

    def _other(self, taken: Taken) -> str:
        code = taken.cell("other_kind", cleaning.one_of, self.by_word, _no_kind)
        return code or ""

    def _one(
        self,
        taken: Taken,
        kind: PaperKind,
        group: Group,
        vendor_id: int | None,
        acts: list[PaperAct],
        changes: list[Change],
    ) -> None:
        facts = self._facts(taken, kind, group)
        held = self.held.get((vendor_id, kind.code)) if vendor_id else None
        written = self._written(taken, kind, group, facts, is_later=held is not None)
        if written is None:
            return
        if held is not None and not _says_more(written["number"], written["expires_on"], held):
            return
        if held is not None and not _is_later(written["expires_on"], held):
            taken.wrong(group.expires if taken.has(group.expires) else group.number, _other_than(held, kind))
            return
        acts.append(PaperAct(kind.code, facts, held.id if held else None))
        old = _end(held.expires_on) if held else ""
        changes.append(Change(group.expires, str(old), str(_end(written["expires_on"]))))

    def _facts(self, taken: Taken, kind: PaperKind, group: Group) -> PaperFacts:
        end = taken.cell(group.expires, cleaning.last_day) or (None, False)
        return PaperFacts(
            number=taken.number(group.number),
            issued_on=taken.cell(group.issued, cleaning.day),
            expires_on=end[0],
            is_long_term=end[1],
        )

    def _written(
        self, taken: Taken, kind: PaperKind, group: Group, facts: PaperFacts, *, is_later: bool
    ) -> dict[str, object] | None:
        """What would be written down; a mistake is noted at the column that answers for it."""
        if taken.is_wrong(*group.columns().values()):
            return None
        try:
            return written_on(kind, facts, False, is_later=is_later)
        except Mistake as mistake:
            name = group.columns().get(mistake.field, group.number)
            taken.wrong(name, mistake.words, mistake.suggestion)
            return None


def _says_more(number: object, expires_on: object, held: Paper) -> bool:
    """Whether a row differs from the paper in the books; a number left empty says nothing."""
    return expires_on != held.expires_on or bool(number and held.number and number != held.number)


def _is_later(expires_on: object, held: Paper) -> bool:
    if held.expires_on is None:
        return False
    return expires_on is None or (isinstance(expires_on, date) and expires_on > held.expires_on)


def _end(day: object) -> object:
    return NO_END if day is None else plain(day)


def _other_than(held: Paper, kind: PaperKind) -> object:
    return _l(
        "和已登记的%(kind)s（%(number)s，到期日 %(day)s）不一样。要更正请到这份证照的页面。",
        kind=kind.name,
        number=held.number,
        day=_end(held.expires_on),
    )


def _no_kind(typed: str) -> object:
    return _l("不认得证照“%(word)s”。请从模板的下拉里选一个。", word=typed)

"""Equipment in a workbook: entered, described anew, dated by its latest inspection or maintenance."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from portal.core import db
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.exchange.kinds.base import NEEDED, Change, Judge, Line, Taken, changes, figure_for_letter, named
from portal.exchange.models import ImportKind
from portal.exchange.workbooks import cleaning
from portal.exchange.workbooks.headers import Header
from portal.exchange.workbooks.reading import Row
from portal.markets import operations, queries
from portal.markets.models import Equipment, EquipmentKind, Market, Paper, Stall
from portal.markets.operations import EquipmentFacts, PaperFacts
from portal.markets.operations import equipment as own_operations
from portal.markets.operations.papers import written_on

LONGEST_CODE = 40
TEXTS = ("name", "maker", "model", "place", "note")


@dataclass(frozen=True, slots=True)
class Act:
    """What a row says about one piece; ``dates`` where it brings a newer paper for one in the books."""

    facts: EquipmentFacts
    equipment_id: int | None = None
    version: int = 0
    is_edited: bool = False
    dates: PaperFacts | None = None


class EquipmentJudge(Judge):
    """Judges rows that are equipment."""

    kind = ImportKind.EQUIPMENT
    most_rows = 1_000

    def __init__(self, market: Market, header: Header, actor: Actor) -> None:
        super().__init__(market, header, actor)
        self.kinds = named(EquipmentKind, "equipment_kind")
        self.paper_kinds = {kind.code: kind for kind in queries.paper_kinds()}
        here = sa.select(Equipment).where(Equipment.market_id == market.id)
        self.there = {one.code: one for one in db.session.scalars(here.options(joinedload(Equipment.point)))}
        self.stalls = {one.code: one for one in db.session.scalars(_of(Stall, market))}
        dated = _of(Paper, market).where(Paper.equipment_id.is_not(None), Paper.replaced_by_id.is_(None))
        self.held = {paper.equipment_id: paper for paper in db.session.scalars(dated.order_by(Paper.id))}

    def judge(self, row: Row) -> Line:
        taken = Taken(self.header, row)
        typed = taken.number("code")
        code = taken.rule("code", lambda: operations.tidy_code("code", typed, LONGEST_CODE)) or ""
        equipment = self.there.get(code)
        if equipment is not None and equipment.ended_on is not None:
            taken.wrong("code", _l("%(code)s 已经停用，请先在设备页恢复。", code=code))
        facts = self._facts(taken, code, equipment)
        written = {name: taken.rule(name, rule) for name, rule in own_operations.rules(facts).items()}
        dates, shown = self._dates(taken, facts, equipment)
        line = Line(row.number, code, equipment is None, faults=taken.faults)
        edits = [] if taken.faults else self._changes(equipment, facts, written)
        line.changes = [*edits, *shown]
        line.act = Act(
            facts if equipment is None else replace(facts, checked_on=None, due_on=None),
            equipment.id if equipment else None,
            equipment.version if equipment else 0,
            equipment is not None and bool(edits),
            dates,
        )
        return line

    def _facts(self, taken: Taken, code: str, equipment: Equipment | None) -> EquipmentFacts:
        """What the row says; a cell left empty says nothing, and what is in the books stays."""
        kind: EquipmentKind | None = taken.cell("kind", cleaning.one_of, self.kinds, _no_kind)
        if kind is None and equipment is None:
            taken.wrong("kind", NEEDED)
        held = self.held.get(equipment.id) if equipment else None
        if kind is not None and held is not None and kind.paper_kind != held.kind_code:
            taken.wrong("kind", _l("已经登记过日期的设备不能换种类，请停用后重新登记。"))
        texts: dict[str, Any] = {
            name: taken.text(name) or (str(getattr(equipment, name)) if equipment else "") for name in TEXTS
        }
        stall = self._stall(taken)
        made_on = taken.cell("made_on", cleaning.day)
        own_stall = next(
            (one for one in self.stalls.values() if equipment and one.id == equipment.stall_id), None
        )
        return EquipmentFacts(
            kind or (equipment.kind if equipment else EquipmentKind.OTHER),
            code,
            **texts,
            point=equipment.point if equipment else None,
            stall=stall or own_stall,
            made_on=made_on or (equipment.made_on if equipment else None),
            checked_on=taken.cell("issued_on", cleaning.day),
            due_on=(taken.cell("expires_on", cleaning.last_day) or (None, False))[0],
        )

    def _stall(self, taken: Taken) -> Stall | None:
        typed = taken.number("stall")
        code = taken.rule("stall", lambda: operations.tidy_code("stall", typed)) if typed else None
        if not code or code in self.stalls:
            return self.stalls.get(code or "")
        guess = figure_for_letter(code)
        suggestion = guess if guess in self.stalls else ""
        taken.wrong("stall", _l("本市场没有 %(code)s 这个档口。", code=code), suggestion)
        return None

    def _dates(
        self, taken: Taken, facts: EquipmentFacts, equipment: Equipment | None
    ) -> tuple[PaperFacts | None, list[Change]]:
        """The paper a row brings for a piece in the books, and what becomes of its last day."""
        if facts.checked_on is None and facts.due_on is None:
            return None, []
        kind = self.paper_kinds.get(facts.kind.paper_kind)
        if kind is None:
            taken.wrong(_dated(facts), _l("这种设备没有到期日，日期请空着。"))
            return None, []
        held = self.held.get(equipment.id) if equipment else None
        given = PaperFacts(issued_on=facts.checked_on, expires_on=facts.due_on)
        try:
            full = own_operations.reckoned(_as_if(facts), kind, given, held)
            written = written_on(kind, full, True, is_later=held is not None)
        except Mistake as mistake:
            name = {"issued_on": "issued_on", "expires_on": "expires_on"}.get(mistake.field, _dated(facts))
            taken.wrong(name, mistake.words, mistake.suggestion)
            return None, []
        if held is not None and not _says_more(written, held):
            return None, []
        if held is not None and not _is_newer(written, held):
            taken.wrong(
                _dated(facts), _l("比已登记的到期日 %(day)s 早。要更正请到设备页。", day=held.expires_on)
            )
            return None, []
        old = held.expires_on.isoformat() if held and held.expires_on else ""
        shown = [Change("expires_on", old, str(written["expires_on"] or ""))]
        return (given if equipment is not None else None), shown

    def _changes(
        self, equipment: Equipment | None, facts: EquipmentFacts, written: dict[str, Any]
    ) -> list[Change]:
        new = {"kind": facts.kind, **written, "stall": facts.stall.code if facts.stall else ""}
        if equipment is None:
            return [one for one in changes({}, new) if one.new]
        codes = {one.id: one.code for one in self.stalls.values()}
        old = {name: getattr(equipment, name) for name in ("kind", *written)}
        return changes({**old, "stall": codes.get(equipment.stall_id or 0, "")}, new)

    def compare(self, lines: list[Line]) -> None:
        """Two rows of one piece."""
        self.refuse_twins(lines, "code", lambda line: line.key, _twins)

    def take_over(self, lines: list[Line]) -> None:
        there = {one.id: one for one in db.session.scalars(_of(Equipment, self.market))}
        for act in (line.act for line in lines):
            if act.equipment_id is None:
                own_operations.add_equipment(self.market, act.facts, self.actor)
                continue
            equipment = there[act.equipment_id]
            if act.is_edited:
                own_operations.edit_equipment(equipment, act.facts, act.version, self.actor)
            if act.dates is not None:
                own_operations.date_equipment(equipment, act.dates, self.actor)

    def choices(self, name: str) -> list[str]:
        labels: list[Any] = [kind.label for kind in EquipmentKind]
        return [str(label) for label in labels] if name == "equipment_kinds" else super().choices(name)


def _of(model: Any, market: Market) -> sa.Select[Any]:
    return sa.select(model).where(model.market_id == market.id)


def _dated(facts: EquipmentFacts) -> str:
    return "expires_on" if facts.due_on is not None else "issued_on"


def _as_if(facts: EquipmentFacts) -> Equipment:
    """The piece as it would be, never added to anything: what dates are reckoned from."""
    return Equipment(kind=facts.kind, code=facts.code, name=facts.name, made_on=facts.made_on)


def _says_more(written: dict[str, Any], held: Paper) -> bool:
    """Whether a row differs from the paper in the books; a day left empty says nothing."""
    is_issued = written["issued_on"] in (None, held.issued_on)
    return not (is_issued and written["expires_on"] == held.expires_on)


def _is_newer(written: dict[str, Any], held: Paper) -> bool:
    issued_on: date | None = written["issued_on"]
    if issued_on is not None and held.issued_on is not None:
        return issued_on > held.issued_on
    return (
        written["expires_on"] is not None
        and held.expires_on is not None
        and written["expires_on"] > held.expires_on
    )


def _no_kind(typed: str) -> Any:
    return _l("不认得设备种类“%(word)s”。请从模板的下拉里选一个。", word=typed)


def _twins(code: str, rows: str) -> Any:
    return _l("%(code)s 在表里出现了几次：第 %(rows)s 行。请只留一行。", code=code, rows=rows)

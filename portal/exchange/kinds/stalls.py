"""Stalls in a workbook: added, described anew, renumbered."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.core.actor import Actor
from portal.exchange.kinds.base import BETWEEN, Change, Fault, Judge, Line, Taken, changes, figure_for_letter
from portal.exchange.kinds.trades import Trades
from portal.exchange.models import ImportKind
from portal.exchange.queries import imports
from portal.exchange.workbooks import cleaning, table
from portal.exchange.workbooks.headers import Header
from portal.exchange.workbooks.reading import Row
from portal.markets import operations, queries
from portal.markets.models import Market, Stall, Zone
from portal.markets.operations import StallFacts
from portal.markets.operations.stalls import rules, trades_among
from portal.markets.workflow import StallState


@dataclass(frozen=True, slots=True)
class Act:
    """What a row says about one stall; ``stall_id`` and ``version`` where it is in the books."""

    facts: StallFacts
    stall_id: int | None = None
    version: int = 0


class StallJudge(Judge):
    """Judges rows that are stalls."""

    kind = ImportKind.STALLS

    def __init__(self, market: Market, header: Header, actor: Actor) -> None:
        super().__init__(market, header, actor)
        self.trades = Trades()
        self.zones = list(queries.zones_of(market))
        self.stalls = {stall.code: stall for stall in _stalls(market)}
        self.zone_by_word = {table.plain_word(zone.name): zone for zone in self.zones}
        self.zone_by_word |= {table.plain_word(zone.code): zone for zone in self.zones}
        self.known = trades_among(self.trades.all)
        self.renumbered = self._renumbered()

    def _renumbered(self) -> dict[int, str]:
        """What stalls were called before, where the workbook speaks of that: a row done once is not done again."""
        speaks = "old_code" in self.header.fields.values()
        return imports.renumbered_from(self.stalls.values()) if speaks else {}

    def judge(self, row: Row) -> Line:
        taken = Taken(self.header, row)
        code, old_code = self._code(taken, "code"), self._code(taken, "old_code")
        stall = self._stall(taken, code, old_code)
        facts = self._facts(taken, code, stall)
        for name, rule in rules(facts, self.known).items():
            taken.rule(name, rule)
        line = Line(row.number, code, stall is None, faults=taken.faults)
        line.act = Act(facts, stall.id if stall else None, stall.version if stall else 0)
        if not taken.faults:
            line.changes = self._changes(stall, facts)
        return line

    def _code(self, taken: Taken, name: str) -> str:
        typed = taken.number(name)
        if not typed and name == "old_code":
            return ""
        code = taken.rule(name, lambda: operations.tidy_code(name, typed)) or ""
        guess = figure_for_letter(code)
        if name == "code" and guess != code and code not in self.stalls:
            taken.wrong(name, _l("编号里像是把数字打成了字母。是不是 %(code)s？", code=guess), guess)
        return code

    def _stall(self, taken: Taken, code: str, old_code: str) -> Stall | None:
        """The stall a row speaks of: by the old code where it gives one that is not yet changed."""
        here = self.stalls.get(code)
        if old_code and old_code != code:
            before = self.stalls.get(old_code)
            is_done = here is not None and self.renumbered.get(here.id) == old_code
            if before is not None and not is_done:
                here = before
            elif here is None:
                words = _l("本市场没有 %(code)s 这个档口，改不了编号。", code=old_code)
                taken.wrong("old_code", words)
        if here is not None and here.state is StallState.CLOSED:
            taken.wrong("code", _l("%(code)s 已经撤销，不能再导入。", code=here.code))
        return here

    def _facts(self, taken: Taken, code: str, stall: Stall | None) -> StallFacts:
        """What the row says; a cell left empty says nothing, and what is in the books stays."""
        zone = taken.cell("zone", cleaning.one_of, self.zone_by_word, self._no_zone)
        area = taken.cell("area_m2", cleaning.amount)
        trades = self.trades.read(taken, "trade_codes")
        gas = taken.cell("has_gas", cleaning.yes)
        if stall is None:
            return StallFacts(code, zone, area, trades or [], bool(gas))
        own_zone = next((one for one in self.zones if one.id == stall.zone_id), None)
        return StallFacts(
            code,
            zone or own_zone,
            stall.area_m2 if area is None else area,
            list(stall.trade_codes) if trades is None else trades,
            stall.has_gas if gas is None else gas,
        )

    def _no_zone(self, typed: str) -> Any:
        if not self.zones:
            return _l("本市场还没有分区，“%(zone)s”填不进去。请先建分区，或把这一列空着。", zone=typed)
        names = BETWEEN.join(zone.name for zone in self.zones[:8])
        return _l("没有“%(zone)s”这个分区，现有：%(names)s。", zone=typed, names=names)

    def _changes(self, stall: Stall | None, facts: StallFacts) -> list[Change]:
        written = {name: rule() for name, rule in rules(facts, self.known).items()}
        new = self._shown(facts.code, facts.zone, written)
        if stall is None:
            return [one for one in changes({}, new) if one.new and (one.field != "has_gas" or facts.has_gas)]
        own_zone = next((one for one in self.zones if one.id == stall.zone_id), None)
        old = {name: getattr(stall, name) for name in written}
        return changes(self._shown(stall.code, own_zone, old), new)

    def _shown(self, code: str, zone: Zone | None, written: dict[str, Any]) -> dict[str, Any]:
        return {
            "code": code,
            "zone": zone.name if zone else "",
            **written,
            "trade_codes": self.trades.names(written["trade_codes"]),
        }

    def compare(self, lines: list[Line]) -> None:
        """Two rows of one code, two rows that change one stall, a code another stall keeps."""
        self.refuse_twins(lines, "code", lambda line: line.key, _twins)
        by_id = [line for line in lines if line.act.stall_id is not None]
        self.refuse_twins(by_id, "old_code", lambda line: str(line.act.stall_id), _one_stall)
        moved = {line.act.stall_id for line in by_id if any(one.field == "code" for one in line.changes)}
        for line in lines:
            there = self.stalls.get(line.key)
            if there is not None and there.id != line.act.stall_id and there.id not in moved:
                words = _l("%(code)s 已经是另一个档口的编号。", code=line.key)
                line.faults.append(Fault("code", self.address(line, "code"), words))

    def take_over(self, lines: list[Line]) -> None:
        acts: list[Act] = [line.act for line in lines]
        stalls = {stall.id: stall for stall in _stalls(self.market)}
        changed = [(stalls[act.stall_id], act.facts, act.version) for act in acts if act.stall_id is not None]
        operations.edit_listed_stalls(self.market, changed, self.actor)
        added = [act.facts for act in acts if act.stall_id is None]
        operations.add_listed_stalls(self.market, added, self.actor)

    def choices(self, name: str) -> list[str]:
        match name:
            case "zones":
                return [zone.name for zone in self.zones]
            case "trades":
                return self.trades.words
            case _:
                return super().choices(name)


def _stalls(market: Market) -> list[Stall]:
    return list(db.session.scalars(sa.select(Stall).where(Stall.market_id == market.id)))


def _twins(code: str, rows: str) -> Any:
    return _l("%(code)s 在表里出现了几次：第 %(rows)s 行。请只留一行。", code=code, rows=rows)


def _one_stall(_id: str, rows: str) -> Any:
    return _l("第 %(rows)s 行改的是同一个档口。请只留一行。", rows=rows)

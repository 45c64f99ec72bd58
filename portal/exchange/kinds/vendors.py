"""Vendors in a workbook, with their stalls and papers: opened, described anew, moved in."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.core.actor import Actor
from portal.exchange.kinds.base import (
    BETWEEN,
    NEEDED,
    Change,
    Fault,
    Judge,
    Line,
    Taken,
    changes,
    figure_for_letter,
    named,
)
from portal.exchange.kinds.papers import PaperAct, Papers
from portal.exchange.kinds.trades import Trades
from portal.exchange.models import ImportKind
from portal.exchange.workbooks import cleaning
from portal.exchange.workbooks.headers import Header
from portal.exchange.workbooks.reading import Row
from portal.markets import numbers, operations, queries
from portal.markets.models import Market, Occupancy, Paper, PaperKind, Stall, Vendor, VendorKind
from portal.markets.operations import VendorFacts, identity, rosters
from portal.markets.operations.stalls import trades_among
from portal.markets.operations.vendors import identity_typed, past_day, rules
from portal.markets.workflow import StallState

KINDS_BY_CODE = {"91": VendorKind.ENTERPRISE, "92": VendorKind.INDIVIDUAL, "93": VendorKind.COOPERATIVE}
"""What the first two signs of a credit code say (GB 32100-2015)."""
LAST4 = 4


@dataclass(frozen=True, slots=True)
class Act:
    """What a row says about one vendor; ``vendor_id`` and ``version`` where the file is there already."""

    facts: VendorFacts
    vendor_id: int | None = None
    version: int = 0
    is_edited: bool = False
    moves: list[tuple[int, date]] = field(default_factory=list)
    """Stalls by id, and from which day."""
    papers: list[PaperAct] = field(default_factory=list)


class VendorJudge(Judge):
    """Judges rows that are vendors."""

    kind = ImportKind.VENDORS

    def __init__(self, market: Market, header: Header, actor: Actor) -> None:
        super().__init__(market, header, actor)
        self.trades, self.papers = Trades(), Papers(market)
        self.known = trades_among(self.trades.all)
        self.kinds = named(VendorKind, "vendor_kind")
        vendors = list(db.session.scalars(sa.select(Vendor).where(Vendor.market_id == market.id)))
        self.by_code = {vendor.uscc: vendor for vendor in vendors if vendor.uscc}
        self.by_identity = {(vendor.id_last4, vendor.name): vendor for vendor in vendors if vendor.id_last4}
        self.without_code = {(one.name, one.phone): one for one in vendors if not one.uscc}
        self.names = {vendor.id: vendor.name for vendor in vendors}
        self.stalls = {
            stall.code: stall
            for stall in db.session.scalars(sa.select(Stall).where(Stall.market_id == market.id))
        }
        self.keeper, self.kept = _stays(market)
        self.left = queries.left_on(stall.id for stall in self.stalls.values())

    def judge(self, row: Row) -> Line:
        taken = Taken(self.header, row)
        code = numbers.judge_uscc(typed).number if (typed := taken.number("uscc")) else ""
        vendor = self._vendor(taken, code)
        facts = self._facts(taken, vendor)
        written = {name: taken.rule(name, rule) for name, rule in rules(facts, self.known).items()}
        if not taken.is_wrong("uscc"):
            taken.rule("identity", lambda: identity_typed(facts, _as_if(vendor, written["uscc"])))
        moves = self._moves(taken, facts, vendor)
        papers, shown = self.papers.read(taken, vendor.id if vendor else None)
        line = Line(row.number, facts.name or code, vendor is None, faults=taken.faults)
        edits = [] if taken.faults else self._changes(vendor, facts, written)
        line.changes = [*edits, *self._moved(moves, vendor), *shown]
        stays = [(stall.id, day) for stall, day in moves]
        line.act = Act(facts, *_known(vendor), vendor is not None and bool(edits), stays, papers)
        return line

    def _vendor(self, taken: Taken, code: str) -> Vendor | None:
        """The file a row speaks of: by the credit code, else by the identity number and the name."""
        name, own = taken.text("name"), taken.number("identity")
        found = self.by_code.get(code) if code else self.by_identity.get((own[-LAST4:].upper(), name))
        if found is None and (
            code or not own
        ):  # somebody whose licence has come, or of whom only this is known
            phone = numbers.judge_phone(taken.number("phone")).number
            found = self.without_code.get((name, phone))
        if found is not None and found.ended_on is not None:
            taken.wrong("name", _l("%(name)s 已经停止经营，请先在商户页恢复。", name=found.name))
        return found

    def _facts(self, taken: Taken, vendor: Vendor | None) -> VendorFacts:
        """What the row says; a cell left empty says nothing, and what is in the books stays."""
        trades = self.trades.read(taken, "trade_codes")
        started_on = taken.cell("started_on", cleaning.day)

        def kept(typed: str, name: str) -> str:
            return typed or (str(getattr(vendor, name) or "") if vendor else "")

        code = kept(taken.number("uscc"), "uscc")
        return VendorFacts(
            kind=self._kind(taken, vendor, code),
            name=kept(taken.text("name"), "name"),
            keeper_name=kept(taken.text("keeper_name"), "keeper_name"),
            phone=kept(taken.number("phone"), "phone"),
            uscc=code,
            identity=taken.number("identity"),
            trade_codes=trades if trades is not None else list(vendor.trade_codes) if vendor else [],
            goods=kept(taken.text("goods"), "goods"),
            started_on=started_on or (vendor.started_on if vendor else clock.today()),
        )

    def _kind(self, taken: Taken, vendor: Vendor | None, code: str) -> VendorKind:
        typed: VendorKind | None = taken.cell("kind", cleaning.one_of, self.kinds, _no_kind)
        if typed is not None:
            return typed
        if vendor is not None and not (code and vendor.uscc is None):
            return vendor.kind
        guessed = KINDS_BY_CODE.get(code[:2])
        if guessed is None and not taken.is_wrong("uscc"):
            taken.wrong("kind", NEEDED)
        return guessed or VendorKind.INDIVIDUAL

    def _moves(self, taken: Taken, facts: VendorFacts, vendor: Vendor | None) -> list[tuple[Stall, date]]:
        """The stalls a row moves the vendor into; those he keeps already are nothing new."""
        from_on = taken.cell("from_on", cleaning.day) or facts.started_on or clock.today()
        moves = []
        for typed in taken.cell("stalls", cleaning.several) or []:
            code = taken.rule("stalls", lambda typed=typed: operations.tidy_code("stalls", typed))  # type: ignore[misc]
            if code and (stall := self._stall(taken, code, vendor, from_on)) is not None:
                moves.append((stall, from_on))
        if moves:
            taken.rule("from_on", lambda: past_day("from_on", from_on))
        return moves

    def _stall(self, taken: Taken, code: str, vendor: Vendor | None, from_on: date) -> Stall | None:
        stall = self.stalls.get(code)
        if stall is None:
            self._no_stall(taken, code)
            return None
        keeper = self.keeper.get(stall.id)
        if keeper is not None and vendor is not None and keeper == vendor.id:
            return None
        if keeper is not None:
            name = self.names.get(keeper, "")
            taken.wrong("stalls", _l("%(code)s 现在是“%(name)s”在用，请先办离场。", code=code, name=name))
        elif stall.state is not StallState.VACANT:
            label: Any = stall.state.label
            taken.wrong("stalls", _l("%(code)s 现在是“%(state)s”，不能进场。", code=code, state=label))
        elif (last := self.left.get(stall.id)) is not None and last > from_on:
            taken.wrong("from_on", _l("上一家到 %(day)s 才离场，进场日期不能更早。", day=last))
        else:
            return stall
        return None

    def _no_stall(self, taken: Taken, code: str) -> None:
        guess = figure_for_letter(code)
        if guess != code and guess in self.stalls:
            words = _l("没有 %(code)s 这个档口。是不是 %(guess)s？", code=code, guess=guess)
            taken.wrong("stalls", words, guess)
        else:
            taken.wrong("stalls", _l("本市场没有 %(code)s 这个档口，请先导入档口。", code=code))

    def _changes(self, vendor: Vendor | None, facts: VendorFacts, written: dict[str, Any]) -> list[Change]:
        new = self._shown(written)
        if vendor is None:
            found = [one for one in changes({}, new) if one.new]
        else:
            old = self._shown({name: getattr(vendor, name) for name in written})
            found = changes(old, new)
            if (
                old["phone"] == new["phone"] and vendor.phone != written["phone"]
            ):  # differs where it is hidden
                found.append(Change("phone", old["phone"], new["phone"]))
        is_typed = facts.identity and not written["uscc"]
        if is_typed and (vendor is None or identity.number_of(vendor) != numbers.clean(facts.identity)):
            found.append(Change("identity", "", f"**************{facts.identity[-LAST4:]}"))
        return found

    def _shown(self, written: dict[str, Any]) -> dict[str, Any]:
        return {
            **written,
            "phone": numbers.masked_phone(written["phone"]),
            "trade_codes": self.trades.names(written["trade_codes"]),
        }

    def _moved(self, moves: list[tuple[Stall, date]], vendor: Vendor | None) -> list[Change]:
        if not moves:
            return []
        before = self.kept.get(vendor.id, []) if vendor else []
        after = [*before, *(stall.code for stall, _day in moves)]
        return [Change("stalls", BETWEEN.join(before), BETWEEN.join(after))]

    def compare(self, lines: list[Line]) -> None:
        """Two rows of one vendor, two vendors in one stall."""
        self.refuse_twins(lines, "uscc", lambda line: numbers.clean(line.act.facts.uscc), _twins)
        self.refuse_twins(lines, "identity", lambda line: numbers.clean(line.act.facts.identity), _one_person)
        codes = {stall.id: stall.code for stall in self.stalls.values()}
        rows: dict[int, list[Line]] = defaultdict(list)
        for line in lines:
            for stall_id, _day in line.act.moves:
                rows[stall_id].append(line)
        for stall_id, twins in rows.items():
            if len(twins) > 1:
                said = ", ".join(str(line.number) for line in twins[:10])
                words = _l(
                    "%(code)s 在第 %(rows)s 行都填了，一个档口只能一家用。", code=codes[stall_id], rows=said
                )
                for line in twins:
                    line.faults.append(Fault("stalls", self.address(line, "stalls"), words))

    def take_over(self, lines: list[Line]) -> None:
        acts: list[Act] = [line.act for line in lines]
        market, actor = self.market, self.actor
        vendors = {one.id: one for one in db.session.scalars(_all(Vendor, market))}
        edited = [
            (vendors[act.vendor_id], act.facts, act.version)
            for act in acts
            if act.vendor_id and act.is_edited
        ]
        rosters.edit_listed_vendors(market, edited, actor)
        new = [act for act in acts if act.vendor_id is None]
        opened = iter(rosters.register_listed_vendors(market, [act.facts for act in new], actor))
        owners = [(act, vendors[act.vendor_id] if act.vendor_id else next(opened)) for act in acts]
        stalls = {one.id: one for one in db.session.scalars(_all(Stall, market))}
        moves = [(stalls[stall_id], vendor, day) for act, vendor in owners for stall_id, day in act.moves]
        rosters.move_in_listed(market, moves, actor)
        self._papers(owners)

    def _papers(self, owners: list[tuple[Act, Vendor]]) -> None:
        kinds = {kind.code: kind for kind in db.session.scalars(sa.select(PaperKind))}
        papers = [(vendor, paper) for act, vendor in owners for paper in act.papers]
        recorded = [
            (vendor, kinds[one.kind_code], one.facts) for vendor, one in papers if one.paper_id is None
        ]
        rosters.record_listed_papers(self.market, recorded, self.actor)
        renewed = {one.paper_id: one.facts for _vendor, one in papers if one.paper_id is not None}
        if renewed:
            held = _all(Paper, self.market).where(
                Paper.vendor_id.is_not(None), Paper.replaced_by_id.is_(None)
            )
            for paper in db.session.scalars(held.options(joinedload(Paper.kind))).all():
                if paper.id in renewed:
                    operations.renew_paper(paper, renewed[paper.id], self.actor)

    def choices(self, name: str) -> list[str]:
        match name:
            case "vendor_kinds":
                return [str(kind.label) for kind in VendorKind]
            case "trades":
                return self.trades.words
            case "paper_kinds":
                return self.papers.words
            case _:
                return super().choices(name)


def _known(vendor: Vendor | None) -> tuple[int | None, int]:
    return (vendor.id, vendor.version) if vendor else (None, 0)


def _all(model: Any, market: Market) -> sa.Select[Any]:
    return sa.select(model).where(model.market_id == market.id)


def _stays(market: Market) -> tuple[dict[int, int], dict[int, list[str]]]:
    """Who keeps each stall, and which stalls each vendor keeps, now."""
    keeper: dict[int, int] = {}
    kept: dict[int, list[str]] = defaultdict(list)
    query = sa.select(Occupancy.stall_id, Occupancy.vendor_id, Occupancy.stall_code)
    query = query.where(Occupancy.market_id == market.id, Occupancy.to_on.is_(None))
    for stall_id, vendor_id, code in db.session.execute(query.order_by(Occupancy.id)).all():
        keeper[stall_id] = vendor_id
        kept[vendor_id].append(code)
    return keeper, kept


def _as_if(vendor: Vendor | None, uscc: str | None) -> Vendor:
    """The vendor as he would be, never added to anything: what the rule on identity numbers looks at."""
    return Vendor(uscc=uscc, id_sealed=vendor.id_sealed if vendor else None)


def _no_kind(typed: str) -> Any:
    return _l("不认得主体类型“%(word)s”。请从模板的下拉里选一个。", word=typed)


def _twins(code: str, rows: str) -> Any:
    return _l(
        "%(code)s 在表里出现了几次：第 %(rows)s 行。几个档口的写在一行，用分号隔开。", code=code, rows=rows
    )


def _one_person(_number: str, rows: str) -> Any:
    return _l("第 %(rows)s 行是同一个身份证号。几个档口的写在一行，用分号隔开。", rows=rows)

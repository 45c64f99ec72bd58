"""What the demo's markets have on their books besides vendors: points, equipment, people with certificates, signs."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import sqlalchemy as sa

from portal.core import clock, db
from portal.core.actor import Actor
from portal.demo.cast import Place
from portal.markets import operations as markets
from portal.markets.models import (
    CheckPoint,
    CorrectedField,
    EquipmentKind,
    Market,
    PaperKind,
    Vendor,
    Zone,
)
from portal.markets.operations import signs
from portal.markets.operations.corrections import ask_correction
from portal.markets.operations.equipment import EquipmentFacts, add_equipment
from portal.markets.operations.points import PointFacts, add_point
from portal.markets.operations.workers import WorkerFacts, add_worker
from portal.markets.queries import signs as hung

POINTS = (("P1", "大门口", "正门内侧"), ("P2", "消防泵房", "负一层东侧"), ("P3", "配电房", "一层北侧"))
FAIR_SCALE = ("P4", "公平秤", "服务台旁")
CHECKED_AGO = (30, 200, 350, 380)
"""Days since equipment was last looked at: most in order, some running out, some over."""


def tell(place: Place, market: Market, actor: Actor) -> None:
    """Everything of one market, by its manager."""
    chance = Random(f"books of {place.name}")
    points = _points(market, actor)
    for facts in _equipment(market, points, chance):
        add_equipment(market, facts, actor)
    db.session.flush()
    _staff(market, actor, chance)
    signs.make_signs(market, actor)
    db.session.flush()
    every = hung.to_print(market)
    signs.print_signs(market, hung.placards(market, every), actor)


def ask(vendor: Vendor, actor: Actor) -> None:
    """A vendor finds his goods written down too narrowly."""
    ask_correction(vendor, CorrectedField.GOODS, f"{vendor.goods}、干货", "今年起也卖干货", actor)


def _points(market: Market, actor: Actor) -> list[CheckPoint]:
    made = [
        add_point(market, PointFacts(code, name, where), actor) for code, name, where in (*POINTS, FAIR_SCALE)
    ]
    zones = db.session.scalars(sa.select(Zone).where(Zone.market_id == market.id).order_by(Zone.position))
    for number, zone in enumerate(zones.all(), start=len(made) + 1):
        made.append(
            add_point(market, PointFacts(f"P{number}", f"{zone.name}灭火器箱", zone.name, zone), actor)
        )
    db.session.flush()
    return made


def _equipment(market: Market, points: list[CheckPoint], chance: Random) -> Iterator[EquipmentFacts]:
    """A fair scale, a hydrant at the pump, two extinguishers at every box, a cold store, a lift where there is one."""
    today = clock.today()
    checked = today - timedelta(days=chance.choice(CHECKED_AGO[:3]))
    yield EquipmentFacts(EquipmentKind.FAIR_SCALE, "CP-01", "公平秤", point=points[3], checked_on=checked)
    yield EquipmentFacts(EquipmentKind.HYDRANT, "XH-01", "室内消火栓", point=points[1])
    yield EquipmentFacts(EquipmentKind.FRIDGE, "LK-01", "公用冷库", place="卸货区", point=points[0])
    for number, point in enumerate(points[4:], start=1):
        for side in ("A", "B"):
            age = timedelta(days=365 * chance.choice((1, 2, 4, 5)) + chance.randrange(300))
            yield EquipmentFacts(
                EquipmentKind.EXTINGUISHER_POWDER, f"MH-{number:02d}{side}", "干粉灭火器 4 公斤",
                point=point, made_on=today - age,
            )  # fmt: skip
    if (market.floors_up or 1) > 1:
        due = today + timedelta(days=chance.choice((12, 90, 200)))
        yield EquipmentFacts(EquipmentKind.LIFT, "DT-01", "货梯", place="北侧", due_on=due)


def _staff(market: Market, actor: Actor, chance: Random) -> None:
    """Where food is sold ready to eat, somebody handles it and has a certificate; one in ten has let it run out."""
    kind = db.session.get_one(PaperKind, "health_certificate")
    vendors = db.session.scalars(sa.select(Vendor).where(Vendor.market_id == market.id).order_by(Vendor.id))
    cooks = [one for one in vendors.all() if "food_catering" in one.trade_codes]
    for number, vendor in enumerate(cooks, start=1):
        facts = WorkerFacts(
            f"样帮{number:02d}", "切配、售卖", handles_ready_food=True, from_on=vendor.started_on
        )
        worker = add_worker(vendor, facts, actor)
        issued = clock.today() - timedelta(days=chance.choice((20, 100, 200, 300, 345, 370)))
        last = issued + timedelta(days=364)
        paper = markets.PaperFacts(f"样{number:06d}", "样板体检站", issued, last, is_original_seen=True)
        markets.record_paper(vendor, kind, paper, actor, about=worker)

"""Equipment and check points: entered, dated by papers, warned of, taken out of use, read by others."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.core import db
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets import operations, queries
from portal.markets.models import Equipment, EquipmentKind, PaperStanding, PaperWarning
from portal.markets.operations import EquipmentFacts, PaperFacts, PointFacts
from portal.markets.operations.terms import last_day
from tests.markets.conftest import MONDAY, kind_of, on, stall_of, vendor_actor, vendor_of
from tests.people import count_rows
from tests.visitors import Visitor

pytestmark = pytest.mark.usefixtures("monday", "reference")

POWDER, SCALE = EquipmentKind.EXTINGUISHER_POWDER, EquipmentKind.SCALE


def add(cast: Any, code: str = "M-017", kind: EquipmentKind = POWDER, **facts: Any) -> int:
    with db.acting(cast.kuang) as session:
        one = operations.add_equipment(cast.market(), EquipmentFacts(kind, code, **facts), cast.kuang)
        session.flush()
        return one.id


def the(equipment_id: int) -> Equipment:
    return db.session.get_one(Equipment, equipment_id)


def due(cast: Any, equipment_id: int) -> date | None:
    with db.acting(cast.mai):
        paper = queries.paper_of(the(equipment_id))
        return paper.expires_on if paper else None


WATER, CO2, LIFT = EquipmentKind.EXTINGUISHER_WATER, EquipmentKind.EXTINGUISHER_CO2, EquipmentKind.LIFT
RECKONED = (
    (POWDER, {"made_on": date(2024, 3, 1)}, date(2029, 2, 28)),
    (POWDER, {"made_on": date(2018, 3, 1), "checked_on": date(2025, 3, 1)}, date(2027, 2, 28)),
    (POWDER, {"made_on": date(2017, 3, 1), "checked_on": date(2026, 3, 1)}, date(2027, 2, 28)),
    (WATER, {"made_on": date(2024, 5, 1)}, date(2027, 4, 30)),
    (CO2, {"made_on": date(2014, 1, 1), "checked_on": date(2025, 6, 1)}, date(2025, 12, 31)),
    (SCALE, {"checked_on": date(2026, 2, 1)}, date(2027, 1, 31)),
    (LIFT, {"checked_on": date(2026, 2, 1), "due_on": date(2027, 2, 15)}, date(2027, 2, 15)),
    (EquipmentKind.FRIDGE, {"checked_on": date(2026, 2, 1)}, None),
    (SCALE, {}, None),
)


def test_the_last_day_is_reckoned_from_the_kind_and_an_extinguishers_age(cast):
    for number, (kind, facts, expected) in enumerate(RECKONED):
        assert due(cast, add(cast, f"M-{number}", kind=kind, **facts)) == expected, (kind, facts)


def test_a_later_maintenance_holds_two_years_and_the_record_before_it_stays(cast):
    extinguisher = add(cast, made_on=date(2021, 11, 1))
    with db.acting(cast.kuang):
        operations.date_equipment(the(extinguisher), PaperFacts(issued_on=MONDAY), cast.kuang)
    with db.acting(cast.mai):
        old, new = sorted(queries.papers_of_equipment(the(extinguisher)), key=lambda line: line.paper.id)
        assert old.paper.replaced_by_id == new.paper.id and old.paper.expires_on == date(2026, 10, 31)
        assert new.paper.expires_on == date(2028, 10, 11) and new.paper.holder_name == "M-017"
    assert last_day(kind_of_powder(cast), MONDAY, is_later=True) == date(2028, 10, 11)


def kind_of_powder(cast: Any) -> Any:
    with db.acting(cast.mai):
        return kind_of("extinguisher_powder")


def test_an_extinguisher_is_not_maintained_past_its_scrapping(cast):
    old = add(cast, made_on=date(2016, 11, 1), checked_on=date(2025, 6, 1))
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        operations.date_equipment(the(old), PaperFacts(issued_on=MONDAY), cast.kuang)
    assert told.value.field == "issued_on"


def test_equipment_is_warned_of_until_it_is_out_of_use_and_again_when_it_is_not(cast):
    lift = add(cast, "T-1", EquipmentKind.LIFT, name="1 号货梯", due_on=MONDAY + timedelta(days=20))
    with db.acting(cast.kuang):
        operations.end_equipment(the(lift), MONDAY, "拆了", cast.kuang)
        assert operations.remind_of_papers(cast.east.company_id) == 0
        operations.resume_equipment(the(lift), cast.kuang)
        assert operations.remind_of_papers(cast.east.company_id) == 1
    assert count_rows(PaperWarning) == 1


def test_the_list_is_narrowed_by_kind_zone_and_how_the_date_stands(cast):
    with db.acting(cast.kuang) as session:
        zone = queries.zones_of(cast.market())[0]
        point = operations.add_point(cast.market(), PointFacts("P-1", "配电房", zone=zone), cast.kuang)
        session.flush()
        point_id = point.id
        facts = EquipmentFacts(POWDER, "M-2", point=point, due_on=MONDAY + timedelta(days=5))
        operations.add_equipment(cast.market(), facts, cast.kuang)
        facts = EquipmentFacts(SCALE, "C-1", stall=stall_of(cast), due_on=MONDAY - timedelta(days=1))
        operations.add_equipment(cast.market(), facts, cast.kuang)
    add(cast, "M-10")
    add(cast, "G-1", EquipmentKind.FAIR_SCALE, due_on=date(2027, 1, 1))

    def codes(**wanted: Any) -> list[str]:
        return [line.equipment.code for line in queries.list_equipment(cast.market(), **wanted).rows]

    with db.acting(cast.qu):
        zone = queries.zones_of(cast.market())[0]
        assert codes() == ["C-1", "G-1", "M-2", "M-10"]
        assert codes(kind=POWDER) == ["M-2", "M-10"]
        assert codes(zone=zone) == ["C-1", "M-2"]
        assert codes(due=queries.DueState.EXPIRED) == ["C-1"] and codes(due=queries.DueState.SOON) == ["M-2"]
        assert codes(due=queries.DueState.MISSING) == ["M-10"]
        fair = queries.find_fair_scale(cast.market())
        assert fair is not None and queries.due_of([fair])[fair.id].standing is PaperStanding.UNCONFIRMED
        here = queries.equipment_of_point(queries.get_point(cast.market(), point_id))
        assert [line.equipment.code for line in here] == ["M-2"]


def test_a_vendor_sees_his_own_scale_and_its_papers_and_no_other(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang) as session:
        facts = EquipmentFacts(SCALE, "C-9", vendor=vendor_of(vendor_id), checked_on=date(2026, 5, 1))
        scale = operations.add_equipment(cast.market(), facts, cast.kuang)
        session.flush()
        own = scale.id
    other = add(cast, "C-8", SCALE)
    with db.acting(vendor_actor(cast, vendor_id)) as session:
        assert [line.equipment.id for line in queries.equipment_of_vendor(vendor_of(vendor_id))] == [own]
        assert len(queries.papers_of_equipment(the(own))) == 1 and session.get(Equipment, other) is None


def test_a_code_stands_once_in_a_market_and_foreign_things_are_not_there(cast):
    one = add(cast)
    with db.acting(cast.kuang):
        for facts in (EquipmentFacts(SCALE, "m－017"), EquipmentFacts(SCALE, "")):
            with pytest.raises(Mistake):
                operations.add_equipment(cast.market(), facts, cast.kuang)
        with pytest.raises(Mistake):  # a scale is dated by another paper
            operations.edit_equipment(the(add_dated(cast)), EquipmentFacts(SCALE, "M-5"), 1, cast.kuang)
    with db.acting(cast.mai), pytest.raises(NotAllowed):
        operations.add_equipment(cast.market(), EquipmentFacts(SCALE, "C-1"), cast.mai)
    with db.acting(cast.west_kuang), pytest.raises(NotThere):
        queries.get_equipment(cast.west_kuang, one)


def add_dated(cast: Any) -> int:
    facts = EquipmentFacts(POWDER, "M-5", made_on=date(2025, 1, 1))
    equipment = operations.add_equipment(cast.market(), facts, cast.kuang)
    db.session.flush()
    return equipment.id


def test_points_keep_their_order_and_a_point_given_up_lets_its_equipment_go(cast):
    with db.acting(cast.kuang) as session:
        market = cast.market()
        for code, name in (("P-1", "西门"), ("P-2", "配电房"), ("P-3", "水泵房")):
            operations.add_point(market, PointFacts(code, name), cast.kuang)
            session.flush()
        walk = queries.points_of(market)
        operations.move_point(market, walk[2], True, cast.kuang)
        facts = EquipmentFacts(POWDER, "M-1", point=walk[1])
        operations.add_equipment(market, facts, cast.kuang)
        session.flush()
        assert queries.count_equipment(walk) == {walk[1].id: 1}
        operations.end_point(market, walk[1], cast.kuang)
        with pytest.raises(Mistake):
            operations.add_point(market, PointFacts("P-2", "新配电房"), cast.kuang)
        with pytest.raises(TooLate):
            operations.move_point(market, walk[1], True, cast.kuang)
    with db.acting(cast.mai):
        assert [point.code for point in queries.points_of(cast.market())] == ["P-1", "P-3"]
        found = queries.find_equipment(cast.market(), "M-1")
        assert found is not None and found.point_id is None


def test_the_pages_enter_date_and_end_a_piece(app, cast):
    visitor = Visitor(app).sign_in("kuang")
    place = f"/markets/{cast.east.market_id}"
    with on(MONDAY):
        made = {
            "kind": "extinguisher_powder",
            "code": "m-017",
            "made_on": "2024-03-01",
            "point": "",
            "stall": "A-001",
        }
        answer = visitor.post(f"{place}/equipment/add", made)
        assert answer.status_code == 303, answer.text
        shown = visitor.get(answer.location)
        assert "M-017" in shown.text and "2034-02-28" in shown.text
        lost = visitor.post(f"{place}/equipment/add", made | {"code": "M-018", "stall": "Z-999"})
        assert lost.status_code == 422 and "没有这个编号的档口" in lost.text
        assert visitor.post(f"{answer.location}/date", {"issued_on": "2026-10-01"}).status_code == 303
        assert (
            visitor.post(f"{answer.location}/end", {"ended_on": "2026-10-12", "note": "卖了"}).status_code
            == 303
        )
        assert "M-017" in visitor.get(f"{place}/equipment?due=ended").text

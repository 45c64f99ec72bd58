"""Workbooks of people and of equipment: let in and appointed, entered and dated, once."""

from datetime import date

import sqlalchemy as sa

from portal.accounts.models import Membership, Person
from portal.core import db
from portal.exchange.models import ImportKind
from portal.exchange.workflow import ImportState
from portal.markets.models import Equipment, Paper, Post, PostKind
from tests.exchange import workbooks
from tests.exchange.bringing import Bring, confirm, faults_of
from tests.people import Cast, count_rows

PEOPLE, EQUIPMENT = ImportKind.PEOPLE, ImportKind.EQUIPMENT


def test_people_are_let_in_and_appointed_and_the_second_time_nothing_changes(
    cast: Cast, bring: Bring
) -> None:
    header = ("姓名", "手机号码", "角色", "岗位")
    rows = [
        ("麦样来", 13900139001, "巡查员", "巡查员;食品安全员"),
        ("符样来", "139 0013 9002", "服务专员", ""),
    ]
    content = workbooks.workbook([header, *rows])
    one = confirm(bring(content, kind=PEOPLE), cast)

    assert one.state is ImportState.DONE, faults_of(one, cast.kuang)
    with db.opened(cast.kuang.reach, writes=False) as look:
        person = look.scalars(sa.select(Person).where(Person.phone == "13900139001")).one()
        assert person.password_hash is None
        part = look.scalars(sa.select(Membership).where(Membership.person_id == person.id)).one()
        assert (part.organisation_id, part.role.value) == (cast.east.company_id, "patroller")
        posts = look.scalars(sa.select(Post.kind).where(Post.person_id == person.id)).all()
        assert set(posts) == {PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER}
    assert bring(content, kind=PEOPLE).counts == {"same": 2, "left_out": 0}


def test_a_number_of_somebody_else_and_what_is_no_role_are_named_by_their_cells(
    cast: Cast, bring: Bring
) -> None:
    header = ("姓名", "手机号", "身份", "岗位")
    confirm(bring(workbooks.workbook([header, ("麦样来", "13900139001", "巡查员", "")]), kind=PEOPLE), cast)
    rows = [
        ("别样人", "13900139001", "巡查员", ""),
        ("甲样", "13900139003", "董事长", ""),
        ("乙样", "1390013", "巡查员", "门神"),
        ("丙样", "13900139004", "", ""),
    ]
    found = faults_of(bring(workbooks.workbook([header, *rows]), kind=PEOPLE), cast.kuang)

    assert found.keys() == {"B2", "C3", "B4", "D4", "C5"}
    assert "别的名字" in found["B2"] and "“董事长”" in found["C3"] and "“门神”" in found["D4"]


def test_equipment_is_entered_and_dated_and_a_newer_inspection_is_a_newer_paper(
    cast: Cast, bring: Bring
) -> None:
    header = ("灭火器编号", "设备种类", "放置位置", "出厂日期", "维修日期", "档口号")

    def rows(mended: object) -> list[tuple[object, ...]]:
        return [
            ("MH-001", "灭火器", "东门", "2022.1.10", mended, "A-001"),
            ("XF-01", "消火栓", "西门", "", "", ""),
        ]

    one = confirm(bring(workbooks.workbook([header, *rows("")]), kind=EQUIPMENT), cast)
    assert one.state is ImportState.DONE, faults_of(one, cast.kuang)
    assert (count_rows(Equipment), count_rows(Paper)) == (2, 1)
    mended = workbooks.workbook([header, *rows("2026/3/1")])
    confirm(bring(mended, kind=EQUIPMENT), cast)

    with db.opened(cast.kuang.reach, writes=False) as look:
        papers = look.scalars(sa.select(Paper).order_by(Paper.id)).all()
        assert [paper.issued_on for paper in papers] == [date(2022, 1, 10), date(2026, 3, 1)]
        assert papers[0].replaced_by_id == papers[1].id
    assert bring(mended, kind=EQUIPMENT).counts["same"] == 2


def test_dates_that_cannot_be_are_named_by_their_cells(cast: Cast, bring: Bring) -> None:
    header = ("设备编号", "种类", "检定日期", "有效期至", "档口号")
    rows = [
        ("S-1", "电子秤", "2026-01-10", "2025-01-10", ""),
        ("S-2", "消火栓", "2026-01-10", "", ""),
        ("S-3", "火箭", "", "", ""),
        ("S-4", "电子秤", "", "", "A-O01"),
        ("S-4", "电子秤", "", "", ""),
    ]
    found = faults_of(bring(workbooks.workbook([header, *rows]), kind=EQUIPMENT), cast.kuang)

    assert found.keys() == {"D2", "C3", "B4", "A5", "E5", "A6"}

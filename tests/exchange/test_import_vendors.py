"""A workbook of vendors with their stalls and papers: found again by their codes, moved in, their papers renewed."""

import sqlalchemy as sa

from portal.core import db
from portal.exchange.models import ImportKind, ImportRow
from portal.exchange.workflow import ImportState
from portal.markets.models import Occupancy, Paper, Vendor
from portal.markets.operations import identity
from tests.exchange import workbooks
from tests.exchange.bringing import Bring, confirm, faults_of
from tests.people import Cast, count_rows

VENDORS = ImportKind.VENDORS
OWN_ID, OTHER_ID = "360426199101010071", "360426199109020071"


def test_vendors_are_opened_with_stalls_and_papers_and_the_second_time_nothing_changes(
    cast: Cast, bring: Bring
) -> None:
    confirm(bring(workbooks.stalls(20).content), cast)
    content = workbooks.vendors(20).content
    one = confirm(bring(content, kind=VENDORS), cast)

    assert one.state is ImportState.DONE, faults_of(one, cast.kuang)
    assert (count_rows(Vendor), count_rows(Occupancy), count_rows(Paper)) == (20, 20, 30)
    with db.opened(cast.kuang.reach, writes=False) as look:
        third = look.scalars(sa.select(Vendor).where(Vendor.uscc == workbooks.credit_code(3))).one()
        assert (third.phone, third.trade_codes, third.kind.value) == (
            "13800130003",
            ["farm_products"],
            "individual",
        )
        assert third.started_on.isoformat() == "2024-03-05"
    assert bring(content, kind=VENDORS).counts == {"same": 20, "left_out": 0}


def test_faults_of_vendors_are_named_by_their_cells_with_what_was_meant(cast: Cast, bring: Bring) -> None:
    confirm(bring(workbooks.stalls(20).content), cast)
    roster = workbooks.vendors(20, faulty=True)
    one = bring(roster.content, kind=VENDORS)

    found = faults_of(one, cast.kuang)
    assert found.keys() == roster.faults.keys()
    assert [cell for cell, piece in roster.faults.items() if piece not in found[cell]] == []
    with db.opened(cast.kuang.reach, writes=False) as look:
        row = look.scalars(sa.select(ImportRow).where(ImportRow.number == 2)).one()
        assert row.faults[0]["suggestion"] == workbooks.credit_code(1)


def test_somebody_without_a_code_is_known_by_identity_and_name_and_shown_by_its_end(
    cast: Cast, bring: Bring
) -> None:
    header = ("商户名称", "主体类型", "经营者", "电话", "身份证号", "执照号")
    row = ["陈样菜", "自产自销农民", "陈样菜", "13800138000", OWN_ID, ""]
    one = bring(workbooks.workbook([header, row]), kind=VENDORS)
    with db.opened(cast.kuang.reach, writes=False) as look:
        kept = look.scalars(sa.select(ImportRow)).one()
        assert OWN_ID not in str(kept.changes) and "0071" in str(kept.changes)
    confirm(one, cast)

    with db.opened(cast.kuang.reach, writes=False) as look:
        assert identity.number_of(look.scalars(sa.select(Vendor)).one()) == OWN_ID
    assert bring(workbooks.workbook([header, row]), kind=VENDORS).counts["same"] == 1
    licensed = ["陈样菜", "", "陈样菜", "13800138000", "", workbooks.credit_code(7)]
    confirm(bring(workbooks.workbook([header, licensed]), kind=VENDORS), cast)
    with db.opened(cast.kuang.reach, writes=False) as look:
        vendor = look.scalars(sa.select(Vendor)).one()
        assert (vendor.uscc, vendor.id_sealed, vendor.kind.value) == (
            workbooks.credit_code(7),
            None,
            "individual",
        )


def test_a_later_last_day_is_a_renewal_and_an_earlier_one_is_refused(cast: Cast, bring: Bring) -> None:
    header = ("商户名称", "经营者", "电话", "执照号", "食品经营许可证号", "许可证到期日")

    def row(day: str) -> tuple[str, ...]:
        return ("样档", "样人", "13800138000", workbooks.credit_code(1), "JY24419000000001", day)

    for day in ("2027-02-28", "2031-02-28"):
        confirm(bring(workbooks.workbook([header, row(day)]), kind=VENDORS), cast)
    assert count_rows(Paper) == 2
    one = bring(workbooks.workbook([header, row("2026-12-31")]), kind=VENDORS)

    assert "不一样" in faults_of(one, cast.kuang)["F2"]


def test_a_stall_is_for_one_vendor_and_not_for_another_at_the_same_time(cast: Cast, bring: Bring) -> None:
    header = ("商户名称", "经营者", "电话", "执照号", "档口号")
    first, second = workbooks.credit_code(1), workbooks.credit_code(2)
    both = [
        header,
        ("甲", "甲人", "13800138001", first, "A-001;A-002"),
        ("乙", "乙人", "13800138002", second, "A-001"),
    ]
    found = faults_of(bring(workbooks.workbook(both), kind=VENDORS), cast.kuang)
    assert found.keys() == {"E2", "E3"} and "一家用" in found["E3"]

    confirm(bring(workbooks.workbook(both[:2]), kind=VENDORS), cast)
    again = bring(workbooks.workbook([header, both[2]]), kind=VENDORS)
    assert "“甲”在用" in faults_of(again, cast.kuang)["E2"]


def test_a_figure_that_is_hidden_on_the_page_is_a_change_all_the_same(cast: Cast, bring: Bring) -> None:
    header = ("商户名称", "主体类型", "经营者", "电话", "身份证号", "执照号")

    def row(phone: str, number: str) -> list[str]:
        return ["陈样菜", "自产自销农民", "陈样菜", phone, number, ""]

    confirm(bring(workbooks.workbook([header, row("13812345678", OWN_ID)]), kind=VENDORS), cast)
    for phone, number in (("13899995678", OWN_ID), ("13812345678", OTHER_ID)):
        one = bring(workbooks.workbook([header, row(phone, number)]), kind=VENDORS)
        assert one.counts == {"changed": 1, "left_out": 0}
        with db.opened(cast.kuang.reach, writes=False) as look:
            kept = look.scalars(sa.select(ImportRow.changes).where(ImportRow.import_id == one.id)).one()
            assert phone not in str(kept) and number not in str(kept)

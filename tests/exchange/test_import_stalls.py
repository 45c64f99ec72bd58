"""A workbook of stalls: judged without changing anything, told of by its cells, taken over whole or not at all."""

from io import BytesIO

import pytest
import python_calamine
import sqlalchemy as sa

from portal.core import db
from portal.core.errors import Mistake, TooLate
from portal.exchange import keeping, words
from portal.exchange.models import Import, ImportKind, ImportRow, Verdict
from portal.exchange.operations import imports
from portal.exchange.operations.imports import Brought
from portal.exchange.workflow import ImportState
from portal.markets import operations as markets
from portal.notices.models import Notice
from tests.exchange import workbooks
from tests.exchange.bringing import Bring, codes, confirm, faults_of
from tests.people import Cast, count_rows


def test_every_fault_of_every_row_is_named_by_its_cell_and_nothing_is_changed(
    cast: Cast, bring: Bring
) -> None:
    roster = workbooks.stalls(140, faulty=True)
    one = bring(roster.content)

    found = faults_of(one, cast.kuang)
    assert found.keys() == roster.faults.keys()
    assert one.state is ImportState.JUDGED and one.fault_count == len(found) == 12
    assert [cell for cell, piece in roster.faults.items() if piece not in found[cell]] == []
    assert one.counts["left_out"] == 1 and (one.header_row, one.sheet) == (2, "台账")
    assert len(codes(cast)) == 6
    with pytest.raises(TooLate), db.acting(cast.kuang):
        imports.apply(cast.market(), db.session.get_one(Import, one.id), cast.kuang)


def test_the_workbook_comes_back_with_its_cells_marked_and_may_be_sent_again(
    cast: Cast, bring: Bring
) -> None:
    one = bring(workbooks.stalls(140, faulty=True).content)
    marked = keeping.read(one.marked_sha256)

    sheet = python_calamine.load_workbook(BytesIO(marked)).get_sheet_by_index(0).to_python()
    assert sheet[1][:2] == ["序号", "摊位号"] and "H" not in str(sheet[0])
    assert "B5: 编号要填" in sheet[4][-1]
    assert faults_of(bring(marked), cast.kuang).keys() == faults_of(one, cast.kuang).keys()


def test_a_right_workbook_is_taken_over_and_changes_nothing_the_second_time(cast: Cast, bring: Bring) -> None:
    content = workbooks.stalls(140).content
    one = confirm(bring(content), cast)

    assert one.state is ImportState.DONE and one.sealed_sha256 == ""
    stalls = codes(cast)
    assert len(stalls) == 146 and "D-007" in stalls and stalls["D-004"].area_m2 == 14.5
    assert stalls["D-002"].trade_codes == ["farm_products"]
    second = bring(content)
    assert (second.counts["same"], second.counts.get("new")) == (140, None)
    with pytest.raises(TooLate), db.acting(cast.kuang):
        imports.apply(cast.market(), db.session.get_one(Import, second.id), cast.kuang)
    assert count_rows(Notice) == 3


def test_stalls_are_renumbered_old_to_new_also_where_they_take_over_each_others_codes(
    cast: Cast, bring: Bring
) -> None:
    before = {code: stall.id for code, stall in codes(cast).items()}
    swap = workbooks.workbook(
        [("原档口号", "档口号"), ("A-001", "A-002"), ("A-002", "A-001"), ("B-001", "B-101")]
    )
    one = bring(swap)
    with db.opened(cast.kuang.reach, writes=False) as look:
        row = look.scalars(sa.select(ImportRow).where(ImportRow.number == 4)).one()
        assert {"field": "code", "old": "B-001", "new": "B-101"} in row.changes
    confirm(one, cast)

    after = {code: stall.id for code, stall in codes(cast).items()}
    assert (after["A-002"], after["A-001"]) == (before["A-001"], before["A-002"])
    assert after["B-101"] == before["B-001"] and "B-001" not in after
    assert bring(swap).counts == {"same": 3, "left_out": 0}


def test_a_code_another_stall_keeps_and_an_old_code_nobody_has_are_refused(cast: Cast, bring: Bring) -> None:
    one = bring(workbooks.workbook([("原档口号", "档口号"), ("A-001", "A-002"), ("Z-001", "Z-002")]))

    found = faults_of(one, cast.kuang)
    assert "已经是另一个档口的编号" in found["B2"] and "没有 Z-001 这个档口" in found["A3"]


def test_what_changed_since_it_was_judged_is_shown_anew_and_not_taken_over(cast: Cast, bring: Bring) -> None:
    one = bring(workbooks.workbook([("档口号", "面积"), ("A-001", 12), ("D-001", 9)]))
    with db.acting(cast.kuang):
        markets.add_stall(cast.market(), markets.StallFacts("D-001"), cast.kuang)
    one = confirm(one, cast)

    assert one.state is ImportState.JUDGED and "又有人改了资料" in words.said(one.words)
    assert codes(cast)["A-001"].area_m2 is None
    assert confirm(one, cast).state is ImportState.DONE
    assert codes(cast)["D-001"].area_m2 == 9


def test_a_second_import_waits_for_the_first(cast: Cast, bring: Bring) -> None:
    own = Brought("甲.xlsx", 1, "0" * 64, "")
    with db.acting(cast.kuang):
        imports.bring(cast.market(), ImportKind.STALLS, own, cast.kuang)
        with pytest.raises(Mistake) as refused:
            imports.bring(cast.market(), ImportKind.STALLS, own, cast.kuang)
    assert "甲.xlsx" in str(refused.value.words)


def test_a_cell_left_empty_changes_nothing_and_rows_that_are_no_data_are_left_out(
    cast: Cast, bring: Bring
) -> None:
    header = ("档口号", "分区", "面积")
    confirm(bring(workbooks.workbook([header, ("A-001", "猪肉区", 8), ("E-001", "", 7)])), cast)
    one = bring(
        workbooks.workbook(
            [header, ("例：A-001", "", 1), ("A-001", "", ""), header, ("合计", "", 15), ("备注：略",)]
        )
    )

    assert one.counts == {Verdict.SAME.value: 1, Verdict.LEFT_OUT.value: 4}
    assert codes(cast)["A-001"].zone_id == cast.east.zone_ids[0]


def test_a_merged_zone_counts_for_each_of_its_rows(cast: Cast, bring: Bring) -> None:
    rows = [("档口号", "分区"), ("D-001", "水产区"), ("D-002", ""), ("D-003", "")]
    one = confirm(bring(workbooks.merged(rows, "B2:B4")), cast)

    assert one.counts["new"] == 3
    assert {codes(cast)[code].zone_id for code in ("D-001", "D-002", "D-003")} == {cast.east.zone_ids[1]}


def test_dropping_one_deletes_what_was_found(cast: Cast, bring: Bring) -> None:
    one = bring(workbooks.stalls(3, faulty=False).content)
    with db.acting(cast.kuang):
        imports.drop(db.session.get_one(Import, one.id), cast.kuang)

    assert count_rows(ImportRow) == 0
    with pytest.raises(FileNotFoundError):
        keeping.read(one.sealed_sha256)

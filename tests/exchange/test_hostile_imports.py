"""Workbooks that no honest office program writes, and honest ones with a number in the wrong column."""

import io
import time
import zipfile
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts.models import SignIn
from portal.core import clock, db, secrets_box
from portal.core.errands import Errand
from portal.core.errors import Mistake
from portal.exchange import keeping
from portal.exchange.models import Import, ImportKind, ImportRow
from portal.exchange.workbooks import child, cleaning
from portal.exchange.workbooks.reading import Row, Sheet
from portal.exchange.workflow import ImportState
from portal.markets.models import Vendor
from tests.exchange import workbooks
from tests.exchange.bringing import Bring, again, confirm, faults_of
from tests.people import Cast
from tests.visitors import Visitor

OWN_ID = "360426199101010071"
VENDORS = ImportKind.VENDORS


def rewritten(content: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with some bytes of its parts changed for others."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as had, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as has:
        for one in had.infolist():
            has.writestr(one.filename, had.read(one).replace(old, new))
    return out.getvalue()


def failures() -> list[str]:
    """What errands died of."""
    with db.reading() as look:
        return [one.error for one in look.scalars(sa.select(Errand)) if one.error]


def test_what_is_no_number_is_a_fault_of_its_cell(cast: Cast, bring: Bring) -> None:
    header = ("摊位号", "面积（㎡）", "所属区域")
    plain = workbooks.workbook([header, ["D-001", 987654, ""], ["D-002", 876543, ""]])
    one = bring(rewritten(rewritten(plain, b"987654", b"NaN"), b"876543", b"1e999"))

    assert one.state is ImportState.JUDGED, failures()
    assert faults_of(one, cast.kuang) == dict.fromkeys(("B2", "B3"), str(cleaning.FORMULA))


def test_signs_nobody_types_never_reach_the_books(cast: Cast, bring: Bring) -> None:
    row = f"样\x00档\x07,样\x1f人,13800138000,{workbooks.credit_code(1)}\n"
    one = bring(f"商户名称,经营者,电话,执照号\n{row}".encode("utf-16"), kind=VENDORS)
    assert confirm(one, cast).state is ImportState.DONE, failures()

    with db.opened(cast.kuang.reach, writes=False) as look:
        vendor = look.scalars(sa.select(Vendor)).one()
        assert (vendor.name, vendor.keeper_name) == ("样档", "样人")


def test_an_identity_number_in_a_wrong_column_is_kept_nowhere(cast: Cast, bring: Bring) -> None:
    header = ("商户名称", "主体类型", "经营者", "电话", "执照号", "经营类别", "档口", OWN_ID)
    misplaced = [f"样{OWN_ID}", *[OWN_ID] * (len(header) - 1)]
    one = bring(workbooks.workbook([header, misplaced], name=f"台账{OWN_ID}"), kind=VENDORS)

    assert one.fault_count
    with db.opened(cast.kuang.reach, writes=False) as look:
        kept = [*look.scalars(sa.select(Import)), *look.scalars(sa.select(ImportRow))]
        assert len(kept) == 2
        assert [name for row in kept for name, value in vars(row).items() if OWN_ID in str(value)] == []


@pytest.mark.parametrize("cell", ["-" * 1_999 + "\nx", "到" * 1_999])
def test_a_last_day_made_of_dashes_is_told_wrong_at_once(cell: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(Mistake):
        cleaning.last_day("permit_expires", cell)
    assert time.perf_counter() - begun < 0.1


def test_cells_far_to_the_right_cost_nothing() -> None:
    far = workbooks.workbook([["D-001", "7"]])
    for near, right in ((b'"A1', b'"XFC1'), (b'"B1', b'"XFD1')):
        far = rewritten(far, near, right)
    assert [line for line in child.read(far, "xlsx") if isinstance(line, list)] == []


def test_merged_cells_over_each_other_are_not_filled_for_ever() -> None:
    rows = [Row(number, ["D-001"]) for number in range(1, child.MOST_ROWS + 1)]
    begun = time.perf_counter()
    Sheet("台账", [((0, 0), (child.MOST_ROWS, 0))] * child.MOST_ROWS, rows).fill_down()
    assert time.perf_counter() - begun < 10


def test_people_are_not_let_in_from_a_session_left_open(app: Flask, cast: Cast, bring: Bring) -> None:
    header = ("姓名", "手机号", "身份")
    one = bring(workbooks.workbook([header, ["新样人", "13912345678", "市场负责人"]]), kind=ImportKind.PEOPLE)
    manager = Visitor(app).sign_in("kuang")
    manager.get(f"/imports/{one.id}")
    with db.opened(None, writes=True) as session:
        session.execute(sa.update(SignIn).values(confirmed_at=clock.now() - timedelta(minutes=6)))
        session.commit()

    assert manager.post(f"/imports/{one.id}/apply").location.startswith("/account/confirm")
    assert again(one, cast.kuang).state is ImportState.JUDGED


def test_a_workbook_whose_key_is_gone_counts_as_deleted(bring: Bring) -> None:
    kept = keeping.put(b"PK")
    before = secrets_box._current
    secrets_box.use(b"another key of thirty-two bytes!")
    try:
        with pytest.raises(FileNotFoundError):
            keeping.read(kept)
    finally:
        secrets_box.use(before or b"")

"""The main job from end to end by the pages: walked, submitted, sent back, submitted again, accepted, printed."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from portal.core import clock, db
from portal.selfcheck.workflow import CheckState
from tests.evidence.pictures import photo
from tests.people import Cast
from tests.selfcheck.day import make_check, the
from tests.selfcheck.telephone import NORMAL, morning

__all__ = ["morning"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REASON = "照片看不清是哪一档，请补拍。"


def test_a_check_goes_to_the_community_and_back_and_is_printed(
    morning: Any, cast: Cast, tmp_path: Path
) -> None:
    jpeg = tmp_path / "large.jpg"
    jpeg.write_bytes(photo(3, (3000, 2000)))
    check = make_check(cast, items=NORMAL, opens_at=clock.now() - timedelta(minutes=20), seed=7)
    patroller = morning()
    walk_with_a_problem(patroller, str(jpeg))
    officer = morning(who="gu")
    send_back(officer, check)
    officer.until(lambda: state(cast, check) is CheckState.SENT_BACK)

    mend(patroller, check, str(jpeg))
    officer.page.goto(f"{officer.url}/reviews/{check}")
    officer.tap("form[action$=accept] button")
    officer.until(lambda: state(cast, check) is CheckState.ACCEPTED)

    answer = patroller.page.request.get(f"{patroller.url}/checks/{check}/record.pdf")
    assert answer.status == 200 and answer.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.body())).pages)
    assert "麦小禾" in text and "补拍了档口号" in text


def walk_with_a_problem(one: Any, jpeg: str) -> None:
    """From the day's page: begin, seven are fine, the eighth is not, with a photo; hand it in."""
    one.page.goto(f"{one.url}/today")
    one.tap("form[action$=start] button")
    one.ready()
    for n in range(1, 8):
        one.tap(f"label[for=C-{n:02d}-pass]")
    one.tap("label[for=C-08-fail]")
    one.page.set_input_files("#C-08-photo", jpeg)
    one.saved()
    submit(one)


def send_back(one: Any, check: int) -> None:
    """From the list of the community: open the check and send it back with a reason."""
    one.page.goto(f"{one.url}/reviews")
    one.tap(f"a[href='/reviews/{check}']")
    one.tap("main a[href$=send-back]")
    one.page.fill("main textarea", REASON)
    one.tap("main form button.button")
    one.page.wait_for_url(lambda address: not address.endswith("send-back"))


def mend(one: Any, check: int, jpeg: str) -> None:
    """Read the reason, add what was asked for, hand it in again."""
    one.page.goto(f"{one.url}/checks/{check}")
    one.ready()
    assert REASON in one.page.content()
    one.page.set_input_files("#C-08-photo", jpeg)
    one.page.fill("#C-08-note", "补拍了档口号")
    one.saved()
    submit(one)


def submit(one: Any) -> None:
    """Look at the answers once more and hand the check in."""
    one.tap(".dock button")
    one.page.wait_for_url("**/confirm")
    one.tap("form[action$=submit] button")
    one.page.wait_for_url("**/receipt")


def state(cast: Cast, check: int) -> CheckState:
    """Where the check stands now."""
    with db.acting(cast.mai):
        return the(cast.mai, check).state

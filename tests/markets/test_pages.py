"""The pages of markets: who opens them, that a form comes back with its words, and that the wall holds."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.accounts.models import Membership, Person
from portal.core import clock, db, once
from portal.core.actor import Role
from portal.markets import operations, queries
from portal.markets.models import PostKind, VendorKind
from portal.markets.operations import ZoneFacts
from portal.markets.workflow import StallState
from tests import people
from tests.evidence import pictures
from tests.markets.conftest import (
    OTHER_USCC,
    OWN_ID,
    USCC,
    kind_of,
    paper_facts,
    stall_of,
    vendor_facts,
    vendor_of,
)
from tests.people import EAST_COMMUNITY
from tests.visitors import Visitor

Visit = Callable[[str], Visitor]

MARKET = {
    "name": "新样肉菜市场",
    "kind": "wet",
    "opener_name": "新样股份经济合作社",
    "address": "新样路 8 号",
    "opens_at": "05:30",
    "closes_at": "19:00",
}
VENDOR = {
    "kind": "individual",
    "name": "样记烧腊",
    "keeper_name": "梁样烧",
    "phone": "１３８ 0013 8000",
    "uscc": "92441900ma4x00001g",
    "started_on": "2025/3/1",
}


@pytest.fixture
def visit(app, cast, reference) -> Visit:
    """Somebody of the cast at his browser, signed in."""
    return lambda who: Visitor(app).sign_in(who)


@pytest.fixture
def vendor_id(cast, visit) -> int:
    """A vendor with a stall and a paper that runs out."""
    today = clock.today()
    with db.acting(cast.kuang):
        vendor = operations.register_vendor(
            cast.market(), vendor_facts(trade_codes=["food_catering"]), cast.kuang
        )
        operations.move_in(stall_of(cast), vendor, today - timedelta(days=30), cast.kuang)
        facts = paper_facts(expires_on=today + timedelta(days=10), number="JY24419001234567")
        operations.record_paper(vendor, kind_of("food_permit"), facts, cast.kuang)
        operations.record_paper(
            cast.market(), kind_of("lift_inspection"), paper_facts(holder_name="1 号货梯"), cast.kuang
        )
        return vendor.id


def paper_id_of(cast, vendor_id) -> int:
    with db.acting(cast.kuang):
        return queries.papers_of_vendor(vendor_of(vendor_id))[0].paper.id


def read_pages(cast, vendor_id) -> list[str]:
    """Every page that only shows."""
    market = f"/markets/{cast.east.market_id}"
    parts = ("", "/history", "/zones", "/stalls", f"/stalls/{cast.east.stall_ids[0]}", "/vendors", "/papers")
    return [
        "/markets",
        "/papers",
        *(market + part for part in parts),
        f"/vendors/{vendor_id}",
        f"/papers/{paper_id_of(cast, vendor_id)}",
    ]


def forms(cast, vendor_id) -> list[str]:
    """Every page with a form of the manager's."""
    market, stall = f"/markets/{cast.east.market_id}", f"stalls/{cast.east.stall_ids[0]}"
    free = f"stalls/{cast.east.stall_ids[1]}"
    paper = f"/papers/{paper_id_of(cast, vendor_id)}"
    with db.acting(cast.kuang):
        post = queries.posts_of(cast.market())[0].id
    ends = ("edit", "zones/add", f"zones/{cast.east.zone_ids[0]}/edit", "stalls/add", "stalls/add-row")
    ends += (f"{stall}/edit", f"{stall}/change", f"{stall}/move-out", f"{free}/move-in", "vendors/add")
    ends += ("papers/record", "posts/appoint", f"posts/{post}/end")
    vendor = [f"/vendors/{vendor_id}/{end}" for end in ("edit", "move-in", "end", "papers/record")]
    return [f"{market}/{end}" for end in ends] + vendor + [f"{paper}/renew", f"{paper}/correct"]


@pytest.mark.parametrize("who", ["kuang", "mai", "fu", "gu", "qu", "zhen", "xiao", "city_xiao", "shi_ban"])
def test_whoever_works_with_a_market_reads_its_pages(visit, cast, vendor_id, who):
    visitor = visit(who)
    for path in read_pages(cast, vendor_id):
        assert visitor.get(path).status_code == 200, path


@pytest.mark.parametrize("who", ["west_kuang", "west_mai", "west_gu", "west_zhen", "west_xiao"])
def test_to_the_other_side_it_is_not_there(visit, cast, vendor_id, who):
    visitor = visit(who)
    for path in read_pages(cast, vendor_id):
        expected = 200 if path in {"/markets", "/papers"} else 404
        answer = visitor.get(path)
        assert answer.status_code == expected, path
        assert "样记烧腊" not in answer.text and "东样肉菜市场" not in answer.text


def test_a_foreign_market_answers_like_one_that_never_was(visit, cast):
    visitor = visit("kuang")
    foreign, nobody = visitor.get(f"/markets/{cast.west.market_id}"), visitor.get("/markets/999999")
    assert (foreign.status_code, nobody.status_code) == (404, 404)
    assert visitor.get(f"/markets/{10**40}").status_code == 404
    assert visitor.get(f"/vendors/{2**63}").status_code == 404


def test_the_manager_opens_every_form_and_nobody_else_does(visit, cast, vendor_id):
    manager, paths = visit("kuang"), forms(cast, vendor_id)
    for path in paths:
        assert manager.get(path).status_code == 200, path
    for who in ("mai", "qu", "zhen", "shi_ban"):
        other = visit(who)
        for path in paths:
            assert other.get(path).status_code == 403, (who, path)
    stranger = visit("west_kuang")
    for path in paths:
        assert stranger.get(path).status_code == 404, path


def test_every_form_sent_empty_comes_back_with_its_words(visit, cast, vendor_id):
    manager = visit("kuang")
    for path in forms(cast, vendor_id):
        if path.endswith(("/correct", "/renew", "/edit", "/end", "/move-out")):
            continue  # filled in beforehand: what is not sent stays as it is
        manager.get(path)
        answer = manager.post(path, {})
        assert answer.status_code == 422, path
        assert "errors-title" in answer.text, path


@pytest.mark.parametrize("who", ["kuang", "mai", "fu"])
def test_the_companys_people_read_the_posts_and_officers_do_not(visit, cast, who):
    path = f"/markets/{cast.east.market_id}/posts"
    assert "邝样安" in visit(who).get(path).text
    assert visit("zhen").get(path).status_code == 403


def test_a_town_registers_a_market_by_the_page(visit, cast):
    visitor = visit("zhen")
    visitor.get("/markets/register")
    typed = MARKET | {"community": EAST_COMMUNITY, "company": "东样公司", "area_m2": "４２００．５"}
    answer = visitor.post("/markets/register", typed)
    assert answer.status_code == 303, answer.text
    assert "4200.5" in visitor.get(answer.location).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"company": "没有这家"}, "没有找到这家公司"),
        ({"community": "441900119001"}, "Not a valid choice"),
        ({"area_m2": "9" * 40}, "太大"),
        ({"area_m2": "很大"}, "请填数字"),
        ({"floors_up": "1.5"}, "请填整数"),
        ({"opens_at": "早上"}, "06:30"),
        ({"opener_uscc": "92441900MA4XOOOO1G"}, "92441900MA4X00001G"),
        ({"name": "样" * 200}, "最多 80"),
    ],
)
def test_what_is_wrong_comes_back_beside_what_was_typed(visit, cast, typed, words):
    visitor = visit("zhen")
    visitor.get("/markets/register")
    answer = visitor.post(
        "/markets/register", MARKET | {"community": EAST_COMMUNITY, "company": "东样公司"} | typed
    )
    assert answer.status_code == 422
    if words != "Not a valid choice":
        assert words in answer.text
    assert "新样路 8 号" in answer.text


def test_the_city_chooses_the_town_first(visit, cast):
    visitor = visit("shi_ban")
    assert "先选镇街" in visitor.get("/markets/register").text
    assert "东样社区" in visitor.get("/markets/register?town=441900121").text
    assert visitor.get("/markets/register?town=99").status_code == 404


def test_two_tabs_on_a_market_the_second_is_told_so(visit, cast):
    visitor, path = visit("kuang"), f"/markets/{cast.east.market_id}/edit"
    with db.acting(cast.kuang):
        version = str(cast.market().version)
    visitor.get(path)
    assert visitor.post(path, MARKET | {"name": "先存的", "version": version}).status_code == 303
    answer = visitor.post(path, MARKET | {"name": "后存的", "version": version})
    assert answer.status_code == 409
    with db.acting(cast.kuang):
        assert cast.market().name == "先存的"


def test_a_form_sent_twice_is_carried_out_once(visit, cast):
    visitor, path = visit("kuang"), f"/markets/{cast.east.market_id}/stalls/add"
    visitor.get(path)
    token = once.new_token()
    for _ in range(2):
        assert visitor.post(path, {"code": "D-001", "zone": ""}, token=token).status_code == 303
    with db.acting(cast.kuang):
        assert queries.count_stalls(cast.market()) == {StallState.VACANT: 7}


def test_a_vendor_is_registered_moved_in_and_out_by_the_pages(visit, cast):
    visitor, market = visit("kuang"), f"/markets/{cast.east.market_id}"
    visitor.get(f"{market}/vendors/add")
    answer = visitor.post(f"{market}/vendors/add", VENDOR | {"trade_codes": ["tobacco", "alcohol"]})
    assert answer.status_code == 303, answer.text
    vendor_path = answer.location
    shown = visitor.get(vendor_path).text
    assert USCC in shown and "烟草专卖零售许可证" in shown and "未交" in shown
    today = clock.today().isoformat()
    answer = visitor.post(f"{vendor_path}/move-in", {"stall": "ａ-001", "from_on": today})
    assert answer.status_code == 303, answer.text
    stall_path = f"{market}/stalls/{cast.east.stall_ids[0]}"
    assert "样记烧腊" in visitor.get(stall_path).text
    answer = visitor.post(f"{vendor_path}/move-in", {"stall": "A-001", "from_on": today})
    assert answer.status_code == 409
    assert visitor.post(f"{stall_path}/move-out", {"to_on": today}).status_code == 303
    assert "现在没有商户" in visitor.get(stall_path).text


def test_an_identity_number_never_stands_on_a_page_in_full(visit, cast):
    visitor, market = visit("kuang"), f"/markets/{cast.east.market_id}"
    visitor.get(f"{market}/vendors/add")
    typed = VENDOR | {"kind": VendorKind.OWN_PRODUCE.value, "uscc": "", "identity": OWN_ID}
    vendor_path = visitor.post(f"{market}/vendors/add", typed).location
    for path in (vendor_path, f"{vendor_path}/edit"):
        text = visitor.get(path).text
        assert OWN_ID not in text and OWN_ID[-4:] in text


def test_only_who_keeps_the_file_reads_the_whole_telephone_number(visit, cast, vendor_id):
    assert "13800138000" in visit("kuang").get(f"/vendors/{vendor_id}").text
    for who in ("mai", "qu", "zhen"):
        text = visit(who).get(f"/vendors/{vendor_id}").text
        assert "13800138000" not in text and "138****8000" in text


def test_a_paper_is_recorded_renewed_and_confirmed_by_the_pages(visit, cast, vendor_id):
    visitor, today = visit("kuang"), clock.today()
    path = f"/vendors/{vendor_id}/papers/record"
    assert 'selected value="business_licence"' in visitor.get(f"{path}?kind=business_licence").text
    typed = {"kind": "business_licence", "number": USCC, "issued_on": "20250101", "is_long_term": "y"}
    assert visitor.post(path, typed).status_code == 303
    assert "待核" in visitor.get(f"/vendors/{vendor_id}").text
    with db.acting(cast.kuang):
        lines = queries.papers_of_vendor(vendor_of(vendor_id))
        paper_id = next(line.paper.id for line in lines if line.paper.kind_code == "business_licence")
        permit_id = next(line.paper.id for line in lines if line.paper.kind_code == "food_permit")
    assert visitor.post(f"/papers/{paper_id}/confirm").status_code == 303
    assert "已核对" in visitor.get(f"/papers/{paper_id}").text
    last_day = (today + timedelta(days=1000)).isoformat()
    answer = visitor.post(
        f"/papers/{permit_id}/renew", {"issued_on": today.isoformat(), "expires_on": last_day}
    )
    assert answer.status_code == 303
    assert last_day in visitor.get(answer.location).text
    assert "已换新证" in visitor.get(f"/papers/{permit_id}").text
    assert visitor.post(f"/papers/{permit_id}/renew", {"expires_on": last_day}).status_code == 409


def test_a_photo_of_a_paper_is_kept_with_it_and_what_is_none_is_refused(visit, cast, vendor_id):
    visitor, path = visit("kuang"), f"/papers/{paper_id_of(cast, vendor_id)}/correct"
    visitor.get(path)
    with db.acting(cast.kuang):
        version = queries.get_paper(cast.kuang, paper_id_of(cast, vendor_id)).version
    typed = {"expires_on": "2027-01-31", "issued_on": "2025-01-01", "reason": "看错", "version": str(version)}
    assert visitor.post(path, typed).status_code == 422
    bad = visitor.post(path, typed | {"photo": (io.BytesIO(b"not a photo"), "a.jpg")})
    assert bad.status_code == 422
    good = visitor.post(path, typed | {"photo": (io.BytesIO(pictures.photo()), "a.jpg")})
    assert good.status_code == 303, good.text
    assert "/thumb" in visitor.get(good.location).text


def test_a_vendor_opens_his_own_page_and_no_other(app, cast, visit, vendor_id):
    other = _vendor_signs_up(cast, vendor_id)
    visitor = visit("dangzhu")
    text = visitor.get("/vendors/mine").text
    assert "样记烧腊" in text and "食品经营许可证" in text and "A-001" in text
    assert visitor.get(f"/vendors/{vendor_id}").status_code == 200
    assert visitor.get(f"/papers/{paper_id_of(cast, vendor_id)}").status_code == 200
    assert visitor.get(f"/vendors/{other}").status_code == 404
    for path in ("/markets", f"/markets/{cast.east.market_id}", "/papers", f"/vendors/{vendor_id}/edit"):
        assert visitor.get(path).status_code == 403, path
    assert visit("kuang").get("/vendors/mine").status_code == 404


def _vendor_signs_up(cast, vendor_id) -> int:
    """Give the vendor an account; returns another vendor of the same market."""
    with db.acting(cast.kuang) as session:
        person = Person(username="dangzhu", name="梁样烧", password_hash=people.HASHER.hash(people.PASSWORD))
        session.add(person)
        session.flush()
        session.add(
            Membership(
                person_id=person.id,
                organisation_id=cast.east.company_id,
                role=Role.VENDOR,
                vendor_id=vendor_id,
            )
        )
        facts = vendor_facts(uscc=OTHER_USCC, name="隔壁")
        return operations.register_vendor(cast.market(), facts, cast.kuang).id


def test_a_post_is_given_and_ended_by_the_pages(visit, cast):
    visitor, path = visit("kuang"), f"/markets/{cast.east.market_id}/posts"
    visitor.get(f"{path}/appoint")
    typed = {"person": str(cast.fu.person_id), "kind": "tester", "from_on": clock.today().isoformat()}
    assert visitor.post(f"{path}/appoint", typed).status_code == 303
    assert visitor.post(f"{path}/appoint", typed).status_code == 422
    stranger = typed | {"person": str(cast.west_mai.person_id)}
    assert visitor.post(f"{path}/appoint", stranger).status_code == 422
    with db.acting(cast.kuang):
        post = next(one for one in queries.posts_of(cast.market()) if one.kind is PostKind.TESTER)
    assert visitor.post(f"{path}/{post.id}/end", {"to_on": typed["from_on"]}).status_code == 303


def test_zones_are_put_in_order_by_the_page(visit, cast):
    visitor, path = visit("kuang"), f"/markets/{cast.east.market_id}/zones"
    visitor.get(path)
    assert visitor.post(f"{path}/{cast.east.zone_ids[2]}/move", {"way": "up"}).status_code == 303
    with db.acting(cast.kuang):
        assert [zone.code for zone in queries.zones_of(cast.market())] == ["A", "C", "B"]
    assert visitor.post(f"{path}/{cast.west.zone_ids[0]}/move", {"way": "up"}).status_code == 404


def test_a_closed_market_offers_nothing_to_press(visit, cast):
    town, market = visit("zhen"), f"/markets/{cast.east.market_id}"
    town.get(f"{market}/close")
    assert town.post(f"{market}/close", {"note": "整体拆迁"}).status_code == 303
    manager = visit("kuang")
    for part in ("", "/stalls", "/vendors", "/zones", "/papers", "/posts"):
        text = manager.get(market + part).text
        assert "button--wide" not in text and "icons.svg#plus" not in text, part
    assert manager.post(f"{market}/zones/add", {"code": "D", "name": "熟食区", "kind": ""}).status_code == 409


@pytest.mark.parametrize("part", ["", "/stalls", "/vendors", "/zones", "/papers", "/posts"])
def test_a_page_takes_at_most_twelve_statements(visit, cast, vendor_id, statements, part):
    with db.acting(cast.kuang):
        for number in range(20):
            operations.add_zone(cast.market(), ZoneFacts(f"Z{number}", "又一区"), cast.kuang)
        operations.add_stalls(cast.market(), "E-1", "E-60", None, cast.kuang)
        operations.register_vendor(cast.market(), vendor_facts(uscc=OTHER_USCC, name="隔壁"), cast.kuang)
    visitor = visit("kuang")
    statements.statements.clear()
    assert visitor.get(f"/markets/{cast.east.market_id}{part}").status_code == 200
    assert len(statements) <= 12, "\n".join(statements.statements)


def test_pages_read_in_english_as_well(visit, cast, vendor_id):
    visitor = visit("kuang")
    visitor.post("/prefer", {"language": "en", "next": "/markets"})
    text = visitor.get(f"/vendors/{vendor_id}").text
    assert "Food business permit" in text and 'lang="en"' in text


@pytest.mark.parametrize("who", ["gu", "qu", "zhen"])
def test_officers_read_no_word_of_inspecting(visit, cast, vendor_id, who):
    visitor = visit(who)
    for path in read_pages(cast, vendor_id):
        text = visitor.get(path).text
        assert "检查" not in text.split("<main", 1)[1].split("</main>")[0], path

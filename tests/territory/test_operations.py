"""Areas are loaded again and again; organisations are kept by those who may."""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from portal.core import clock, db, journal
from portal.core.actor import SYSTEM
from portal.core.errors import Mistake, NotAllowed, NotThere
from portal.core.reach import Reach, Sight
from portal.territory import operations, queries
from portal.territory.cli import DATA, read
from portal.territory.models import Area, Function, Kind, Level, cut, level_of
from portal.territory.operations import BadRows, NameCard
from tests.people import EAST_COMMUNITY, EAST_TOWN, WEST_COMMUNITY, Cast

PORTAL = SYSTEM(Reach(Sight.CITY))
TINY = [
    {"code": "990100000000", "name": "样市", "level": "city", "parent_code": ""},
    {"code": "990100110000", "name": "样平镇", "level": "town", "parent_code": "990100000000"},
    {"code": "990100110001", "name": "甲社区", "level": "community", "parent_code": "990100110000"},
    {"code": "990100110002", "name": "乙社区", "level": "community", "parent_code": "990100110000"},
]
CARD = NameCard("新样市场管理有限公司", "新样", "91110000600037341L", "0769-0000000")


def load(rows: list[dict[str, str]]) -> operations.LoadReport:
    with db.acting(PORTAL):
        return operations.load_divisions(rows, PORTAL)


def changed(number: int, **cells: str) -> list[dict[str, str]]:
    return [row | cells if at == number else row for at, row in enumerate(TINY)]


def test_the_divisions_that_come_with_the_portal_are_complete(cast: Cast) -> None:
    load(read(DATA / "dongguan_divisions.csv"))
    with db.reading() as session:
        found = session.execute(
            sa.select(Area.level, sa.func.count()).where(Area.retired_on.is_(None)).group_by(Area.level)
        )
        assert dict(found.all()) == {Level.CITY: 1, Level.TOWN: 36, Level.COMMUNITY: 609}
        town = session.get_one(Area, "441900110")
        assert (town.name, town.parent_code) == ("常平镇", "441900")


def test_loading_the_same_again_changes_nothing(cast: Cast) -> None:
    assert len(load(TINY).added) == 4
    assert load(TINY).is_empty


def test_a_renamed_area_keeps_its_code(cast: Cast) -> None:
    load(TINY)
    report = load(changed(2, name="甲甲社区"))
    assert report.renamed == {"990100110001": "甲社区"}
    with db.reading() as session:
        assert session.get_one(Area, "990100110001").name == "甲甲社区"


def test_a_code_that_vanished_is_retired_and_comes_back(cast: Cast) -> None:
    load(TINY)
    with clock.at(datetime(2026, 12, 1, 0, 30)):
        assert load(TINY[:3]).retired == ["990100110002"]
        assert load(TINY[:3]).is_empty
    with db.reading() as session:
        assert session.get_one(Area, "990100110002").retired_on.isoformat() == "2026-12-01"
    assert load(TINY).restored == ["990100110002"]
    with db.reading() as session:
        assert not session.get_one(Area, "990100110002").is_retired


def test_a_load_of_one_city_leaves_the_others_alone(cast: Cast) -> None:
    load(TINY)
    with db.reading() as session:
        assert not session.get_one(Area, EAST_COMMUNITY).is_retired


def test_a_successor_is_named_for_a_retired_area(cast: Cast) -> None:
    load(TINY)
    load(TINY[:3])
    with db.acting(PORTAL):
        gone, heir = queries.get_area("990100110002"), queries.get_area("990100110001")
        with pytest.raises(Mistake):
            operations.name_successor(heir, gone, PORTAL)
        operations.name_successor(gone, heir, PORTAL)
    with db.reading() as session:
        assert session.get_one(Area, "990100110002").successor_code == "990100110001"


@pytest.mark.parametrize(
    "rows",
    [
        [],
        changed(1, code="99010011000"),
        changed(1, code="９９０１００１１００００"),
        changed(1, level="county"),
        changed(1, code="990100110009"),
        changed(2, name=""),
        changed(3, code="990100110001"),
        changed(1, level="community"),
        TINY[:1] + TINY[2:],
    ],
)
def test_a_bad_file_is_refused_whole(cast: Cast, rows: list[dict[str, str]]) -> None:
    load(TINY)
    with pytest.raises(BadRows):
        load(rows)
    with db.reading() as session:
        assert session.get_one(Area, "990100110002").name == "乙社区"


def test_only_those_in_charge_load_areas(cast: Cast) -> None:
    for name in ("zhen", "qu", "kuang", "shen"):
        who = getattr(cast, name)
        with pytest.raises(NotAllowed), db.acting(who):
            operations.load_divisions(TINY, who)


def test_functions_are_loaded_and_never_dropped(cast: Cast) -> None:
    rows = read(DATA / "functions.csv")
    with db.acting(PORTAL):
        assert len(operations.load_functions(rows, PORTAL).added) == 23
        assert operations.load_functions(rows[:3], PORTAL).is_empty
    with db.reading() as session:
        assert session.get_one(Function, "fire").name_en == "Fire and rescue"
        assert session.scalar(sa.select(sa.func.count()).select_from(Function)) == 23


@pytest.mark.parametrize(
    ("code", "level", "expected"),
    [
        ("441900110000", Level.TOWN, "441900110"),
        ("441900110000", Level.CITY, "441900"),
        ("441900110", Level.CITY, "441900"),
        ("441900121001", Level.COMMUNITY, "441900121001"),
    ],
)
def test_codes_are_cut_by_length(code: str, level: Level, expected: str) -> None:
    assert cut(code, level) == expected


@pytest.mark.parametrize("code", ["4419", "44190011", "4419001100", "4419001100000"])
def test_other_lengths_are_no_area(code: str) -> None:
    with pytest.raises(ValueError, match="no area code"):
        level_of(code)


def register(who: Any, kind: Kind, code: str, card: NameCard = CARD) -> int:
    with db.acting(who):
        return operations.register_organisation(kind, queries.get_area(code), card, who).id


def test_a_town_registers_inside_itself_and_nowhere_else(cast: Cast) -> None:
    assert register(cast.zhen, Kind.COMPANY, EAST_COMMUNITY)
    with pytest.raises(NotAllowed):
        register(cast.zhen, Kind.COMPANY, WEST_COMMUNITY, NameCard("西边公司"))
    with pytest.raises(NotAllowed):
        register(cast.zhen, Kind.CITY, "441900", NameCard("自封的市级"))


@pytest.mark.parametrize("name", ["guan", "shi_ban"])
def test_the_city_and_the_platform_register_everywhere(cast: Cast, name: str) -> None:
    who = getattr(cast, name)
    assert register(who, Kind.COMPANY, EAST_COMMUNITY)
    assert register(who, Kind.COMPANY, WEST_COMMUNITY, NameCard("西边公司"))


@pytest.mark.parametrize("name", ["qu", "gu", "xiao", "kuang", "mai", "fu", "shen"])
def test_nobody_else_keeps_organisations(cast: Cast, name: str) -> None:
    who = getattr(cast, name)
    with pytest.raises(NotAllowed):
        register(who, Kind.COMPANY, EAST_COMMUNITY)


@pytest.mark.parametrize(
    ("kind", "code", "card", "field"),
    [
        (Kind.COMPANY, EAST_TOWN, CARD, "area_code"),
        (Kind.TOWN, EAST_COMMUNITY, CARD, "area_code"),
        (Kind.COMPANY, EAST_COMMUNITY, NameCard(" x "), "name"),
        (Kind.COMPANY, EAST_COMMUNITY, NameCard("样公司", "简" * 31), "short_name"),
        (Kind.COMPANY, EAST_COMMUNITY, NameCard("样公司", uscc="91110000600037341X"), "uscc"),
        (Kind.COMPANY, EAST_COMMUNITY, NameCard("样公司", uscc="123"), "uscc"),
    ],
)
def test_a_card_that_cannot_be_taken_says_which_field(
    cast: Cast, kind: Kind, code: str, card: NameCard, field: str
) -> None:
    with pytest.raises(Mistake) as caught:
        register(cast.shi_ban, kind, code, card)
    assert caught.value.field == field


def test_two_organisations_do_not_bear_one_credit_code(cast: Cast) -> None:
    register(cast.shi_ban, Kind.COMPANY, EAST_COMMUNITY)
    with pytest.raises(Mistake) as caught:
        register(cast.shi_ban, Kind.COMPANY, EAST_COMMUNITY, NameCard("另一家", uscc="91110000600037341l"))
    assert caught.value.field == "uscc"


def test_a_retired_area_takes_no_new_organisation(cast: Cast) -> None:
    load(TINY)
    load(TINY[:3])
    with pytest.raises(Mistake):
        register(cast.shi_ban, Kind.COMPANY, "990100110002")


def test_a_department_is_given_its_functions_and_a_company_none(cast: Cast) -> None:
    with db.acting(PORTAL):
        operations.load_functions(read(DATA / "functions.csv"), PORTAL)
    fire = register(cast.zhen, Kind.DEPARTMENT, EAST_TOWN, NameCard("样镇住建"))
    company = register(cast.zhen, Kind.COMPANY, EAST_COMMUNITY)
    with db.acting(cast.zhen):
        wanted = [one for one in queries.functions() if one.code in {"fire", "housing"}]
        operations.set_functions(queries.get_organisation(fire), wanted, cast.zhen)
        with pytest.raises(Mistake):
            operations.set_functions(queries.get_organisation(company), wanted, cast.zhen)
    with db.acting(cast.zhen):
        organisation = queries.get_organisation(fire)
        assert organisation.function_codes == {"fire", "housing"}
        operations.set_functions(organisation, wanted[:1], cast.zhen)
    with db.reading():
        assert queries.get_organisation(fire).function_codes == {wanted[0].code}


def test_a_rename_is_journalled_with_the_old_name(cast: Cast) -> None:
    with db.acting(cast.zhen):
        organisation = queries.get_organisation(cast.kuang.organisation_id)
        operations.rename(organisation, NameCard("东样新名有限公司"), cast.zhen)
        line = journal.of(organisation)[0]
        assert (line.verb, line.data["before"], line.actor_name) == (
            "rename",
            "东样市场管理有限公司",
            "甄样镇",
        )


def test_the_list_is_bounded_and_paged_by_area(cast: Cast) -> None:
    for number in range(queries.PAGE + 3):
        register(cast.shi_ban, Kind.COMPANY, EAST_COMMUNITY, NameCard(f"第{number}号样公司"))
    with db.reading():
        first = queries.organisations("样公司", EAST_TOWN)
        second = queries.organisations("样公司", EAST_TOWN, first.next_cursor)
    seen = [one.id for one in [*first.rows, *second.rows]]
    assert len(first.rows) == queries.PAGE and second.next_cursor == ""
    assert len(seen) == len(set(seen)) == queries.PAGE + 3 + 1  # the company of the cast among them


@pytest.mark.parametrize("search", ["%", "_", "没有这家", "'", "\\"])
def test_signs_of_the_search_are_taken_at_their_word(cast: Cast, search: str) -> None:
    with db.reading():
        assert queries.organisations(search).rows == []


@pytest.mark.parametrize("cursor", ["x", "1.x", "441900121001.99999999999999999999", "..", "441900121001"])
def test_a_cursor_of_somebody_elses_begins_at_the_beginning(cast: Cast, cursor: str) -> None:
    with db.reading():
        assert queries.organisations(cursor=cursor).rows == queries.organisations().rows


def test_what_does_not_exist_is_not_there(cast: Cast) -> None:
    with db.reading():
        for look in (lambda: queries.get_organisation(999_999), lambda: queries.get_area("000000")):
            with pytest.raises(NotThere):
                look()

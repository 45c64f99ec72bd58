"""Whatever is put into whatever field or address: a sentence in the reader's language, nothing lost, never a fault."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.actor import Role
from tests.selfcheck.day import WALKING
from tests.site import access, bad_input, walking
from tests.site.access_world import OTHER_AREA, OTHER_COMPANY, World, changes, contents
from tests.site.bad_input import BAD, CANARY, FINE, Field
from tests.site.test_every_page import Data
from tests.site.walking import Stop

pytestmark = pytest.mark.slow
LANGUAGES = ("zh-CN", "en")
NUMBERS = ("987654321", "0", "9" * 30)
NO_NUMBERS = ("-1", "1.5", "一", "'--", CANARY + "</script>")
SHOWN_AGAIN = frozenset(BAD[name] for name in ("a script and a template", "an emoji"))
"""What is looked for on the page that shows what was kept."""
PARTS = 4
"""In so many parts the forms are tried, so that processes share them."""
SHARED = frozenset({"item code", "list without a draft", "listing"})
"""Things that belong to nobody: a code of an official item, a kind of list, what may be exported."""
IN_ANY_ADDRESS = dict(zip(("after", "q", "kind", "next", "day"), BAD.values(), strict=False))
"""What even a page that reads nothing of its query is asked with."""
PARAMETER = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
SEE_EVERYTHING = frozenset({Role.CITY_OFFICER.value, Role.PLATFORM_ADMIN.value, Role.AUDITOR.value})
KEPT_OF_ANY_WRITE = frozenset({"once", "sign_in"})
TYPES = ([], {}, None, True, -1, 2**70, 0.5, ["pass"], {"outcome": "pass"})
"""What a script might send where a word is due."""


@pytest.fixture(scope="module")
def known(made_world: World) -> dict[str, list[Field]]:
    """The fields of every form."""
    made_world.put_back()
    with clock.at(WALKING):
        return bad_input.fields_by_endpoint(made_world)


@pytest.fixture(scope="module")
def data(made_world: World) -> Data:
    """What people and the law wrote into the full world."""
    made_world.put_back()
    return Data()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_typed_is_taken_or_answered_in_words(
    full: World, known: dict[str, list[Field]], data: Data, part: int
) -> None:
    faults = []
    for route, stop in [*enumerate(walking.writes(full))][part::PARTS]:
        for number, field in enumerate(bad_input.fields_of(stop, known)):
            for turn, (name, value) in enumerate(field.values(route)):
                language = LANGUAGES[(number + turn) % 2]
                found = tried(stop, field, value, language, data)
                faults += [f"{stop.endpoint} {field.name} with {name}: {fault}" for fault in found]
    assert faults == [], "\n".join(faults)


def tried(stop: Stop, field: Field, value: str, language: str, data: Data) -> list[str]:
    """Send a form with one bad value and look at the answer, and at the page it leads to."""
    visitor = stop.seat()
    answer = stop.send(visitor, stop.form() | {field.name: value}, language=language)
    found = [*bad_input.faults_of(answer, field, value, language, data)]
    if answer.status_code in {302, 303} and value in SHOWN_AGAIN:
        found += bad_input.faults_of(visitor.get(answer.location), field, value, language, data)
    if answer.status_code < 400 or stop.endpoint.startswith("accounts."):  # who guesses is slowed
        stop.world.put_back()
    return found


def test_a_strangers_thing_in_any_place_of_an_address_is_not_there(full: World) -> None:
    """Whole addresses of strangers are tried by test_access.py; here one part of many is a stranger's."""
    faults = []
    for stop in walking.stops(full):
        if len(names := access.names_of(stop.rule)) < 2:
            continue
        for name, thing in ((name, thing) for name, thing in names.items() if thing not in SHARED):
            for side in (OTHER_COMPANY, OTHER_AREA):
                foreign = full.find(thing, side, stop.role)
                if foreign is None or foreign == stop.things()[name]:
                    continue
                answer = opened(stop, **{name: foreign})
                if answer.status_code not in {403, 404}:
                    faults.append(f"{stop.name} with {name} of {side}: {answer.status_code}")
    assert faults == [], "\n".join(faults)


def test_a_number_nobody_has_is_not_there_in_any_place_of_an_address(full: World) -> None:
    faults = []
    for stop in first_of_each(walking.stops(full)):
        names = access.names_of(stop.rule)
        for name in (name for name in stop.rule.arguments if names[name] not in SHARED):
            for turn, bad in enumerate(nobodys(stop, name)):
                path = addressed(stop, name, bad)
                answer = visited(stop, path, LANGUAGES[turn % 2])
                if answer.status_code not in {404, 405, 303} or CANARY in answer.text:
                    faults.append(f"{stop.method} {path}: {answer.status_code}")
    assert faults == [], "\n".join(faults)


def nobodys(stop: Stop, name: str) -> tuple[str, ...]:
    """What no row bears; what is no number does not come as far as a page that takes one, so one of it will do."""
    if f"<int:{name}>" in stop.route:
        return (*NUMBERS, NO_NUMBERS[len(stop.route) % len(NO_NUMBERS)])
    return NUMBERS + NO_NUMBERS


def test_a_query_of_anything_is_answered(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = []
    for stop in first_of_each(walking.pages(full)):
        visitor, path = stop.seat(), stop.path()
        with monkeypatch.context() as patch, bad_input.heard(patch) as names:
            usual = visitor.get(path).status_code
        for query in queries(sorted(names)):
            answer = visitor.get(path.partition("?")[0], query_string=query)
            if answer.status_code not in {usual, 200, 302, 303, 400, 404, 413} or CANARY in answer.text:
                faults.append(f"{path} {str(query)[:80]}: {answer.status_code}")
    assert faults == [], "\n".join(faults)


def queries(names: list[str]) -> Iterator[dict[str, str]]:
    """What a page is asked with that reads these names of its query: all of them at once, and one by one."""
    yield IN_ANY_ADDRESS
    if names:
        yield from (dict.fromkeys(names, BAD[bad]) for bad in sorted(bad_input.TO_A_QUERY))
    if len(names) > 1:
        yield from ({name: BAD["a huge number"]} for name in names)


def test_a_script_that_sends_another_kind_of_thing_is_answered_in_words(full: World) -> None:
    for stop in (one for one in walking.writes(full) if one.is_script):
        for name in (*stop.form(), "number", "text", "note", "stall", "phrases", "major", "at"):
            for thing in TYPES:
                answer = stop.send(stop.seat(), stop.form() | {name: thing})
                assert answer.status_code in FINE, (name, thing)
                assert answer.status_code < 400 or answer.get_json()["words"]


def test_a_strangers_number_in_a_form_changes_nothing(full: World) -> None:
    """Ids that stand in fields: the vendor of a stall, the person of a post, one's own part, a check to be noted."""
    west = full.people["west"]
    strangers = {
        "vendor": full.find("free vendor", OTHER_AREA, ""),
        "person": west.kuang.person_id,
        "membership": west.kuang.membership_id,
        "check": full.find("clean check", OTHER_AREA, ""),
        "community": west.east.community_code,
        "area_code": west.east.town_code,
        "stall": "C-002-W",
    }
    before, tried_names = contents(), set()
    for stop in walking.writes(full):
        for name in strangers.keys() & stop.form().keys():
            if name != "membership" and stop.role in SEE_EVERYTHING:
                continue
            tried_names.add(name)
            answer = stop.send(stop.seat(), stop.form() | {name: str(strangers[name])})
            assert answer.status_code in {303, 403, 404, 409, 422}, stop.name
            assert {*changes(before)} <= KEPT_OF_ANY_WRITE, f"{stop.name} took {name}"
            full.put_back()
    assert tried_names == strangers.keys()


def opened(stop: Stop, **changes: object) -> TestResponse:
    """Open or send the address with other things in it."""
    if stop.method == "GET":
        return stop.seat().get(stop.path(**changes))
    answer = stop.send(stop.seat(), stop.form(), **changes)
    if answer.status_code < 400:
        stop.world.put_back()
    return answer


def visited(stop: Stop, path: str, language: str) -> TestResponse:
    headers = {"Accept-Language": language}
    if stop.method == "GET":
        return stop.seat().get(path, headers=headers)
    if stop.is_script:
        return stop.seat().script(stop.method, path, json=stop.form(), headers=headers)
    return stop.seat().post(path, stop.form(), headers=headers)


def addressed(stop: Stop, name: str, bad: str) -> str:
    """The address with something no row bears in one place, whatever its converter would say."""
    values = stop.things() | {name: bad}
    path = PARAMETER.sub(lambda found: quote(str(values[found[1]]), safe=""), stop.rule.rule)
    return str(path)


def first_of_each(stops: list[Stop]) -> list[Stop]:
    """Each route and method once."""
    return list({(stop.route, stop.method): stop for stop in reversed(stops)}.values())

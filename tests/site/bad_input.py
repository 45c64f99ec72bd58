"""What is typed into forms by mistake or on purpose, and how an answer to it is judged."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Request
from markupsafe import escape
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from portal.web.forms import half_width, tidy
from tests.site import parsed, walking
from tests.site.access_world import World
from tests.site.test_every_page import IDEOGRAPH, Data
from tests.site.walking import Stop

CANARY = "<script>c(7)"
BAD = {
    "five thousand signs": "很" * 5_000,
    "NUL": "坏\0字",
    "an emoji": "摊位🐟👩‍🌾",
    "a turned direction": "\u202egnp.exe",
    "a script and a template": CANARY + "{{7*7}}canary",
    "a negative number": "-1",
    "a huge number": "9" * 40,
    "no number": "NaN",
    "an endless number": "1e999",
    "full-width digits": "１２３",
}
ONLY_NUMBERS_DIFFER = frozenset({"no number", "an endless number"})
"""To a field of words these are words like "a negative number"."""
TO_A_CHOICE = frozenset(
    {"five thousand signs", "NUL", "a script and a template", "a huge number", "full-width digits"}
)
"""What a comparison with what may be chosen, or the number of a row, could stumble over."""
TO_A_QUERY = TO_A_CHOICE | {"a negative number", "no number"}
OF_EVERY_FORM = frozenset({"acting"})
"""Fields the gate reads, the same for all: one route is sent everything, the others one thing each in turn."""
NUMERIC = frozenset({"numeric", "decimal", "tel"})
FINE = frozenset({200, 201, 302, 303, 400, 404, 409, 413, 422, 429})
NOT_TYPED = frozenset({"hidden", "radio", "checkbox", "password", "file", "submit"})
TEXTUAL = frozenset({"text", "search"})
TOKENS = frozenset({"csrf_token", "once"})
OF_AN_ITEM = re.compile(r"^[A-Z]{1,3}-\d{1,3}-")
MISTAKE = re.compile(r'class="error"[^>]*>(.*?)</p>|role="alert".*?<ul>(.*?)</ul>|<h1>(.*?)</h1>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Field:
    """One field of a form, and whether a text somebody typed stands in it."""

    name: str
    is_typed: bool
    is_number: bool = False

    def values(self, turn: int) -> list[tuple[str, str]]:
        """What is put into it; ``turn`` counts the routes."""
        if self.name in OF_EVERY_FORM and turn:
            return [list(BAD.items())[turn % len(BAD)]]
        if not self.is_typed:
            return [(name, value) for name, value in BAD.items() if name in TO_A_CHOICE]
        return [
            (name, value) for name, value in BAD.items() if self.is_number or name not in ONLY_NUMBERS_DIFFER
        ]


@contextmanager
def heard(patch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names the pages opened inside read of their query."""
    names: set[str] = set()

    class Listening(ImmutableMultiDict):  # type: ignore[type-arg]
        def get(self, key: str, *rest: Any, **more: Any) -> Any:
            names.add(key)
            return super().get(key, *rest, **more)

        def getlist(self, key: str, *rest: Any, **more: Any) -> Any:
            names.add(key)
            return super().getlist(key, *rest, **more)

        def __getitem__(self, key: str) -> Any:
            names.add(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            names.add(str(key))
            return super().__contains__(key)

    patch.setattr(Request, "parameter_storage_class", Listening)
    yield names


def fields_by_endpoint(world: World) -> dict[str, list[Field]]:
    """The fields of every form of every page, by where it is sent; of the fields of many items those of one."""
    found: dict[str, dict[str, Field]] = {}
    for stop in {stop.route: stop for stop in walking.pages(world)}.values():
        path = stop.path()
        for form in parsed.tree(stop.seat().get(path).text).iter("form"):
            if form.get("method") == "post":
                endpoint = _leads_to(world, form.get("action") or path)
                found.setdefault(endpoint, {}).update(_fields_of(form))
    return {endpoint: list(fields.values()) for endpoint, fields in found.items()}


def _leads_to(world: World, action: str) -> str:
    adapter = world.app.url_map.bind("localhost")
    try:
        return str(adapter.match(action.partition("?")[0], method="POST")[0])
    except HTTPException as error:
        raise AssertionError(f"a form leads to {action}, which is nowhere") from error


def _fields_of(form: Element) -> Iterator[tuple[str, Field]]:
    for field in (one for tag in ("input", "select", "textarea") for one in form.iter(tag)):
        name, kind = field.get("name"), field.get("type", "text")
        if name and name not in TOKENS:
            is_typed = field.tag != "select" and kind not in NOT_TYPED
            is_number = kind not in TEXTUAL or field.get("inputmode") in NUMERIC
            yield OF_AN_ITEM.sub("*", name) + ("" if is_typed else " "), Field(name, is_typed, is_number)


def fields_of(stop: Stop, known: dict[str, list[Field]]) -> list[Field]:
    """The fields of a route: those of its forms, and those a person or a script would send."""
    named = {field.name: field for field in known.get(stop.endpoint, ())}
    return [*named.values(), *(Field(name, False) for name in stop.form() if name not in named)]


def faults_of(answer: TestResponse, field: Field, value: str, language: str, data: Data) -> Iterator[str]:
    """What is wrong with an answer to a bad value."""
    if answer.status_code not in FINE:
        yield f"{answer.status_code}"
    if CANARY in answer.text or "49canary" in answer.text:
        yield "what was typed is code"
    if answer.status_code < 400:
        return
    said = sentences(answer)
    if not said:
        yield f"{answer.status_code} without a word"
    for words in said:
        own = unescape(words).replace(value[:20], "")
        if bool(data.taken_from(own) if language == "en" else not IDEOGRAPH.search(own)):
            yield f"a reader of {language} is told: {words[:80]}"
    if answer.status_code == 422 and not answer.is_json and field.is_typed and not keeps(answer.text, value):
        yield "what was typed is lost"


def sentences(answer: TestResponse) -> list[str]:
    """What a refusal says."""
    if answer.is_json:
        return [str(answer.get_json().get("words", ""))]
    found = (TAG.sub(" ", "".join(part)) for part in MISTAKE.findall(answer.text))
    return [words.strip() for words in found if words.strip()]


def keeps(text: str, value: str) -> bool:
    """Whether what was typed stands in the page that came back: as typed, tidied, or in plain figures."""
    tidied = tidy(value) or ""
    return any(
        str(escape(form)) in text for form in (value, tidied, "".join(tidied.split()), half_width(tidied))
    )

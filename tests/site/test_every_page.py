"""Every page by everybody who may open it, in both languages: whole, labelled, and in one language."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import sqlalchemy as sa

from portal.core import db
from portal.core.db import Base
from tests.site import parsed, walking
from tests.site.access_world import World
from tests.site.walking import Stop
from tests.site.walks import Walk

pytestmark = pytest.mark.slow
LANGUAGES = {"zh-CN": "zh-Hans-CN", "en": "en"}
IDEOGRAPH = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
MACHINE_WORDS = re.compile(r"<[\w.]+ object|\bundefined\b|\bnan\b|%\(\w+\)|\{\{|\bMay\.|\{'")
"""What a reader sees only where a page forgot to say something."""
BARE_ID = re.compile(r"#\d+$|\b(?:id|ID)[ :=：]*\d+")
OWN_NAMES = frozenset({"中文"})
"""A language names itself in its own words."""
MASKED = re.compile(r"[\u3400-\u9fff]\*[\u3400-\u9fff]?")
"""A person's name as strangers may read it."""
TYPED = ("input", "select", "textarea")
NEEDS_NO_LABEL = frozenset({"hidden", "submit", "button"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole(full: World, walk: Walk, language: str) -> None:
    faults = []
    for seen in walk.through(full, language):
        stop, answer = seen.stop, seen.answer
        if not seen.is_page:
            continue
        if answer.status_code != 200:
            faults.append(f"{stop.name}: {answer.status_code}")
            continue
        faults += [f"{fault}: {stop.name}" for fault in faults_of(seen.tree)]
        if language != "en" and "None" in " ".join(parsed.texts(seen.tree)):
            faults.append(f"nothing is called None: {stop.name}")
        if seen.tree.get("lang") != LANGUAGES[language]:
            faults.append(f"{seen.tree.get('lang')} instead of {language}: {stop.name}")
    assert faults == [], "\n".join(faults)


def test_an_english_page_says_nothing_in_chinese_but_names_and_official_texts(
    full: World, walk: Walk, data: "Data"
) -> None:
    faults: dict[str, Stop] = {}
    for seen in walk.through(full, "en"):
        for text in parsed.texts(seen.tree) if seen.is_page else ():
            if left := data.taken_from(text):
                faults.setdefault(left, seen.stop)
    assert faults == {}, "\n".join(told(faults))


@pytest.mark.parametrize("language", LANGUAGES)
def test_parts_of_pages_and_papers_are_there(full: World, walk: Walk, language: str) -> None:
    for seen in walk.through(full, language):
        if not seen.is_page and seen.stop.endpoint not in walking.FOR_NOBODY_YET:
            assert seen.answer.status_code in {200, 302, 303}, seen.stop.name


@pytest.fixture(scope="module")
def data(made_world: World) -> "Data":
    """What people and the law wrote into the full world."""
    made_world.put_back()
    return Data()


def told(faults: dict[str, Stop]) -> Iterator[str]:
    """The Chinese that was left, and the first page it was met on."""
    return (f"{stop.name}: {left}" for left, stop in faults.items())


def faults_of(page: Element) -> Iterator[str]:
    """What a page lacks."""
    titles = [parsed.words(title) for title in page.iter("title") if title.text]
    if not any(title.partition(" - ")[0].strip() for title in titles[:1]):
        yield "no title"
    if (headings := parsed.count(page, "h1")) != 1:
        yield f"{headings} h1"
    yield from faults_of_ids(page)
    yield from (f"no label: {field.get('name')}" for field in unlabelled(page))
    yield from (f"a link without words: {link.get('href')}" for link in page.iter("a") if not is_named(link))
    for text in parsed.texts(parsed.main_of(page)):
        if MACHINE_WORDS.search(text) or BARE_ID.search(text):
            yield f"a machine's words: {text[:80]}"


def faults_of_ids(page: Element) -> Iterator[str]:
    """An id stands once, and whatever is pointed at is there."""
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    yield from (f"id {name} twice" for name in {one for one in ids if ids.count(one) > 1})
    for element in page.iter():
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-errormessage"):
            for wanted in (element.get(name) or "").split():
                if wanted not in ids:
                    yield f"{name} points at {wanted}, which is not there"


def unlabelled(page: Element) -> Iterator[Element]:
    """Fields nobody names."""
    named = {label.get("for") for label in page.iter("label")}
    inside = {id(field) for label in page.iter("label") for field in label.iter() if field.tag in TYPED}
    for field in (field for tag in TYPED for field in page.iter(tag)):
        is_named = field.get("id") in named or id(field) in inside
        says_so = field.get("aria-label") or field.get("aria-labelledby")
        if field.get("type") not in NEEDS_NO_LABEL and not is_named and not says_so:
            yield field


def is_named(link: Element) -> bool:
    pictures = (picture.get("alt") for picture in link.iter("img"))
    return bool(parsed.words(link) or link.get("aria-label") or any(pictures))


class Data:
    """The texts of the database: what people and the law wrote, which nobody translates."""

    def __init__(self) -> None:
        self._all = set(self._read())
        pieces = sorted((one for one in self._all if len(one) > 1), key=len, reverse=True)
        self._pieces = re.compile("|".join(map(re.escape, pieces)))

    def taken_from(self, text: str) -> str:
        """The text without data and languages' own names where Chinese is left in it, else nothing."""
        if text in OWN_NAMES or text in self._all or not IDEOGRAPH.search(text):
            return ""
        left = MASKED.sub("", self._pieces.sub("", text))
        return left if IDEOGRAPH.search(left) else ""

    def _read(self) -> Iterator[str]:
        with db.database().engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                for row in connection.execute(sa.select(table)):
                    yield from (one for value in row for one in leaves(value) if IDEOGRAPH.search(one))


def leaves(value: Any) -> Iterator[str]:
    """The texts in a value of a column, folded as a page folds them."""
    if isinstance(value, str):
        yield " ".join(value.split())
        yield from (" ".join(line.split()) for line in value.splitlines())
    elif isinstance(value, dict):
        yield from (text for one in value.values() for text in leaves(one))
    elif isinstance(value, list | tuple):
        yield from (text for one in value for text in leaves(one))

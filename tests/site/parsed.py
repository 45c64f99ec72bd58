"""A page as a browser takes it apart, for tests that look at what is on it."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import tinyhtml5

SILENT = frozenset({"script", "style", "template"})
SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-label", "content")
"""Attributes whose words a reader hears or sees."""


def tree(text: str) -> Element:
    """The page, its elements without a namespace."""
    return tinyhtml5.parse(text, namespace_html_elements=False)


def main_of(page: Element) -> Element:
    """The part that is about something; a part of a page is about something as a whole."""
    return next(page.iter("main"), page)


def count(page: Element, *tags: str) -> int:
    return sum(1 for tag in tags for _ in page.iter(tag))


def words(element: Element) -> str:
    """The words of an element, blanks folded."""
    return " ".join("".join(element.itertext()).split())


def texts(page: Element) -> Iterator[str]:
    """Every piece of text a reader meets, attributes that are read out included."""
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        own = (element.text,) if element.tag not in SILENT else ()
        for text in (*own, element.tail, *(element.get(name) for name in SPOKEN)):
            if text and text.strip():
                yield " ".join(text.split())

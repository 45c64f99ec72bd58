"""The words of notices: each package registers its own, and they are said in the language of whoever reads.

::

    texts.register(
        "markets.paper_expires",
        title=_l("%(paper)s %(day)s 到期"),
        body=_l("%(vendor)s 的%(paper)s快到期了，请提醒换证。"),
        digest=_l("有 %(n)s 份证照要到期"),
    )
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled
from portal.web.pages import day_words, moment_words

PLACE = re.compile(r"%\((\w+)\)s")
MANY: Any = _l("有 %(n)s 件事")


@dataclass(frozen=True)
class Text:
    """What a notice says: lazy sentences with named places, ``digest`` with the place ``n`` alone."""

    title: Any
    body: Any
    digest: Any


_texts: dict[str, Text] = {}


def register(event: str, *, title: Any, body: Any = "", digest: Any = None) -> None:
    """Enter the words of an event, named ``<package>.<what happened>``; raises ValueError for a second entry."""
    if event in _texts:
        raise ValueError(f"{event} has its words already")
    _texts[event] = Text(title, body, digest or MANY)


def registered() -> Mapping[str, Text]:
    """Every event that has words."""
    return _texts


def check(event: str, params: Mapping[str, Any]) -> None:
    """Find at the telling, not at the reading, that a word is missing; raises LookupError or ValueError."""
    if event not in _texts:
        raise LookupError(f"nobody registered words for {event}")
    text = _texts[event]
    if missing := {*PLACE.findall(str(text.title)), *PLACE.findall(str(text.body))} - set(params):
        raise ValueError(f"{event} lacks {sorted(missing)}")


def title(event: str, params: Mapping[str, Any]) -> str:
    """The headline of one thing."""
    return _said(_texts[event].title, params) if event in _texts else _("一条通知")


def body(event: str, params: Mapping[str, Any]) -> str:
    """What else is to be known of it; often nothing."""
    return _said(_texts[event].body, params) if event in _texts else ""


def digest(event: str, number: int) -> str:
    """The headline of several things of one day."""
    return _said(_texts[event].digest if event in _texts else MANY, {"n": number})


def packed(params: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a notice as they are kept: texts, numbers, days, moments and labels; raises TypeError."""
    return {name: _packed(value) for name, value in params.items()}


def _packed(value: Any) -> Any:
    match value:
        case Labelled():
            return {"word": [type(value).__module__, type(value).__name__, value.value]}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case str() | int():
            return value
        case _:
            raise TypeError(f"a notice cannot keep {value!r}")


def _said(sentence: Any, params: Mapping[str, Any]) -> str:
    words = str(sentence)
    return words % {name: _unpacked(value) for name, value in params.items()} if params else words


def _unpacked(value: Any) -> Any:
    match value:
        case {"word": [module, name, kept]}:
            return _label(module, name, kept)
        case {"moment": text}:
            return moment_words(datetime.fromisoformat(text))
        case {"day": text}:
            return day_words(date.fromisoformat(text))
    return value


def _label(module: str, name: str, kept: str) -> str:
    for words in Labelled.__subclasses__():
        if (words.__module__, words.__name__) == (module, name) and kept in {one.value for one in words}:
            return str(words(kept).label)
    return kept

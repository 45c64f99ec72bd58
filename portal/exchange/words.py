"""Words that are kept: a sentence and what fills it, so that it can be said in the language of whoever reads."""

from typing import Any

from flask_babel import gettext
from flask_babel.speaklater import LazyString

from portal.core import identity


def packed(words: Any) -> dict[str, Any]:
    """A lazy sentence taken apart; anything else as it reads, but for identity numbers, which nobody keeps."""
    if isinstance(words, LazyString):
        filled = {name: packed(value) for name, value in words._kwargs.items()}
        return {"id": words._args[0], "with": filled}
    return {"text": identity.masked(str(words))}


def said(kept: dict[str, Any]) -> str:
    """The sentence in the reader's language; nothing where none was kept."""
    if "id" not in kept:
        return str(kept.get("text", ""))
    sentence, filled = kept["id"], {name: said(value) for name, value in kept["with"].items()}
    return str(gettext(sentence, **filled))

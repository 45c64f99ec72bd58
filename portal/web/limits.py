"""What a request may look like at all: refused here in words, before anything reads it."""

import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, ValidationError

from portal.core import db

SURROGATE = re.compile("[\ud800-\udfff]")
LONGEST_FIELD = 20_000
MOST_FIELDS = 1_000
DEEPEST_JSON = 12
LARGEST_JSON = 500_000


class IdConverter(IntegerConverter):
    """A row's number in a path; one no database could hold is simply not found."""

    def to_python(self, value: str) -> int:
        number = db.as_id(value)
        if number is None:
            raise ValidationError
        return number


def limit(app: Flask) -> None:
    """Bound ids, bodies, fields and JSON of every request."""
    app.url_map.converters["int"] = IdConverter
    app.config.update(
        MAX_CONTENT_LENGTH=1_000_000, MAX_FORM_MEMORY_SIZE=1_000_000, MAX_FORM_PARTS=MOST_FIELDS
    )
    app.before_request(refuse_junk)


def refuse_junk() -> None:
    """Refuse bytes no form of ours sends: bad UTF-8, NUL, other charsets, endless fields, bottomless JSON."""
    if not _is_clean(_decoded(request.environ.get("QUERY_STRING", "")), request.path):
        raise BadRequest
    for name, value in request.args.items(multi=True):
        _check_text(name, value)
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8"}:
        raise BadRequest
    if request.is_json:
        check_json()


def check_form() -> None:
    """Refuse fields no form of ours has; read once the gate has set the size of the body."""
    for name, value in request.form.items(multi=True):
        _check_text(name, value)


def check_json() -> Any:
    """The body as JSON, not deep and not long; raises BadRequest."""
    raw = request.get_data(cache=True)
    if len(raw) > LARGEST_JSON:
        raise RequestEntityTooLarge
    try:
        text = raw.decode()
        if _depth(text) > DEEPEST_JSON or "\x00" in text or "\\u0000" in text:
            raise BadRequest
        return json.loads(text, parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadRequest from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _decoded(query: str) -> str:
    try:
        return unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise BadRequest from None


def _depth(text: str) -> int:
    deepest = depth = 0
    for sign in text:
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _is_clean(*texts: str) -> bool:
    return not any("\x00" in text or "\ufffd" in text for text in texts)


def _check_text(name: str, value: str) -> None:
    if len(value) > LONGEST_FIELD or len(name) > 200:
        raise RequestEntityTooLarge
    if not _is_clean(name, value) or SURROGATE.search(value):
        raise BadRequest

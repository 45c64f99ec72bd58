"""The area of exchange, and what its pages share."""

from typing import Any
from urllib.parse import quote

from flask import make_response
from werkzeug.wrappers import Response

from portal.exchange.policy import May
from portal.web.area import Area

area = Area("exchange", __name__)

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@area.context_processor
def _furnish() -> dict[str, Any]:
    return {"rights": May}


def handed_over(content: bytes, name: str, mimetype: str = WORKBOOK) -> Response:
    """A file to be saved under its name (RFC 6266), kept by nobody on the way."""
    answer = make_response(content)
    answer.mimetype = mimetype
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

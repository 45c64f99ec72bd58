"""Evidence as a browser gets it: through the attachment, as nothing but what it is."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.core.errors import NotThere
from portal.evidence import queries, storage
from portal.evidence.models import Attachment
from portal.evidence.policy import May
from portal.web.area import Area
from portal.web.gate import actor
from portal.web.pages import moment_words

log = logging.getLogger(__name__)

area = Area("evidence", __name__, url_prefix="/evidence")

KEPT_BY_BROWSER = 600  # seconds; then it asks again and mostly hears "not modified"
ALONE = "sandbox; default-src 'none'"  # whatever the bytes are, they act on nothing


@dataclass(frozen=True)
class Shown:
    """An attachment as the photo components take it."""

    url: str
    thumb_url: str
    alt: str
    caption: str


@area.get("/<int:attachment_id>", needs=May.READ)
def show(attachment_id: int) -> ResponseReturnValue:
    attachment = queries.get_shown(attachment_id, actor())
    return _served(attachment, attachment.blob.sha256)


@area.get("/<int:attachment_id>/thumb", needs=May.READ)
def thumb(attachment_id: int) -> ResponseReturnValue:
    attachment = queries.get_shown(attachment_id, actor())
    if attachment.blob.thumb_sha256 is None:
        raise NotThere
    return _served(attachment, attachment.blob.thumb_sha256)


def shown(attachment: Attachment) -> Shown:
    """The addresses and words of a photo, for a page that shows it."""
    label: Any = attachment.role.label
    return Shown(
        url=url_for("evidence.show", attachment_id=attachment.id),
        thumb_url=url_for("evidence.thumb", attachment_id=attachment.id),
        alt=str(label),
        caption=_("%(moment)s %(name)s", moment=moment_words(attachment.created_at), name=attachment.by_name),
    )


def _served(attachment: Attachment, sha256: str) -> Response:
    answer = make_response(b"" if request.if_none_match.contains(sha256) else _bytes(attachment, sha256))
    answer.mimetype = "image/jpeg" if attachment.is_photo else "application/pdf"
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["Cache-Control"] = f"private, max-age={KEPT_BY_BROWSER}"
    answer.headers["Content-Disposition"] = _disposition(attachment)
    answer.set_etag(sha256)
    return answer.make_conditional(request)


def _disposition(attachment: Attachment) -> str:
    """Shown or saved, under its name and the ending of what it is (RFC 6266: a plain name, then the full one)."""
    how, ending = ("inline", "jpg") if attachment.is_photo else ("attachment", "pdf")
    stem = attachment.name.rpartition(".")[0] or attachment.name or str(attachment.id)
    full = quote(f"{stem}.{ending}", safe="")
    return f"{how}; filename={attachment.id}.{ending}; filename*=UTF-8''{full}"


def _bytes(attachment: Attachment, sha256: str) -> bytes:
    try:
        return storage.store().read(sha256)
    except FileNotFoundError:
        log.error("the file of attachment %s is missing", attachment.id)
        raise NotThere from None

"""What a telephone sends while one walks: each answer as it is tapped, each photo as it is taken."""

from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.errors import Mistake, NotThere
from portal.evidence import staging
from portal.evidence.models import Attachment
from portal.evidence.queries import get_attachment
from portal.evidence.queries import of as photos_of
from portal.evidence.routes import shown
from portal.selfcheck.forms.checks import SheetForm
from portal.selfcheck.models import Occurrence
from portal.selfcheck.operations import checks as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import checks as queries
from portal.selfcheck.queries import walk as walks
from portal.selfcheck.routes.area import area
from portal.web import gate
from portal.web.area import PHOTO_BODY
from portal.web.gate import actor


@area.put("/checks/<int:occurrence_id>/answers/<code>", needs=May.WALK)
def save_answer(occurrence_id: int, code: str) -> ResponseReturnValue:
    """Keep one answer: 201 for a new one, 200 for the same again, 409 or 422 with the words."""
    occurrence = queries.get_occurrence(actor(), occurrence_id, for_update=True)
    walked = walks.walk(occurrence)
    data = request.get_json(silent=True)
    needs_stalls = isinstance(data, dict) and bool(data.get("stall"))
    form = SheetForm(walked, walks.stalls_of(occurrence.market_id) if needs_stalls else [])
    form.take(code, data)
    card = walked.get(code)
    assert card is not None, "the form knows its items"
    given = form.given(card)
    kept = operations.keep(occurrence, {code: given}, actor()).get(code)
    if kept is None:
        raise Mistake(code, card.gap)
    words = card.item.words_outside(given.number) if given.number is not None else ""
    return (
        jsonify(
            outcome=kept.answer.outcome.value,
            version=kept.answer.version,
            words=str(words),
            answered=occurrence.answered,
            failed=occurrence.failed,
        ),
        201 if kept.is_new else 200,
    )


@area.post(
    "/checks/<int:occurrence_id>/photos/<code>",
    needs=May.WALK,
    prelude=[staging.stage_photos],
    body=PHOTO_BODY,
)
def add_photo(occurrence_id: int, code: str) -> ResponseReturnValue:
    """Keep one photo of an item: 201, or 422 with the words."""
    occurrence = queries.get_occurrence(actor(), occurrence_id, for_update=True)
    batch = gate.prelude(staging.stage_photos)
    for refused in staging.refused(batch, "photo"):
        raise Mistake(code, refused.words)
    if not staging.accepted(batch, "photo"):
        raise Mistake(code, _("没有收到照片，请再拍一次。"))
    photos = [
        operations.add_photo(occurrence, code, one, actor()) for one in staging.accepted(batch, "photo")
    ]
    return jsonify(photos=[_shown(occurrence, photo) for photo in photos]), 201


@area.get("/checks/<int:occurrence_id>/photos/<code>", needs=May.WALK)
def list_photos(occurrence_id: int, code: str) -> ResponseReturnValue:
    """The photos of an item: what a telephone asks that has not heard the first answer."""
    occurrence = queries.get_occurrence(actor(), occurrence_id)
    return jsonify(
        photos=[_shown(occurrence, photo) for photo in photos_of(occurrence) if photo.part == code]
    )


@area.post("/checks/<int:occurrence_id>/photos/<int:photo_id>/remove", needs=May.WALK)
def remove_photo(occurrence_id: int, photo_id: int) -> ResponseReturnValue:
    """Take a photo back while the check is open."""
    occurrence = queries.get_occurrence(actor(), occurrence_id, for_update=True)
    operations.drop_photo(occurrence, photo_of(occurrence, photo_id), actor())
    return jsonify(removed=photo_id)


def photo_of(occurrence: Occurrence, photo_id: int) -> Attachment:
    """A photo of this very check; raises NotThere for any other."""
    photo = get_attachment(photo_id)
    if (photo.owner_kind, photo.owner_id) != (Occurrence.__tablename__, occurrence.id):
        raise NotThere
    return photo


def _shown(occurrence: Occurrence, photo: Attachment) -> dict[str, Any]:
    view = shown(photo)
    remove = url_for("selfcheck.remove_photo", occurrence_id=occurrence.id, photo_id=photo.id)
    return {"id": photo.id, "url": view.url, "thumb": view.thumb_url, "remove": remove}

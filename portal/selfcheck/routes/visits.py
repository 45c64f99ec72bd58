"""What a scanned check point leaves in a check: sent by a telephone as it is scanned, or by a button."""

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.selfcheck.forms.checks import device_clock
from portal.selfcheck.operations import visits as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import checks
from portal.selfcheck.queries import visits as queries
from portal.selfcheck.routes.area import area
from portal.web.gate import actor
from portal.web.pages import clock_words, tell


@area.put("/checks/<int:occurrence_id>/visits/<int:point_id>", needs=May.WALK)
def visit_point(occurrence_id: int, point_id: int) -> ResponseReturnValue:
    """Note a scanned point: 201 for a new visit, 200 for the same again, 409 with the words."""
    occurrence = checks.get_occurrence(actor(), occurrence_id, for_update=True)
    point = queries.get_point(occurrence, point_id)
    data = request.get_json(silent=True)
    at = data.get("at") if isinstance(data, dict) else None
    claim = device_clock(at) if isinstance(at, str) else None
    made, is_new = operations.visit(occurrence, point, actor(), claim)
    return jsonify(point=point.id, at=clock_words(made.at)), 201 if is_new else 200


@area.post("/checks/<int:occurrence_id>/visits/<int:point_id>", needs=May.WALK)
def note_visit(occurrence_id: int, point_id: int) -> ResponseReturnValue:
    """The same by a button, for whoever scanned with the telephone's own camera."""
    occurrence = checks.get_occurrence(actor(), occurrence_id, for_update=True)
    point = queries.get_point(occurrence, point_id)
    operations.visit(occurrence, point, actor())
    tell(_("记下了：到过%(name)s。", name=point.name))
    return redirect(f"{url_for('selfcheck.show_check', occurrence_id=occurrence.id)}#points", 303)

"""What is asked about signs: which are printed and how, and why one is taken back; and their numbers in an address."""

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired

from portal.core import db
from portal.markets.forms.fields import choices, words
from portal.markets.papers import Layout
from portal.markets.queries.signs import MOST_PRINTED
from portal.web.forms import PortalForm


class PrintSignsForm(PortalForm):
    """Which signs and how; where some were chosen before, only how."""

    which = SelectField(_l("印哪些"))
    layout = RadioField(
        _l("怎么印"),
        [InputRequired(_l("请选怎么印。"))],
        choices=choices(Layout),
        default=Layout.GRID.value,
    )


class RevokeSignForm(PortalForm):
    reason = words(_l("为什么作废"), 200)
    is_replaced = BooleanField(_l("马上换一个新码"), default=True)


def spans(ids: Iterable[int]) -> str:
    """Numbers as an address carries them, neighbours together: 12-40,43."""
    found: list[list[int]] = []
    for number in sorted(set(ids)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def ids_of(typed: Sequence[str]) -> list[int]:
    """The numbers of such texts, at most as many as are printed in one go; what is none is passed over."""
    ids: list[int] = []
    for part in ",".join(typed).split(",")[:MOST_PRINTED]:
        first, _, last = part.partition("-")
        start, end = db.as_id(first), db.as_id(last or first)
        if start is not None and end is not None:
            ids += range(start, min(end, start + MOST_PRINTED - 1) + 1)
    return sorted(set(ids))[:MOST_PRINTED]

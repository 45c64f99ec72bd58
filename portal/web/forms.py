"""Forms: what every form of the portal does with what people type."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations as theirs
from wtforms import Field, StringField
from wtforms.fields.core import UnboundField

from portal.core import identity, unkept
from portal.core.errors import Mistake

LONGEST_TEXT = 4_000
MOST_DIGITS = 15  # a number with more has no sense anywhere in the trade

NO_IDENTITY: Any = _l("这里不要写身份证号，别人也会看到。请去掉再交。")


def tidy(text: str | None) -> str | None:
    """Without spaces around it and without invisible characters; line ends as \\n."""
    if text is None:
        return None
    clean = "".join(
        c for c in text.replace("\r\n", "\n") if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"}
    )
    return clean.strip()


def half_width(text: str | None) -> str | None:
    """Full-width letters and digits as a keyboard for Chinese types them, made plain; inner spaces dropped."""
    if text is None:
        return None
    return "".join(unicodedata.normalize("NFKC", text).split())


class Words:
    """WTForms' own sentences in the reader's language, and ours where it has no Chinese: for one among many."""

    def gettext(self, words: str) -> str:
        return str(theirs.gettext(words))

    def ngettext(self, one: str, many: str, number: int) -> str:
        if "%(value)s" in one and "valid choice" in one:
            return str(_("请从列出的里面选一项。"))
        return str(theirs.ngettext(one, many, number))


class PortalForm(FlaskForm):
    """A form that tidies every text, wants no HTML5 bubbles and speaks of its mistakes beside the field.

    An identity number is taken by the field of that name alone, which seals it.
    """

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = super().validate(extra_validators=extra_validators)
        misplaced = [
            field for field in self if not unkept.is_secret(field.name) and _tells_identity(field.data)
        ]
        for field in misplaced:
            field.errors = [*field.errors, NO_IDENTITY]
        return is_right and not misplaced

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: UnboundField, options: dict[str, Any]) -> Field:
            if issubclass(unbound_field.field_class, StringField) and not options.get("filters"):
                own = unbound_field.kwargs.get("filters", ())
                unbound_field = UnboundField(
                    unbound_field.field_class,
                    *unbound_field.args,
                    **{**unbound_field.kwargs, "filters": (tidy, *(f for f in own if f is not tidy))},
                )
            return super().bind_field(form, unbound_field, options)

        def get_translations(self, form: Any) -> Words:
            return Words()


def _tells_identity(data: Any) -> bool:
    """Whether an identity number stands in what was typed, lists and parts of forms looked through."""
    if isinstance(data, str):
        return identity.stands_in(data)
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return any(map(_tells_identity, inner))


@contextmanager
def told(form: FlaskForm) -> Iterator[None]:
    """Put a Mistake an operation finds beside its field; ``form.errors`` then says whether there was one."""
    try:
        yield
    except Mistake as mistake:
        field = form._fields.get(mistake.field)
        if field is None:
            form.form_errors.append(mistake.words)
        else:
            field.errors = [*field.errors, mistake.words]

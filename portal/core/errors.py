"""The refusals: each a sentence for the reader and a status for the page."""

from typing import Any

from flask_babel import lazy_gettext as _l


class Refusal(Exception):
    """Something the portal will not do.  ``words`` is what the reader is told."""

    status = 400
    title: Any = None
    """The headline, where it is not the one every refusal of this status has."""
    default: Any = _l("这一步没有做成。")

    def __init__(self, words: Any = None) -> None:
        self.words = words or self.default
        super().__init__(str(type(self).__name__))

    def __str__(self) -> str:
        return str(self.words)


class NotAllowed(Refusal):
    """The right is missing for this role."""

    status = 403
    default = _l("你现在的身份不能做这一步。")


class NotThere(Refusal):
    """There is no such thing, or it is somebody else's: the two look the same."""

    status = 404
    default = _l("没有找到这一页，可能已经移走，或者不归你看。")


class TooLate(Refusal):
    """The thing has moved on; the state forbids this step now."""

    status = 409
    default = _l("这件事已经变了，请看最新的情况再做。")


class Busy(Refusal):
    """Too many ask for the same slow thing at once; nothing was to be kept, and asking again is all it takes."""

    status = 503
    title = _l("正在排队")
    default = _l("要的人多，正在排队。请过一会儿再试。")


class Mistake(Exception):
    """What was typed cannot be taken; it belongs beside its field."""

    def __init__(self, field: str, words: Any, suggestion: str = "") -> None:
        self.field = field
        self.words = words
        self.suggestion = suggestion  # what was probably meant, to be taken by a person
        super().__init__(field)

"""The few things that are written in a transaction of their own, after the request has let go of its locks.

They must survive a refusal (a failed sign-in, a used code, a denied deed, a form kept for later) or were merely seen
(last seen, opened, personal data read).  The list is closed; nothing else writes outside the request's own transaction.
"""

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from portal.core import db

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What may be written aside; ``SEEN`` and ``DENIED`` may be lost, the others may not."""

    FAILED_SIGN_IN = "failed_sign_in"
    USED_CODE = "used_code"
    KEPT_FORM = "kept_form"
    READ = "read"
    DENIED = "denied"
    SEEN = "seen"


MAY_BE_LOST = frozenset({Kind.DENIED, Kind.SEEN})


def note(kind: Kind, write: Callable[..., None], **facts: Any) -> None:
    """Have ``write(**facts)`` done in a short write transaction once the current session is closed."""

    def do() -> None:
        try:
            with db.opened(None, writes=True) as own:
                write(**facts)
                own.commit()
        except SQLAlchemyError:
            if kind not in MAY_BE_LOST:
                raise
            log.warning("lost aside: %s", kind, exc_info=True)

    db.afterwards(do)

"""A workbook is looked at from outside, hashed and sealed before the write begins."""

import hashlib
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from portal.core import identity
from portal.exchange import keeping
from portal.exchange.operations.imports import Brought
from portal.exchange.workbooks import container
from portal.exchange.workbooks.container import Unreadable
from portal.web.forms import tidy

FIELD = "workbook"
LONGEST_NAME = 120
NOT_CHOSEN: Any = _l("请选一个表格文件。")


def stage_workbook() -> Brought | Unreadable:
    """What was sent, kept sealed, or why it cannot be taken; one that no row speaks of is swept after a day."""
    sent = request.files.get(FIELD)
    if sent is None or not sent.filename:
        return Unreadable(NOT_CHOSEN)
    with sent.stream as stream:  # a large one lies in a file until it is closed
        content = stream.read(container.MOST_BYTES + 1)
    try:
        container.look(content)
    except Unreadable as refusal:
        return refusal
    return Brought(
        filename=_name(sent.filename),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sealed_sha256=keeping.put(content),
    )


def _name(given: str) -> str:
    """The file's own name without its path, without signs nobody sees and without identity numbers."""
    bare = given.replace("\\", "/").rpartition("/")[2]
    return (identity.masked(tidy(bare) or "") or "workbook")[-LONGEST_NAME:]

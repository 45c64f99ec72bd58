"""The one way in for photos and files, whatever channel they come by."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from portal.evidence.staging.taking import Incoming, Refused, Staged, stage

MOST_FILES = 6
TOO_MANY: Any = _l("一次最多传 6 个文件，多出来的没有收。")

Batch = dict[str, list[Staged | Refused]]


def stage_photos() -> Batch:
    """Stage every photo of the request, by the field it came in; a prelude, so that no write is waiting."""
    return _stage_all(documents=False)


def stage_papers() -> Batch:
    """The same, taking PDF files as well."""
    return _stage_all(documents=True)


def accepted(batch: Mapping[str, list[Staged | Refused]], field: str) -> list[Staged]:
    """What was taken of a field."""
    return [one for one in batch.get(field, ()) if isinstance(one, Staged)]


def refused(batch: Mapping[str, list[Staged | Refused]], field: str) -> list[Refused]:
    """What was not taken of a field, each with its sentence."""
    return [one for one in batch.get(field, ()) if isinstance(one, Refused)]


def _stage_all(*, documents: bool) -> Batch:
    batch: Batch = {}
    taken = 0
    for field, file in request.files.items(multi=True):
        if not file.filename:
            continue  # a file field left alone
        taken += 1
        found = stage(file, documents=documents) if taken <= MOST_FILES else Refused(TOO_MANY)
        batch.setdefault(field, []).append(found)
    return batch


__all__ = [
    "Batch",
    "Incoming",
    "Refused",
    "Staged",
    "accepted",
    "refused",
    "stage",
    "stage_papers",
    "stage_photos",
]

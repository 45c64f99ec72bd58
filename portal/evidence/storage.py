"""Where the bytes lie: by the hash of their content and nothing else, so that nobody's name becomes a path.

A file is written beside the others, synced, renamed into place and its folder synced, before any row speaks
of it.  What loses its row, or never had one, is swept (schedule.py).
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from portal.core.settings import Settings, UnsafeSettings

HASH = re.compile(r"[0-9a-f]{64}")
READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
PIECE = 1 << 20
"""Bytes of a long file read at a time."""


class Kept(NamedTuple):
    """One file that lies there, and since when."""

    sha256: str
    since: datetime


class Storage(Protocol):
    """What a place to keep files must be able to do; a hash is 64 lower-case hexadecimal digits."""

    def put(self, content: bytes) -> str:
        """Keep the content so that it survives a power cut; give its hash."""

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty file to write something long into; it goes at the end unless it was taken up."""

    def take_up(self, draft: Path) -> str:
        """Keep what was drafted so that it survives a power cut; give its hash."""

    def read(self, sha256: str) -> bytes:
        """The content; raises FileNotFoundError."""

    def open(self, sha256: str) -> BinaryIO:
        """The content, to be read bit by bit; raises FileNotFoundError."""

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""

    def walk(self) -> Iterator[Kept]:
        """Everything that is kept."""

    def forget(self, sha256: str, before: datetime) -> bool:
        """Delete the content unless it was put again since ``before``; say whether it went."""


class LocalStorage:
    """A folder of one's own, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.kept = folder / "kept"
        self.arriving = folder / "arriving"

    def put(self, content: bytes) -> str:
        with self.draft() as draft:
            draft.write_bytes(content)
            return self.take_up(draft)

    @contextmanager
    def draft(self) -> Iterator[Path]:
        _make_folder(self.arriving)
        draft = self.arriving / secrets.token_hex(16)
        os.close(os.open(draft, WRITE, 0o600))
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def take_up(self, draft: Path) -> str:
        with draft.open("rb") as file:
            sha256 = _hash_of(file)
            os.fsync(file.fileno())
        place = self._place(sha256)
        _make_folder(place.parent)
        os.replace(draft, place)  # also over its like: the file is young again and the sweep lets it be
        sync_folder(place.parent)
        return sha256

    def read(self, sha256: str) -> bytes:
        with self.open(sha256) as file:
            return file.read()

    def open(self, sha256: str) -> BinaryIO:
        return os.fdopen(os.open(self._place(sha256), READ), "rb")

    def has(self, sha256: str) -> bool:
        place = self._place(sha256)
        return place.is_file() and not place.is_symlink()

    def walk(self) -> Iterator[Kept]:
        for place in sorted(self.kept.glob("*/*")):
            if HASH.fullmatch(place.name) and not place.is_symlink():
                with suppress(FileNotFoundError):
                    yield Kept(place.name, _since(place))

    def forget(self, sha256: str, before: datetime) -> bool:
        place, aside = self._place(sha256), self.arriving / secrets.token_hex(16)
        _make_folder(self.arriving)
        try:
            os.replace(place, aside)
        except FileNotFoundError:
            return False
        if _since(aside) >= before:  # put again while we looked: give it back
            os.replace(aside, place)
            return False
        aside.unlink()
        return True

    def drop_halves(self, before: datetime) -> int:
        """Delete what was being written when somebody pulled the plug; say how many."""
        halves = [half for half in self.arriving.glob("*") if _since(half) < before]
        for half in halves:
            half.unlink(missing_ok=True)
        return len(halves)

    def _place(self, sha256: str) -> Path:
        if not HASH.fullmatch(sha256):
            raise ValueError("not a hash")
        return self.kept / sha256[:2] / sha256


def _hash_of(file: BinaryIO) -> str:
    sum_ = hashlib.sha256()
    while piece := file.read(PIECE):
        sum_.update(piece)
    return sum_.hexdigest()


def _since(place: Path) -> datetime:
    return datetime.fromtimestamp(place.lstat().st_mtime, UTC)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_store: LocalStorage | None = None


def use(settings: Settings) -> LocalStorage:
    """Keep files where these settings say from now on; raises UnsafeSettings for anything but a folder."""
    global _store
    if settings.storage_url:
        raise UnsafeSettings("STORAGE_URL names no storage this version knows; leave it empty for a folder")
    _store = LocalStorage(settings.files)
    return _store


def store() -> LocalStorage:
    """The storage in use; raises RuntimeError before ``use``."""
    if _store is None:
        raise RuntimeError("no storage has been chosen")
    return _store

"""Files for the tests: a storage of their own beside the database of the test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.core.settings import Settings
from portal.evidence import storage
from portal.evidence.staging import Staged, stage
from tests.evidence import pictures

Take = Callable[..., Staged]


@pytest.fixture
def files(tmp_path: Path) -> storage.LocalStorage:
    """The storage in use during a test."""
    return storage.use(Settings(tmp_path, "sqlite://", b""))


@pytest.fixture
def take(files: storage.LocalStorage) -> Take:
    """Stages a photo, by default the first scene."""

    def staged(content: bytes | None = None, name: str = "photo.jpg", *, documents: bool = False) -> Staged:
        taken = stage(pictures.sent(content or pictures.photo(), name), documents=documents)
        assert isinstance(taken, Staged), str(getattr(taken, "words", ""))
        return taken

    return staged

"""Where workbooks lie while they are needed: sealed, for they may hold identity numbers, and gone afterwards."""

from cryptography.exceptions import InvalidTag

from portal.core import clock, db, secrets_box
from portal.evidence import storage


def put(content: bytes) -> str:
    """Keep a workbook sealed; gives the hash it lies under.  A file no row speaks of is swept after a day."""
    db.no_open_write()
    return storage.store().put(secrets_box.seal(content).encode())


def read(sealed_sha256: str) -> bytes:
    """The workbook; raises FileNotFoundError where it is gone, or the key that opens it is."""
    try:
        return secrets_box.open_(storage.store().read(sealed_sha256).decode())
    except InvalidTag as shut:
        raise FileNotFoundError(sealed_sha256) from shut


def forget(*hashes: str) -> None:
    """Delete what lies under these hashes once the deed that makes them needless is written."""
    known = [one for one in hashes if one]

    def do() -> None:
        for sha256 in known:
            storage.store().forget(sha256, clock.now())

    db.afterwards(do)

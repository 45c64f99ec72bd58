"""Passwords and PINs: which are taken, and how they are hashed."""

import secrets
import string
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.core.errors import Mistake

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id with 19 MiB and two passes, the floor of the OWASP password storage rules."""

SHORTEST, SHORTEST_FRONT_LINE, LONGEST = 12, 10, 128
FEWEST_SIGNS = 5
RUNS = (
    "0123456789" * 3,
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "qwertyuiopasdfghjklzxcvbnm",
    "一二三四五六七八九十" * 2,
)
COMMON = Path(__file__).parents[2] / "data" / "common_passwords.txt"
AROUND = string.digits + string.punctuation + string.whitespace


def normal(password: str) -> str:
    """The password as it is hashed: two keyboards that write the same sign differently give the same bytes.

    Nothing is trimmed or cut off.
    """
    return unicodedata.normalize("NFKC", password)


def hashed(secret: str) -> str:
    """The argon2id hash of a password or PIN; slow on purpose, so never inside a write."""
    db.no_open_write()
    return HASHER.hash(normal(secret))


def is_right(secret_hash: str | None, secret: str) -> bool:
    """Whether a secret fits its hash; where there is none, as long is spent on nobody's."""
    db.no_open_write()
    try:
        HASHER.verify(secret_hash or nobodys_hash(), normal(secret)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(secret_hash)


@cache
def nobodys_hash() -> str:
    """A hash no password fits, so that an unknown name takes as long as a known one."""
    return HASHER.hash(secrets.token_urlsafe())


def check(password: str, *, shortest: int = SHORTEST, known: Iterable[str] = ()) -> None:
    """Take a new password or say why not: raises Mistake("new_password").

    Length counts, not classes of signs; ``known`` are words a stranger would try first (user name, telephone).
    """
    plain = normal(password)
    if len(plain) < shortest:
        raise Mistake(
            "new_password", _l("密码要至少 %(n)s 个字。可以用一句话，例如几个不相干的词。", n=shortest)
        )
    if len(plain) > LONGEST:
        raise Mistake("new_password", _l("密码最多 %(n)s 个字。", n=LONGEST))
    folded = plain.casefold()
    if any(len(word) >= 3 and word.casefold() in folded for word in known):
        raise Mistake("new_password", _l("密码里不要有你的用户名、手机号或单位的名字。"))
    if len(set(folded)) < FEWEST_SIGNS or _is_run(folded) or _is_common(folded):
        raise Mistake("new_password", _l("这个密码太常见，别人一猜就中。请换一个。"))


def _is_run(folded: str) -> bool:
    return any(folded in run or folded[::-1] in run for run in RUNS)


def _is_common(folded: str) -> bool:
    kernel = folded.strip(AROUND)
    half = kernel[: len(kernel) // 2]
    twice = len(kernel) > 3 and kernel == half * 2
    return not kernel or {folded, kernel, half if twice else kernel} & _common() != set()


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.casefold() for line in lines if line and not line.startswith("#"))


def check_pin(pin: str) -> str:
    """The digits of a PIN, full-width ones made plain; raises Mistake("new_pin") where it is none or too easy."""
    plain = "".join(normal(pin).split())
    if not (plain.isascii() and plain.isdigit() and 4 <= len(plain) <= 6):
        raise Mistake("new_pin", _l("签名码要 4 到 6 位数字。"))
    if len(set(plain)) < 3 or _is_run(plain):
        raise Mistake("new_pin", _l("这个签名码太好猜，请换一个。"))
    return plain

"""References one can read out on the telephone: eight random digits and one that catches a slip."""

import secrets

from stdnum import damm

DIGITS = 8


def new_ref() -> str:
    """Nine digits, the last a Damm check digit, which finds every single slip and every swap of neighbours."""
    body = f"{secrets.randbelow(9 * 10 ** (DIGITS - 1)) + 10 ** (DIGITS - 1)}"
    return body + damm.calc_check_digit(body)


def is_ref(text: str) -> bool:
    """Whether ``text`` (spaces allowed) could be a reference of ours."""
    digits = text.replace(" ", "")
    return len(digits) == DIGITS + 1 and damm.is_valid(digits)


def spoken(ref: str) -> str:
    """The reference in groups of three, as it is read aloud."""
    return " ".join(ref[start : start + 3] for start in range(0, len(ref), 3))

"""Which passwords and PINs are taken, and how they are kept."""

import pytest

from portal.accounts.operations import passwords
from portal.core.errors import Mistake

KNOWN = ["xiaohe", "13800138000", "东样公司"]


@pytest.mark.parametrize(
    "password",
    [
        "早上五点半去市场看一圈鱼档",
        "correct horse battery staple",
        "x" * 20 + " yz12 " + "q" * 20,
        "鱼档 肉档 菜档 秤 灯 门",
        "ａｂｃｄ－鱼－１２３４－肉",
        "k7" + "长" * 60 + "短p9z" + "宽" * 61,
    ],
)
def test_length_counts_and_nothing_else_is_demanded(password: str) -> None:
    passwords.check(password, known=KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short-pass1",
        "a" * 129,
        "ababababababab",
        "123456789012",
        "210987654321",
        "abcdefghijklmn",
        "qwertyuiopasdf",
        "PASSWORD123456",
        "Password!!!!!!",
        "ｐａｓｓｗｏｒｄ１２３４",
        "2026Dongguan2026",
        "我爱东莞1234567890",
        "marketmarket1",
        "139139139139139",
        "my xiaohe word is long",
        "call 13800138000 now",
        "东样公司的密码很长很长",
    ],
)
def test_what_a_stranger_tries_first_is_refused(password: str) -> None:
    with pytest.raises(Mistake) as caught:
        passwords.check(password, known=KNOWN)
    assert caught.value.field == "new_password"


def test_the_floor_gets_by_with_ten_signs() -> None:
    passwords.check("鱼档灯亮了三盏还差", shortest=9)
    with pytest.raises(Mistake):
        passwords.check("鱼档灯亮了三盏还差", shortest=passwords.SHORTEST_FRONT_LINE)


def test_a_hash_is_argon2id_of_at_least_nineteen_mebibytes() -> None:
    made = passwords.hashed("鱼档 肉档 菜档 秤")
    assert made.startswith("$argon2id$v=19$m=19456,t=2,")
    assert passwords.is_right(made, "鱼档 肉档 菜档 秤")
    assert not passwords.is_right(made, "鱼档 肉档 菜档 秤 ")


def test_two_keyboards_that_write_one_sign_differently_agree() -> None:
    made = passwords.hashed("ＡＢＣ１２３鱼档肉档")
    assert passwords.is_right(made, "ABC123鱼档肉档")


def test_the_last_of_128_signs_counts() -> None:
    made = passwords.hashed("长" * 127 + "尾")
    assert passwords.is_right(made, "长" * 127 + "尾")
    assert not passwords.is_right(made, "长" * 127 + "首")
    assert not passwords.is_right(made, "长" * 127 + "尾" + "x" * 5_000)


@pytest.mark.parametrize("made", [None, "", "plain", "$argon2id$v=19$broken"])
def test_what_is_no_hash_fits_nothing(made: str | None) -> None:
    assert not passwords.is_right(made, "\x00nobody")


@pytest.mark.parametrize(("typed", "plain"), [("2580", "2580"), ("２５８０", "2580"), (" 25 80 9 ", "25809")])
def test_a_pin_is_four_to_six_digits(typed: str, plain: str) -> None:
    assert passwords.check_pin(typed) == plain


@pytest.mark.parametrize("typed", ["", "123", "1234567", "12a4", "1111", "1234", "4321", "1212", "二五八零"])
def test_an_easy_pin_is_refused(typed: str) -> None:
    with pytest.raises(Mistake):
        passwords.check_pin(typed)

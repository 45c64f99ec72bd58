"""The numbers of licences and papers (GB 32100-2015, GB 11643 and the forms of food permits)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.markets import numbers
from portal.markets.numbers import Level

TODAY = date(2026, 10, 12)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    "number",
    [
        "91350100M000100Y43",  # worked example of the standard: sum 1640, remainder 28, check value 3
        "92441900MA4X00001G",
        "91441900MA51ABCD0W",
        "92441900MA00000020",  # check value 31 is written 0
        "91110000600037341L",
    ],
)
def test_a_right_credit_code_is_kept(number):
    verdict = numbers.judge_uscc(number)
    assert (verdict.ok, verdict.level, verdict.number) == (True, None, number)


@pytest.mark.parametrize(
    "number",
    [
        "91350100M000100Y4Z",  # the wrong recipe that forgets 31 minus x
        "91350100M000100Y44",
        "92441900MA4X00001H",
        "9135010OM000100Y4",
        "",
        "913501",
        "统一社会信用代码统一社会信用代码统一",
        "9" * 5000,
    ],
)
def test_a_wrong_credit_code_is_refused_with_a_sentence(number):
    verdict = numbers.judge_uscc(number)
    assert verdict.level is Level.ERROR
    assert str(verdict.words)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  92441900ma4x00001g ", "92441900MA4X00001G"),
        ("９２４４１９００ＭＡ４Ｘ００００１Ｇ", "92441900MA4X00001G"),
        ("92 441900 MA4X00001 G", "92441900MA4X00001G"),
        ("92441900-MA4X00001-G", "92441900MA4X00001G"),
        ("92441900　MA4X00001G", "92441900MA4X00001G"),
    ],
)
def test_blanks_case_and_full_width_forms_are_put_right(typed, kept):
    assert numbers.judge_uscc(typed) == numbers.Verdict(kept)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("92441900MA4XOOOO1G", "92441900MA4X00001G"),
        ("924419OOMA4X00001G", "92441900MA4X00001G"),
        ("92441900MA4X0000IG", "92441900MA4X00001G"),
    ],
)
def test_letters_that_look_like_figures_are_offered_never_changed_silently(typed, offered):
    verdict = numbers.judge_uscc(typed)
    assert (verdict.ok, verdict.number, verdict.suggestion) == (False, typed, offered)


def test_a_correction_that_would_still_be_wrong_is_not_offered():
    assert numbers.judge_uscc("92441900MA4XOOOO1H").suggestion is None


def test_an_old_registration_number_is_named_as_such():
    assert "15" in str(numbers.judge_uscc("441900600123456").words)


@given(st.text(alphabet=ALPHABET, min_size=9, max_size=9))
def test_exactly_one_check_sign_fits_each_body(body):
    fitting = [sign for sign in ALPHABET if numbers.judge_uscc("92441900" + body + sign).ok]
    assert len(fitting) == 1


@given(st.text(max_size=40))
def test_no_text_breaks_a_judge(text):
    for verdict in (
        numbers.judge_uscc(text),
        numbers.judge_food_permit(text),
        numbers.judge_filing(text),
        numbers.judge_production_permit(text),
        numbers.judge_identity(text, TODAY),
        numbers.judge_phone(text),
    ):
        assert verdict.ok is (verdict.level is not Level.ERROR)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("JY14419001234567", "JY14419001234567"),
        ("jy2 4419 0012 34567", "JY24419001234567"),
        ("ＪＹ３４４１９００１２３４５６７", "JY34419001234567"),
    ],
)
def test_a_food_permit_is_jy_and_fourteen_digits(typed, kept):
    assert numbers.judge_food_permit(typed) == numbers.Verdict(kept)


@pytest.mark.parametrize(
    "typed", ["JY44419001234567", "JY1441900123456", "粤食证字441900", "YB14419001234567"]
)
def test_an_unusual_food_permit_number_is_kept_with_a_warning(typed):
    verdict = numbers.judge_food_permit(typed)
    assert (verdict.ok, verdict.level) == (True, Level.WARNING)


def test_a_letter_o_in_a_permit_number_is_offered_as_a_zero():
    assert numbers.judge_food_permit("JY1441900123456O").suggestion == "JY14419001234560"


def test_a_filing_is_yb_and_fourteen_digits_and_only_warns():
    assert numbers.judge_filing("YB14419001234567").level is None
    assert numbers.judge_filing("YB1").level is Level.WARNING


def test_a_production_permit_is_sc_and_fourteen_digits():
    assert numbers.judge_production_permit("SC10144190012345").ok
    assert not numbers.judge_production_permit("SC1014419001234").ok


def _with_check(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        body
        + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    )


@pytest.mark.parametrize(
    "number",
    [
        "360426199101010071",
        _with_check("81000019900101123"),  # Hong Kong resident
        _with_check("82000019900101123"),  # Macao resident
        _with_check("83000019900101123"),  # Taiwan resident
        _with_check("91144019900101123"),  # foreign permanent resident
    ],
)
def test_identity_numbers_and_residence_permits_are_known(number):
    assert numbers.judge_identity(number, TODAY) == numbers.Verdict(number)


@pytest.mark.parametrize(
    "number",
    [
        "360426199101010072",
        _with_check("36042619910231007"),  # no 31st of February
        _with_check("36042620991231007"),  # not born yet
        "36042619910101007",
        "X" * 18,
    ],
)
def test_an_impossible_identity_number_is_refused(number):
    assert numbers.judge_identity(number, TODAY).level is Level.ERROR


@pytest.mark.parametrize("place", ["449999", "010000", "010001"])
def test_an_unknown_county_is_a_doubt_not_a_crash(place):
    verdict = numbers.judge_identity(_with_check(place + "19900101123"), TODAY)
    assert (verdict.ok, verdict.is_doubtful) == (True, True)


def test_a_lower_case_x_is_an_x():
    number = next(n for i in range(100) if (n := _with_check(f"36042619910101{i:03d}")).endswith("X"))
    assert numbers.judge_identity(number.lower(), TODAY) == numbers.Verdict(number)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0769-22001234", "0769-22001234"),
        ("(0769)22001234", "0769-22001234"),
        ("076922001234", "076922001234"),
    ],
)
def test_a_phone_number_is_read_however_it_is_spaced(typed, kept):
    assert numbers.judge_phone(typed) == numbers.Verdict(kept)


@pytest.mark.parametrize("typed", ["12800138000", "1380013800", "22001234", "abc", "", "1" * 10000])
def test_what_is_no_phone_number_is_refused(typed):
    assert numbers.judge_phone(typed).level is Level.ERROR


def test_a_phone_number_on_a_list_hides_its_middle():
    assert numbers.masked_phone("13800138000") == "138****8000"


def test_a_licence_from_before_2015_is_kept_with_a_warning():
    assert numbers.judge_paper("business_licence", "441900600123456").level is Level.WARNING


def test_the_number_of_a_paper_without_a_known_form_is_kept_as_it_reads():
    assert numbers.judge_paper("lease_contract", " a-12/2026 ") == numbers.Verdict("A-12/2026")

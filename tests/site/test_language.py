"""The words: Chinese is written in the code, English is complete, and neither says what roles may not."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask

from portal.markets.routes import entry
from portal.selfcheck.routes import lists
from portal.selfcheck.workflow import CHECK
from tests.visitors import Visitor

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
ENGLISH = PORTAL / "translations" / "en" / "LC_MESSAGES" / "messages.po"
GLOSSARY = ROOT / "docs" / "glossary.md"

KEYWORDS = DEFAULT_KEYWORDS | {
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
TRANSLATING = {*KEYWORDS}
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

FOOT = "免费，不打卡，不积分，不排名"
COUNTING_PEOPLE = re.compile("积分|排名|打卡|签到")
ENFORCING = re.compile("查处|责令|处罚|执法|行政检查")
"""What grid officers, communities and market companies may not do (国办发〔2024〕54号)."""
OFFICER_INSPECTS = re.compile(
    "(社区|网格员|工作站|调度员|镇街|干部)(?!退回)[^，。；：的]{0,6}(检查(?!表)|抽查|巡查)"
    "|(去|来|到场|现场|入户|上门|复)检查|检查(市场|商户|档口)"
)
INSPECT = re.compile(r"\binspect(s|ed|or|ors)?\b", re.IGNORECASE)
DECIDES_MAJOR = re.compile(
    "(市场|社区|网格员|巡查员|镇街)[^，。；：]{0,6}(认定|定为|判定)[^，。；：]{0,4}重大"
)
NOT_WORDS = {
    "portal/accounts/cli.py": {"平台运维组", "平台"},  # the name the first organisation is stored under
    "portal/accounts/operations/passwords.py": {"一二三四五六七八九十"},  # rows people type as passwords
    "portal/accounts/operations/second_factor.py": {"市场共治门户"},  # stored by authenticators as the issuer
    "portal/exchange/files.py": {"=+-@\t\r\n＝＋－＠"},  # how a formula begins, full-width signs among them
    "portal/exchange/queries/listings/base.py": {"；"},  # parts several things in one cell of a workbook
    "portal/exchange/kinds/base.py": {"；"},  # stands between several things in a cell
    "portal/exchange/workbooks/cleaning.py": {
        "至|到|~|—|--+",
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?",
        "(平方米|平米|平方|m2|㎡|方)$",
        r"[;；、,，/\n]+",
    },  # how days, areas and several things in a cell are written
    "portal/markets/numbers.py": {"[()—–－-]"},
    "portal/markets/operations/facts.py": {"[0-9A-Z一-鿿]+(-[0-9A-Z一-鿿]+)*", "[-‐-―−－]+"},
    "portal/markets/queries/retention.py": {"已清除"},  # stored where a name was
    "portal/selfcheck/queries/gathering.py": {"、"},  # joins phrases of a record, which is kept in Chinese
    "portal/selfcheck/queries/walk.py": {"^(各|全部|当日区域的)", "，", "、"},  # cuts the places of the list
    "portal/web/pages.py": {"中文", "M月d日 EEEE"},  # a language names itself; a pattern for Chinese alone
}
"""Chinese that is no sentence for a reader: patterns, stored names, data taken apart."""
TOLD_IN_CHINESE = ("demo", "bench")
"""Packages that make up example markets."""

Key = tuple[str | tuple[str, ...], str | None]


@cache
def extracted() -> dict[Key, frozenset[str]]:
    """Every message of the code with the files that say it."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[Key, set[str]] = {}
    for name, _line, words, _comments, context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, directory_filter=is_of_the_portal
    ):
        found.setdefault((words, context), set()).add(Path(name).as_posix())
    return {key: frozenset(names) for key, names in found.items()}


def is_of_the_portal(folder: str | Path) -> bool:
    return PORTAL in (Path(folder), *Path(folder).parents) and Path(folder).name != "static"


@cache
def english() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def messages() -> list[Message]:
    return [message for message in english() if message.id]


def sentences() -> Iterator[tuple[str, frozenset[str]]]:
    """Each Chinese sentence and the files that say it."""
    for (words, _context), names in extracted().items():
        yield (words if isinstance(words, str) else words[0]), names


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string or "",)


def test_the_catalogue_holds_every_sentence_of_the_code_and_no_other() -> None:
    held = {(message.id, message.context) for message in messages()}

    assert extracted().keys() - held == set(), "docs/glossary.md says how the catalogue is kept"
    assert held - extracted().keys() == set()
    assert english().obsolete == {}


def test_english_is_complete() -> None:
    unfinished = [message.id for message in messages() if message.fuzzy or not all(forms(message))]

    assert unfinished == []
    assert [message.id for message in messages() if message.pluralizable and len(forms(message)) != 2] == []


def test_english_is_english() -> None:
    assert [words for message in messages() for words in forms(message) if CHINESE.search(words)] == []


def test_english_fills_in_what_chinese_fills_in() -> None:
    wrong = []
    for message in messages():
        wanted = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[0]))
        *singular, last = (set(PLACEHOLDER.findall(words)) for words in forms(message))
        # "One check" needs no number: the singular may leave out what counts, and only that.
        if last != wanted or any(some | {"num"} != wanted | {"num"} for some in singular):
            wrong.append(message.id)

    assert wrong == []


def test_a_page_is_served_in_english(app: Flask) -> None:
    page = Visitor(app).get("/sign-in", headers={"Accept-Language": "en-GB"}).text
    page = page.replace("中文", "")  # a language names itself

    assert "Cannot sign in?" in page, "python -m tools.setup check compiles the catalogue"
    assert CHINESE.findall(page) == []


def test_the_two_forms_of_a_chinese_sentence_are_one() -> None:
    assert [
        words for words, _context in extracted() if isinstance(words, tuple) and len(set(words)) > 1
    ] == []


def python_files() -> list[Path]:
    every = PORTAL.rglob("*.py")
    return sorted(path for path in every if path.relative_to(PORTAL).parts[0] not in TOLD_IN_CHINESE)


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def bare_words(tree: ast.Module) -> set[str]:
    """Constants outside docstrings and the calls that translate."""
    nodes = list(ast.walk(tree))
    told = {node.value for node in nodes if isinstance(node, ast.Expr)}
    for call in nodes:
        if isinstance(call, ast.Call) and name_of(call) in TRANSLATING:
            told |= {*call.args}
    constants = (node for node in nodes if isinstance(node, ast.Constant) and node not in told)
    return {node.value for node in constants if isinstance(node.value, str)}


def test_chinese_in_python_goes_through_the_catalogue() -> None:
    bare = {}
    for path in python_files():
        name = path.relative_to(ROOT).as_posix()
        words = {word for word in bare_words(ast.parse(path.read_text("utf-8"))) if CHINESE.search(word)}
        if words != NOT_WORDS.get(name, set()):
            bare[name] = words ^ NOT_WORDS.get(name, set())

    assert bare == {}


def test_scripts_take_their_words_from_the_page() -> None:
    scripts = (PORTAL / "static" / "js").glob("*.js")
    wordy = {}
    for path in scripts:
        lines = path.read_text("utf-8").splitlines()
        said = [
            line for line in lines if CHINESE.search(line) and not line.lstrip().startswith(("//", "*", "/*"))
        ]
        if said:
            wordy[path.name] = said

    assert wordy == {}


def test_nothing_counts_or_ranks_people() -> None:
    said = {words for words, _names in sentences() if COUNTING_PEOPLE.search(words)}

    assert said == {FOOT}


def test_nobody_here_enforces_the_law() -> None:
    assert [words for words, _names in sentences() if ENFORCING.search(words)] == []


def test_officers_verify_and_look_but_never_inspect() -> None:
    assert [words for words, _names in sentences() if OFFICER_INSPECTS.search(words)] == []


@pytest.mark.parametrize("words", ["社区检查", "网格员到档口检查", "去检查市场", "工作站抽查", "检查商户"])
def test_a_sentence_in_which_an_officer_inspects_would_be_found(words: str) -> None:
    assert OFFICER_INSPECTS.search(words)


def test_the_pages_of_reviews_ask_no_officer_to_check() -> None:
    said = {
        words
        for words, names in sentences()
        if any("selfcheck/reviews/" in name or name.endswith("routes/reviews.py") for name in names)
    }

    assert said
    assert [words for words in said if re.match("(请|去|开始|逐件|再|马上)?(检查|抽查|巡查)", words)] == []
    assert [words for message in messages() for words in forms(message) if INSPECT.search(words)] == []


def test_only_a_department_decides_what_is_major() -> None:
    said = [words for words, _names in sentences() if "重大" in words and "疑似" not in words]

    assert [words for words in said if DECIDES_MAJOR.search(words)] == []
    assert all("部门" in words for words in said if re.search("认定|[由谁]定", words))


def terms() -> list[tuple[str, str, str]]:
    """Chinese, English and identifier of each row of the glossary."""
    rows = []
    for line in GLOSSARY.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) == 5 and CHINESE.search(cells[0]) and cells[0] != "中文":
            rows.append((cells[0], cells[1], cells[2].strip("`")))
    return rows


def test_the_glossary_fixes_each_term_once() -> None:
    chinese = [term for term, _english, _name in terms()]

    assert len(chinese) > 60
    assert sorted(chinese) == sorted(set(chinese))


@pytest.mark.parametrize(
    ("subject", "packages", "label"),
    [
        ("check", "selfcheck", CHECK.label),
        ("checklist", "selfcheck", lists.Words().label),
        ("draft", "selfcheck", lists.Words().label),
        ("market", "markets selfcheck", entry.Words().label),
        ("stall", "markets", entry.Words().label),
        ("paper", "markets", entry.Words().label),
    ],
)
def test_what_a_timeline_tells_has_words(subject: str, packages: str, label: Callable[[str], Any]) -> None:
    told = re.compile(rf'journal\.write\({subject}, actor, "(\w+)"')
    verbs = {
        verb
        for package in packages.split()
        for path in (PORTAL / package).rglob("*.py")
        for verb in told.findall(path.read_text("utf-8"))
    }

    assert [verb for verb in sorted(verbs) if label(verb) == verb] == []


def test_the_catalogue_speaks_the_words_of_the_glossary() -> None:
    held = {message.id: message.string for message in messages() if not message.context}
    wrong = {
        term: held[term]
        for term, word, _name in terms()
        if term in held and str(held[term]).casefold() != word.casefold()
    }

    assert wrong == {}


def test_the_code_uses_the_names_of_the_glossary() -> None:
    code = "\n".join(path.read_text("utf-8") for path in python_files())
    known = set(re.findall(r"\w+", code))
    unknown = {name for _term, _english, name in terms() if name != "—" and not set(name.split(".")) <= known}

    assert unknown == set()

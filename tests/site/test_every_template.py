"""Every template: it parses, speaks through the catalogue, hides nothing inline and leaves nothing unused."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "portal" / "templates"
STATIC = ROOT / "portal" / "static"
GALLERY = Path(__file__).parent / "look"
ENVIRONMENT = Environment(
    extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True
)

LONGEST = 120
MOST_PARAMETERS = 5
MOST_CSS = 48 * 1024
TRANSLATING = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
INLINE = re.compile(
    r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.I
)
JINJA = re.compile(r"\{%.*?%\}", re.S)
UNSAFE = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(")

EVERY = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
COMPONENTS = [name for name in EVERY if name.startswith("components/")]
PIECES = [name for name in EVERY if name.rpartition("/")[2].startswith("_")]
LAYOUTS = [name for name in EVERY if name.startswith("layouts/") and name not in PIECES]
PAPERS = [name for name in EVERY if "/papers/" in name]
PAGES = [name for name in EVERY if name not in {*COMPONENTS, *PIECES, *LAYOUTS, *PAPERS}]


def text_of(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def parsed(text: str) -> nodes.Template:
    return ENVIRONMENT.parse(text)


def tree_of(name: str) -> nodes.Template:
    return parsed(text_of(name))


def names_read(tree: nodes.Template) -> set[str]:
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}


def names_imported(tree: nodes.Template) -> Iterator[tuple[str, str, str]]:
    """Template, name there, and name here, of every imported macro."""
    for wanted in tree.find_all(nodes.FromImport):
        source = wanted.template.value if isinstance(wanted.template, nodes.Const) else ""
        for name in wanted.names:
            there, here = (name, name) if isinstance(name, str) else name
            yield source, there, here


def calls(tree: nodes.Template, *names: str) -> Iterator[nodes.Call]:
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in names:
            yield call


def methods(tree: nodes.Template, name: str) -> Iterator[nodes.Call]:
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr == name:
            yield call


def constants(node: Any) -> Iterator[str]:
    for constant in node.find_all(nodes.Const):
        if isinstance(constant.value, str):
            yield constant.value


@pytest.mark.parametrize("name", EVERY)
def test_a_template_parses_and_is_short(name: str) -> None:
    tree_of(name)
    assert len(text_of(name).splitlines()) <= LONGEST


@pytest.mark.parametrize("name", EVERY)
def test_a_template_holds_no_style_script_or_unescaped_text(name: str) -> None:
    assert INLINE.findall(JINJA.sub("", text_of(name))) == []
    assert UNSAFE.findall(text_of(name)) == []


@pytest.mark.parametrize("name", EVERY)
def test_chinese_goes_through_the_catalogue(name: str) -> None:
    """Official papers are Chinese forms: their stops, and the form of their dates, are Chinese in every language."""
    tree = tree_of(name)
    chinese = IDEOGRAPH if name in PAPERS else CHINESE
    told = {words for call in calls(tree, *TRANSLATING) for words in constants(call)}
    if name in PAPERS:
        told |= {words for call in methods(tree, "strftime") for words in constants(call)}
    bare = [data.data.strip() for data in tree.find_all(nodes.TemplateData) if chinese.search(data.data)]
    bare += [words for words in constants(tree) if chinese.search(words) and words not in told]
    assert bare == []


@pytest.mark.parametrize("name", EVERY)
def test_what_is_imported_is_used(name: str) -> None:
    tree = tree_of(name)
    used = names_read(tree)
    assert [here for _, _, here in names_imported(tree) if here not in used] == []


def test_every_macro_is_used_somewhere() -> None:
    others = [parsed(path.read_text(encoding="utf-8")) for path in GALLERY.glob("*.html")]
    trees = {name: tree_of(name) for name in EVERY}
    wanted = {
        (source, there) for tree in [*trees.values(), *others] for source, there, _ in names_imported(tree)
    }
    idle = [
        f"{name}: {macro.name}"
        for name, tree in trees.items()
        for macro in tree.find_all(nodes.Macro)
        if (name, macro.name) not in wanted and macro.name not in names_read(tree)
    ]
    assert idle == []


@pytest.mark.parametrize("name", [name for name in EVERY if name not in PAGES])
def test_a_shared_template_says_what_it_is(name: str) -> None:
    assert text_of(name).startswith("{# ")


@pytest.mark.parametrize("name", EVERY)
def test_a_macro_takes_five_things_at_most(name: str) -> None:
    assert [m.name for m in tree_of(name).find_all(nodes.Macro) if len(m.args) > MOST_PARAMETERS] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title_and_a_content(name: str) -> None:
    blocks: set[str] = set()
    at = name
    while at not in LAYOUTS:
        tree = tree_of(at)
        blocks |= {block.name for block in tree.find_all(nodes.Block)}
        parent = tree.find(nodes.Extends)
        assert parent is not None and isinstance(parent.template, nodes.Const), f"{at} extends no layout"
        at = parent.template.value
    assert {"title", "content"} <= blocks


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_demands_a_title_and_a_content(name: str) -> None:
    assert {block.name for block in tree_of(name).find_all(nodes.Block) if block.required} == {
        "title",
        "content",
    }


@pytest.mark.parametrize("name", EVERY)
def test_every_icon_named_is_drawn(name: str) -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    tree = tree_of(name)
    named = [call.args[0].value for call in calls(tree, "icon") if isinstance(call.args[0], nodes.Const)]
    named += [
        word.value.value
        for word in tree.find_all(nodes.Keyword)
        if word.key == "icon_name" and isinstance(word.value, nodes.Const)
    ]
    assert [icon for icon in named if icon and icon not in drawn and not icon.startswith("grade-")] == []


def test_the_style_sheets_of_a_page_stay_small() -> None:
    sheets = re.search(r"for sheet in \(([^)]*)\)", text_of("layouts/_assets.html"))
    assert sheets is not None
    names = [*re.findall(r'"(\w+)"', sheets[1]), "print"]
    assert sum((STATIC / "css" / f"{name}.css").stat().st_size for name in names) <= MOST_CSS


def test_every_colour_and_size_used_is_a_token() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (STATIC / "css").glob("*.css"))
    assert set(re.findall(r"var\((--[\w-]+)", text)) - set(re.findall(r"(--[\w-]+)\s*:", text)) == set()

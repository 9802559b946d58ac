"""Templates: each compiles, names only icons and routes that exist, and keeps what blocks need inside blocks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from jinja2 import nodes

from backend.config import ROOT
from backend.templating import ROUTES, templates

FOLDER = ROOT / "templates"
PAGES = sorted(p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*.html"))
MAILS = sorted(p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*.txt"))
ICONS = set((ROOT / "static" / "icons.txt").read_text().split())
TRUSTED = {  # their HTML was cleaned when a module was read
    *(f"courses/{name}.html" for name in ("blocks", "media")),
    *(f"learning/{name}.html" for name in ("question", "choices", "placing", "writing", "own", "feedback")),
    *(f"learning/scenario{name}.html" for name in ("", "_end", "_group", "_parts", "_turn")),
    "authoring/scenario.html",
}


def tree(name: str) -> nodes.Template:
    return templates.parse((FOLDER / name).read_text())


def first_arguments(name: str, callee: str) -> Iterator[str]:
    """The text constants that a template gives as first argument: `ui.icon("check")` → check, also in a choice."""
    for call in tree(name).find_all(nodes.Call):
        target = call.node
        called = target.attr if isinstance(target, nodes.Getattr) else getattr(target, "name", "")
        if called == callee and call.args:
            argument = call.args[0]
            choices = [argument.expr1, argument.expr2] if isinstance(argument, nodes.CondExpr) else [argument]
            yield from (c.value for c in choices if isinstance(c, nodes.Const))


@pytest.mark.parametrize("name", PAGES + MAILS)
def test_every_template_compiles(name: str) -> None:
    templates.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_every_icon_is_in_the_list(name: str) -> None:
    assert set(first_arguments(name, "icon")) <= ICONS


@pytest.mark.once
@pytest.mark.parametrize("name", PAGES + MAILS)
def test_every_link_names_a_route_that_exists(name: str, api: FastAPI) -> None:
    named = {*first_arguments(name, "url"), *first_arguments(name, "absolute_url")}
    assert named <= set(ROUTES)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_set_outside_the_blocks_of_a_page(name: str) -> None:
    """htmx may ask for one block: what stands outside does not exist then."""
    assert set_outside(tree(name)) == []


def set_outside(template: nodes.Template) -> list[int]:
    if not any(isinstance(node, nodes.Extends) for node in template.body):
        return []
    kinds = (nodes.Assign, nodes.AssignBlock, nodes.Import, nodes.FromImport)
    return [node.lineno for node in template.body if isinstance(node, kinds)]


def test_the_check_above_sees_a_line_outside() -> None:
    wrong = '{% extends "base.html" %}\n{% set a = 1 %}\n{% block main %}{{ a }}{% endblock %}'
    right = '{% extends "base.html" %}\n{% block main %}{% set a = 1 %}{{ a }}{% endblock %}'
    assert set_outside(templates.parse(wrong)) == [2]
    assert set_outside(templates.parse(right)) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in TRUSTED])
def test_nothing_is_called_safe_that_people_wrote(name: str) -> None:
    template = tree(name)
    assert not [node for node in template.find_all(nodes.Filter) if node.name == "safe"]
    assert not [node for node in template.find_all(nodes.Name) if node.name == "Markup"]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_starts_with_its_subject(name: str) -> None:
    first = (FOLDER / name).read_text().splitlines()[0]
    assert first.strip()
    assert not first.startswith("{% if") or "{% endif %}" in first


def test_every_template_is_used() -> None:
    """By a page, a mail, or another template."""
    sources = [*ROOT.glob("backend/**/*.py"), *FOLDER.rglob("*.html"), *FOLDER.rglob("*.txt")]
    text = "\n".join(path.read_text() for path in sources)
    for name in PAGES:
        assert f'"{name}"' in text, f"nothing uses {name}"
    for name in MAILS:
        assert f'"{Path(name).stem}"' in text or f'"{name}"' in text, f"nothing sends {name}"


@pytest.mark.parametrize("name", PAGES)
def test_a_template_fits_on_a_few_screens(name: str) -> None:
    has_many_macros = name in ("ui.html", "home/styleguide.html")
    limit = 250 if has_many_macros else 150
    assert len((FOLDER / name).read_text().splitlines()) <= limit


def test_icons_are_in_the_list_once_and_in_use() -> None:
    names = (ROOT / "static" / "icons.txt").read_text().split()
    assert len(names) == len(set(names))
    text = "\n".join(
        p.read_text()
        for p in [*FOLDER.rglob("*.html"), *ROOT.glob("backend/**/*.py"), *ROOT.glob("static/*.js")]
    )
    unused = [name for name in names if not re.search(rf"[\"'#]{re.escape(name)}[\"']", text)]
    assert unused == []

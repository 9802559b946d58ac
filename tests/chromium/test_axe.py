"""axe finds nothing, on no page, for no role, in light and dark, narrow and wide; and no page scrolls sideways."""

from functools import cache

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Page

from backend.config import CONTENT, ROOT
from tests.chromium.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.node]
SIZES = [(scheme, width) for scheme in ("light", "dark") for width in (320, 1280)]
LESSONS = [
    f"/leren/{course.parent.name}/{key}"
    for course in sorted(CONTENT.glob("*/course.yaml"))
    for key in yaml.safe_load(course.read_text())["lessons"]
]
PAGES = {
    "": ["/", "/modules", "/modules/polarisatie", "/leren/polarisatie/wat-is-polarisatie", "/actiedagen", "/netwerk",
         "/huisregels", "/privacy", "/toegankelijkheid", "/contact", "/hulp", "/postvak", "/stijlgids", "/aanmelden",
         "/account-aanmaken", "/account-aanmaken/mailbox", "/wachtwoord-vergeten", "/bestaat-niet", "/bevestigen/onbekend",
         "/wachtwoord/onbekend"],
    "deelnemer": ["/", "/modules", "/modules/polarisatie", *LESSONS,
                  "/actiedagen", "/mijn/inschrijvingen", "/mijn/profiel", "/mijn/profiel/wachtwoord",
                  "/mijn/profiel/e-mail", "/mijn/profiel/sessies", "/begeleiding",
                  "/mijn/notities", "/mijn/reflecties", "/mijn/getuigschriften", "/mijn/ritme", "/mijn/gegevens",
                  "/mijn/gegevens/wissen", "/zoeken", "/zoeken?q=rusthuis", "/begrippen"],
    "mentor": ["/", "/begeleiding", "/begeleiding/aanvragen"],
    "auteur": ["/redactie", "/redactie/herzien", "/redactie/meldingen", "/redactie/modules/polarisatie",
               "/redactie/modules/polarisatie/vragen", "/leren/polarisatie/wat-is-polarisatie/fout"],
    "organisator": ["/organisatie", "/organisatie/nieuw"],
    "beheerder": ["/", "/begeleiding", "/redactie", "/redactie/nieuw"],
}  # fmt: skip


@cache
def axe() -> str:
    return (ROOT / "node_modules/axe-core/axe.min.js").read_text()


def signed_in(chromium: Browser, site: str, role: str, scheme: str, width: int) -> BrowserContext:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    if role:
        sign_in(context, site, role)
    return context


def examine(page: Page) -> list[str]:
    """What axe has against the page as it stands, and whether it scrolls sideways."""
    page.evaluate(axe() + ";1")
    found = [
        f"{page.url}: {violation['id']}: {violation['help']} at {[n['target'] for n in violation['nodes']][:3]}"
        for violation in page.evaluate("axe.run()")["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url}: scrolls sideways")
    return found


def day_pages(page: Page, site: str) -> list[str]:
    """The days are dated from today: their addresses are on the list."""
    page.goto(f"{site}/actiedagen")
    links = page.eval_on_selector_all(
        "a[href^='/actiedagen/']", "all => all.map(a => a.getAttribute('href'))"
    )
    return sorted({link for link in links if not link.endswith(".ics")})


def organised_pages(page: Page, site: str) -> list[str]:
    """Of the first day that one organises: its pages, and the form of one of its people."""
    page.goto(f"{site}/organisatie")
    linked = "a => a.map(each => each.getAttribute('href'))"
    path = "/".join(
        page.eval_on_selector_all("a[href^='/organisatie/']:not([href$='/nieuw'])", linked)[0].split("/")[:3]
    )
    found = {path}
    for opened in (path, f"{path}/bewerken"):
        page.goto(site + opened)
        found |= {
            link.partition("?")[0].partition("#")[0]
            for link in page.eval_on_selector_all(f"a[href^='{path}']", linked)
        }
    people = sorted(link for link in found if "/persoon/" in link)
    files = (".csv", ".xlsx", ".pdf", ".ics", "/aanwezigheidslijst", "/naamkaartjes")
    return sorted(link for link in found - set(people[1:]) if not link.endswith(files))


@pytest.mark.deep
@pytest.mark.parametrize(("scheme", "width"), SIZES)
@pytest.mark.parametrize("role", PAGES)
def test_axe_finds_nothing_on_any_page(
    chromium: Browser, site: str, role: str, scheme: str, width: int
) -> None:
    context = signed_in(chromium, site, role, scheme, width)
    page = context.new_page()
    found = []
    days = day_pages(page, site) if role in ("", "deelnemer") else []
    people = organised_pages(page, site) if role == "organisator" else []
    if role == "mentor":
        page.goto(f"{site}/begeleiding")
        people = page.eval_on_selector_all(
            "a[href^='/begeleiding/deelnemer/']", "all => all.map(a => a.getAttribute('href'))"
        )[:1]
    for path in [*PAGES[role], *days, *people]:
        page.goto(site + path)
        found += examine(page)
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("role", "path"), [("", "/"), ("deelnemer", "/leren/polarisatie/wat-is-polarisatie")]
)
def test_axe_finds_nothing_on_the_pages_most_seen(chromium: Browser, site: str, role: str, path: str) -> None:
    context = signed_in(chromium, site, role, "light", 320)
    page = context.new_page()
    page.goto(site + path)
    found = examine(page)
    context.close()
    assert not found, "\n".join(found)


def test_axe_is_really_asked(chromium: Browser, site: str) -> None:
    """The negative control: a picture without words and a page that is too wide are found."""
    context = chromium.new_context(viewport={"width": 320, "height": 900})
    page = context.new_page()
    page.goto(f"{site}/hulp")
    page.evaluate("document.querySelector('main').append(new Image()); document.body.style.width = '900px'")
    found = examine(page)
    context.close()
    assert any("image-alt" in line for line in found)
    assert any("sideways" in line for line in found)

"""The content security policy in a real browser: no page of ours breaks it, and it stops what it must stop."""

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium.test_axe import PAGES, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.node]
LISTEN = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (e) => window.broken.push(`${e.effectiveDirective} ${e.blockedURI}`));
"""
# What an attacker would like to add, if some text ever became markup. From a timer: code that the test itself
# evaluates may always use eval().
ATTACKS = """
() => new Promise((answer) => setTimeout(async () => {
  window.harmed = [];
  const add = (html) => {
    const box = document.createElement("div");
    document.body.append(box);
    box.innerHTML = html;
  };
  const script = document.createElement("script");
  script.textContent = "window.harmed.push('inline script')";
  document.body.append(script);
  const other = document.createElement("script");
  other.src = "data:text/javascript,window.harmed.push('script from elsewhere')";
  document.body.append(other);
  add(`<img src="/nergens.png" onerror="window.harmed.push('event handler')">`);
  add(`<button id="knop" hx-on:click="window.harmed.push('htmx event')">x</button>`);
  window.htmx.process(document.body);
  document.getElementById("knop").click();
  add(`<a id="link" href="javascript:window.harmed.push('javascript link')">x</a>`);
  document.getElementById("link").click();
  try { window.eval("window.harmed.push('eval')"); } catch { /* good */ }
  try { await fetch("https://elders.example/"); } catch { /* good */ }
  add(`<iframe src="https://elders.example/"></iframe><object data="/huisregels"></object>`);
  add(`<base href="https://elders.example/"><p style="position:fixed" id="stijl">x</p>`);
  if (getComputedStyle(document.getElementById("stijl")).position === "fixed") window.harmed.push("inline style");
  if (!document.baseURI.startsWith(location.origin)) window.harmed.push("base");
  setTimeout(() => answer({ harmed: window.harmed, broken: window.broken }), 300);
}))
"""
STOPPED = (
    "script-src-elem",
    "script-src-attr",
    "style-src-attr",
    "connect-src",
    "frame-src",
    "object-src",
    "base-uri",
)


@pytest.mark.deep
@pytest.mark.parametrize("role", PAGES)
def test_no_page_of_ours_breaks_the_policy(chromium: Browser, site: str, role: str) -> None:
    context = signed_in(chromium, site, role, "light", 1280)
    context.add_init_script(LISTEN)
    page = context.new_page()
    found = []
    for path in PAGES[role]:
        page.goto(site + path)
        found += [f"{path}: {said}" for said in page.evaluate("window.broken")]
    context.close()
    assert not found


def test_htmx_works_under_it(chromium: Browser, site: str) -> None:
    page = opened(chromium, site)
    page.evaluate("window.stays = true")
    page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name="Netwerk").click()
    page.wait_for_url(f"{site}/netwerk")
    assert page.evaluate("window.stays"), "the page was loaded again: htmx did nothing"
    assert page.evaluate("window.broken") == []
    page.context.close()


def test_it_stops_what_it_must(chromium: Browser, site: str) -> None:
    page = opened(chromium, site)
    result = page.evaluate(ATTACKS)
    page.context.close()
    assert result["harmed"] == []
    stopped = " ".join(result["broken"])
    for directive in STOPPED:
        assert directive in stopped, f"{directive}: {stopped}"


def opened(chromium: Browser, site: str) -> Page:
    context = chromium.new_context(base_url=site)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.goto("/huisregels")
    return page

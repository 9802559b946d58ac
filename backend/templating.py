"""Jinja: what pages, mails and documents are rendered with."""

from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend import language
from backend.assets import asset
from backend.config import ROOT, settings

ROUTES: dict[str, str] = {}  # route name → path template; main.py fills it once the routers are known


def url(name: str, /, **values: Any) -> str:
    """The path of a route by name. Values that are not in the path become the query; None and "" are left out."""
    path = ROUTES[name]
    rest = {}
    for key, value in values.items():
        if "{" + key + "}" in path:
            path = path.replace("{" + key + "}", quote(str(value), safe=""))
        elif value not in (None, ""):
            rest[key] = value
    return f"{path}?{urlencode(rest)}" if rest else path


def absolute_url(name: str, /, **values: Any) -> str:
    """For mails and calendars: from the configured address, never from the request."""
    return settings.base_url.rstrip("/") + url(name, **values)


def dutch() -> Markup:
    """The attribute for what is in Dutch whatever the language of the page: lessons, days, questions."""
    return Markup("" if language.current() == "nl" else ' lang="nl-BE"')  # noqa: S704 - a constant


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=lambda name: not (name or "").endswith(".txt"),  # noqa: S701 - mails are plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=settings.demo,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        url=url,
        absolute_url=absolute_url,
        asset=asset,
        language=language.current,
        dutch=dutch,
        demo=settings.demo,
        settings=settings,
        new_form_id=lambda: uuid4().hex,
    )
    env.filters.update(
        long_date=language.long_date,
        short_date=language.short_date,
        weekday=language.weekday,
        month_short=language.month_short,
        day_number=language.day_number,
        clock=language.clock,
        month=language.month,
        days_ago=language.days_ago,
        number=language.number,
    )
    env.globals["ui"] = env.get_template("ui.html").module
    return env


templates = _environment()


def render(template: str, **context: Any) -> str:
    return templates.get_template(template).render(context)

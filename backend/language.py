"""The language of whoever reads: Dutch is the source, English a complete catalogue. Words, dates and numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from io import BytesIO
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from backend.config import ROOT

LANGUAGES = {"nl": "nl_BE", "en": "en_GB"}
ZONE = ZoneInfo("Europe/Brussels")
_language: ContextVar[str] = ContextVar("language", default="nl")


def current() -> str:
    return _language.get()


def choose(language: str | None) -> None:
    """Set the language for this request. Anything unknown means Dutch."""
    _language.set(language if language in LANGUAGES else "nl")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """For a mail: the language of the one who receives it."""
    token = _language.set(language if language in LANGUAGES else "nl")
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _catalogue(language: str) -> NullTranslations:
    path = ROOT / "locale" / language / "LC_MESSAGES" / "messages.po"
    if language == "nl" or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str) -> str:
    language = _language.get()
    return message if language == "nl" else str(_catalogue(language).gettext(message))


def ngettext(one: str, many: str, count: int) -> str:
    language = _language.get()
    if language == "nl":
        return one if count == 1 else many
    return str(_catalogue(language).ngettext(one, many, count))


def _locale() -> str:
    return LANGUAGES[_language.get()]


def long_date(moment: datetime | date) -> str:
    """dinsdag 3 maart 2026"""
    return _written(_local(moment), "EEEE d MMMM y", _locale())


def short_date(moment: datetime | date) -> str:
    """3 maart 2026"""
    return _written(_local(moment), "d MMMM y", _locale())


def weekday(number: int) -> str:
    """maandag, for 0"""
    return _written(date(2024, 1, 1) + timedelta(days=number), "EEEE", _locale())


def month_short(moment: datetime | date) -> str:
    """mrt"""
    return _written(_local(moment), "MMM", _locale()).rstrip(".")


def day_number(moment: datetime | date) -> str:
    return str(_local(moment).day)


def clock(moment: datetime) -> str:
    """9.30, and 14.02: the Flemish way to write a time."""
    local = moment.astimezone(ZONE)
    return (
        f"{local.hour}.{local.minute:02d}" if _language.get() == "nl" else f"{local.hour}:{local.minute:02d}"
    )


def month(moment: datetime | date) -> str:
    """maart 2026"""
    return str(format_skeleton("yMMMM", _local(moment), locale=_locale()))


def days_ago(moment: datetime | None, now: datetime) -> str:
    """vandaag, gisteren, 6 dagen; "nooit" for None."""
    if moment is None:
        return gettext("nooit")
    days = (now.astimezone(ZONE).date() - moment.astimezone(ZONE).date()) // timedelta(days=1)
    if days <= 0:
        return gettext("vandaag")
    if days == 1:
        return gettext("gisteren")
    return ngettext("%(n)d dag", "%(n)d dagen", days) % {"n": days}


def number(value: float) -> str:
    """7, and 7,5"""
    return str(format_decimal(value, "#,##0.##", locale=_locale()))


@lru_cache(4096)
def _written(on: date, pattern: str, locale: str) -> str:
    """Kept, because a list of days writes the same few dates again and again, and Babel reads its pattern every time."""
    return format_date(on, pattern, locale=locale)


def _local(moment: datetime | date) -> date:
    return moment.astimezone(ZONE).date() if isinstance(moment, datetime) else moment

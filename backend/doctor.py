"""What is wrong with this installation, in words, and what to do about it."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import islice

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from backend import mail, schema
from backend.assets import SOURCE
from backend.config import settings
from backend.db import make_engine, now, sqlite_driver, sqlite_is_sound
from backend.events.ledger import differences
from backend.jobs import LEASE, Job, JobStatus
from backend.learning import recount

GIGABYTE = 1_000_000_000
LATE = timedelta(minutes=10)
OLD_BACKUP = timedelta(days=8)
MOST_SHOWN = 5
BUILT_ON = datetime(2026, 11, 1, tzinfo=UTC)  # no right clock is before this


class Level(StrEnum):
    GOOD = "in orde"
    CARE = "let op"
    WRONG = "FOUT"


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    what: str
    advice: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.level == Level.WRONG

    def __str__(self) -> str:
        return f"{self.level:<8} {self.what}" + (f"\n         → {self.advice}" if self.advice else "")


Check = Callable[[], Iterator[Finding]]
good = partial(Finding, Level.GOOD)
care = partial(Finding, Level.CARE)
wrong = partial(Finding, Level.WRONG)


def examine() -> list[Finding]:
    """Every check. What cannot be checked because of something earlier is left out."""
    findings = [f for check in (_python, _clock, _folder, _assets, _settings) for f in check()]
    engine = None
    try:
        engine = make_engine(settings.database)
        findings += [*_database(engine), *_jobs(engine), *_learning(engine), *_places(engine)]
    except RuntimeError as error:
        findings.append(wrong(str(error)))
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        findings.append(wrong(f"De databank antwoordt niet: {said}", "Kijk LN_DATABASE_URL en de server na."))
    finally:
        if engine is not None:
            engine.dispose()
    return [*findings, *_mail_server(), *_backups()]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 13):
        yield care(f"Python {version} werkt.", "Neem voor een echte installatie de nieuwste 3.13 of later.")
    else:
        yield good(f"Python {version}")


def _clock() -> Iterator[Finding]:
    if now() < BUILT_ON:
        yield wrong(f"De klok staat op {now():%Y-%m-%d}.", "Zet de klok juist, best met NTP.")


def _folder() -> Iterator[Finding]:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        yield wrong(
            f"In {folder} kan niet geschreven worden ({error.strerror}).",
            "Maak dit programma er eigenaar van.",
        )
        return
    free = shutil.disk_usage(folder).free
    said = f"In {folder} is {free / GIGABYTE:.1f} GB vrij"
    if free < GIGABYTE // 2:
        yield wrong(said, "Maak plaats: de databank stopt met schrijven als de schijf vol is.")
    else:
        yield (care(said, "Voorzie op tijd meer plaats.") if free < 2 * GIGABYTE else good(said))


def _assets() -> Iterator[Finding]:
    if (SOURCE / "vendor" / "htmx.min.js").exists():
        yield good("De bestanden voor de browser zijn er")
    else:
        yield care(
            "De bestanden van npm ontbreken. De site werkt, zonder htmx, pictogrammen en eigen lettertype.",
            "Installeer Node.js 20 of later en voer `make setup` uit.",
        )


def _settings() -> Iterator[Finding]:
    if settings.demo:
        yield care(
            "Dit is de demo: iedereen kan zich als beheerder aanmelden.", "In het echt: LN_MODE=production."
        )
    elif not settings.contact_email:
        yield care(
            "Er is geen contactadres.", "Zet LN_CONTACT_EMAIL: het staat op /contact en op foutbladzijden."
        )
    else:
        yield good("De instellingen voor productie")


def _database(engine: Engine) -> Iterator[Finding]:
    if engine.dialect.name == "sqlite":
        driver = sqlite_driver()
        assert sqlite_is_sound(driver.sqlite_version_info)  # noqa: S101 - make_engine refuses the others
        yield good(f"SQLite {driver.sqlite_version}")
        with engine.execution_options(postgresql_readonly=True).connect() as connection:
            if connection.exec_driver_sql("PRAGMA quick_check").scalar() != "ok":
                yield wrong(
                    "De databank is beschadigd.", "Stop het programma en zet een back-up terug: `restore`."
                )
    else:
        with engine.connect() as connection:
            away = abs(connection.execute(select(func.now())).scalar_one() - now())
            yield good("PostgreSQL " + str(connection.exec_driver_sql("SHOW server_version").scalar()))
        if away > timedelta(seconds=30):
            yield wrong(
                f"De klok van de databank en die van deze machine verschillen {away}.",
                "Gebruik NTP op beide.",
            )
    at, needed = schema.revision(engine), schema.newest()
    if at == needed:
        yield good(f"De databank heeft de juiste vorm ({at})")
    else:
        state = f"De databank is op {at}" if at else "De databank is nog leeg"
        yield wrong(f"{state}; dit programma heeft {needed} nodig.", "Voer `migrate` uit.")


def _jobs(engine: Engine) -> Iterator[Finding]:
    if schema.revision(engine) != schema.newest():
        return
    queued = col(Job.status) == JobStatus.QUEUED
    with Session(engine.execution_options(postgresql_readonly=True)) as session:
        dead = session.scalar(select(func.count()).where(col(Job.status) == JobStatus.DEAD)) or 0
        late = session.scalar(select(func.count()).where(queued, col(Job.run_at) < now() - LATE - LEASE)) or 0
        waiting = session.scalar(select(func.count()).where(queued, col(Job.name) == "mail.send")) or 0
        reasons = session.scalars(
            select(col(Job.error)).where(col(Job.status) == JobStatus.DEAD).distinct().limit(3)
        )
        why = "; ".join(sorted(reasons))
    if late:
        yield wrong(
            f"{late} taken wachten al meer dan tien minuten: er draait geen werker.",
            "Start `serve` met LN_EMBEDDED_WORKER=true, of start `work`.",
        )
    if dead:
        yield wrong(
            f"{dead} mails of taken zijn opgegeven: {why}", "Los de oorzaak op. De tabel job toont welke."
        )
    if not late and not dead:
        yield good("Mails en taken lopen")
    if waiting and not settings.smtp_host and not settings.demo:
        yield wrong(
            f"{waiting} mails wachten op een mailserver.", "Zet LN_SMTP_HOST; dan vertrekken ze vanzelf."
        )


def _learning(engine: Engine) -> Iterator[Finding]:
    """What is kept of everybody's lessons is worked out again from what they did."""
    if schema.revision(engine) != schema.newest():
        return
    with Session(engine.execution_options(postgresql_readonly=True)) as session:
        found = list(islice(recount.differences(session), MOST_SHOWN + 1))
    if not found:
        yield good("Wat van ieders lessen bewaard is, klopt met wat ze deden")
        return
    shown = "; ".join(f"{each.enrolment_id} {each.lesson_key}: {each.what}" for each in found[:MOST_SHOWN])
    more = " …" if len(found) > MOST_SHOWN else ""
    yield wrong(
        f"De stand van lessen klopt niet: {shown}{more}", "Meld dit aan wie het programma onderhoudt."
    )


def _places(engine: Engine) -> Iterator[Finding]:
    """The counters of action days against the registrations and their ledger."""
    if schema.revision(engine) != schema.newest():
        return
    with Session(engine.execution_options(postgresql_readonly=True)) as session:
        wrongs = differences(session)
    if wrongs:
        yield wrong(
            f"Plaatsen op actiedagen kloppen niet op {len(wrongs)} punten: {'; '.join(wrongs[:3])}",
            "Stop het programma, maak een back-up en meld dit aan wie het maakt.",
        )
    else:
        yield good("De plaatsen op actiedagen kloppen met hun logboek")


def _mail_server() -> Iterator[Finding]:
    if not settings.smtp_host:
        if settings.demo:
            yield good("Mails vertrekken niet; ze staan op /postvak")
        else:
            yield wrong("Er is geen mailserver: niemand kan een account bevestigen.", "Zet LN_SMTP_HOST.")
        return
    said = f"De mailserver {settings.smtp_host}:{settings.smtp_port}"
    try:
        mail.check_server()
    except OSError as error:  # smtplib's own errors and those of TLS are OSErrors too
        yield wrong(f"{said} antwoordt niet goed: {error}", "Kijk de instellingen LN_SMTP_… na.")
        return
    yield good(f"{said} antwoordt")
    if settings.smtp_security == "none" and settings.smtp_host not in ("localhost", "127.0.0.1", "::1"):
        yield care(f"{said} krijgt mails zonder versleuteling.", "Zet LN_SMTP_SECURITY=starttls.")


def _backups() -> Iterator[Finding]:
    if settings.demo:
        return
    made = [file.stat().st_mtime for file in (settings.data_dir / "backups").glob("*.zip")]
    if not made or now() - datetime.fromtimestamp(max(made), UTC) > OLD_BACKUP:
        yield care(
            "Er is geen back-up van de laatste week in de map met gegevens.",
            "Laat elke nacht `backup` lopen, en bewaar de bestanden op een andere machine.",
        )
    else:
        yield good("Er is een recente back-up")

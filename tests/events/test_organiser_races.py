"""Two organisers at one day at the same moment, on both databases: nothing is overwritten, nothing is made twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlmodel import Session, select

from backend.auth.models import Viewer
from backend.db import Database, now
from backend.events import organiser_days, organiser_steps
from backend.events.models import ActionDay
from backend.events.organiser_forms import WhenForm
from tests.events.acts import make_organiser
from tests.factories import make_day, make_edition

WHERE = organiser_steps.STEPS["waar"]


def prepare(engine: Engine) -> tuple[Viewer, str]:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        make_edition(session)
        day, organiser = make_day(session), make_organiser(session)
        return organiser, seen_by(session, organiser, day.slug)


def seen_by(session: Session, organiser: Viewer, slug: str) -> str:
    return organiser_steps.seen(WHERE.show(session, organiser_days.look(session, organiser, slug)))


def at_once(engine: Engine, act: Callable[[Session, str], str]) -> list[str]:
    barrier = Barrier(2)

    def one(text: str) -> str:
        barrier.wait(10)
        with Database(engine).session() as session:
            return act(session, text)

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(one, ("Bus 4", "Tram 2")))


def save(session: Session, viewer: Viewer, slug: str, text: str, seen: str | None) -> str:
    """As the page does it; without `seen` it overwrites whatever is there."""
    shown = WHERE.show(session, organiser_days.hold(session, viewer, slug))
    typed = shown | {"travel": text}
    merged = organiser_steps.merge(organiser_steps.seen(shown) if seen is None else seen, shown, typed)
    if merged.clashes:
        return "asked"
    organiser_steps.save(session, viewer, slug, {"travel": merged.typed["travel"]}, now())
    return "saved"


def slug_of(engine: Engine) -> str:
    with Session(engine) as session:
        return session.exec(select(ActionDay.slug)).one()


def test_of_two_who_save_at_once_the_second_is_asked(own_engine: Engine) -> None:
    organiser, seen = prepare(own_engine)
    slug = slug_of(own_engine)
    said = at_once(own_engine, lambda session, text: save(session, organiser, slug, text, seen))
    assert said == ["asked", "saved"]


def test_without_what_was_seen_one_would_overwrite_the_other(own_engine: Engine) -> None:
    """The negative control."""
    organiser, _seen = prepare(own_engine)
    slug = slug_of(own_engine)
    said = at_once(own_engine, lambda session, text: save(session, organiser, slug, text, None))
    assert said == ["saved", "saved"]


def test_one_form_sent_twice_at_once_makes_one_day(own_engine: Engine) -> None:
    organiser, _seen = prepare(own_engine)
    assert len(set(made(own_engine, organiser, [uuid4()] * 2))) == 1


def test_two_forms_at_once_make_two_days_with_two_addresses(own_engine: Engine) -> None:
    organiser, _seen = prepare(own_engine)
    assert len(set(made(own_engine, organiser, [uuid4(), uuid4()]))) == 2


def made(engine: Engine, organiser: Viewer, keys: list[UUID]) -> list[str]:
    form = WhenForm.model_validate({"title": "Samen", "on": "2027-03-16", "start": "9:30", "end": "16:00"})
    values = organiser_steps.when_values(form)
    by_text = dict(zip(("Bus 4", "Tram 2"), keys, strict=True))

    def act(session: Session, text: str) -> str:
        return organiser_days.create(session, organiser, by_text[text].hex, values, ["waasland"])

    return at_once(engine, act)

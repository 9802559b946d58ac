"""The questions of a day, each changed one at a time: who changes another one loses nothing."""

from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import now
from backend.errors import Conflict, NotFound
from backend.events import details, organising
from backend.events.details import MOST_QUESTIONS, Question, QuestionKind, Questions
from backend.events.models import ActionDay
from backend.events.organiser_forms import QuestionForm, lines
from backend.events.organiser_steps import Shown
from backend.language import gettext as _
from backend.network.service import slug as slug_of


def one(day: ActionDay, key: str) -> Question:
    for question in details.questions_of(day.questions):
        if question.key == key:
            return question
    raise NotFound(_("Deze vraag bestaat niet meer."))


def show(question: Question) -> Shown:
    wanted = question.shown_when
    return {
        "text": question.text,
        "kind": question.kind.value,
        "options": "\n".join(question.options),
        "is_required": "ja" if question.is_required else "",
        "is_personal": "ja" if question.is_personal else "",
        "when": f"{wanted.question}={wanted.answer}" if wanted else "",
    }


def conditions(day: ActionDay, before: str = "") -> list[tuple[str, str]]:
    """What a question can depend on: answers to the questions before it."""
    found = []
    for question in details.questions_of(day.questions):
        if question.key == before:
            break
        found += [(f"{question.key}={answer}", f"{question.text} → {answer}") for answer in question.possible]
    return found


def save(session: Session, viewer: Viewer, slug: str, key: str | None, data: QuestionForm) -> None:
    """A new question at the end, or other words for one. The same new question twice is there once."""
    day = organising.find(session, viewer, slug)
    every = details.questions_of(day.questions)
    if key is None:
        if any(each.text == data.text for each in every):
            return
        if len(every) >= MOST_QUESTIONS:
            raise Conflict(_("Een dag heeft hoogstens %(n)s vragen.") % {"n": MOST_QUESTIONS})
        every.append(_made(_free_key(every, data.text), data))
    else:
        one(day, key)
        every = [_made(key, data) if each.key == key else each for each in every]
    _keep(session, viewer, slug, every)


def shift(session: Session, viewer: Viewer, slug: str, key: str, after: str) -> None:
    """Put a question behind another (its key), or first (""). Sent twice it stays there.

    Raises Conflict when a question would come before the one that it depends on.
    """
    day = organising.find(session, viewer, slug)
    moved = one(day, key)
    every = [each for each in details.questions_of(day.questions) if each.key != key]
    keys = [each.key for each in every]
    place = keys.index(one(day, after).key) + 1 if after and after != key else 0
    every.insert(place, moved)
    try:
        Questions(all=every)
    except ValidationError as error:
        raise Conflict(
            _("Dan komt een vraag voor de vraag waarvan ze afhangt. Verander eerst haar voorwaarde.")
        ) from error
    _keep(session, viewer, slug, every)


def remove(session: Session, viewer: Viewer, slug: str, key: str) -> None:
    day = organising.find(session, viewer, slug)
    every = details.questions_of(day.questions)
    if any(each.shown_when and each.shown_when.question == key for each in every):
        raise Conflict(_("Een andere vraag hangt hiervan af. Verander die eerst."))
    _keep(session, viewer, slug, [each for each in every if each.key != key])


def _keep(session: Session, viewer: Viewer, slug: str, every: list[Question]) -> None:
    try:
        Questions(all=every)
    except ValidationError as error:
        raise Conflict(
            _("Zo kan de voorwaarde van een vraag nooit kloppen. Kijk de mogelijkheden na.")
        ) from error
    kept = [each.model_dump(mode="json") for each in every]
    organising.change(session, viewer, slug, {"questions": kept}, now())


def _made(key: str, data: QuestionForm) -> Question:
    options = lines(data.options) if data.kind == QuestionKind.CHOICE else []
    if data.kind == QuestionKind.CHOICE and len(options) < 2:
        raise Conflict(_("Geef minstens twee mogelijkheden, elk op een regel."))
    question, _sep, answer = data.when.partition("=")
    values: dict[str, Any] = {
        "key": key,
        "text": data.text,
        "kind": data.kind,
        "options": options,
        "is_required": bool(data.is_required),
        "is_personal": bool(data.is_personal),
        "shown_when": {"question": question, "answer": answer} if data.when else None,
    }
    try:
        return Question.model_validate(values)
    except ValidationError as error:
        raise Conflict(_("Dit klopt niet. Kijk het na.")) from error


def _free_key(every: list[Question], text: str) -> str:
    base = "v_" + slug_of(text).replace("-", "_")[:30]
    base = "".join(letter for letter in base if letter.isascii() and (letter.isalnum() or letter == "_"))
    taken = {each.key for each in every}
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, 99))) if key not in taken)

"""Answers that put things in a place: in order, side by side, in columns, in one of few choices, on a scale."""

from backend.courses.block_types import Match, Order, SelfRating, Sort, Triage
from backend.language import gettext as _
from backend.learning.answers import PLACE_FIELD, RATING_FIELD, Given, Incomplete, Submitted, changed

Placed = Order | Match | Sort | Triage


def read(question: Placed | SelfRating, submitted: Submitted) -> Given:
    prefix = RATING_FIELD if isinstance(question, SelfRating) else PLACE_FIELD
    fields = {prefix + key: key for key in _items(question)}
    allowed = places_of(question)
    places: dict[str, list[str]] = {}
    is_known = not any(name.startswith(prefix) and name not in fields for name in submitted)
    for name, key in fields.items():
        sent = set(submitted.get(name, ())) - {""}
        if chosen := [place for place in allowed if place in sent]:
            places[key] = chosen
        most = len(allowed) if isinstance(question, Triage) and question.several else 1
        if len(chosen) < len(sent) or len(chosen) > most:
            is_known = False
    given = _as_given(question, places)
    if not is_known:
        raise changed(given)
    if missing := len(fields) - len(places):
        if missing == len(fields):
            raise Incomplete(_first(question), given, is_partial=True)
        raise Incomplete(
            _("Geef alles een plaats. Er staat nog %(n)s open.") % {"n": missing}, given, is_partial=True
        )
    if isinstance(question, Order) and len({places[key][0] for key in places}) < len(places):
        raise Incomplete(_("Gebruik elke plaats één keer."), given, is_partial=True)
    return given


def _items(question: Placed | SelfRating) -> list[str]:
    things = question.statements if isinstance(question, SelfRating) else question.items
    return [thing.key for thing in things]


def _first(question: Placed | SelfRating) -> str:
    return (
        _("Kies eerst waar je staat.")
        if isinstance(question, SelfRating)
        else _("Geef eerst alles een plaats.")
    )


def _as_given(question: Placed | SelfRating, places: dict[str, list[str]]) -> Given:
    """A list of places for each item in triage, else the one place."""
    if isinstance(question, Triage):
        return {"places": places}
    single = {key: chosen[0] for key, chosen in places.items()}
    return {"ratings": single} if isinstance(question, SelfRating) else {"places": single}


def places_of(question: Placed | SelfRating) -> tuple[str, ...]:
    """The keys of where an item may go."""
    if isinstance(question, Order):
        return tuple(str(place) for place in range(1, len(question.items) + 1))
    if isinstance(question, SelfRating):
        return tuple(str(level) for level in range(1, len(question.labels) + 1))
    return tuple(place.key for place in question.places)


def marks(question: Placed, given: Given) -> dict[str, bool]:
    """For each item that was placed: is it right?"""
    placed = given["places"]
    if isinstance(question, Triage):
        return {
            item.key: set(placed[item.key]) == set(item.places)
            if question.several
            else placed[item.key][0] in item.places
            for item in question.items
            if placed.get(item.key)
        }
    return {item.key: placed[item.key] == item.place for item in question.items if item.key in placed}


def grade(question: Placed, given: Given) -> float:
    """The share of items in their own place, because that is what the feedback shows.

    One item too early in an order can cost several places; trying again is free, and the best answer counts.
    """
    return sum(marks(question, given).values()) / len(question.items)


def right(question: Placed) -> Given:
    """What earns 1."""
    if isinstance(question, Triage):
        return {
            "places": {
                item.key: sorted(item.places, key=places_of(question).index)[
                    : None if question.several else 1
                ]
                for item in question.items
            }
        }
    return {"places": {item.key: item.place for item in question.items}}

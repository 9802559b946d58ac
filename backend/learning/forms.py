"""What may be typed in a lesson, beside the answers themselves (grading.py)."""

from typing import Annotated

from pydantic import Field

from backend.fields import FormId, FormModel, Line, Text

NOTE_LENGTH = 5000


class AnswerForm(FormModel):
    form_id: FormId


class ScenarioForm(FormModel):
    """To begin, and to begin again from a point."""

    form_id: FormId


class PlaceForm(FormModel):
    stap: Annotated[int, Field(ge=1, le=1000)]  # the place in a scenario run, counted from 1


class NoteForm(FormModel):
    tekst: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""


class VersionForm(FormModel):
    versie: Annotated[int, Field(ge=1)]  # the one that was offered


class RatingForm(FormModel):
    bruikbaar: Annotated[int, Field(ge=1, le=4)]


class BlockNoteForm(FormModel):
    tekst: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""
    bladwijzer: bool = False
    toch: bool = False  # keep it although it may tell who somebody is


class ShareForm(FormModel):
    tekst: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""  # as it was shown
    toch: bool = False


class MistakeForm(FormModel):
    """Something is wrong in a lesson."""

    tekst: Annotated[Text, Field(min_length=10, max_length=2000)]
    blok: Annotated[Line, Field(max_length=80)] = ""
    form_id: FormId
    toch: bool = False


class RhythmForm(FormModel):
    dag: Annotated[int, Field(ge=0, le=4)] | None = None

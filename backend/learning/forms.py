"""What may be typed in a lesson, beside the answers themselves (grading.py)."""

from typing import Annotated

from pydantic import Field

from backend.fields import FormId, FormModel, Text

NOTE_LENGTH = 5000


class AnswerForm(FormModel):
    form_id: FormId


class NoteForm(FormModel):
    tekst: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""


class RatingForm(FormModel):
    bruikbaar: Annotated[int, Field(ge=1, le=4)]


class BlockNoteForm(FormModel):
    tekst: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""
    bladwijzer: bool = False
    toch: bool = False  # keep it although it may tell who somebody is


class ShareForm(FormModel):
    tekst: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""  # as it was shown
    toch: bool = False


class RhythmForm(FormModel):
    dag: Annotated[int, Field(ge=0, le=4)] | None = None

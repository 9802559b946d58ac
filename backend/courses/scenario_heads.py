"""The shape of a scenario file (`<key>.yaml`): which names it has, and what may stand behind them."""

from typing import Annotated, Literal

from pydantic import Field

from backend.courses.heads import Head

LONGEST_CONDITION = 300  # characters
Effect = dict[str, float]


When = Annotated[str, Field(max_length=LONGEST_CONDITION)]


class NoteHead(Head):
    when: When
    text: str


class RoadHead(Head):
    label: str
    effect: Effect = {}
    then: str
    practice: str
    other_road: str
    cost: int | None = Field(None, ge=0, le=1000)
    to: str = ""


class ItemHead(Head):
    text: str
    right: str
    effect: Effect = {}
    feedback: str


class PickHead(Head):
    least: int = Field(1, ge=0)
    most: int = Field(ge=1)


class NodeHead(Head):
    kind: Literal["one", "several", "budget", "triage"] = "one"
    like: str = ""
    title: str
    at: str = ""
    speaker: str = Field("", alias="from")
    text: str
    notes: tuple[NoteHead, ...] = ()
    ask: str = ""
    options: dict[str, RoadHead] = {}
    pick: PickHead | None = None
    points: int = Field(0, ge=1, le=1000)
    choices: dict[str, str] = {}
    items: dict[str, ItemHead] = {}
    to: str = ""


OWN = {
    "like",
    "title",
    "at",
    "speaker",
    "text",
    "notes",
}  # what a node that is like another one has of its own


class EndingHead(Head):
    key: str
    title: str
    when: When = ""
    overrides: bool = False
    text: str


class ScenarioHead(Head):
    key: str
    title: str
    role: str
    minutes: int = Field(ge=1, le=120)
    intro: str
    meters: dict[str, float]
    start: str
    nodes: dict[str, NodeHead] = Field(min_length=1, max_length=60)
    endings: tuple[EndingHead, ...] = Field(min_length=1, max_length=20)
    additions: tuple[NoteHead, ...] = Field((), max_length=60)
    debrief: str = ""
    lessons: tuple[str, ...] = ()
    trainer: str = ""

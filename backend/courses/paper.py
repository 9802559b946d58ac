"""A lesson, a whole module, or the guide of a scenario on paper: the document as data for the typst templates."""

import re
from html.parser import HTMLParser
from typing import Any

from backend.courses import block_types as bt
from backend.courses.documents import CourseDocument, Lesson, Part
from backend.courses.scenarios import END, Node, Road, Scenario
from backend.language import gettext as _
from backend.language import short_date
from backend.printing import pdf

Tree = list[Any]  # text, or {"t": tag, "c": children, "href": …}
VOID = {"br", "hr"}
BLOCKS = {
    "blockquote",
    "div",
    "h3",
    "h4",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
LONG_ANSWER, SHORT_ANSWER = 5, 1  # ruled lines
# A print palette for what app.css gives colours on the screen (`.drawing`).
DRAWING = (
    "<style>.fa{fill:#c8532c}.fb{fill:#2f6f9f}.fmf{fill:#6b2046}.fm{fill:none;stroke:#6b2046;stroke-width:3.5;stroke-linecap:round}"
    ".fl{fill:none;stroke:#8a7d84;stroke-width:1.5}.pa{fill:none;stroke:#c8532c;stroke-width:8;stroke-linecap:round}"
    ".pb{fill:none;stroke:#2f6f9f;stroke-width:8;stroke-linecap:round}"
    ".ft{fill:#2c2129;font-size:20px;font-family:'Radio Canada','Libertinus Serif'}</style>"
)


def lesson_pdf(course: CourseDocument, lesson: Lesson, *, with_answers: bool) -> bytes:
    """`with_answers`: for somebody who may see them."""
    return pdf(
        "lesson", {**_frame(course), "title": lesson.title, "lessons": [_lesson(lesson, with_answers)]}
    )


def course_pdf(course: CourseDocument) -> bytes:
    """Every lesson, without answers."""
    lessons = [_lesson(lesson, False) for lesson in course.lessons]  # noqa: FBT003 - one meaning
    return pdf(
        "lesson", {**_frame(course), "title": f"{course.title}: {course.subtitle}", "lessons": lessons}
    )


def guide_pdf(course: CourseDocument, scenario: Scenario) -> bytes:
    """For who plays the scenario with a group: how, and every node with its roads."""
    return pdf("guide", {**_frame(course), "title": scenario.title, "scenario": _scenario(scenario)})


def _frame(course: CourseDocument) -> dict[str, Any]:
    waiting = course.waiting_for if not course.review_by else ()
    return {
        "course": course.title,
        "module": _("Module %(n)s") % {"n": course.number},
        "review": _("Nog niet nagelezen door %(names)s.") % {"names": ", ".join(waiting)} if waiting else "",
        "words": {
            "goals": _("Na deze les kun je"), "minutes": _("minuten"), "lesson": _("Les"), "sources": _("Bronnen"),
            "terms": _("Begrippen"), "question": _("Vraag"), "answers": _("Antwoorden"), "checked": _("nagekeken"),
            "reading": _("Verder lezen"), "as_text": _("De tekening als tekst"), "page": _("Bladzijde"),
        },
    }  # fmt: skip


def _lesson(lesson: Lesson, with_answers: bool) -> dict[str, Any]:  # noqa: FBT001 - internal
    numbers = {key: n for n, key in enumerate(lesson.questions, 1)}
    return {
        "number": lesson.number,
        "title": lesson.title,
        "minutes": lesson.minutes,
        "goals": list(lesson.goals),
        "legal": _("Juridische stand op %(date)s. Dit is geen juridisch advies.")
        % {"date": short_date(lesson.legal_on)}
        if lesson.legal_on
        else "",
        "parts": [_part(part, numbers) for part in lesson.parts],
        "answers": [_answer(q, numbers[key]) for key, q in lesson.questions.items()] if with_answers else [],
        "terms": [[term.word, term.meaning] for term in lesson.terms],
        "sources": [
            {
                "text": f"{source.by}{f' ({source.year})' if source.year else ''}. " if source.by else "",
                "title": source.title,
                "url": source.url,
                "checked": short_date(source.checked) if source.checked else "",
            }
            for source in lesson.sources
        ],
        "checked": short_date(lesson.checked),
    }


def _part(part: Part, numbers: dict[str, int]) -> dict[str, Any]:
    blocks = [_block(block, numbers) for block in part.blocks]
    return {"title": part.title, "blocks": [block for block in blocks if block]}


def _block(block: bt.AnyBlock, numbers: dict[str, int]) -> dict[str, Any]:
    if isinstance(block, bt.QuestionBlock):
        return {
            "kind": "question",
            "number": numbers[block.key],
            "ask": tree(block.question_html),
            **_asked(block),
        }
    return _read(block)


def _read(block: bt.AnyBlock) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one kind of block a line
    match block:
        case bt.Text():
            return {"kind": "text", "body": tree(block.html)}
        case bt.Callout() | bt.Fold() | bt.ContentWarning():
            return {"kind": "box", "title": block.title, "body": tree(block.html)}
        case bt.Figure():
            return _picture(block, [])
        case bt.Diagram():
            return _picture(block, tree(block.text_html))
        case bt.Video() | bt.Audio():
            return {"kind": "box", "title": block.title, "body": tree(block.transcript_html)}
        case bt.Quote():
            return {"kind": "quote", "body": tree(block.html), "by": block.by}
        case bt.TermBlock():
            return {"kind": "box", "title": block.word, "body": [block.meaning, *tree(block.html)]}
        case bt.Reading():
            links = [
                {"title": link.title, "url": link.url, "why": tree(link.why_html)} for link in block.links
            ]
            return {"kind": "reading", "body": tree(block.html), "links": links}
        case bt.Table():
            return {"kind": "text", "body": [{"t": "strong", "c": [block.title]}, *tree(block.html)]}
        case bt.Takeaway():
            return {"kind": "takeaway", "body": tree(block.html)}
        case bt.Private():
            return {"kind": "write", "ask": tree(block.html), "fields": list(block.prompts), "lines": 2}
        case bt.Reflection():
            return {"kind": "write", "ask": tree(block.prompt_html), "fields": [], "lines": LONG_ANSWER}
        case bt.SelfRating():
            rows = [tree(statement.html) for statement in block.statements]
            return {"kind": "rating", "body": tree(block.html), "labels": list(block.labels), "rows": rows}
        case bt.Poll():
            options = [tree(option.html) for option in block.options]
            return {"kind": "options", "ask": tree(block.question_html), "options": options, "hint": ""}
        case bt.Download():
            return {"kind": "box", "title": block.title, "body": [*tree(block.html), f" ({block.file.name})"]}
        case bt.Check():
            return {"kind": "box", "title": block.title, "body": [_("Deze toets maak je op de site.")]}
        case bt.ScenarioBlock():
            said = _("Dit scenario speel je op de site. Voor groepen is er een gids op papier.")
            return {"kind": "box", "title": block.scenario.title, "body": [said]}
        case _:
            return {}


def _picture(block: bt.Figure | bt.Diagram, text: Tree) -> dict[str, Any]:
    return {
        "kind": "picture",
        "svg": _coloured(block.svg) if block.svg else "",
        "alt": block.alt,
        "caption": tree(block.caption_html),
        "credit": block.credit,
        "text": text,
    }


def _coloured(svg: str) -> str:
    return re.sub(r"<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', svg, count=1).replace(
        ">", f">{DRAWING}", 1
    )


def _asked(question: bt.QuestionBlock) -> dict[str, Any]:
    """What there is to tick, to place or to write."""
    asked: dict[str, Any] = {"options": [], "items": [], "places": [], "fields": [], "lines": 0, "hint": ""}
    match question:
        case bt.Short() | bt.Number():
            asked |= {"lines": SHORT_ANSWER, "hint": question.unit if isinstance(question, bt.Number) else ""}
        case bt.Budget():
            hint = _("Verdeel %(n)s %(unit)s.") % {"n": question.points, "unit": question.unit}
            asked |= {"options": [[*tree(o.html), f" ({o.cost})"] for o in question.options], "hint": hint}
        case bt.Choice() | bt.Multiple() | bt.TrueFalse():
            asked |= {"options": [tree(option.html) for option in question.options]}
            if isinstance(question, bt.Multiple):
                asked["hint"] = _("Duid alles aan wat klopt.")
        case bt.Order():
            by_key = {item.key: item for item in question.items}
            asked |= {
                "items": [tree(by_key[key].html) for key in question.shown],
                "hint": _("Nummer de stappen."),
            }
        case bt.Match() | bt.Sort() | bt.Triage():
            asked |= {
                "items": [tree(item.html) for item in question.items],
                "places": [place.label for place in question.places],
            }
        case bt.Compare():
            asked |= {"fields": list(question.prompts), "lines": 2 if question.prompts else LONG_ANSWER}
    return asked


def _answer(question: bt.QuestionBlock, number: int) -> dict[str, Any]:
    """What was right, and why."""
    told: list[Tree] = []
    match question:
        case bt.Number():
            told = [[f"{question.answer:g} {question.unit}. ", *tree(question.right_html)]]
        case bt.Compare():
            told = [tree(question.model_html)]
        case bt.Order():
            told = [[f"{n}. ", *tree(item.html)] for n, item in enumerate(question.items, 1)]
        case bt.Match() | bt.Sort():
            labels = {place.key: place.label for place in question.places}
            told = [
                [*tree(i.html), f" → {labels[i.place]}. ", *tree(i.feedback_html)] for i in question.items
            ]
        case bt.Triage():
            labels = {place.key: place.label for place in question.places}
            told = [
                [*tree(i.html), f" → {', '.join(labels[p] for p in i.places)}. ", *tree(i.feedback_html)]
                for i in question.items
            ]
        case bt.Choice() | bt.Multiple() | bt.TrueFalse() | bt.Short() | bt.Budget():
            told = [
                [{"t": "strong", "c": tree(o.html)}, " ", *tree(o.feedback_html)]
                for o in question.options
                if o.is_right
            ]
    return {"number": number, "told": told}


# ── the guide of a scenario ──


def _scenario(scenario: Scenario) -> dict[str, Any]:
    places = {node.key: n for n, node in enumerate(scenario.nodes, 1)}
    return {
        "role": scenario.role,
        "minutes": scenario.minutes,
        "intro": tree(scenario.intro_html),
        "trainer": tree(scenario.trainer_html),
        "nodes": [_node(node, places) for node in scenario.nodes],
        "endings": [
            {"title": each.title, "when": each.when or _("in alle andere gevallen"), "body": tree(each.html)}
            for each in scenario.endings
        ],
        "debrief": tree(scenario.debrief_html),
        "words": {
            "role": _("Jullie rol"), "group": _("Met een groep"), "then": _("Wat volgt"), "practice": _("Wat zegt de praktijk?"),
            "for": _("Sterkste argument ervoor"), "endings": _("Hoe het kan aflopen"), "debrief": _("Nabespreking"),
            "answers": _("Na de keuze"), "minutes": _("minuten"),
        },
    }  # fmt: skip


def _node(node: Node, places: dict[str, int]) -> dict[str, Any]:
    def leads(to: str) -> str:
        return _("naar het einde") if to == END else _("naar %(n)s") % {"n": places[to]}

    return {
        "number": places[node.key],
        "title": node.title,
        "at": node.at,
        "speaker": node.speaker,
        "body": tree(node.html),
        "ask": tree(node.ask_html),
        "roads": [_road(road, leads(road.to)) for road in node.roads],
        "items": [
            {
                "body": tree(item.html),
                "right": next(choice.label for choice in node.choices if choice.key == item.right),
                "why": tree(item.feedback_html),
            }
            for item in node.items
        ],
        "choices": [choice.label for choice in node.choices],
    }


def _road(road: Road, leads: str) -> dict[str, Any]:
    effects = ", ".join(f"{name} {value:+g}" for name, value in road.effect.items()).replace("-", "−")
    return {
        "label": tree(road.label_html),
        "cost": road.cost,
        "effect": f"{effects or _('geen effect')}; {leads}",
        "then": tree(road.then_html),
        "practice": tree(road.practice_html),
        "other": tree(road.other_road_html),
    }


# ── HTML of a published version (a small, clean set of elements) ──


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: Tree = []
        self.open: list[tuple[str, Tree]] = [("", self.root)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node: dict[str, Any] = {"t": tag, "c": []}
        href = dict(attrs).get("href") or ""
        if href.startswith("https://"):
            node["href"] = href
        self.open[-1][1].append(node)
        if tag not in VOID:
            self.open.append((tag, node["c"]))

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        around = self.open[-1][1]
        is_between_blocks = not around or (isinstance(around[-1], dict) and around[-1]["t"] in BLOCKS)
        if text.strip() or not is_between_blocks:
            around.append(text)


def tree(html: str) -> Tree:
    """The elements and texts of it, for the templates."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root

"""A module with every kind of question, a content warning and a private card, published into a running site:
`python -m tests.chromium.course`, with the settings of that site.
"""

from sqlmodel import Session

from backend.config import settings
from backend.courses.block_types import ContentWarning, Private, Text
from backend.db import make_engine
from tests.learning.documents import CHECK, EVERY, POLL, RATING, make_course, make_lesson, publish

KEY = "alle-vragen"
WARNING = ContentWarning(key="kwetsend", title="Kwetsende taal", html="<p>Hierna staan haatberichten.</p>")
AFTER = RATING.model_copy(update={"key": "na", "before": RATING.key, "before_lesson": "vragen"})
CARD = Private(
    key="kaart", html="<p>Vul in.</p>", prompts=("Wie belt?", "Wie beslist?"), shows_gaps=True, prints=True
)
COURSE = make_course(
    KEY,
    number=9,
    title="Alle vragen",
    lessons=(
        make_lesson("vragen", "9.1", *EVERY, POLL, RATING, CHECK.model_copy(update={"counts": False})),
        make_lesson(
            "gevoelig", "9.2", CARD, AFTER, WARNING, Text(key="t-2", html="<p>Een hatelijk bericht.</p>" * 60)
        ),
    ),
)

if __name__ == "__main__":
    with Session(make_engine(settings.database)) as session:
        publish(session, COURSE)
        session.commit()

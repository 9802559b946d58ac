"""What other parts ask of action days."""

from datetime import timedelta

from sqlmodel import Session

from backend.db import now
from backend.events import service
from backend.events.models import DayStatus
from tests.browser import counted_queries
from tests.factories import make_day


def test_the_next_days_are_those_that_go_ahead_with_their_region(session: Session) -> None:
    make_day(session, "Later", starts_at=now() + timedelta(days=40))
    (
        make_day(session, "Afgelast", status=DayStatus.CANCELLED),
        make_day(session, "Klad", status=DayStatus.DRAFT),
    )
    make_day(session, "Voorbij", starts_at=now() - timedelta(days=1))
    make_day(session, "Bezig", starts_at=now() - timedelta(hours=1))
    make_day(session, "Overal", region=None)
    session.expunge_all()
    with counted_queries(session) as queries:
        days = service.next_days(session, now(), 3)
        assert [(day.title, [region.name for region in day.regions]) for day in days] == [
            ("Bezig", ["Waasland"]),
            ("Overal", []),
            ("Later", ["Waasland"]),
        ]
    assert len(queries) == 1
    assert len(service.next_days(session, now(), 1)) == 1

"""The history of a day: everything that happened, in pieces that one can go on from."""

import pytest
from sqlmodel import Session

from backend.audit.service import record
from backend.auth.models import Role, ScopeKind
from backend.events import history
from tests.browser import Browser
from tests.factories import give_role, make_account, make_day, make_round


@pytest.mark.parametrize("happened", [history.PAGE, history.PAGE + 1, 2 * history.PAGE + 3])
def test_what_was_done_with_a_day_can_be_read_to_the_very_first(
    browser: Browser, session: Session, happened: int
) -> None:
    account = make_account(session, "Orla")
    give_role(session, account, Role.ORGANISER, ScopeKind.REGION, "waasland")
    day, other = make_day(session), make_day(session)
    record(session, account.id, "events.create", kind="action_day", key=day.slug)
    for _ in range(happened - 2):
        record(session, account.id, "events.change", kind="action_day", key=day.slug)
    record(
        session, account.id, "events.change_session", kind="workshop", key=make_round(session, day, 5)[0].id
    )
    record(session, account.id, "events.call_off", kind="action_day", key=other.slug)
    browser.sign_in(account)
    page = browser.get(f"/organisatie/{day.slug}/geschiedenis")
    said = [line.text for line in page.select("[aria-labelledby=dag] li p")]
    while following := page.select_one("[aria-labelledby=dag] a[rel=next]"):
        page = browser.get(following["href"])
        assert page.select_one("#mensen") is None, "going on with the day is about the day only"
        assert page.select_one(f'a[href="/organisatie/{day.slug}/geschiedenis"].btn-back')
        said += [line.text for line in page.select("[aria-labelledby=dag] li p")]
    assert len(said) == happened
    assert (said[0], said[1], said[-1]) == (
        "Orla wijzigde een sessie.", "Orla wijzigde de dag.", "Orla begon deze dag.",
    )  # fmt: skip

"""Groups, handing over, standing in: who reaches whom, from when, and until when."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.auth.models import Account, Role, RoleGrant, ScopeKind, Substitution
from backend.db import now
from backend.mentoring.models import Cohort, CohortMember, Handover
from backend.network.models import Municipality
from tests.browser import Browser
from tests.factories import give_role, make_account, make_municipality
from tests.mentoring.people import make_learner, make_mentor, make_module, two_regions

FORM = "0123456789abcdef0123456789abcdef"


class Two:
    """Mia follows Waasland, where Noor and Bert learn; Lars follows Limburg."""

    def __init__(self, session: Session, browser: Browser) -> None:
        make_module(session)
        self.here, self.there = two_regions(session)
        self.noor = make_learner(session, "Noor", self.here, done=1)
        self.bert = make_learner(session, "Bert", self.here, done=1)
        self.mia = make_mentor(session)
        self.lars = make_mentor(session, key="limburg", name="Lars Mentor")
        self.browser, self.session = browser, session

    def sees(self, mentor: Account) -> set[str]:
        page = self.browser.sign_in(mentor).get("/begeleiding")
        return {link.text for link in page.select(".heat tbody th a")}

    def hand(self, person: Account, to: Account, status: int = 303, form_id: str = FORM) -> None:
        self.browser.post(
            f"/begeleiding/deelnemer/{person.id}/overdragen",
            {"naar": str(to.id), "reden": "Verhuisde naar Limburg.", "form_id": form_id},
            status=status,
        )

    def stands_in(self) -> None:
        """Lars, for Mia."""
        self.session.add(
            Substitution(
                mentor_id=self.mia.id, substitute_id=self.lars.id, reason="Verlof", starts_at=now(),
                ends_at=now() + timedelta(days=9), submission="x",
            )
        )  # fmt: skip
        self.session.flush()
        assert self.sees(self.lars) == {"Noor", "Bert"}

    def group(self, *members: Account) -> str:
        self.browser.sign_in(self.mia).post("/begeleiding/groepen", {"naam": "Kern", "form_id": "a" * 32})
        path = self.browser.location
        self.browser.post(path, {"lid": [str(each.id) for each in members]})
        return path


def end_role(session: Session, account: Account) -> None:
    over = now() - timedelta(seconds=1)
    session.execute(update(RoleGrant).where(col(RoleGrant.account_id) == account.id).values(ends_at=over))


@pytest.fixture
def two(session: Session, browser: Browser) -> Two:
    return Two(session, browser)


def test_a_person_who_is_handed_over_changes_hands_once_with_the_reason(two: Two):
    two.browser.sign_in(two.mia)
    two.hand(two.noor, two.lars)
    two.hand(two.noor, two.lars)
    assert len(two.session.scalars(select(Handover)).all()) == 1
    assert two.sees(two.mia) == {"Bert"}
    assert two.sees(two.lars) == {"Noor"}
    two.browser.sign_in(two.mia).get(f"/begeleiding/deelnemer/{two.noor.id}", status=404)
    assert "Verhuisde naar Limburg." in two.browser.get("/begeleiding/groepen").text


def test_either_side_turns_it_back_and_nobody_else(two: Two):
    two.browser.sign_in(two.mia)
    two.hand(two.noor, two.lars)
    handover = two.session.scalars(select(Handover)).one()
    path = f"/begeleiding/overdracht/{handover.id}/terug"
    two.browser.sign_in(make_mentor(two.session, key="westhoek", name="Derde")).post(path, status=404)
    two.browser.sign_in(two.lars).post(path)
    two.browser.post(path)
    assert two.sees(two.lars) == set()
    assert two.sees(two.mia) == {"Noor", "Bert"}


def test_nobody_hands_over_who_they_do_not_follow_or_to_who_is_no_mentor(two: Two):
    two.browser.sign_in(two.lars)
    two.hand(two.noor, two.mia, status=404)
    two.browser.sign_in(two.mia)
    two.hand(two.noor, two.bert, status=404)
    two.hand(two.noor, two.mia, status=404)
    assert two.session.scalars(select(Handover)).all() == []


def test_when_the_receiver_is_no_mentor_any_more_the_person_comes_back(two: Two):
    two.browser.sign_in(two.mia)
    two.hand(two.noor, two.lars)
    end_role(two.session, two.lars)
    assert two.sees(two.mia) >= {"Noor", "Bert"}
    two.browser.sign_in(two.lars).get("/begeleiding", status=403)
    two.browser.get(f"/begeleiding/deelnemer/{two.noor.id}", status=403)


def test_a_group_filters_and_shows_nobody_more(two: Two):
    path = two.group(two.noor)
    two.group(two.noor)
    assert len(two.session.scalars(select(Cohort)).all()) == 1
    page = two.browser.get(f"/begeleiding?groep={path.rpartition('/')[2]}")
    assert [link.text for link in page.select(".heat tbody th a")] == ["Noor"]
    two.browser.sign_in(two.lars).get(path, status=404)
    assert two.sees(two.lars) == set()


def test_a_group_takes_nobody_from_outside_the_scope(two: Two):
    vera = make_learner(two.session, "Vera", two.there, done=1)
    path = two.group(two.noor)
    two.browser.post(path, {"lid": [str(vera.id), "onzin"]}, status=404)
    assert [m.account_id for m in two.session.scalars(select(CohortMember))] == [two.noor.id]


def test_a_group_is_handed_over_as_a_whole(two: Two):
    path = two.group(two.noor, two.bert)
    two.browser.post(
        f"{path}/overdragen", {"naar": str(two.lars.id), "reden": "Te veel deelnemers.", "form_id": FORM}
    )
    assert two.sees(two.mia) == set()
    assert two.sees(two.lars) == {"Noor", "Bert"}


@pytest.mark.parametrize("reason", ["", "kort"])
def test_handing_over_asks_for_a_reason(two: Two, reason: str):
    page = two.browser.sign_in(two.mia).post(
        f"/begeleiding/deelnemer/{two.noor.id}/overdragen",
        {"naar": str(two.lars.id), "reden": reason, "form_id": FORM},
        status=422,
    )
    assert page.select_one("#reden")["aria-invalid"] == "true"


def test_a_substitute_follows_until_the_last_day(two: Two):
    two.browser.sign_in(two.mia)
    tomorrow = (now() + timedelta(days=1)).date().isoformat()
    typed = {"naar": str(two.lars.id), "tot": tomorrow, "reden": "Met verlof.", "form_id": FORM}
    two.browser.post("/begeleiding/vervanging", typed)
    two.browser.post("/begeleiding/vervanging", typed)
    assert len(two.session.scalars(select(Substitution)).all()) == 1
    assert two.sees(two.lars) == {"Noor", "Bert"}
    assert two.sees(two.mia) == {"Noor", "Bert"}
    two.session.execute(update(Substitution).values(ends_at=now() - timedelta(seconds=1)))
    assert two.sees(two.lars) == set()


def test_a_substitute_follows_no_longer_than_the_mentor_may(two: Two):
    two.stands_in()
    end_role(two.session, two.mia)
    assert two.sees(two.lars) == set()


def test_a_substitute_who_is_no_mentor_any_more_follows_nobody(two: Two):
    two.stands_in()
    end_role(two.session, two.lars)
    two.browser.sign_in(two.lars).get("/begeleiding", status=403)
    two.browser.get(f"/begeleiding/deelnemer/{two.noor.id}", status=403)
    two.browser.get("/begeleiding/aanvragen", status=403)


@pytest.mark.parametrize("day", ["2020-01-01", "2099-01-01", "morgen"])
def test_an_impossible_last_day_is_said(two: Two, day: str):
    page = two.browser.sign_in(two.mia).post(
        "/begeleiding/vervanging",
        {"naar": str(two.lars.id), "tot": day, "reden": "Met verlof.", "form_id": FORM},
        status=422,
    )
    assert page.select_one("#tot")["aria-invalid"] == "true"
    assert two.session.scalars(select(Substitution)).all() == []


def test_a_merged_municipality_stays_followed_from_both_sides(two: Two):
    """Bazel merged into Kruibeke: who follows either of them follows the people of the new one."""
    new = make_municipality(two.session, "Kruibeke", "waasland")
    old = make_municipality(two.session, "Bazel", "waasland")
    merged = two.session.get_one(Municipality, old.municipality_nis)
    merged.merged_into_nis = new.municipality_nis
    make_learner(two.session, "Van Oud", old, done=1)
    make_learner(two.session, "Van Nieuw", new, done=1)
    for place in (old, new):
        mentor = make_account(two.session, f"Mentor van {place.name}")
        give_role(two.session, mentor, Role.MENTOR, ScopeKind.MUNICIPALITY, place.municipality_nis or "")
        assert two.sees(mentor) == {"Van Oud", "Van Nieuw"}
    two.browser.get(f"/begeleiding/gemeente/{old.municipality_nis}", status=303)
    assert "Van Oud" in two.browser.follow().main.text


# ── who looked ──


def test_a_learner_reads_who_looked_when_and_who_follows_them(two: Two):
    two.browser.sign_in(two.mia)
    for _twice in range(2):
        two.browser.get(f"/begeleiding/deelnemer/{two.noor.id}")
    two.browser.get("/begeleiding/uitvoer.csv")
    two.hand(two.noor, two.lars)
    page = two.browser.sign_in(two.noor).get("/mijn/bekeken")
    text = " ".join(page.main.get_text(" ").split())
    assert "Mia Mentor bekeek je voortgang (2 keer)" in text
    assert "Mia Mentor bewaarde een lijst waar je op staat" in text
    assert "Mia Mentor droeg je begeleiding over" in text
    assert "Lars Mentor kreeg je overgedragen" in text
    assert "Mia Mentor mentor van je gemeente" not in text
    other = two.browser.sign_in(two.bert).get("/mijn/bekeken").main.text
    assert "bekeek je voortgang" not in other


def test_the_cockpit_and_files_never_hold_formulas(two: Two):
    make_learner(two.session, "=HYPERLINK(1)", two.here, done=1)
    two.browser.sign_in(two.mia)
    text = two.browser.client.get("/begeleiding/uitvoer.csv").text
    assert "'=HYPERLINK(1)" in text
    assert "\n=HYPERLINK" not in text

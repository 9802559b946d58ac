"""A small network with one person of each role and one of every object, to try every route with."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, select

from backend import mail
from backend.auth import tokens
from backend.auth.models import Account, AccountStatus, KeptForm, Role, ScopeKind, Substitution, TokenPurpose
from backend.authoring.models import CourseDraft, Publication, Way
from backend.courses import course_files
from backend.courses import service as courses
from backend.courses.models import CourseVersion
from backend.db import now
from backend.events import links, registering
from backend.events.links import Purpose
from backend.events.models import ActionDay, DayFile
from backend.events.needs import Needs
from backend.events.office_hours import is_working_day
from backend.events.wishes import Wish
from backend.exchange.models import CardStatus, PracticeCard, Size, Tension
from backend.learning import checks, reports, scenario_runs, service
from backend.learning.checks import GoAddress
from backend.learning.models import LessonReport, SharedReflection
from backend.learning.service import Address
from backend.mentoring.models import (
    AdmissionQuestion,
    Cohort,
    CohortMember,
    Handover,
    Message,
    MessageKind,
    OfficeSlot,
)
from backend.network.models import Organisation
from backend.recognition import service as recognition
from backend.templating import ROUTES, url
from tests.courses.scenario import keep_picture
from tests.factories import give_role, make_account, make_day, make_municipality, make_round, viewer_of
from tests.learning.scenarios import CASE, LESSON, publish_case
from tests.security.access_table import APPLICANT, ROLES, VISITOR

DEMO = "deelnemer@demo.example"
FORM_ID = "0123456789abcdef0123456789abcdef"
REVISION = UUID(int=7)  # of the draft
AWARD = recognition.Award("proef", "Proefmodule", "Om te proeven.", 1, 1.5)
PASSWORD = "vier paarden drinken thee"


@dataclass(frozen=True)
class World:
    """One municipality. `people`: by role; `values`: what stands in addresses; `mine`: what differs by role.

    `others` are the people who hold no role here: what is theirs is for them and, in part, for who follows them.
    """

    organisation: Organisation
    people: dict[str, Account]
    values: dict[str, Any]
    mine: dict[str, dict[str, Any]]
    others: dict[str, Account]

    def path(self, name: str, role: str) -> str:
        values = self.values | self.mine.get(role, {}) | SPECIAL.get(name, {})
        if name in (
            "mentoring.admit",
            "mentoring.confirm_refuse",
            "mentoring.refuse",
            "mentoring.ask_applicant",
        ):
            values["account_id"] = values["applicant_id"]
        if name in ("exchange.edit_card", "exchange.change_card"):
            values["card_id"] = values["own_card_id"]
        if name == "exchange.review_card":
            values["card_id"] = values["review_card_id"]
        if name == "mentoring.close_slot":
            values["slot_id"] = values["own_slot_id"]
        if name in LINKS:
            values["code"] = links.code(LINKS[name], values["registration_id"])
        if name == "events.own_feed":
            values["code"] = links.code(Purpose.CALENDAR, values["account_id"])
        if name in ("auth.reset", "auth.do_reset"):
            values["code"] = values["reset_code"]
        if name.startswith("learning.scenario"):
            values["lesson"] = LESSON
        return url(name, **{key: value for key, value in values.items() if "{" + key + "}" in ROUTES[name]})

    def body(self, name: str, role: str) -> dict[str, Any]:
        """What its form holds when it is filled in right; nothing for a route that asks nothing."""
        if name == "auth.end_session":
            return {"session_id": self.mine[role]["session_id"]}
        if name == "mentoring.nudge":
            return NUDGE | {"wie": str(self.others["participant"].id)}
        if name in ("mentoring.hand_group", "mentoring.hand_person", "mentoring.substitute"):
            tomorrow = (now() + timedelta(days=1)).date().isoformat()
            return {
                "naar": str(self.values["colleague_id"]),
                "reden": "Even ruilen",
                "tot": tomorrow,
                "form_id": FORM_ID,
            }
        return BODIES.get(name, {})


def following(
    session: Session, mentor: Account, participant: Account, applicant: Account, colleague: Account
) -> dict[str, Any]:
    """A group with the participant, a question to the applicant, and a hand-over and a substitution that are over."""
    group = Cohort(name="Groep", by_id=mentor.id, made_at=now(), submission=f"groep {mentor.id}")
    question = AdmissionQuestion(
        account_id=applicant.id,
        by_id=mentor.id,
        text="Waar werk je?",
        asked_at=now(),
        submission=f"vraag van {mentor.id}",
    )
    over = Handover(
        account_id=participant.id, from_id=mentor.id, to_id=colleague.id, reason="Even ruilen", at=now(), ended_at=now(),
        submission=f"ruil {mentor.id}",
    )  # fmt: skip
    standing_in = Substitution(
        mentor_id=mentor.id,
        substitute_id=colleague.id,
        reason="Verlof",
        starts_at=now(),
        ends_at=now(),
        submission=f"verlof {mentor.id}",
    )
    session.add_all([group, question, over, standing_in])
    session.flush()
    session.add(CohortMember(cohort_id=group.id, account_id=participant.id, added_at=now()))
    session.flush()
    return {"cohort_id": group.id, "question_id": question.id, "handover_id": over.id,
            "substitution_id": standing_in.id, "colleague_id": colleague.id}  # fmt: skip


def _question(session: Session, account: Account, mentor: Account) -> UUID:
    question = AdmissionQuestion(
        account_id=account.id,
        by_id=mentor.id,
        text="Waar werk je?",
        asked_at=now(),
        submission=f"vraag {account.id}",
    )
    session.add(question)
    session.flush()
    return question.id


CHECKS = (
    "learning.start_check",
    "learning.last_check",
    "learning.check",
    "learning.hand_in",
    "learning.save_check",
)
SPECIAL: dict[str, dict[str, Any]] = {
    "mentoring.set_aside": {"kind": "silent"},
    "mentoring.take_back": {"kind": "silent"},
    "learning.answer": {"block": "kies"},
    "learning.read": {"lesson": "drie"},
    "events.edit_step": {"step": "wanneer"},
    "events.save_step": {"step": "wanneer"},
    **{name: {"check": "eindtoets", "number": 1} for name in CHECKS},
    "learning.block_note": {"block": "kies"},
    "learning.export_notes": {"kind": "md"},
    "learning.keep_block_note": {"block": "kies"},
    "learning.share_reflection": {"block": "notitie"},
    "learning.unshare_reflection": {"block": "notitie"},
    **{name: {"block": "notitie"} for name in ("mentoring.feedback", "mentoring.give_feedback")},
    "mentoring.steering_file": {"year": now().year, "kind": "xlsx"},
    "authoring.preview_scenario": {"lesson": LESSON},
    "authoring.version_zip": {"number": 1},
    "authoring.publication": {"number": 1},
}
LINKS = {
    "events.link": Purpose.CHANGE,
    "events.use_link": Purpose.CHANGE,
    "events.join": Purpose.JOIN,
    "events.take_part": Purpose.JOIN,
}
TEXT = "Dit is lang genoeg om te tellen als een tekst."
CARD = {
    "titel": "Samen aan tafel", "spanning": "verkeer", "grootte": "klein", "context": TEXT, "actie": TEXT, "kost": "Niets.",
    "effect": TEXT, "valkuilen": TEXT, "contact": "dienst samenleven",
}  # fmt: skip
NUDGE = {"tekst": "Hoe loopt het met de module?", "stap": "stuur", "form_id": FORM_ID}
SLOT_DAY = next(
    day for day in (now().date() + timedelta(days=n) for n in range(20, 40)) if is_working_day(day)
)
BODIES: dict[str, dict[str, Any]] = {
    "home.language": {"taal": "nl", "next": "/"},
    "learning.answer": {"keuze": "b", "form_id": FORM_ID},
    "learning.rate": {"bruikbaar": "3"},
    "learning.switch": {"versie": "1"},
    "learning.keep": {"versie": "1"},
    "learning.scenario_begin": {"form_id": FORM_ID},
    "learning.scenario_choose": {"stap": "2", "node": "zaal", "keuze": "regels"},
    "learning.scenario_again": {"stap": "1", "form_id": FORM_ID},
    "learning.keep_block_note": {"tekst": "Om over na te denken"},
    "learning.share_reflection": {"tekst": "Wat ik dacht"},
    "learning.send_mistake": {"tekst": "Er staat een tikfout in.", "form_id": FORM_ID},
    "authoring.discard": {"revision": str(REVISION)},
    "authoring.do_publish": {"revision": str(REVISION), "before": "0", "way": "new"},
    "authoring.answer_report": {"antwoord": "Dank je, het is verbeterd."},
    "recognition.revoke": {"reden": "Per vergissing uitgereikt."},
    "mentoring.allow": {"toets": "proef/eindtoets", "pogingen": "1", "reden": "Bij ziekte.", "form_id": FORM_ID},
    "mentoring.answer": {"tekst": "Dank je.", "form_id": FORM_ID},
    "mentoring.reply": {"tekst": "Het lukt weer.", "form_id": FORM_ID},
    "mentoring.give_feedback": {"tekst": "Mooi gezien.", "form_id": FORM_ID},
    "mentoring.open_hours": {"dag": SLOT_DAY.isoformat(), "van": "09:00", "tot": "10:00", "plaats": "Stadhuis"},
    "exchange.write_card": CARD | {"form_id": FORM_ID},
    "exchange.change_card": CARD | {"form_id": FORM_ID},
    "exchange.review_card": {"besluit": "ja", "versie": "0"},
    "mentoring.set_aside": {"wat": "morgen"},
    "mentoring.set_rules": {f"{kind}_{what}": "9" for kind in ("stuck", "failed", "reflection", "silent", "not_begun")
                            for what in ("dagen", "keren")},
    "mentoring.make_group": {"naam": "Kern", "form_id": FORM_ID},
    "mentoring.ask_applicant": {"vraag": "Bij welke dienst werk je?", "form_id": FORM_ID},
    "mentoring.answer_question": {"antwoord": "Bij samenleven."},
    "mentoring.refuse": {"reason": "We kennen deze organisatie niet."},
    "events.make_day": {
        "form_id": FORM_ID, "title": "Actiedag", "regions": "waasland", "on": "2027-03-16", "start": "9:30", "end": "16:00",
    },
    "events.do_copy_day": {"form_id": FORM_ID, "on": "2027-03-16"},
    "events.set_status": {"to": "publiceren"},
    "events.move": {"to": "dag-in-waasland"},
    "events.pass_on": {"name": "Ali", "email": "ali@elders.example"},
    "events.invite": {"name_1": "Ali", "email_1": "ali@elders.example"},
    "auth.demo_sign_in": {"email": DEMO},
    "auth.resend": {"email": "niemand@test.example", "form_id": FORM_ID},
    "auth.ask_reset": {"email": "niemand@test.example", "form_id": FORM_ID},
    "auth.renew": {"form_id": FORM_ID},
    "auth.apply_again": {"motivation": "Ik wil graag meedoen."},
    "auth.change_email": {"email": "nieuw@test.example", "current": PASSWORD, "form_id": FORM_ID},
}  # fmt: skip


def make_world(session: Session, region: str = "waasland", town: str = "Elzendonk") -> World:
    here = make_municipality(session, town, region=region)
    people = {role: _person(session, role, here, region) for role in ROLES if role != VISITOR}
    participant = make_account(session, f"Lena van {town}", organisation=here)
    applicant = make_account(session, f"Wout van {town}", organisation=here, status=AccountStatus.APPLICANT)
    newcomer = make_account(session, f"Nele van {town}", organisation=here, status=AccountStatus.UNCONFIRMED)
    if session.exec(select(Account).where(Account.email == DEMO)).first() is None:
        publish_case(session)
        demo = make_account(session, "Demo", email=DEMO, is_fictional=True)
        _make_desk(session, demo, people["author"])
    for account in people.values():
        if account.status == AccountStatus.MEMBER:
            who = viewer_of(session, account)
            service.save_note(session, who, Address("proef", "twee", "notitie"), "Wat ik dacht", now())
    attached = [{"name": "dag.ics", "type": "text/calendar", "content": "BEGIN:VCALENDAR"}]
    letter = mail.OutgoingMail(
        to="a@test.example", subject="Welkom", text="Dag", attachments=attached, created_at=now()
    )
    session.add(letter)
    session.flush()
    day = make_day(session, region=region, slug=f"dag-in-{region}")
    day.questions = [{"key": "plan", "text": "Is er een plan?", "kind": "yes_no"}]
    (workshop,) = make_round(session, day, 5, is_required=False)
    asked = Wish(needs=Needs(note=f"Geen noten in {town}"))
    registration = registering.register(session, viewer_of(session, participant), day.slug, asked, now())
    learner = viewer_of(session, participant)
    service.answer(session, learner, Address("proef", "twee", "kies"), {"keuze": ["a"]}, FORM_ID, now())
    service.save_note(
        session, learner, Address("proef", "twee", "notitie"), f"Enkel voor mij in {town}", now()
    )
    _words(session, participant, people)
    colleague = make_account(session, "Collega mentor", organisation=here)
    give_role(session, colleague, Role.MENTOR, ScopeKind.REGION, region)
    elsewhere = make_municipality(session, "Verweg", region="kempen")
    writer = make_account(session, "Schrijver", organisation=elsewhere)
    values = {
        **following(session, people["mentor"], participant, people["applicant"], colleague) | {"nis_code": here.municipality_nis},
        "module": "proef", "lesson": "twee", "day": day.slug, "account_id": participant.id,
        "applicant_id": applicant.id, "registration_id": registration.id, "kind": "csv", "mail": letter.id, "number": 0,
        "grant_id": uuid4(),

        "card_id": _card(session, writer, CardStatus.PUBLISHED, organisation=elsewhere),
        "review_card_id": _card(session, participant, CardStatus.REVIEW, organisation=here),
        "report_id": session.exec(select(LessonReport.id)).first(),
        "sha256": keep_picture(session).sha256, "file": "beeld.png", "file_id": _day_file(session, day), "scenario": CASE,
        "code": tokens.issue(session, newcomer.id, TokenPurpose.CONFIRM, newcomer.email, now()),
        "item_id": workshop.round_id, "workshop_id": workshop.id, "question_key": "plan", "mail_kind": "confirmed",
        "reset_code": tokens.issue(session, participant.id, TokenPurpose.RESET, participant.email, now()),
    }  # fmt: skip
    mine = {
        role: {
            "question_id": _question(session, account, people["mentor"]),
            "form_id": _kept_form(session, account),
            "session_id": other_session(session, account),
            "run": _run(session, account),
            "certificate": recognition.issue(session, account.id, AWARD, now()).code,
            "slot_id": _slot(session, colleague, number),
            "own_slot_id": _slot(session, account, number),
            "own_card_id": _card(session, account, CardStatus.DRAFT, organisation=here),
            "question": _drawn_question(session, account),
        }
        for number, (role, account) in enumerate(people.items())
    }
    mine[VISITOR] = mine["member"]
    others = {"participant": participant, "applicant": applicant, "newcomer": newcomer}
    return World(here, people, values, mine, others)


def _make_desk(session: Session, learner: Account, author: Account) -> None:
    """What stands on the desk of who writes the module: a draft, what was published before, a mistake that was reported."""
    version = session.exec(select(CourseVersion)).one()
    assert version.id is not None
    document = courses.version_document(session, version.id).model_copy(update={"title": "Anders"})
    files = {"proef/course.yaml": b"key: proef"}
    version.manifest = manifest = json.dumps(course_files.keep(session, files, []))
    session.add(
        CourseDraft(
            course_key="proef", revision=REVISION, title="Proefmodule", manifest=manifest, uploaded_by_id=author.id,
            document=document.model_dump_json(), uploaded_at=now(),
        )
    )  # fmt: skip
    session.add(
        Publication(
            revision=UUID(int=1), course_id=version.course_id, version_id=version.id, way=Way.NEW, by_id=author.id,
            at=now(), people_count=0, changes={},
        )
    )  # fmt: skip
    viewer = viewer_of(session, learner)
    place = reports.place_of(session, viewer, "proef", "twee")
    reports.send(session, viewer, place, "kies", "In de vraag staat een tikfout.", FORM_ID, now())


def _day_file(session: Session, day: ActionDay) -> UUID:
    file = DayFile(
        day_id=day.id,
        sha256="0" * 64,
        name="nota.pdf",
        media_type="application/pdf",
        size=5,
        content=b"%PDF-",
    )
    session.add(file)
    session.flush()
    return file.id


def _person(session: Session, role: str, here: Organisation, region: str) -> Account:
    status = AccountStatus.APPLICANT if role == APPLICANT else AccountStatus.MEMBER
    account = make_account(session, f"Persoon {role}", organisation=here, status=status)
    if role in set(Role):
        scope = (ScopeKind.REGION, region) if role in (Role.MENTOR, Role.ORGANISER) else (ScopeKind.ALL, "")
        give_role(session, account, Role(role), *scope)
    return account


def _words(session: Session, learner: Account, people: dict[str, Account]) -> None:
    """A reflection that was shared, and a message from and to everyone."""
    session.add(
        SharedReflection(
            account_id=learner.id, course_key="proef", lesson_key="twee", block_key="notitie", text="Gedeeld.", shared_at=now()
        )
    )  # fmt: skip
    for account in [learner, *people.values()]:
        for kind, author in ((MessageKind.NUDGE, people["mentor"]), (MessageKind.REPLY, account)):
            session.add(
                Message(
                    account_id=account.id, author_id=author.id, kind=kind, text="Dag.", sent_at=now(),
                    submission=uuid4().hex,
                )
            )  # fmt: skip


def _slot(session: Session, mentor: Account, number: int) -> UUID:
    starts = now() + timedelta(days=3, hours=number)
    slot = OfficeSlot(
        mentor_id=mentor.id, starts_at=starts, ends_at=starts + timedelta(minutes=30), place="Stadhuis"
    )
    session.add(slot)
    session.flush()
    return slot.id  # fmt: skip


def _card(session: Session, author: Account, status: CardStatus, *, organisation: Organisation) -> UUID:
    card = PracticeCard(
        organisation_id=organisation.id, author_id=author.id, status=status, title="Kaart", tension=Tension.TRAFFIC,
        size=Size.SMALL, context="c", action="a", cost="k", effect="e", pitfalls="v", contact="d", changed_at=now(),
        submission=uuid4().hex,
    )  # fmt: skip
    session.add(card)
    session.flush()
    return card.id


def _kept_form(session: Session, account: Account) -> Any:
    kept = KeptForm(account_id=account.id, path="/x", fields={"tekst": ["Bijna kwijt"]}, created_at=now())
    session.add(kept)
    session.flush()
    return kept.id


def _run(session: Session, account: Account) -> UUID:
    """A scenario run of this person, one choice made. An applicant has none, and gets an id that is nobody's."""
    if account.status != AccountStatus.MEMBER:
        return uuid4()
    here, viewer = Address("proef", LESSON, CASE), viewer_of(session, account)
    run_id = scenario_runs.begin(session, viewer, here, FORM_ID, now())
    scenario_runs.choose(session, viewer, here, (run_id, 0, "post"), {"keuze": ["antwoord"]}, now())
    return run_id


def _drawn_question(session: Session, account: Account) -> str:
    """Begin the check, and give one of the questions that were drawn."""
    viewer = viewer_of(session, account)
    if not viewer.is_member:
        return "toets-0"
    number = checks.start(session, viewer, Address("proef", "twee", "eindtoets"), now())
    drawn = checks.check_state(session, viewer, GoAddress("proef", "twee", "eindtoets", number))
    return next(iter(drawn.paper.questions))


def other_session(session: Session, account: Account) -> UUID:
    """A second browser in which this person is signed in: the id of its session."""
    return viewer_of(session, account).session_id

"""The lesson player as people meet it: without JavaScript, as member, applicant and visitor."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func
from sqlmodel import Session, select

from backend.auth.models import AccountStatus
from backend.courses.block_types import Question
from backend.learning.models import Enrolment, ResponseEvent
from tests.browser import Browser
from tests.factories import make_account
from tests.learning.documents import QUESTIONS, RIGHT, WRONG, make_course, make_lesson, publish

LESSON = "/leren/proef/een"


@pytest.fixture
def member(browser: Browser, session: Session) -> Browser:
    publish(session, make_course())
    return browser.sign_in(make_account(session))


@pytest.fixture
def visitor(browser: Browser, session: Session) -> Browser:
    publish(session, make_course())
    return browser


def answer(
    browser: Browser, page: BeautifulSoup, block: str, sent: dict[str, Any], *, status: int = 303
) -> None:
    browser.submit(page, f"[id={block}] form", status=status, **sent)


def responses(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ResponseEvent)) or 0


def words(tag: Any) -> str:
    return " ".join(tag.text.split())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.type)
def test_every_kind_of_question_wrong_then_right(member: Browser, session: Session, question: Question):
    page = member.get(LESSON)
    answer(member, page, question.key, WRONG[question.key])
    assert member.location == f"{LESSON}#{question.key}"
    page = member.follow()
    asked = page.find(id=question.key)
    assert asked.select_one("[data-feedback]"), "there is something to focus on"
    assert asked.select_one('[data-result="bad"]')
    assert words(asked.select_one("button[type=submit]")) == "Probeer opnieuw"
    answer(member, page, question.key, RIGHT[question.key])
    asked = member.follow().find(id=question.key)
    assert "Juist" in asked.text
    assert not asked.select_one("form, [data-result=bad]")
    assert "Nog eens proberen" in asked.text
    assert responses(session) == 2


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.type)
def test_what_was_chosen_stays_after_a_wrong_answer(member: Browser, question: Question):
    answer(member, member.get(LESSON), question.key, WRONG[question.key])
    page = member.follow()
    member.submit(page, f"[id={question.key}] form")  # unchanged: the same answer again
    assert page.find(id=question.key).select('[data-result="bad"]') == member.follow().find(
        id=question.key
    ).select('[data-result="bad"]')


def test_feedback_is_on_the_chosen_option_only(member: Browser):
    answer(member, member.get(LESSON), "kies", WRONG["kies"])
    asked = member.follow().find(id="kies")
    assert "Uitleg bij a." in asked.text
    assert "Uitleg bij b." not in str(asked)
    assert asked.select_one("input[value=a]").has_attr("checked")


def test_the_right_answer_does_not_reach_the_browser_before_the_question_was_answered(member: Browser):
    page = str(member.get(LESSON))
    for tell in (
        "Uitleg bij",
        "Reden voor",
        "is_right",
        "data-result",
        'data-tone="ok"',
        "checked",
        "selected",
    ):
        assert tell not in page.replace("aria-checked", ""), tell
    # and everything is the same when the right answers are others
    other = page.split("</header>", 2)[2]
    assert "Optie b" in other


def test_two_modules_that_differ_only_in_the_right_answers_look_the_same(member: Browser, session: Session):
    """The strongest form of the rule: nothing in an unanswered lesson depends on what is right."""
    flipped = []
    for question in QUESTIONS:
        if hasattr(question, "options"):
            options = tuple(
                each.model_copy(update={"is_right": not each.is_right, "feedback_html": "?"})
                for each in question.options
            )
            flipped.append(question.model_copy(update={"options": options}))
        else:
            turned = dict(
                zip([i.key for i in question.items], [i.place for i in question.items][::-1], strict=True)
            )
            items = tuple(
                each.model_copy(update={"place": turned[each.key], "feedback_html": "?"})
                for each in question.items
            )
            flipped.append(question.model_copy(update={"items": items}))
    publish(session, make_course(key="ander", lessons=(make_lesson("een", "1.1", *flipped),)))
    publish(session, make_course(key="zelfde", lessons=(make_lesson("een", "1.1", *QUESTIONS),)))
    pages = []
    for key in ("ander", "zelfde"):
        page = member.get(f"/leren/{key}/een").select_one("main")
        for field in page.select("[name=form_id]"):
            field.decompose()
        pages.append(str(page).replace(f"/{key}/", "/module/"))
    assert pages[0] == pages[1]


def test_after_three_wrong_tries_one_may_look(member: Browser):
    for n in range(3):
        asked = member.get(LESSON)
        assert "Toon het juiste antwoord" not in asked.text, f"after {n} tries"
        answer(member, asked, "kies", WRONG["kies"])
    fold = member.follow().select_one("[id=kies] details")
    assert "Toon het juiste antwoord" in fold.text
    assert "Optie b" in fold.text


def test_nothing_chosen_keeps_what_was_there_and_says_what_to_do(member: Browser, session: Session):
    page = member.get(LESSON)
    again = member.submit(
        page, "[id=volgorde] form", status=422, **{"plaats.v1": "2", "plaats.v2": "", "plaats.v3": "2"}
    )
    asked = again.find(id="volgorde")
    assert "Er staat nog 1 open" in asked.text
    assert asked.select_one('select[name="plaats.v1"] option[selected]').text == "2"
    assert responses(session) == 0
    again = member.submit(page, "[id=waar] form", status=422, reden="Omdat ik het zo zie.")
    assert "Kies eerst een antwoord" in again.find(id="waar").text
    assert again.select_one("[name=reden]").text.strip() == "Omdat ik het zo zie."


def test_a_question_can_be_done_again(member: Browser):
    answer(member, member.get(LESSON), "kies", RIGHT["kies"])
    link = member.follow().select_one("[id=kies] a[href*=opnieuw]")
    page = member.get(link["href"].partition("#")[0])
    assert not page.select("[id=kies] [data-result], [id=kies] [checked]")
    answer(member, page, "kies", WRONG["kies"])
    asked = member.follow().find(id="kies")
    assert "Dat blijft tellen" in asked.text


def test_a_double_click_counts_once(member: Browser, session: Session):
    page = member.get(LESSON)
    for _ in range(2):
        answer(member, page, "kies", WRONG["kies"])
    assert responses(session) == 1


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("een/zz", {"keuze": "b"}, 404),
        ("zz/kies", {"keuze": "b"}, 404),
        ("een/t-1", {"keuze": "b"}, 404),
        ("een/notitie", {"keuze": "b"}, 404),
        ("een/kies", {"tekst": "geen notitie"}, 404),
        ("een/kies", {"keuze": "b", "form_id": "te kort"}, 404),
        ("een/kies", {"keuze": "zz"}, 422),
        ("een/kies", {"keuze": ["a", "b"]}, 422),
        ("een/kies", {"keuze[]": "b"}, 422),
        ("een/kies", {"keuze": "b" * 10_000}, 422),
        ("een/kies", {"keuze": ["b"] * 300}, 303),
        ("een/waar", {"keuze": "juist", "reden": "x" * 10_000}, 422),
        ("een/waar", {"keuze": "juist", "reden": "nul\x00"}, 422),
        ("een/verbind", {"plaats.x": "paars", "plaats.y": "rood", "plaats.z": "rood"}, 422),
        ("een/volgorde", {"plaats.v1": ["1", "2"], "plaats.v2": "2", "plaats.v3": "3"}, 422),
        ("een/sorteer", {f"plaats.q{n}": "links" for n in range(50)}, 422),
        ("een/notitie", {"tekst": "x" * 10_000}, 422),
    ],
)
def test_what_no_page_of_ours_sends(member: Browser, path: str, data: dict[str, Any], status: int):
    member.post(f"/leren/proef/{path}", {"form_id": "a" * 32, **data}, status=status)


def test_a_note_is_kept_and_a_too_long_one_is_given_back(member: Browser, session: Session):
    member.submit(member.get(LESSON), "[id=notitie] form", tekst="Handelaars en <b>fietsers</b>")
    assert member.location == f"{LESSON}#notitie"
    page = member.follow()
    assert page.select_one("[id=notitie-tekst]").text.strip() == "Handelaars en <b>fietsers</b>"
    assert "Bewaard om" in page.find(id="notitie").text
    assert "Bewaard om" in page.find(id="les-bewaard").text
    again = member.submit(page, "[id=notitie] form", status=422, tekst="x" * 5001)
    assert again.select_one("[id=notitie-tekst]").text.strip() == "x" * 5001
    assert "hoogstens 5000" in again.find(id="notitie").text
    assert responses(session) == 1


def test_the_outline_and_the_parts_tell_how_far_one_is(member: Browser):
    page = member.get(LESSON)
    assert "Les 1 van 3" in page.text
    assert page.select_one(".outline [aria-current]").select_one("[data-is=new]")
    answer(member, page, "kies", RIGHT["kies"])
    page = member.follow()
    now = page.select_one(".outline [aria-current]")
    assert now.select_one("[data-is=busy]")
    assert "Nog 5 vragen" in now.text
    assert [words(part) for part in page.select(".parts li")] == [
        "Waarom dit ertoe doetklaar",
        "Checkbezig",
        "Meenemennog te doen",
    ]


def test_the_end_says_what_is_still_open_and_then_where_to_go(member: Browser):
    for question in QUESTIONS:
        answer(member, member.get(LESSON), question.key, WRONG[question.key])
    end = member.follow().find(id="les-einde")
    assert "Waarom is deze les nog niet klaar?" in words(end)
    assert "Minstens 70 % juist" in words(end)
    assert {a["href"] for a in end.select("a")} == {
        "#kies",
        "#meer",
        "#waar",
        "#volgorde",
        "#verbind",
        "#sorteer",
    }
    for question in QUESTIONS:
        answer(member, member.get(LESSON), question.key, RIGHT[question.key])
    page = member.follow()
    assert "Les 1.1 is klaar" in page.find(id="les-einde").text
    assert page.select(".pair a")[-1]["href"] == "/leren/proef/twee"


def test_starting_leads_to_the_lesson_and_later_to_where_one_was(member: Browser):
    member.post("/leren/proef")
    assert member.location == LESSON
    answer(member, member.get(LESSON), "meer", WRONG["meer"])
    member.post("/leren/proef")
    assert member.location == f"{LESSON}#meer"
    member.get("/leren/proef/twee")
    member.post("/leren/proef")
    assert member.location == "/leren/proef/twee"


def test_a_module_that_does_not_exist_is_not_found(member: Browser):
    member.post("/leren/zz", status=404)
    member.get("/leren/zz/een", status=404)
    member.get("/leren/proef/zz", status=404)


# ── visitors and applicants ──


def test_a_visitor_reads_the_first_lesson_and_tries_it_without_anything_kept(
    visitor: Browser, session: Session
):
    page = visitor.get(LESSON)
    assert "Je antwoorden worden niet bewaard" in page.text
    assert page.select_one('a[href^="/account-aanmaken?next="]')
    form = page.select_one("[id=kies] form")
    assert form["method"] == "get"
    page = visitor.get(f"{LESSON}?vraag=kies&keuze=a")
    assert "Uitleg bij a." in page.find(id="kies").text
    assert "Uitleg bij b." not in str(page)
    page = visitor.get(f"{LESSON}?vraag=kies&keuze=b")
    assert "Juist" in page.find(id="kies").text
    assert "Kies eerst" in visitor.get(f"{LESSON}?vraag=kies", status=422).find(id="kies").text
    assert visitor.get(f"{LESSON}?vraag=zz&keuze=b")
    assert not page.select("textarea")
    assert responses(session) == 0


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.type)
def test_a_visitor_can_try_every_kind_of_question(visitor: Browser, question: Question):
    for sent, verdict in ((WRONG, "Probeer opnieuw"), (RIGHT, "Juist")):
        query = "&".join(f"{name}={value}" for name, values in sent[question.key].items() for value in values)
        assert verdict in visitor.get(f"{LESSON}?vraag={question.key}&{query}").find(id=question.key).text


def test_other_lessons_ask_to_sign_in_and_lead_back(visitor: Browser):
    visitor.get("/leren/proef/twee", status=303)
    assert visitor.location == "/aanmelden?next=%2Fleren%2Fproef%2Ftwee"
    for path in ("/leren/proef", "/leren/proef/een/kies"):
        visitor.post(path, {"keuze": "a", "form_id": "a" * 32})
        assert visitor.location.startswith("/aanmelden")


def test_an_applicant_reads_the_first_lesson_only(browser: Browser, session: Session):
    publish(session, make_course())
    browser.sign_in(make_account(session, status=AccountStatus.APPLICANT))
    assert "een mentor bekijkt je aanvraag" in browser.get(LESSON).text
    assert "Een mentor bekijkt je aanvraag" in browser.get("/leren/proef/twee", status=403).text
    browser.post("/leren/proef", status=403)
    browser.post(f"{LESSON}/kies", {"keuze": "a", "form_id": "a" * 32}, status=403)
    assert session.exec(select(Enrolment)).all() == []


def test_somebody_elses_answers_are_never_shown(member: Browser, session: Session):
    page = member.get(LESSON)
    answer(member, page, "waar", WRONG["waar"] | {"reden": "Mijn geheim"})
    member.submit(page, "[id=notitie] form", tekst="Mijn geheim")
    assert "Mijn geheim" in member.get(LESSON).text
    for other in (member.sign_in(make_account(session)), member.sign_out()):
        page = other.get(LESSON)
        assert "Mijn geheim" not in str(page)
        assert not page.select("[data-result]")


# ── measures ──


def test_the_lesson_page_takes_four_queries_however_many_people_answered(member: Browser, session: Session):
    me = make_account(session)
    for each in [make_account(session) for _ in range(3)] + [me]:
        member.sign_in(each)
        page = member.get(LESSON)
        for question in QUESTIONS:
            answer(member, page, question.key, RIGHT[question.key])
    member.get(LESSON)
    assert len(member.queries) <= 4, member.queries


def test_htmx_gets_the_whole_page_and_picks_what_changed(member: Browser):
    """What the forms ask htmx to replace is there, once."""
    page = member.get(LESSON)
    for form in page.select(".ask form"):
        selectors = [form["hx-select"], *(s.partition(":")[0] for s in form["hx-select-oob"].split(","))]
        for selector in selectors:
            assert len(page.select(selector)) == 1, selector


def test_a_lesson_with_one_question_does_not_number_it(member: Browser):
    page = member.get("/leren/proef/twee")
    assert "Vraag 1" not in page.find(id="deel-check").text

"""A folder becomes published versions: once, whole, and never changed afterwards."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlmodel import Session, SQLModel

from backend.config import CONTENT
from backend.courses import loading, service
from backend.courses.documents import CourseDocument
from backend.courses.models import Course, CourseVersion
from backend.courses.problems import WrongContent
from backend.db import Database, make_engine, now
from backend.errors import NotFound
from tests.browser import counted_queries
from tests.courses.files import CHOICE, CITED, COURSE, HEAD, lesson_text, write

TWO_LESSONS = {
    "proef__course.yaml": COURSE.replace("lessons: [een]", "lessons: [een, twee]"),
    "proef__twee.md": lesson_text(f"{CITED}{CHOICE}", HEAD.replace("key: een", "key: twee")),
}


@pytest.fixture(autouse=True)
def _nothing_in_memory() -> None:
    """A test that was rolled back gives its version numbers away again."""
    service.forget_documents()


def versions(session: Session) -> int:
    return session.execute(select(func.count()).select_from(CourseVersion)).scalar_one()


def test_a_folder_is_published_once(session: Session, tmp_path: Path) -> None:
    content = write(tmp_path)
    assert loading.load(session, content, now()) == ["Proef: versie 1 gepubliceerd"]
    assert loading.load(session, content, now()) == []
    assert versions(session) == 1


def test_a_changed_text_is_a_new_version_and_the_old_one_stays_as_it_was(
    session: Session, tmp_path: Path
) -> None:
    content = write(tmp_path)
    loading.load(session, content, now())
    _course, first, before = service.published_version(session, "proef")
    write(tmp_path, **{"proef__een.md": lesson_text(f"Nieuwe tekst. {CITED}{CHOICE}")})
    assert loading.load(session, content, now()) == ["Proef: versie 2 gepubliceerd"]
    _course, second, after = service.published_version(session, "proef")
    service.forget_documents()
    assert second != first
    assert service.version_document(session, first) == before
    assert "Nieuwe tekst" not in before.model_dump_json()
    assert "Nieuwe tekst" in after.model_dump_json()


def test_going_back_to_the_old_text_is_a_third_version(session: Session, tmp_path: Path) -> None:
    content = write(tmp_path)
    loading.load(session, content, now())
    write(tmp_path, **TWO_LESSONS)
    loading.load(session, content, now())
    write(tmp_path)
    assert loading.load(session, content, now()) == ["Proef: versie 3 gepubliceerd"]


def test_with_one_error_nothing_is_published(session: Session, tmp_path: Path) -> None:
    other = {
        "ander__course.yaml": COURSE.replace("key: proef", "key: ander"),
        "ander__een.md": lesson_text("::: choice x\nGeen antwoorden.\n:::"),
    }
    content = write(tmp_path, **other)
    with pytest.raises(WrongContent) as caught:
        loading.load(session, content, now())
    assert "content/ander/een.md:14: Dit blok heeft 0 antwoorden." in str(caught.value)
    assert versions(session) == 0
    assert service.published(session) == []


def test_a_warning_does_not_stop_publishing(session: Session, tmp_path: Path) -> None:
    content = write(tmp_path, **{"proef__los.md": "nog niet af"})
    _documents, problems = service.check(content)
    assert [(p.file, p.is_warning) for p in problems] == [("content/proef/course.yaml", True)]
    assert loading.load(session, content, now()) == ["Proef: versie 1 gepubliceerd"]


def test_a_course_that_another_process_just_made_is_used(session: Session, tmp_path: Path) -> None:
    documents, _problems = service.check(write(tmp_path))
    session.add(Course(key="proef"))
    session.flush()
    assert service.publish(session, documents[0], now()) == 1
    assert service.publish(session, documents[0], now()) is None
    assert session.execute(select(func.count()).select_from(Course)).scalar_one() == 1


def test_several_processes_that_start_at_once_publish_one_version(own_url: str, tmp_path: Path) -> None:
    engines = [make_engine(own_url) for _ in range(4)]
    SQLModel.metadata.create_all(engines[0])
    together = Barrier(len(engines))

    def start(engine: Engine, document: CourseDocument) -> int | None:
        together.wait()
        with Database(engine).session() as session:
            return service.publish(session, document, now())

    (first,), _problems = service.check(write(tmp_path))
    with ThreadPoolExecutor(len(engines)) as pool:
        for number, document in enumerate([first, first.model_copy(update={"title": "Anders"})], start=1):
            made = list(pool.map(start, engines, [document] * len(engines)))
            assert sorted(made, key=str) == [number, None, None, None]
    with Database(engines[0]).session(reading=True) as session:
        assert versions(session) == 2
        assert service.find(session, "proef").document.title == "Anders"
    for engine in engines:
        engine.dispose()


def test_a_document_is_read_from_the_database_once(session: Session, tmp_path: Path) -> None:
    loading.load(session, write(tmp_path), now())
    service.published(session)
    with counted_queries(session) as queries:
        (_course_id, document), again = service.published(session)[0], service.find(session, "proef")
    assert len(queries) == 2
    assert again.document is document
    assert (again.key, again.number) == ("proef", 1)


def test_memory_holds_only_so_many_documents(session: Session, tmp_path: Path) -> None:
    documents, _problems = service.check(write(tmp_path))
    for number in range(service.MOST_KEPT + 3):
        service.publish(session, documents[0].model_copy(update={"minutes": number}), now())
        _course, version, _document = service.published_version(session, "proef")
    assert len(service._documents) == service.MOST_KEPT
    assert version in service._documents


def test_courses_come_in_the_order_of_the_catalogue(session: Session, tmp_path: Path) -> None:
    other = {
        "ander__course.yaml": COURSE.replace("key: proef", "key: ander").replace("number: 1", "number: 2"),
        "ander__een.md": lesson_text(f"{CITED}{CHOICE}"),
    }
    loading.load(session, write(tmp_path, **other), now())
    assert [document.key for _id, document in service.published(session)] == ["proef", "ander"]


def test_what_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        service.find(session, "bestaat-niet")
    with pytest.raises(NotFound):
        service.version_document(session, 987_654)


def test_a_published_question_that_is_gone_is_told(tmp_path: Path) -> None:
    before, _problems = service.check(write(tmp_path, **TWO_LESSONS))
    renamed = lesson_text(f"{CITED}{CHOICE.replace('choice kies', 'choice anders')}")
    _after, problems = service.check(write(tmp_path, **{"proef__een.md": renamed}), before)
    told = [(p.file, p.is_warning, p.message) for p in problems]
    assert ("content/proef/course.yaml", True, "De les “twee” is gepubliceerd en staat er niet meer.") in told
    assert ("content/proef/een.md", True, "De vraag “kies” is gepubliceerd en staat er niet meer.") in told


def test_a_key_may_not_come_to_mean_another_kind_of_question(session: Session, tmp_path: Path) -> None:
    content = write(tmp_path)
    loading.load(session, content, now())
    changed = CHOICE.replace("choice kies", "multiple kies")
    write(tmp_path, **{"proef__een.md": lesson_text(f"{CITED}{changed}")})
    with pytest.raises(WrongContent, match="andere soort"):
        loading.load(session, content, now())
    assert versions(session) == 1


FOLDER_MISTAKES = [
    ({"begrippen.yaml": "conflict: Een botsing: hard.\n"}, "content/begrippen.yaml", 1),
    ({"begrippen.yaml": "conflict: Een.\nConflict!: Twee.\n"}, "content/begrippen.yaml", 2),
    ({"begrippen.yaml": "conflict: Een.\nbrug:\n"}, "content/begrippen.yaml", 2),
    ({"bronnen.yaml": "S1:\n  title: A\nS2:\n  title: B\n  url: javascript:alert(1)\n"}, "content/bronnen.yaml", 5),
    ({"bronnen.yaml": "S1:\n  title: A\nS2: los\n"}, "content/bronnen.yaml", 3),
    ({"bronnen.yaml": "S1:\n  title: A\nS2:\n  title: B\nbron:\n  title: C\n"}, "content/bronnen.yaml", 5),
    ({"proef__course.yaml": COURSE.replace("[een]", "[een, weg]")}, "content/proef/weg.md", 1),
    ({"proef__course.yaml": COURSE.replace("[een]", "[een, een]")}, "content/proef/course.yaml", 10),
    ({"proef__course.yaml": COURSE.replace("[een]", "[../een]")}, "content/proef/course.yaml", 10),
    ({"proef__course.yaml": COURSE.replace("key: proef", "key: anders")}, "content/proef/course.yaml", 1),
    ({"proef__course.yaml": COURSE.replace("review: {", "review: {x: 1, ")}, "content/proef/course.yaml", 11),
    ({"proef__course.yaml": "- een\n- lijst\n"}, "content/proef/course.yaml", 1),
    ({"proef__een.md": lesson_text(f"{CITED}{CHOICE}").replace("Dit.", "Dit\u202e.")}, "content/proef/een.md", 18),
]  # fmt: skip


@pytest.mark.parametrize(("files", "file", "line"), FOLDER_MISTAKES)
def test_a_mistake_in_a_folder_is_told_with_file_and_line(
    tmp_path: Path, files: dict[str, str], file: str, line: int
) -> None:
    documents, problems = service.check(write(tmp_path, **files))
    assert documents == [] or file.endswith(("begrippen.yaml", "bronnen.yaml"))
    assert (file, line) in {(p.file, p.line) for p in problems if not p.is_warning}


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    content = write(tmp_path)
    (content / "proef/een.md").write_bytes(b"\xff\xfe\x00")
    documents, problems = service.check(content)
    assert documents == []
    assert (
        str(problems[0])
        == "content/proef/een.md:1: Dit bestand is geen UTF-8. → Bewaar het opnieuw als UTF-8."
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_no_yaml_file_can_break_the_check(tmp_path: Path, text: str) -> None:
    for name in ("begrippen.yaml", "bronnen.yaml", "proef__course.yaml"):
        documents, problems = service.check(write(tmp_path, **{name: text}))
        assert documents or problems


@pytest.mark.once
def test_the_modules_of_this_product_are_in_order(session: Session) -> None:
    documents, problems = service.check(CONTENT)
    assert [str(problem) for problem in problems] == []
    assert {"polarisatie", "desinformatie", "actieplan"} <= {document.key for document in documents}
    assert all(len(document.lessons) >= 6 for document in documents)
    assert all(lesson.questions or lesson.scenarios for document in documents for lesson in document.lessons)


def test_a_module_that_authors_published_is_not_overwritten_at_the_next_start(
    session: Session, tmp_path: Path
) -> None:
    content = write(tmp_path)
    loading.load(session, content, now())
    document = service.find(session, "proef").document
    theirs = document.model_copy(update={"title": "Van de auteur"})
    service.publish(session, theirs, now(), {"proef/course.yaml": b"anders"})
    loading._reader.cache_clear()
    assert loading.load(session, content, now()) == []
    assert service.find(session, "proef").document.title == "Van de auteur"
    course = session.scalars(select(Course)).one()
    course.loaded_by = "another program"
    session.flush()
    assert loading.load(session, content, now()) == [], "nor after an update of the program"
    (content / "proef" / "course.yaml").write_text(COURSE.replace("title: Proef", "title: Nieuw"))
    assert loading.load(session, content, now()) == ["Nieuw: versie 3 gepubliceerd"], (
        "but when the folder changed"
    )


def test_a_folder_that_did_not_change_is_not_read_again(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write(tmp_path)
    loading.load(session, content, now())

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(service, "check", fail)
    assert loading.load(session, content, now()) == []

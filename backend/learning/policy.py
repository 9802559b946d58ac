"""Who may learn what."""

from backend.auth.models import Viewer
from backend.courses.documents import CourseDocument, Lesson


def can_learn(viewer: Viewer | None) -> bool:
    """Members take part: their answers are kept."""
    return viewer is not None and viewer.is_member


def can_open(viewer: Viewer | None, course: CourseDocument, lesson: Lesson) -> bool:
    """The first lesson of a module is open to everyone."""
    return can_learn(viewer) or lesson is course.lessons[0]

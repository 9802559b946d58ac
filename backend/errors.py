"""Errors a person can cause. Each knows its HTTP status; main.py renders them."""


class AppError(Exception):
    """`message` is shown to the person, in their language: what happened and what to do now."""

    status = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotFound(AppError):
    """It does not exist, or the viewer may not know that it does."""

    status = 404


class Forbidden(AppError):
    status = 403


class Conflict(AppError):
    """The state changed, or the wish cannot be combined with what is there."""

    status = 409


class Gone(AppError):
    """A link that was used or is too old."""

    status = 410


class TooLarge(AppError):
    status = 413


class TooMany(AppError):
    """Too many tries. `retry_after` is in seconds."""

    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SignInNeeded(AppError):
    """Nobody is signed in; main.py leads to the sign-in page and back."""

    status = 401


class OperatorError(Exception):
    """Something that whoever runs the installation must mend; the text says what and how. Commands print it."""

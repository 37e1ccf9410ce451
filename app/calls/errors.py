"""What the service refuses, in words for people."""

from app.calls.views import CallState


class CallError(Exception):
    """A request that cannot be done. `code` is for programs, `message` says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotFound(CallError):
    """There is no such thing (any more)."""


class NotReady(CallError):
    """The call is there, its conversation is not yet."""


class Conflict(CallError):
    """The request does not fit what is there."""


class Invalid(CallError):
    """A value that cannot be taken. `where` names it."""

    def __init__(self, code: str, message: str, *, where: str | None = None) -> None:
        super().__init__(code, message)
        self.where = where


def no_such_call() -> NotFound:
    return NotFound("no_such_call", "There is no such call. It may have been deleted.")


def no_transcript(state: CallState) -> NotReady:
    """There is nothing to read, for a reason that the state tells."""
    what = {
        CallState.FAILED: "This call could not be processed, so it has no transcript. Its error says why.",
        CallState.CANCELLED: "This call was cancelled, so it has no transcript. Retry it to get one.",
    }.get(state, "This call has no transcript yet. Look again when it is ready.")
    return NotReady("not_ready", what)

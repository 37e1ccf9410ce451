"""Errors as RFC 9457 problem documents for programs, and as a page for people."""

import logging
from collections.abc import Callable, Mapping, Sequence
from html import escape
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.calls.errors import CallError, Conflict, Invalid, NotFound, NotReady
from app.calls.views import CallView
from storage.media.store import DiskFull, EmptyRecording, StorageRefused, TooLarge

log = logging.getLogger("bothsides.web")

PROBLEM_JSON = "application/problem+json"

ErrorPage = Callable[[Request, "ProblemDocument"], Response]
"""How the pages show a problem; put one in `app.state.error_page`."""


class FieldProblem(BaseModel):
    """One thing that is wrong with what was sent."""

    where: str = Field(description="The field or part, as a path.", examples=["metadata.parties.0.side"])
    what: str = Field(description="What is wrong with it.", examples=["Input should be 'rep' or 'prospect'"])


class ProblemDocument(BaseModel):
    """What went wrong and what to do about it (RFC 9457)."""

    type: str = Field(examples=["urn:bothsides:problem:not_found"])
    title: str = Field(description="The HTTP status in words.", examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(
        description="A sentence that says what is wrong and what to do.",
        examples=["There is no such call. It may have been deleted."],
    )
    code: str = Field(description="For programs; stable.", examples=["not_found"])
    instance: str = Field(
        description="This very request; the server's log has the same.",
        examples=["urn:bothsides:request:01kaj5y2v7m3c9q0x4t8w6z1rd"],
    )
    errors: list[FieldProblem] | None = Field(default=None, description="Given when single fields are wrong.")
    state: str | None = Field(default=None, description="With `not_ready`: where the call stands.")
    progress: float | None = Field(default=None, description="With `not_ready`: the fraction done, 0 to 1.")


class ProblemError(HTTPException):
    """Raised where a request cannot be done; becomes a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        state: str | None = None,
        progress: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.errors = tuple(errors)
        self.state = state
        self.progress = progress


def problem_of(error: Exception) -> ProblemError:
    """The problem that `error` is to a client; anything unforeseen is a 500 that tells nothing of the
    inside."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, CallError):
        where = error.where if isinstance(error, Invalid) else None
        errors = [FieldProblem(where=where, what=str(error))] if where else []
        return ProblemError(_status_of_call_error(error), error.code, str(error), errors=errors)
    if isinstance(error, StorageRefused):
        return ProblemError(_status_of_refusal(error), error.code, str(error))
    if isinstance(error, RequestValidationError):
        return invalid(field_problems(error.errors()))
    if isinstance(error, HTTPException):
        return _framework_problem(error)
    return ProblemError(
        500,
        "internal",
        "Something went wrong on the server, and it has been written to its log. Try again; if it stays, "
        "tell the person who runs this server, and give them the “instance” of this answer.",
    )


def invalid(errors: Sequence[FieldProblem], *, subject: str = "What was sent") -> ProblemError:
    """422: single fields are wrong."""
    listed = "; ".join(f"{error.where}: {error.what}" for error in errors[:3])
    more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
    return ProblemError(422, "invalid", f"{subject} is not valid. {listed}{more}", errors=errors)


def not_ready(call: CallView, detail: str) -> ProblemError:
    """409: the call is not far enough for what was asked; says where it stands."""
    return ProblemError(409, "not_ready", detail, state=str(call.state), progress=call.progress)


_PLAINER = {
    "extra_forbidden": "There is no such field",
    "missing": "This field is missing",
    "model_attributes_type": "Send a JSON object, with “Content-Type: application/json”",
    "string_pattern_mismatch": "This does not have the form that is taken here",
}
"""pydantic's messages, where they are for programmers."""


def field_problems(errors: Sequence[Mapping[str, object]], *, within: str = "") -> list[FieldProblem]:
    """pydantic's errors, each with the path of the field; `within` goes before every path."""
    found = []
    for error in errors:
        loc = error.get("loc") or ()
        path = [str(step) for step in loc] if isinstance(loc, tuple | list) else [str(loc)]
        where = ".".join([within, *path] if within else path)
        said = _PLAINER.get(str(error.get("type"))) or str(error.get("msg", "is wrong"))
        found.append(FieldProblem(where=where or "body", what=said))
    return found


def problem_response(request: Request, error: Exception) -> Response:
    """`error` as the client should see it: a problem document under /api, a page elsewhere."""
    problem = problem_of(error)
    document = ProblemDocument(
        type=f"urn:bothsides:problem:{problem.code}",
        title=_phrase(problem.status_code),
        status=problem.status_code,
        detail=problem.detail,
        code=problem.code,
        instance=f"urn:bothsides:request:{request.scope.get('request_id', '')}",
        errors=list(problem.errors) or None,
        state=problem.state,
        progress=problem.progress,
    )
    if not wants_page(request):
        response: Response = JSONResponse(
            document.model_dump(exclude_none=True), problem.status_code, media_type=PROBLEM_JSON
        )
    else:
        response = _page(request, document)
    response.headers.update(problem.headers or {})
    return response


def wants_page(request: Request) -> bool:
    """Whether a person in a browser asked, rather than a program."""
    path = request.url.path
    return not path.startswith(("/api/", "/healthz", "/readyz", "/static/", "/vendor/")) and path != "/api"


def handle_problems(app: FastAPI) -> None:
    """Answer every foreseen error with a problem. Unforeseen ones are left to the outermost middleware."""

    async def answer(request: Request, error: Exception) -> Response:
        return problem_response(request, error)

    for kind in (HTTPException, RequestValidationError, CallError, StorageRefused):
        app.add_exception_handler(kind, answer)


def _page(request: Request, document: ProblemDocument) -> Response:
    """The page's own error page when there is one; a bare one when there is none or it fails itself."""
    app: FastAPI | None = request.scope.get("app")
    draw: ErrorPage | None = getattr(app.state, "error_page", None) if app is not None else None
    if draw is not None:
        try:
            return draw(request, document)
        except Exception:  # an error page that fails must not hide the error
            log.exception("The error page could not be drawn (%s)", document.instance)
    return HTMLResponse(_bare_page(document), document.status)


def _bare_page(document: ProblemDocument) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(document.title)}</title>'
        f"<h1>{escape(document.title)}</h1><p>{escape(document.detail)}</p>"
        '<p><a href="/">Back to the calls</a></p></html>'
    )


def _status_of_call_error(error: CallError) -> int:
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, NotReady | Conflict):
        return 409
    if isinstance(error, Invalid):
        return 422
    return 400


def _status_of_refusal(error: StorageRefused) -> int:
    if isinstance(error, TooLarge):
        return 413
    if isinstance(error, DiskFull):
        return 507
    if isinstance(error, EmptyRecording):
        return 422
    return 500


_FRAMEWORK = {
    400: ("bad_request", "The request could not be read. Check its format."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The request is larger than this address takes."),
    415: ("unsupported_media_type", "This address does not take that content type."),
}


def _framework_problem(error: HTTPException) -> ProblemError:
    code, detail = _FRAMEWORK.get(error.status_code, ("error", str(error.detail)))
    return ProblemError(error.status_code, code, detail, headers=error.headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"

"""The page of one call, in every state that a call can be in."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app.calls.errors import NotFound, NotReady
from app.calls.service import CallService
from app.web.pages.call_values import conversation_values, state_values
from app.web.pages.conversation import word_times
from app.web.pages.templating import page, page_as_it_comes

router = APIRouter(include_in_schema=False, prefix="/calls/{call_id}")


@router.get("")
def call_page(request: Request, call_id: str) -> Response:
    try:
        values = conversation_values(_calls(request).conversation(call_id))
        return page_as_it_comes(request, "call.html", **values)
    except NotReady:
        return page(request, "call_state.html", **state_values(_calls(request).get(call_id)))
    except NotFound:
        return _gone(request)


@router.get("/status")
def call_status(request: Request, call_id: str) -> HTMLResponse:
    """Where the call stands; once it is ready, the word to the page to load itself anew."""
    try:
        call = _calls(request).get(call_id)
    except NotFound:
        return HTMLResponse("", headers={"HX-Redirect": "/calls"})
    answer = page(request, "_status.html", **state_values(call))
    if call.ready_at is not None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.get("/again")
def call_again(request: Request, call_id: str) -> HTMLResponse:
    """How far a call that is run again is; once done, tells the page to bring itself up to date."""
    try:
        call = _calls(request).get(call_id)
    except NotFound:
        return HTMLResponse("", headers={"HX-Redirect": "/calls"})
    answer = page(request, "_again.html", **state_values(call))
    if not call.state.active:
        answer.headers["HX-Trigger"] = "call-changed"
    return answer


@router.get("/conversation")
def call_parts(request: Request, call_id: str) -> HTMLResponse:
    """Every part of the page that a change to the conversation can touch, with the words' times."""
    try:
        view = _calls(request).conversation(call_id)
        times = word_times(view.conversation)
        return page(request, "_parts.html", words=times, **conversation_values(view))
    except (NotFound, NotReady) as problem:
        return HTMLResponse(str(problem), status_code=404 if isinstance(problem, NotFound) else 409)


@router.get("/words")
def call_words(request: Request, call_id: str) -> JSONResponse:
    """When each word is said; see `word_times`."""
    try:
        times = word_times(_calls(request).conversation(call_id).conversation)
    except (NotFound, NotReady) as problem:
        return JSONResponse(
            {"detail": str(problem)}, status_code=404 if isinstance(problem, NotFound) else 409
        )
    return JSONResponse(times, headers={"Cache-Control": "no-store"})


def _calls(request: Request) -> CallService:
    service: CallService = request.app.state.parts.calls
    return service


def _gone(request: Request) -> HTMLResponse:
    return page(
        request,
        "error.html",
        status=404,
        title="This call is not here",
        message="It may have been deleted, or the address is not quite right.",
    )

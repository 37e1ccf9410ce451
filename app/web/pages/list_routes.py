"""The list of calls, and the upload page."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.calls.views import CallPage, CallState
from app.web.pages.templating import page

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50

STATE_CHOICES = (
    ("", "All calls"),
    ("ready", "Ready"),
    ("working", "In progress"),
    ("failed", "Failed"),
    ("cancelled", "Stopped"),
)

Text = Annotated[str, Query(max_length=200)]


@router.get("/")
def front() -> RedirectResponse:
    return RedirectResponse("/calls")


@router.get("/calls")
def call_list(request: Request, q: Text = "", state: Text = "", cursor: Text = "") -> HTMLResponse:
    values = _rows(request, q, state, cursor)
    return page(
        request,
        "calls.html",
        place="calls",
        state_choices=STATE_CHOICES,
        anything=bool(values["calls"] or q or state or cursor),
        **values,
    )


@router.get("/calls/rows")
def call_rows(request: Request, q: Text = "", state: Text = "", cursor: Text = "") -> HTMLResponse:
    """The list alone, for the search while typing and the live refresh while calls are being worked on."""
    return page(request, "_rows.html", **_rows(request, q, state, cursor))


@router.get("/upload")
def upload(request: Request) -> HTMLResponse:
    settings = request.app.state.parts.settings
    return page(
        request,
        "upload.html",
        place="upload",
        max_bytes=settings.max_upload_bytes,
        hours=f"{settings.max_duration_seconds / 3600:g}",
    )


def _rows(request: Request, q: str, state: str, cursor: str) -> dict[str, Any]:
    q = " ".join(q.split())
    found: CallPage = request.app.state.parts.calls.list_calls(
        query=q, state=_states(state), cursor=cursor or None, limit=PAGE_SIZE
    )
    return {
        "q": q,
        "state": state,
        "calls": found.calls,
        "total": found.total,
        "working": any(call.state.active for call in found.calls),
        "first_page": not cursor,
        "page_url": _address("/calls", q, state, cursor),
        "rows_url": _address("/calls/rows", q, state, cursor),
        "first_url": _address("/calls", q, state, ""),
        "next_url": _address("/calls", q, state, found.next_cursor) if found.next_cursor else None,
    }


def _states(choice: str) -> tuple[CallState, ...] | None:
    if choice == "working":
        return tuple(state for state in CallState if state.active)
    return (CallState(choice),) if choice in list(CallState) else None


def _address(path: str, q: str, state: str, cursor: str) -> str:
    asked = {name: value for name, value in (("q", q), ("state", state), ("cursor", cursor)) if value}
    return f"{path}?{urlencode(asked)}" if asked else path

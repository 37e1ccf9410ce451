"""Calls: the list, one call, what it is made of, and what can be done to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.calls.reruns import RerunOptions
from app.calls.views import CallState
from app.web.api.documented import UPLOAD_BODY, problems
from app.web.api.models import CallJson, CallPageJson
from app.web.api.requests import CallPatch, Rerun
from app.web.api.uploads import receive_upload
from app.web.parts import CallId, CallsDep, PartsDep

router = APIRouter(tags=["calls"])


@router.post(
    "/calls",
    operation_id="uploadCall",
    summary="Upload a recording",
    status_code=202,
    response_model=CallJson,
    responses={
        200: {"model": CallJson, "description": "This very upload is here already; nothing was added."},
        202: {"description": "The recording is safe on the disk and will be worked on."},
        **problems(400, 403, 409, 413, 415, 422, 507),
    },
    openapi_extra=UPLOAD_BODY,
)
async def upload_call(request: Request, response: Response, parts: PartsDep) -> CallJson:
    """Send the recording in the part `file`, and what you know of the call as JSON in the part `metadata`,
    in either order. The recording may be sent as it is recorded: no length is needed.

    With a `clientUniqueId` an upload can be repeated safely: the same again gives 200 and the call that is
    there, and another recording or other facts under the same id give 409.
    """
    received = await receive_upload(
        request, media=parts.media, calls=parts.calls, max_upload_bytes=parts.settings.max_upload_bytes
    )
    call = CallJson.of(received.call)
    response.status_code = 202 if received.created else 200
    response.headers["Location"] = call.links.this
    return call


@router.get(
    "/calls",
    operation_id="listCalls",
    summary="List calls",
    responses=problems(422),
)
def list_calls(
    calls: CallsDep,
    q: Annotated[str, Query(max_length=200, description="Words to find in titles and people's names.")] = "",
    state: Annotated[list[CallState] | None, Query(description="Only calls in one of these states.")] = None,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`nextCursor` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CallPageJson:
    """The calls, newest first, a page at a time."""
    return CallPageJson.of(calls.list_calls(query=q, state=state or None, cursor=cursor, limit=limit))


@router.get("/calls/{call_id}", operation_id="getCall", summary="Get a call", responses=problems(404))
def get_call(call_id: CallId, calls: CallsDep) -> CallJson:
    """A call and where its processing stands. Ask again until `state` is `ready`, `failed` or
    `cancelled`."""
    return CallJson.of(calls.get(call_id))


@router.patch(
    "/calls/{call_id}",
    operation_id="changeCall",
    summary="Change a call's facts",
    responses=problems(403, 404, 422),
)
def change_call(call_id: CallId, patch: CallPatch, calls: CallsDep) -> CallJson:
    changes: dict[str, Any] = {}
    for field, name in (("title", "title"), ("actual_start", "started_at"), ("direction", "direction")):
        if field in patch.model_fields_set:
            changes[name] = getattr(patch, field)
    return CallJson.of(calls.update(call_id, **changes))


@router.delete(
    "/calls/{call_id}",
    operation_id="deleteCall",
    summary="Delete a call",
    status_code=204,
    responses=problems(403, 404),
)
def delete_call(call_id: CallId, calls: CallsDep) -> None:
    """Deletes the call with its recording, transcript and everything that people wrote. It cannot be
    undone."""
    calls.delete(call_id)


@router.post(
    "/calls/{call_id}/cancel",
    operation_id="cancelCall",
    summary="Stop the work on a call",
    responses=problems(403, 404, 409),
)
def cancel_call(call_id: CallId, calls: CallsDep) -> CallJson:
    return CallJson.of(calls.cancel(call_id))


@router.post(
    "/calls/{call_id}/retry",
    operation_id="retryCall",
    summary="Try again what failed or was stopped",
    responses=problems(403, 404, 409),
)
def retry_call(call_id: CallId, calls: CallsDep) -> CallJson:
    return CallJson.of(calls.retry(call_id))


@router.post(
    "/calls/{call_id}/rerun",
    operation_id="rerunStage",
    summary="Run a stage again, with other options",
    responses=problems(403, 404, 409, 422),
)
def rerun_stage(call_id: CallId, rerun: Rerun, calls: CallsDep) -> CallJson:
    """Runs the stage and all that follow from it. What people wrote stays."""
    options = RerunOptions(
        model=rerun.model, language=rerun.language, speakers=rerun.speakers, layout=rerun.layout
    )
    return CallJson.of(calls.rerun(call_id, rerun.stage, options))

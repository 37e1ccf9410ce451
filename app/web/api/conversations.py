"""The conversation of a call: transcript, sound, who is who, and what people corrected."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Request, Response

from app.calls.errors import NotReady
from app.web.api.documented import AUDIO_RESPONSES, PEAKS_RESPONSES, TRANSCRIPT_CONTENT, problems
from app.web.api.media import original_response, peaks_response, playback_response
from app.web.api.models import CallJson, CorrectionJson, TranscriptJson
from app.web.api.requests import CorrectionRequest, PartyPatch, TextCorrectionRequest
from app.web.api.transcripts import TranscriptFormat, format_accepted, transcript_response
from app.web.parts import CallId, CallsDep, CorrectionId, PartsDep, PartyId
from app.web.problems import not_ready

router = APIRouter(prefix="/calls/{call_id}")


@router.get(
    "/transcript",
    operation_id="getTranscript",
    tags=["conversation"],
    summary="Get the transcript",
    response_model=None,
    responses={
        200: {"model": TranscriptJson, "description": "The transcript.", "content": TRANSCRIPT_CONTENT},
        **problems(404, 409, 422),
    },
)
def get_transcript(
    call_id: CallId,
    calls: CallsDep,
    wanted: Annotated[
        TranscriptFormat | None, Query(alias="format", description="Goes before the Accept header.")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "*/*",
) -> Response:
    """Who said what and when, with people's corrections. 409 `not_ready`, with `state` and `progress`,
    until the call is ready. Silence gives an empty list of turns."""
    try:
        view = calls.conversation(call_id)
    except NotReady as error:
        raise not_ready(calls.get(call_id), str(error)) from error
    return transcript_response(view, wanted or format_accepted(accept))


@router.get(
    "/audio",
    operation_id="getAudio",
    tags=["conversation"],
    summary="Hear the call",
    response_model=None,
    responses={**AUDIO_RESPONSES, **problems(404, 409, 416)},
)
def get_audio(
    request: Request,
    call_id: CallId,
    parts: PartsDep,
    original: Annotated[bool, Query(description="The recording as it came, to be saved.")] = False,
) -> Response:
    """A copy that every browser can play and seek in (AAC in MP4, stereo kept). `Range`, `If-Range`,
    `If-None-Match` and HEAD are understood."""
    call = parts.calls.get(call_id)
    if original:
        return original_response(request, call, parts.media.recording(call.id))
    return playback_response(request, call, parts.media.playback(call.id))


@router.get(
    "/peaks",
    operation_id="getPeaks",
    tags=["conversation"],
    summary="Get the loudness of each channel",
    response_model=None,
    responses={**PEAKS_RESPONSES, **problems(404, 409, 416)},
)
def get_peaks(request: Request, call_id: CallId, parts: PartsDep) -> Response:
    """For drawing the sound: a small binary file, described in the documentation of the API."""
    call = parts.calls.get(call_id)
    return peaks_response(request, call, parts.media.peaks(call.id))


router.add_api_route("/audio", get_audio, methods=["HEAD"], include_in_schema=False, response_model=None)
router.add_api_route("/peaks", get_peaks, methods=["HEAD"], include_in_schema=False, response_model=None)


@router.patch(
    "/parties/{party_id}",
    operation_id="changeParty",
    tags=["parties"],
    summary="Name a party, or change their side",
    responses=problems(403, 404, 409, 422),
)
def change_party(call_id: CallId, party_id: PartyId, patch: PartyPatch, calls: CallsDep) -> CallJson:
    name = (patch.name or "") if "name" in patch.model_fields_set else None
    return CallJson.of(calls.update_party(call_id, party_id, name=name, side=patch.side))


@router.post(
    "/swap-sides",
    operation_id="swapSides",
    tags=["parties"],
    summary="Swap rep and prospect",
    responses=problems(403, 404, 409),
)
def swap_sides(call_id: CallId, calls: CallsDep) -> CallJson:
    """The rep's voice becomes the prospect's and the other way round, everywhere."""
    return CallJson.of(calls.swap_sides(call_id))


@router.post(
    "/confirm-sides",
    operation_id="confirmSides",
    tags=["parties"],
    summary="Say that the guess of who is who is right",
    responses=problems(403, 404, 409),
)
def confirm_sides(call_id: CallId, calls: CallsDep) -> CallJson:
    return CallJson.of(calls.confirm_sides(call_id))


@router.post(
    "/corrections",
    operation_id="correctTranscript",
    tags=["corrections"],
    summary="Correct words, or who said them",
    status_code=201,
    responses=problems(403, 404, 409, 422),
)
def correct_transcript(
    call_id: CallId, correction: Annotated[CorrectionRequest, Body()], calls: CallsDep
) -> CorrectionJson:
    """Kept apart from the machine's words, which are never overwritten; later corrections win."""
    if isinstance(correction, TextCorrectionRequest):
        made = calls.correct_text(
            call_id,
            voice=correction.voice,
            start=correction.start,
            end=correction.end,
            text=correction.text,
        )
    else:
        made = calls.move_turn(
            call_id,
            voice=correction.voice,
            start=correction.start,
            end=correction.end,
            to_voice=correction.to_voice,
        )
    return CorrectionJson.of(made)


@router.delete(
    "/corrections/{correction_id}",
    operation_id="undoCorrection",
    tags=["corrections"],
    summary="Undo a correction",
    status_code=204,
    responses=problems(403, 404),
)
def undo_correction(call_id: CallId, correction_id: CorrectionId, calls: CallsDep) -> None:
    calls.undo(call_id, correction_id)


@router.post(
    "/corrections/{correction_id}/redo",
    operation_id="redoCorrection",
    tags=["corrections"],
    summary="Take back an undo",
    status_code=204,
    responses=problems(403, 404),
)
def redo_correction(call_id: CallId, correction_id: CorrectionId, calls: CallsDep) -> None:
    calls.redo(call_id, correction_id)

"""The conversation in the format that the client asks for."""

import json
from collections.abc import Callable
from enum import StrEnum

from starlette.responses import Response

from app.calls.views import ConversationView
from review.exports import to_dict, to_srt, to_text, to_vtt
from review.model import Conversation


class TranscriptFormat(StrEnum):
    """How a transcript can be had."""

    JSON = "json"
    SRT = "srt"
    VTT = "vtt"
    TEXT = "text"


_MEDIA_TYPES = {
    TranscriptFormat.JSON: "application/json",
    TranscriptFormat.SRT: "application/x-subrip",
    TranscriptFormat.VTT: "text/vtt",
    TranscriptFormat.TEXT: "text/plain",
}

_ACCEPTED = {media_type: name for name, media_type in _MEDIA_TYPES.items()} | {
    "text/srt": TranscriptFormat.SRT,
    "application/*": TranscriptFormat.JSON,
    "*/*": TranscriptFormat.JSON,
    "text/*": TranscriptFormat.TEXT,
}

_WRITERS: dict[TranscriptFormat, Callable[[Conversation], str]] = {
    TranscriptFormat.SRT: to_srt,
    TranscriptFormat.VTT: to_vtt,
    TranscriptFormat.TEXT: to_text,
}


def transcript_response(view: ConversationView, wanted: TranscriptFormat) -> Response:
    """The transcript with people's corrections applied."""
    if wanted is TranscriptFormat.JSON:
        document = to_dict(
            view.conversation, duration=view.call.duration or 0.0, engines=view.engines, timings=view.timings
        )
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    else:
        body = _WRITERS[wanted](view.conversation)
    media_type = _MEDIA_TYPES[wanted]
    charset = "" if wanted is TranscriptFormat.JSON else "; charset=utf-8"
    return Response(body.encode(), headers={"Content-Type": media_type + charset, "Vary": "Accept"})


def format_accepted(accept: str) -> TranscriptFormat:
    """The format that an Accept header (RFC 9110, 12.5.1) likes best; JSON when it knows none of ours."""
    best, best_quality = TranscriptFormat.JSON, 0.0
    for entry in accept.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in entry.split(";"))
        quality = _quality(parameters)
        if media_type in _ACCEPTED and quality > best_quality:
            best, best_quality = _ACCEPTED[media_type], quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0

"""What the OpenAPI document says of errors and of bodies that are not JSON."""

from typing import Any

from app.calls.metadata import CallMetadata
from app.web.api.models import EXAMPLE_ID
from app.web.problems import PROBLEM_JSON, ProblemDocument

Responses = dict[int | str, dict[str, Any]]

_MEANINGS = {
    400: ("malformed_upload", "The request could not be read"),
    403: ("cross_site", "The change was asked for by another site's page"),
    404: ("not_found", "There is no such thing"),
    409: ("conflict", "The request does not fit what is there"),
    413: ("too_large", "More bytes than are taken"),
    415: ("not_multipart", "The upload is not multipart/form-data"),
    416: ("range_not_satisfiable", "The range lies outside the file"),
    422: ("invalid", "A field or a part is wrong; `errors` names it"),
    507: ("disk_full", "The server's disk is full"),
}


def problems(*statuses: int) -> Responses:
    """OpenAPI responses for these statuses, each a problem document."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    code, meaning = _MEANINGS[status]
    example = {
        "type": f"urn:bothsides:problem:{code}",
        "title": meaning,
        "status": status,
        "detail": f"{meaning}.",
        "code": code,
        "instance": f"urn:bothsides:request:{EXAMPLE_ID}",
    }
    return {
        "description": f"{meaning}.",
        "content": {
            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}, "example": example}
        },
    }


def extra_schemas() -> dict[str, Any]:
    """Schemas that no route's signature names: problems, and the metadata of an upload."""
    schemas: dict[str, Any] = {}
    for model in (ProblemDocument, CallMetadata):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return schemas


UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "metadata": {"$ref": "#/components/schemas/CallMetadata"},
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "WAV, MP3, M4A, OGG, FLAC, WebM, AMR, or a video with sound.",
                        },
                    },
                },
                "encoding": {"metadata": {"contentType": "application/json"}},
            }
        },
    }
}

TRANSCRIPT_CONTENT: dict[str, Any] = {
    "application/x-subrip": {"schema": {"type": "string"}},
    "text/vtt": {"schema": {"type": "string"}},
    "text/plain": {"schema": {"type": "string"}},
}

_BINARY = {"schema": {"type": "string", "format": "binary"}}

AUDIO_RESPONSES: Responses = {
    200: {
        "description": "All of it.",
        "content": {"audio/mp4": _BINARY, "application/octet-stream": _BINARY},
    },
    206: {"description": "The part that `Range` asked for.", "content": {"audio/mp4": _BINARY}},
    304: {"description": "What `If-None-Match` names is still right."},
}

PEAKS_RESPONSES: Responses = {
    200: {"description": "The peaks.", "content": {"application/octet-stream": _BINARY}},
    206: {
        "description": "The part that `Range` asked for.",
        "content": {"application/octet-stream": _BINARY},
    },
    304: {"description": "What `If-None-Match` names is still right."},
}

"""A call's sound and the peaks that its lanes are drawn from, with HTTP ranges."""

import os
import re
import stat
from pathlib import Path, PurePath

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from app.calls.views import CallState, CallView
from app.web.api.file_names import safe_file_name
from app.web.problems import ProblemError, not_ready

ONE_RANGE = re.compile(r"bytes=\s*(?:(\d{1,40})\s*-\s*(\d{1,40})?|-\s*(\d{1,40}))\s*", re.IGNORECASE)
"""RFC 9110, 14.1.2, for a single range. A server may ignore the header, and this one does whenever it asks
for several ranges, which no player does, or for anything else."""

_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "amr": "audio/amr",
    "aac": "audio/aac",
    "mov,mp4,m4a,3gp,3g2,mj2": "video/mp4",
    "matroska,webm": "video/webm",
}
"""FFmpeg's names of containers. The client's word on the content type is never repeated to another
client."""


def playback_response(request: Request, call: CallView, path: Path) -> Response:
    """The copy that every browser can seek. Raises ProblemError when there is none (yet)."""
    found = _file_there(path)
    if found is None:
        raise _no_copy(call, "no sound to play")
    name = f"{PurePath(safe_file_name(call.recording.file_name)).stem}.m4a"
    return _conditional(
        request,
        path,
        found,
        media_type="audio/mp4",
        etag=_copy_etag(call, "playback", found),
        name=name,
        inline=True,
    )


def original_response(request: Request, call: CallView, path: Path) -> Response:
    """The recording byte for byte as it came, to be saved and not shown."""
    found = _file_there(path)
    if found is None:
        raise ProblemError(404, "no_recording", "The recording's file is not there any more.")
    return _conditional(
        request,
        path,
        found,
        media_type=_TYPES.get(call.recording.container or "", "application/octet-stream"),
        etag=f'"{call.recording.sha256}"',
        name=safe_file_name(call.recording.file_name),
        inline=False,
    )


def peaks_response(request: Request, call: CallView, path: Path) -> Response:
    """The peaks. Raises ProblemError when there are none (yet)."""
    found = _file_there(path)
    if found is None:
        raise _no_copy(call, "nothing to draw")
    return _conditional(
        request,
        path,
        found,
        media_type="application/octet-stream",
        etag=_copy_etag(call, "peaks", found),
        name="peaks.bin",
        inline=True,
    )


class RangedFile(FileResponse):
    """Starlette's FileResponse with the decision on the Range header taken before: it would answer 400 to
    one that RFC 9110 says to ignore, and a plain text to one that cannot be satisfied."""

    honours_range = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.honours_range:
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"range"]}
        await super().__call__(scope, receive, send)


def _conditional(
    request: Request,
    path: Path,
    found: os.stat_result,
    *,
    media_type: str,
    etag: str,
    name: str,
    inline: bool,
) -> Response:
    # Kept by the browser, asked for again each time: a deleted call must not be heard from a cache.
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    response = RangedFile(
        path,
        headers=headers,
        media_type=media_type,
        stat_result=found,
        filename=name,
        content_disposition_type="inline" if inline else "attachment",
    )
    unchanged = request.headers.get("if-range") in (None, etag, response.headers["last-modified"])
    response.honours_range = unchanged and _can_be_served(request.headers.get("range", ""), found.st_size)
    return response


def _can_be_served(wanted: str, size: int) -> bool:
    """Whether a Range header asks for a part of the file; False where it is to be ignored. Raises
    ProblemError."""
    asked = ONE_RANGE.fullmatch(wanted)
    if asked is None:
        return False
    first, last, suffix = (None if number is None else int(number) for number in asked.groups())
    if first is not None and last is not None and last < first:
        return False
    if (first is not None and first >= size) or suffix == 0:
        raise ProblemError(
            416,
            "range_not_satisfiable",
            f"The file has {size} bytes; the range asked for lies outside.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return True


def _matches(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


def _copy_etag(call: CallView, kind: str, found: os.stat_result) -> str:
    """The recording decides what is in a copy; time and size tell apart copies that different versions
    made."""
    return f'"{call.recording.sha256[:32]}-{kind}-{found.st_size:x}-{found.st_mtime_ns:x}"'


def _file_there(path: Path) -> os.stat_result | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _no_copy(call: CallView, what: str) -> ProblemError:
    if call.state.active:
        return not_ready(call, f"There is {what} yet: the recording has not been looked into.")
    why = "the call was cancelled before its recording was read. Retry it to get it"
    if call.state is not CallState.CANCELLED:
        why = "the recording could not be read"
    return ProblemError(404, "no_copy", f"There is {what}, because {why}.")

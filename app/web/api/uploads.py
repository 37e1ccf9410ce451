"""POST /calls: a recording comes in."""

import asyncio
import contextlib
import errno
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.types import Receive

from app.calls.service import CallService
from app.calls.views import Received
from app.web.api.upload_form import MAX_FRAMING_BYTES, MAX_METADATA_BYTES, UploadForm
from app.web.bodies import Larger, announced_length, readable_size
from app.web.problems import ProblemError
from storage.media.store import Incoming, MediaStore

log = logging.getLogger("bothsides.web")

BATCH_BYTES = 1024**2
"""How much is collected before a thread parses and writes it: a compromise of memory and thread hops."""
STALLED_SECONDS = 60.0
"""An upload that sends nothing for this long is given up, so that it does not hold its place for ever."""

T = TypeVar("T")


def largest_upload(max_upload_bytes: int) -> Larger:
    """A body whose file is as large as is taken, and the refusal of a larger one."""
    return max_upload_bytes + MAX_METADATA_BYTES + MAX_FRAMING_BYTES, partial(_too_large, max_upload_bytes)


async def receive_upload(
    request: Request, *, media: MediaStore, calls: CallService, max_upload_bytes: int
) -> Received:
    """Stream the recording to the disk, then make the call of it.

    When this returns, file, folder and database commit are on the disk. When it raises, also by
    cancellation or because the client went away, nothing of the upload is left. Raises ProblemError,
    StorageRefused, CallError.
    """
    announced = announced_length(request.scope)
    limit, refusal = largest_upload(max_upload_bytes)
    if announced is not None and announced > limit:
        raise refusal()
    with contextlib.ExitStack() as places:
        upload = _Upload(request, places, media, calls, announced)
        try:
            async for batch in _batches(request.receive):
                await _in_thread(partial(upload.form.feed, batch))
            return await _in_thread(upload.commit)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _disk_full() from error
            raise
        finally:
            await _in_thread(places.close)


class _Upload:
    """One upload's form and where its recording goes. Its methods run in a thread, one at a time."""

    def __init__(
        self,
        request: Request,
        places: ExitStack,
        media: MediaStore,
        calls: CallService,
        announced: int | None,
    ) -> None:
        self._places = places
        self._media = media
        self._calls = calls
        # The body is never smaller than its file by more than this, so a disk that is too small shows at
        # once.
        around = MAX_METADATA_BYTES + MAX_FRAMING_BYTES
        self._expected = None if announced is None else max(0, announced - around)
        self.form = UploadForm(request.headers.get("content-type", ""), receive=self._open)

    def _open(self) -> Incoming:
        return self._places.enter_context(self._media.receive(expected_bytes=self._expected))

    def commit(self) -> Received:
        form = self.form.finish()
        return self._calls.take(form.incoming, file_name=form.file_name, metadata=form.metadata)


async def _batches(receive: Receive) -> AsyncIterator[bytes]:
    """The body in pieces of about BATCH_BYTES."""
    batch = bytearray()
    more = True
    while more:
        try:
            with anyio.fail_after(STALLED_SECONDS):
                message = await receive()
        except TimeoutError as error:
            raise ProblemError(
                408, "upload_stalled", "The upload stopped coming, so it was given up. Send it again."
            ) from error
        if message["type"] == "http.disconnect":
            log.info("An upload was broken off by its sender")
            raise ProblemError(400, "upload_broken_off", "The connection ended before the upload was whole.")
        batch += message.get("body", b"")
        more = message.get("more_body", False)
        if len(batch) >= BATCH_BYTES or not more:
            yield bytes(batch)
            batch.clear()


async def _in_thread(work: Callable[[], T]) -> T:
    """Run `work` in a thread. A cancellation waits until it is over.

    Otherwise the clean-up would run beside a write, or undo an upload whose commit is just going through.
    """
    task = asyncio.ensure_future(anyio.to_thread.run_sync(work))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as cancellation:
            cancelled = cancellation
    if cancelled is not None:
        raise cancelled
    return task.result()


def _too_large(limit: int) -> ProblemError:
    return ProblemError(
        413,
        "too_large",
        f"This recording is larger than the {readable_size(limit)} that this server takes. Upload only its "
        "sound (for example as M4A or MP3), or split it into parts.",
    )


def _disk_full() -> ProblemError:
    return ProblemError(
        507,
        "disk_full",
        "The server's disk is full, so nothing was kept. Free some space, then send it again.",
    )

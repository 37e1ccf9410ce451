"""A recording on its way in: streamed to disk, hashed as it comes, gone again unless it is kept."""

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.media.disk import Disk, full_disk_refused
from storage.media.refusals import DiskFull, EmptyRecording, TooLarge

log = logging.getLogger(__name__)

ROOM_CHECK_BYTES = 4 * 1024**2
"""How often the free space is asked for while bytes arrive."""


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A recording that is on the disk for good, once its call is committed. `size` in bytes."""

    id: str
    sha256: str
    size: int


class Incoming:
    """One upload. A context manager: leaving it without `keep()` removes everything again.

    Its file is locked from the first moment until the end, so that no sweep takes it for abandoned.
    Made by `MediaStore.receive()` only. Not for use by two threads at once.
    """

    def __init__(
        self,
        call_id: str,
        descriptor: int,
        *,
        folder: Path,
        place: Path,
        max_bytes: int,
        min_free_bytes: int,
        disk: Disk,
    ) -> None:
        self.id = call_id
        self._descriptor = descriptor
        self._folder = folder
        self._place = place
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._disk = disk
        self._hash = hashlib.sha256()
        self._size = 0
        self._unchecked = 0
        self._finished = False
        self._closed = False

    def write(self, chunk: bytes) -> None:
        """Appends. Raises TooLarge and DiskFull; after either, leave the context."""
        if self._closed or self._finished:
            raise RuntimeError("this upload has ended")
        if self._size + len(chunk) > self._max_bytes:
            raise TooLarge(self._max_bytes)
        self._unchecked += len(chunk)
        if self._unchecked >= ROOM_CHECK_BYTES:
            self._unchecked = 0
            if self._disk.free_bytes(self._folder) < self._min_free_bytes:
                raise DiskFull
        with full_disk_refused():
            self._disk.write(self._descriptor, chunk)
        self._hash.update(chunk)
        self._size += len(chunk)

    def finish(self) -> StoredRecording:
        """Puts the recording in its place, on the disk: file, folder and both parents synced. Still locked.

        Commit the call next, then `keep()`. Raises EmptyRecording and DiskFull.
        """
        if self._closed or self._finished:
            raise RuntimeError("this upload has ended")
        if self._size == 0:
            raise EmptyRecording
        with full_disk_refused():
            self._disk.sync_file(self._descriptor)
            self._disk.sync_folder(self._folder)
            self._make_shard()
            incoming, self._folder = self._folder, self._rename()
            self._disk.sync_folder(self._place.parent)
            self._disk.sync_folder(incoming.parent)
        self._finished = True
        return StoredRecording(id=self.id, sha256=self._hash.hexdigest(), size=self._size)

    def keep(self) -> None:
        """The call is committed: the recording is its own from now on."""
        if not self._finished:
            raise RuntimeError("finish() comes before keep()")
        self._close()

    def leave_to_sweep(self) -> None:
        """Nobody knows whether the call was committed: lets go, and the next sweep asks the database."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._closed:
            return
        try:
            self._disk.remove_tree(self._folder)
        except OSError:
            log.warning(
                "Could not remove the refused upload %s; the next sweep will.", self.id, exc_info=True
            )
        finally:
            self._close()

    def _make_shard(self) -> None:
        shard = self._place.parent
        try:
            self._disk.make_folder(shard)
        except FileExistsError:
            return
        self._disk.sync_folder(shard.parent)

    def _rename(self) -> Path:
        self._disk.rename(self._folder, self._place)
        return self._place

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            os.close(self._descriptor)

"""Where media files live: `incoming/<id>/recording` while they arrive, then

    calls/<last two of the id>/<id>/recording      as it came, byte for byte
                                    playback.m4a   what browsers play
                                    peaks.bin      what the lanes are drawn from (see peaks.py)
                                    sound.pcm      what the speech models hear (see pcm.py), while needed

and `trash/<id>` for the moment that a removal takes.
"""

import contextlib
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path

from ulid import ULID

from storage.media.disk import Disk, full_disk_refused, is_at, try_lock
from storage.media.incoming import Incoming, StoredRecording
from storage.media.refusals import DiskFull, EmptyRecording, StorageRefused, TooLarge
from storage.media.workshop import clear_unused_workshops

__all__ = [
    "DiskFull",
    "EmptyRecording",
    "Incoming",
    "MediaStore",
    "StorageRefused",
    "StoredRecording",
    "TooLarge",
]

RECORDING, PLAYBACK, PEAKS, PCM = "recording", "playback.m4a", "peaks.bin", "sound.pcm"

CALL_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")
"""A ULID in lower case. Nothing else becomes part of a path."""

BATCH = 500
"""How many ids the database is asked about at once: below SQLite's old limit of 999 variables."""

Known = Callable[[Collection[str]], Collection[str]]
"""Which of these ids have a call in the database, committed ones only."""


class MediaStore:
    """The media folder. Safe to use from many threads and processes at once.

    `root` is the folder itself (`<data>/media`), made when first written to. `max_bytes` is the largest
    recording taken; `min_free_bytes` is what uploads leave free on the disk.
    """

    def __init__(self, root: Path, *, max_bytes: int, min_free_bytes: int, disk: Disk | None = None) -> None:
        self._incoming = root / "incoming"
        self._calls = root / "calls"
        self._trash = root / "trash"
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._disk = disk or Disk()

    def recording(self, call_id: str) -> Path:
        """The file as it came. It may not exist; nor may the three below."""
        return self.folder(call_id) / RECORDING

    def playback(self, call_id: str) -> Path:
        return self.folder(call_id) / PLAYBACK

    def peaks(self, call_id: str) -> Path:
        return self.folder(call_id) / PEAKS

    def pcm(self, call_id: str) -> Path:
        return self.folder(call_id) / PCM

    def folder(self, call_id: str) -> Path:
        """The call's own folder. ValueError for anything that is not a call's id."""
        if not CALL_ID.fullmatch(call_id):
            raise ValueError(f"not a call's id: {call_id!r}")
        return self._calls / call_id[-2:] / call_id

    def receive(self, *, expected_bytes: int | None = None) -> Incoming:
        """A place for a new recording, with a new id that becomes the call's.

        `expected_bytes` is what the sender announced, to refuse early. Raises TooLarge and DiskFull.
        """
        if expected_bytes is not None and expected_bytes > self._max_bytes:
            raise TooLarge(self._max_bytes)
        with full_disk_refused():
            self._make_house()
            if self._disk.free_bytes(self._incoming) - (expected_bytes or 0) < self._min_free_bytes:
                raise DiskFull
            while True:
                call_id = str(ULID()).lower()
                folder = self._incoming / call_id
                descriptor = self._locked_new_file(folder)
                if descriptor is not None:
                    break
        return Incoming(
            call_id,
            descriptor,
            folder=folder,
            place=self.folder(call_id),
            max_bytes=self._max_bytes,
            min_free_bytes=self._min_free_bytes,
            disk=self._disk,
        )

    def remove(self, call_id: str) -> None:
        """Removes all of a call's files; returns when that is on the disk. Doing it again is fine.

        Interrupted at any point, the next `remove()` or `sweep()` goes on.
        """
        folder, grave = self.folder(call_id), self._trash / call_id
        self._make_house()
        # One rename first: a reader sees the whole call or none of it, and no late file lands in its folder.
        self._disk.remove_tree(grave)
        with contextlib.suppress(FileNotFoundError):
            self._disk.rename(folder, grave)
            self._disk.sync_folder(folder.parent)
        self._disk.remove_tree(grave)
        self._disk.sync_folder(self._trash)

    def sweep(self, known: Known) -> list[str]:
        """Removes what nobody will miss: uploads that ended without a word and folders that no call knows.

        Never one that a living upload holds. Also clears the half-made copies of inspections that were
        killed. Returns the ids of the recordings removed. Run it at start and now and then.
        """
        if not self._incoming.is_dir():
            return []
        removed = [entry.name for entry in _folders(self._incoming) if self._remove_abandoned(entry)]
        for entry in _folders(self._trash):
            self._disk.remove_tree(entry)
        calls = (call for shard in _folders(self._calls) for call in _folders(shard))
        for batch in _batches(call for call in calls if CALL_ID.fullmatch(call.name)):
            has_row = set(known([folder.name for folder in batch]))
            for folder in batch:
                if folder.name in has_row:
                    clear_unused_workshops(folder, self._disk)
                elif self._remove_unknown(folder, known):
                    removed.append(folder.name)
        return removed

    def _remove_abandoned(self, folder: Path) -> bool:
        if not (folder / RECORDING).exists():
            # An upload may just be about to create its file: then this fails, or that does and tries again.
            with contextlib.suppress(OSError):
                self._disk.remove_empty_folder(folder)
            return False
        with _lock_on_recording(folder) as free:
            if free:
                self._disk.remove_tree(folder)
            return free

    def _remove_unknown(self, folder: Path, known: Known) -> bool:
        with _lock_on_recording(folder) as free:
            # Asked again under the lock: the upload may have been committed and let go since the first time.
            if not free or folder.name in set(known([folder.name])):
                return False
            self.remove(folder.name)
            return True

    def _locked_new_file(self, folder: Path) -> int | None:
        """None when a sweep took the new folder for abandoned in the instant before the lock."""
        self._disk.make_folder(folder)
        try:
            descriptor = self._disk.create(folder / RECORDING)
        except FileNotFoundError:
            return None
        except OSError:
            self._disk.remove_tree(folder)
            raise
        if try_lock(descriptor) and is_at(descriptor, folder / RECORDING):
            return descriptor
        os.close(descriptor)
        return None

    def _make_house(self) -> None:
        root = self._incoming.parent
        if not root.is_dir():
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._disk.sync_folder(root.parent)
        for folder in (self._incoming, self._calls, self._trash):
            if not folder.is_dir():
                with contextlib.suppress(FileExistsError):
                    self._disk.make_folder(folder)
                self._disk.sync_folder(root)


@contextlib.contextmanager
def _lock_on_recording(folder: Path) -> Iterator[bool]:
    """Whether no upload holds the folder. Held off from new holders until the end of the block."""
    try:
        descriptor = os.open(folder / RECORDING, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        # No file to hold: a removal or a creation that was cut short.
        yield True
        return
    try:
        yield try_lock(descriptor)
    finally:
        os.close(descriptor)


def _folders(parent: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError), os.scandir(parent) as entries:
        yield from sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))


def _batches(folders: Iterable[Path]) -> Iterator[list[Path]]:
    rest = iter(folders)
    while batch := list(islice(rest, BATCH)):
        yield batch

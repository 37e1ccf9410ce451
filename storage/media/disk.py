"""The one door to the file system for everything that the media store changes on it.

Each change is one method, so that a test can make the Nth write, fsync or rename fail.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from storage.media.refusals import DiskFull

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the kernel says when there is no room: no space, quota used up, largest file reached."""


class Disk:
    """Plain system calls. Every method raises OSError as the kernel gave it."""

    def make_folder(self, path: Path) -> None:
        """One new folder in an existing one; FileExistsError when it is there."""
        os.mkdir(path, 0o700)

    def create(self, path: Path) -> int:
        """A descriptor of a new, empty file, to write and read; never an existing one or a link's target."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(path, flags, 0o600)

    def write(self, descriptor: int, data: bytes) -> None:
        """All of `data`, at the descriptor's place."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def sync_file(self, descriptor: int) -> None:
        """The file's bytes are on the disk, not only in memory."""
        os.fsync(descriptor)

    def sync_folder(self, path: Path) -> None:
        """The folder's list of names is on the disk: a new or renamed entry survives a power cut."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """`new` is replaced in one step when it is a file."""
        os.rename(old, new)

    def remove_tree(self, path: Path) -> None:
        """A folder with all in it, or a file. Nothing there is fine; links are removed, never followed."""
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISDIR(os.lstat(path).st_mode):
                shutil.rmtree(path)
            else:
                os.unlink(path)

    def remove_empty_folder(self, path: Path) -> None:
        """OSError when something is in it or it is not there."""
        os.rmdir(path)

    def free_bytes(self, path: Path) -> int:
        """What this process may still write on the file system of `path`."""
        room = os.statvfs(path)
        return room.f_bavail * room.f_frsize


def try_lock(descriptor: int) -> bool:
    """Whether the exclusive lock on the open file could be had without waiting.

    It ends when the descriptor is closed, by us or by the death of the process, and stays on the file when
    that is renamed.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_at(descriptor: int, path: Path) -> bool:
    """Whether `path` still names the open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def full_disk_refused() -> Iterator[None]:
    """Turns the kernel's “no room” into DiskFull."""
    try:
        yield
    except OSError as problem:
        if problem.errno in FULL:
            raise DiskFull from problem
        raise

"""The folder inside a call's folder in which an inspection makes its files before they are put in place."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from storage.media.disk import Disk, try_lock

PREFIX = "making-"


@contextlib.contextmanager
def workshop(folder: Path, disk: Disk) -> Iterator[Path]:
    """A new folder in `folder`, removed at the end whatever happens; what killed ones left is removed first.

    Locked while it is in use, so that nobody takes it for left behind.
    """
    clear_unused_workshops(folder, disk)
    path = folder / f"{PREFIX}{secrets.token_hex(8)}"
    disk.make_folder(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try_lock(descriptor)
        yield path
    finally:
        try:
            disk.remove_tree(path)
        finally:
            os.close(descriptor)


def clear_unused_workshops(folder: Path, disk: Disk) -> None:
    """Removes what inspections that were killed left in a call's folder."""
    with contextlib.suppress(FileNotFoundError):
        for path in sorted(folder.glob(f"{PREFIX}*")):
            _remove_if_unused(path, disk)


def _remove_if_unused(path: Path, disk: Disk) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        if try_lock(descriptor):
            disk.remove_tree(path)
    finally:
        os.close(descriptor)

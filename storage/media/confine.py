"""What the child process gives up before it opens a stranger's file. Called in the child only."""

import contextlib
import ctypes
import os
import resource
import signal
import sys

from storage.media.limits import MediaLimits

OPEN_FILES = 24
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def die_with_parent(parent: int) -> None:
    """On Linux the kernel kills this process when the one that started it dies, however it dies."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        # It died before we asked.
        os.kill(os.getpid(), signal.SIGKILL)


def set_limits(limits: MediaLimits) -> None:
    """Memory, processor seconds, size of a written file, open files; no core dump of somebody's call."""
    _at_most(resource.RLIMIT_CORE, 0)
    _at_most(resource.RLIMIT_AS, limits.memory_bytes)
    _at_most(resource.RLIMIT_CPU, limits.cpu_seconds, margin=5)
    _at_most(resource.RLIMIT_FSIZE, limits.largest_file_bytes)
    _at_most(resource.RLIMIT_NOFILE, OPEN_FILES)


def _at_most(what: int, value: int, *, margin: int = 0) -> None:
    """`margin` lies between the limit that gives a signal of its own and the one that kills."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # macOS refuses some of them, RLIMIT_AS first: the wall clock still holds there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (value, min(value + margin, hard) if hard >= 0 else value + margin))

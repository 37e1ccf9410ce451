"""Starts the child, listens to it with care, and ends it whatever happens."""

import contextlib
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import storage
from storage.media.limits import MediaLimits

CHILD = "storage.media.child"
MOST_REPORT_BYTES = 1_000_000
"""The child reports twice a second: this is more than a day."""
KEPT_ERROR_BYTES = 4_000
TICK_SECONDS = 0.5
GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How the child ended. `report` is its last line, not yet to be believed; `late`: stopped for time."""

    report: dict[str, Any] | None
    status: int
    late: bool
    errors: str


def run_child(files: Mapping[str, int], *, limits: MediaLimits, progress: Callable[[float], None]) -> Ended:
    """Runs one inspection over open files, by role.

    `progress` may raise: the child is killed and the exception comes through.
    """
    job = {"parent": os.getpid(), "limits": asdict(limits), **files}
    process = subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", CHILD, json.dumps(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=tuple(files.values()),
        env=_environment(),
        cwd="/",
        start_new_session=True,
    )
    try:
        return _listen(process, limits, progress)
    finally:
        _end(process)


def _environment() -> dict[str, str]:
    """No secret and no setting of ours; one thread for NumPy: its pool takes memory and time."""
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(Path(storage.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


def _listen(
    process: "subprocess.Popen[bytes]", limits: MediaLimits, progress: Callable[[float], None]
) -> Ended:
    reports, errors = _Lines(), bytearray()
    last_report: dict[str, Any] | None = None
    reached = 0.0
    started = alive = time.monotonic()
    late = False
    with selectors.DefaultSelector() as selector:
        for pipe, name in ((process.stdout, "reports"), (process.stderr, "errors")):
            if pipe:
                selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            for key, _ in selector.select(TICK_SECONDS):
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.data == "errors":
                    errors = (errors + data)[-KEPT_ERROR_BYTES:]
                else:
                    alive = time.monotonic()
                    for line in reports.add(data):
                        last_report = _report(line)
                        reached = max(reached, _fraction(last_report))
            # Also without news: it may raise because somebody cancelled.
            progress(reached)
            now = time.monotonic()
            if now - started > limits.wall_seconds or now - alive > limits.stall_seconds:
                late = True
                break
            if reports.size > MOST_REPORT_BYTES:
                last_report = None
                break
    status = _end(process) if late or reports.size > MOST_REPORT_BYTES else _wait(process)
    return Ended(last_report, status, late, errors.decode("utf-8", "replace"))


class _Lines:
    """Whole lines out of pieces."""

    def __init__(self) -> None:
        self.size = 0
        self._rest = b""

    def add(self, data: bytes) -> Iterator[bytes]:
        self.size += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        yield from lines


def _report(line: bytes) -> dict[str, Any] | None:
    try:
        report = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) else None


def _fraction(report: dict[str, Any] | None) -> float:
    value = (report or {}).get("progress")
    return (
        min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) and math.isfinite(value) else 0.0
    )


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Both pipes are closed: it is at its end, unless it only pretends."""
    try:
        return process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return _end(process)


def _end(process: "subprocess.Popen[bytes]") -> int:
    """No process of its group is left, and no zombie."""
    # Before it is waited for, its id cannot be anybody else's.
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    status = process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    return status

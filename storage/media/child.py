"""The process that opens a stranger's file: `python -m storage.media.child JOB`, started by sandbox.py only.

JOB is JSON: the parent's process id, the limits, and the numbers of the open files: `recording` to read,
`pcm` and, unless only that is wanted, `playback` and `peaks` to write. It reports on standard output, a line
of JSON each: {"progress": 0.42}, then one of {"facts": {…}}, {"rejected": "code"}, {"disk": "full"}.
"""

import contextlib
import errno
import io
import json
import os
import sys
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage.media.confine import die_with_parent, set_limits
from storage.media.limits import PCM_RATE, MediaLimits

if TYPE_CHECKING:
    from storage.media.decoding.source import Source

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
SIGN_OF_LIFE_SECONDS = 0.5


@dataclass
class Reports:
    """Lines to the parent."""

    descriptor: int
    last: float = 0.0

    def send(self, report: dict[str, Any]) -> None:
        os.write(self.descriptor, json.dumps(report).encode() + b"\n")

    def progress(self, fraction: float) -> None:
        now = time.monotonic()
        if now - self.last >= SIGN_OF_LIFE_SECONDS:
            self.last = now
            self.send({"progress": round(fraction, 4)})


def main() -> int:
    job = json.loads(sys.argv[1])
    limits = MediaLimits(**job["limits"])
    die_with_parent(int(job["parent"]))
    set_limits(limits)
    # Nothing but reports goes to the parent, whatever a library prints.
    reports = Reports(os.dup(1))
    os.dup2(2, 1)
    reports.send(_outcome(job, limits, reports))
    return 0


def _outcome(job: dict[str, Any], limits: MediaLimits, reports: Reports) -> dict[str, Any]:
    # Imported here: the limits must stand before FFmpeg is loaded; and outside of the try, because a program
    # that cannot be loaded is no fault of the file.
    from storage.media.decoding import outputs  # noqa: F401, PLC0415
    from storage.media.decoding.source import Rejected  # noqa: PLC0415

    try:
        return {"facts": _facts(job, limits, reports)}
    except Rejected as reason:
        return {"rejected": reason.code}
    except MemoryError:
        return {"rejected": "used_too_much"}
    except Exception as problem:  # noqa: BLE001 - FFmpeg and NumPy fail in any way on damaged files
        return _meaning(problem)


def _meaning(problem: Exception) -> dict[str, Any]:
    """Unforeseen, the file is at fault until somebody who reads the worker's log finds that we are."""
    reason = problem.errno if isinstance(problem, OSError) else None
    if reason in NO_ROOM:
        return {"disk": "full"}
    if reason == errno.EFBIG:
        return {"rejected": "used_too_much"}
    traceback.print_exception(problem)
    return {"rejected": "broken"}


def _facts(job: dict[str, Any], limits: MediaLimits, reports: Reports) -> dict[str, Any]:
    from storage.media.decoding.source import Rejected, Source  # noqa: PLC0415

    recording = io.FileIO(int(job["recording"]), "r")
    size = os.fstat(recording.fileno()).st_size
    if not size:
        raise Rejected("not_media")
    source = Source(recording, size=size, max_duration=limits.max_duration)
    samples = _make(source, job, limits, reports)
    if not samples or source.not_finite == source.samples_seen:
        raise Rejected("broken")
    duration = samples / PCM_RATE
    if duration < limits.min_duration:
        raise Rejected("too_short")
    return {
        "container": source.container,
        "codec": source.codec,
        "sample_rate": source.rate,
        "channels": source.source_channels,
        "duration": duration,
        "breaks_off": source.breaks_off,
        "not_finite": source.not_finite,
    }


def _make(source: "Source", job: dict[str, Any], limits: MediaLimits, reports: Reports) -> int:
    """Fills the files that the job asks for in one pass; how many 16 kHz samples came out."""
    from storage.media.decoding.outputs import Output, PcmOutput, PlaybackOutput, write_all  # noqa: PLC0415
    from storage.media.decoding.source import Rejected  # noqa: PLC0415

    pcm: PcmOutput | None = None
    outputs: list[Output] = []
    for block in source.blocks():
        if pcm is None:
            # Only the first decoded frame tells for sure how many channels there are.
            pcm = PcmOutput(io.FileIO(int(job["pcm"]), "r+"), source.channels)
            outputs.append(pcm)
            if "playback" in job:
                outputs.append(
                    PlaybackOutput(io.FileIO(int(job["playback"]), "r+"), source.channels, source.rate)
                )
        for output in outputs:
            output.add(block)
        if pcm.samples > limits.max_duration * PCM_RATE:
            raise Rejected("too_long")
        reports.progress(source.fraction_read())
    for output in outputs:
        output.finish()
    if pcm is None:
        return 0
    if "peaks" in job:
        write_all(io.FileIO(int(job["peaks"]), "r+"), pcm.peaks())
    return pcm.samples


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        code = main()
    # FFmpeg's objects are not cleaned up: after a broken file that is one more place to crash, and the parent
    # has its answer.
    sys.stdout.flush()
    os._exit(code)

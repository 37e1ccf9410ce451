"""From a stranger's file to facts, and to the files that the rest of the program works with."""

import logging
import math
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from storage.media.disk import Disk, full_disk_refused
from storage.media.limits import PCM_RATE, MediaLimits
from storage.media.pcm import HEADER as PCM_HEADER
from storage.media.refusals import DiskFull
from storage.media.rejections import SENTENCES, InspectionBroke, MediaRejected
from storage.media.sandbox import Ended, run_child
from storage.media.workshop import workshop

__all__ = ["DiskFull", "InspectionBroke", "MediaFacts", "MediaLimits", "MediaRejected", "decode", "inspect"]

log = logging.getLogger(__name__)

FILES = {"pcm": "sound.pcm", "playback": "playback.m4a", "peaks": "peaks.bin"}

NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a recording is. `sample_rate` and `channels` are its own, `duration` is seconds of decoded sound.

    `breaks_off`: the file says that it is longer than it is, so the end of the call is missing.
    """

    container: str
    codec: str
    sample_rate: int
    channels: int
    duration: float
    breaks_off: bool


def inspect(
    recording: Path,
    folder: Path,
    *,
    limits: MediaLimits,
    progress: Callable[[float], None],
    disk: Disk | None = None,
) -> MediaFacts:
    """Writes sound.pcm, playback.m4a and peaks.bin into `folder`, each whole or not at all, synced to disk.

    `progress` is called at least twice a second with a fraction that never falls; when it raises, the work
    stops, nothing half-made is left, and the exception comes through. Raises MediaRejected (the recording
    cannot be used), DiskFull (try again when there is room) and InspectionBroke (our fault; try again).
    """
    return _run(
        recording, folder, ("pcm", "playback", "peaks"), limits=limits, progress=progress, disk=disk or Disk()
    )


def decode(
    recording: Path,
    folder: Path,
    *,
    limits: MediaLimits,
    progress: Callable[[float], None],
    disk: Disk | None = None,
) -> MediaFacts:
    """As `inspect`, but only sound.pcm: it is removed when a call is ready, and needed again for a re-run."""
    return _run(recording, folder, ("pcm",), limits=limits, progress=progress, disk=disk or Disk())


def _run(
    recording: Path,
    folder: Path,
    roles: tuple[str, ...],
    *,
    limits: MediaLimits,
    progress: Callable[[float], None],
    disk: Disk,
) -> MediaFacts:
    with full_disk_refused(), ExitStack() as opened:
        try:
            source = os.open(recording, os.O_RDONLY | os.O_CLOEXEC)
            opened.callback(os.close, source)
            making = opened.enter_context(workshop(folder, disk))
        except FileNotFoundError as problem:
            raise MediaRejected("missing", limits) from problem
        targets = {}
        for role in roles:
            targets[role] = disk.create(making / FILES[role])
            opened.callback(os.close, targets[role])
        ended = run_child({"recording": source, **targets}, limits=limits, progress=progress)
        facts = _believed(ended, targets, limits)
        _put_in_place(targets, making, folder, limits, disk)
        return facts


def _put_in_place(
    targets: Mapping[str, int], making: Path, folder: Path, limits: MediaLimits, disk: Disk
) -> None:
    try:
        for role, descriptor in targets.items():
            disk.sync_file(descriptor)
            disk.rename(making / FILES[role], folder / FILES[role])
        disk.sync_folder(folder)
    except FileNotFoundError as problem:
        # The call was deleted while its recording was being read.
        raise MediaRejected("missing", limits) from problem


def _believed(ended: Ended, targets: Mapping[str, int], limits: MediaLimits) -> MediaFacts:
    """The child's word, checked: a file that took it over could say anything."""
    if ended.late:
        raise MediaRejected("took_too_long", limits)
    if ended.errors:
        log.warning("While reading a recording: %s", ended.errors)
    report = ended.report or {}
    if ended.status != 0:
        raise _death(ended, limits)
    if report.get("disk") == "full":
        raise DiskFull
    code = report.get("rejected")
    if isinstance(code, str) and code in SENTENCES:
        raise MediaRejected(code, limits)
    facts = _facts(report.get("facts"))
    if facts is None or not _files_fit(facts, targets):
        raise InspectionBroke(f"the inspection gave no answer that can be believed: {ended.errors[-1000:]}")
    return facts


def _death(ended: Ended, limits: MediaLimits) -> Exception:
    if ended.status in (-signal.SIGXCPU, -signal.SIGKILL):
        # SIGKILL: the processor limit's last word, or the kernel short of memory.
        return MediaRejected("took_too_long" if ended.status == -signal.SIGXCPU else "used_too_much", limits)
    if ended.status == -signal.SIGXFSZ or "MemoryError" in ended.errors:
        return MediaRejected("used_too_much", limits)
    if ended.status < 0:
        # A crash inside FFmpeg: what the child process is for.
        return MediaRejected("broken", limits)
    return InspectionBroke(f"the inspection failed: {ended.errors[-1000:]}")


def _facts(value: object) -> MediaFacts | None:
    if not isinstance(value, dict):
        return None
    container, codec = value.get("container"), value.get("codec")
    rate, channels = value.get("sample_rate"), value.get("channels")
    duration, breaks_off = value.get("duration"), value.get("breaks_off")
    if not (_is_name(container) and _is_name(codec) and _is_count(rate) and _is_count(channels)):
        return None
    if not isinstance(duration, float) or not math.isfinite(duration) or not isinstance(breaks_off, bool):
        return None
    return MediaFacts(container, codec, rate, channels, duration, breaks_off)


def _is_name(value: object) -> TypeGuard[str]:
    return (
        isinstance(value, str) and 0 < len(value) <= NAME_LENGTH and value.isascii() and value.isprintable()
    )


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000


def _files_fit(facts: MediaFacts, targets: Mapping[str, int]) -> bool:
    """Whether the files are as long as the facts say."""
    sizes = {role: os.fstat(descriptor).st_size for role, descriptor in targets.items()}
    frame = 2 * min(facts.channels, 2)
    expected = PCM_HEADER.size + round(facts.duration * PCM_RATE) * frame
    return all(sizes.values()) and sizes["pcm"] == expected

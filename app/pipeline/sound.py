"""The decoded sound of a call: made anew where it was removed."""

import contextlib
from collections.abc import Iterator

from app.pipeline.job import Job, Progress, StageFailed, Tools
from app.settings import Settings
from storage.media.inspect import DiskFull, MediaLimits, MediaRejected, decode
from storage.media.pcm import NotPcm, Pcm


def media_limits(settings: Settings) -> MediaLimits:
    return MediaLimits(max_duration=settings.max_duration_seconds)


def open_sound(job: Job, tools: Tools, progress: Progress) -> Pcm:
    """The call's sound. Decodes the recording anew where it was removed, as it is once a call is ready.

    Raises StageFailed.
    """
    path = tools.media.pcm(job.call_id)
    with contextlib.suppress(FileNotFoundError, NotPcm):
        sound = Pcm.open(path)
        progress(1.0)
        return sound
    with refusals_as_failures():
        decode(
            tools.media.recording(job.call_id),
            tools.media.folder(job.call_id),
            limits=media_limits(tools.settings),
            progress=progress,
        )
    return Pcm.open(path)


@contextlib.contextmanager
def refusals_as_failures() -> Iterator[None]:
    """What the media files refuse, as failures of the stage with the same words."""
    try:
        yield
    except (MediaRejected, DiskFull) as refusal:
        raise StageFailed(refusal.code, refusal.message) from refusal

"""The decoded sound of a call, for the engines: on the disk, and read in slices."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

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
def refusals_as_failures() -> Any:
    """What the media files refuse, as failures of the stage with the same words."""
    try:
        yield
    except (MediaRejected, DiskFull) as refusal:
        raise StageFailed(refusal.code, refusal.message) from refusal


class SlicedSound:
    """Looks like an array of shape (channels, samples), and reads from the disk only what is asked of it.

    Six hours of two channels would be 2.8 GB of float32.
    """

    def __init__(self, pcm: Pcm, check: Callable[[], None]) -> None:
        self._pcm = pcm
        self._check = check
        self.shape = (pcm.channels, pcm.samples)
        self.ndim = 2
        self.size = pcm.channels * pcm.samples

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: int | tuple[slice, slice]) -> NDArray[np.float32]:
        """`sound[channel]` or `sound[:, first:last]`. Raises what `check` raises."""
        self._check()
        if isinstance(key, tuple):
            channels, samples = key
            first, last, _ = samples.indices(self.shape[1])
            return self._pcm.stretch(first, max(first, last))[channels]
        return self._pcm.channel(key)

    def __array__(self, *_: Any, **__: Any) -> NDArray[np.float32]:
        return self._pcm.audio()


def sliced(pcm: Pcm, check: Callable[[], None]) -> NDArray[np.float32]:
    """The sound as engines take it that read slices `audio[:, a:b]` only. Each read calls `check` first."""
    return cast(NDArray[np.float32], SlicedSound(pcm, check))


def loudest(pcm: Pcm, channels: Sequence[int]) -> int:
    """Which of the channels has the most sound in it, by its mean square."""
    block = 30 * 16_000
    power = np.zeros(pcm.channels)
    for first in range(0, pcm.samples, block):
        stretch = pcm.stretch(first, min(first + block, pcm.samples))
        power += np.sum(np.square(stretch), axis=1, dtype=np.float64)
    return max(channels, key=lambda channel: float(power[channel]))

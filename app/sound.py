"""Decoded sound for the engines: on the disk, and read in slices."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from storage.media.pcm import Pcm


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

"""How loud each channel is, and when that is somebody speaking. Pure numpy, in blocks."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from diarization.port import Progress
from diarization.turns import SAMPLE_RATE

HOP = SAMPLE_RATE // 100
"""Samples between two level frames: frame i stands for the 10 ms from i * HOP."""
FRAME_RATE = SAMPLE_RATE / HOP
WINDOW = 512
"""Samples that a frame looks at: 32 ms, around the middle of its 10 ms."""
BAND_HZ = (200.0, 3800.0)
"""Speech on the telephone; below is hum and rumble, above is hiss."""
SILENT_DB = -100.0
"""The level of no sound at all."""

BLOCK_FRAMES = 3000

FLOOR_BLOCK_SECONDS = 10.0
FLOOR_PERCENTILE = 10.0
"""Even in a monologue a tenth of the frames are pauses and stops between sounds."""
FLOOR_NEIGHBOURS = 2
"""A block's noise floor is the lowest of its own and this many blocks before and after."""
ABOVE_FLOOR_DB = 7.0
"""Steady noise stays well within this of its own 10th percentile: its frames deviate by less than 1 dB."""
BELOW_SPEECH_DB = 32.0
"""Nothing softer than this under the channel's loud speech is somebody speaking to the other side."""
FAINTEST_DB = -65.0
"""Full scale is 0. Below this is line noise, whatever the recording."""
HYSTERESIS_DB = 3.0
"""Speech goes on until it is this much softer than what it takes to begin."""


def levels(audio: NDArray[np.float32], *, progress: Progress | None = None) -> NDArray[np.float32]:
    """The level of the speech band in each 10 ms of each channel, in dB of full scale.

    `audio` has shape (channels, samples); only slices `audio[:, a:b]` are read, half a minute at a time.
    Returns shape (channels, frames).
    """
    channels, samples = audio.shape
    frames = -(-samples // HOP)
    result = np.full((channels, frames), SILENT_DB, dtype=np.float32)
    for first in range(0, frames, BLOCK_FRAMES):
        last = min(first + BLOCK_FRAMES, frames)
        windows = _windows(audio, first, last)
        result[:, first:last] = _band_level(windows)
        if progress is not None:
            progress(last / frames)
    return result


def _windows(audio: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    """The samples around frames first..last, shape (channels, frames, WINDOW); zeros outside them all."""
    before = (WINDOW - HOP) // 2
    start, stop = first * HOP - before, (last - 1) * HOP - before + WINDOW
    block = np.asarray(audio[:, max(start, 0) : stop], dtype=np.float32)
    missing = (max(-start, 0), stop - max(start, 0) - block.shape[1])
    padded = np.pad(np.nan_to_num(block, copy=False), ((0, 0), missing))
    return sliding_window_view(padded, WINDOW, axis=1)[:, ::HOP]


def _band_level(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    shape = np.hanning(WINDOW).astype(np.float32)
    low, high = (round(hertz * WINDOW / SAMPLE_RATE) for hertz in BAND_HZ)
    spectrum = np.fft.rfft(windows * shape, axis=-1)[..., low : high + 1]
    power = 2 * np.sum(spectrum.real**2 + spectrum.imag**2, axis=-1) / (WINDOW * np.sum(shape**2))
    decibels: NDArray[np.float32] = 10 * np.log10(np.maximum(power, 10 ** (SILENT_DB / 10)))
    return decibels.astype(np.float32)


def smoothed(level: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """The level, in dB, of the mean power of the `frames` (an odd number) around each frame."""
    half = frames // 2
    power = np.pad(10 ** (level.astype(np.float64) / 10), (half + 1, half))
    sums = np.cumsum(power)
    mean = (sums[frames:] - sums[:-frames]) / frames
    decibels: NDArray[np.float64] = 10 * np.log10(np.maximum(mean, 10 ** (SILENT_DB / 10)))
    return decibels.astype(np.float32)


def highest_lately(values: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """For each frame the highest of itself and the `frames` before it."""
    padded = np.pad(values, (frames, 0), mode="edge")
    highest: NDArray[np.float32] = sliding_window_view(padded, frames + 1).max(axis=-1)
    return highest


def noise_floor(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """The level that the channel falls to between words, followed as it changes. Shape (frames,)."""
    size = round(FLOOR_BLOCK_SECONDS * FRAME_RATE)
    starts = range(0, max(len(level) - size // 2, 1), size)
    ends = [*starts[1:], len(level)]
    floors = np.array(
        [np.percentile(level[start:end], FLOOR_PERCENTILE) for start, end in zip(starts, ends, strict=True)],
        dtype=np.float32,
    )
    padded = np.pad(floors, FLOOR_NEIGHBOURS, mode="edge")
    lowest = sliding_window_view(padded, 2 * FLOOR_NEIGHBOURS + 1).min(axis=-1)
    return np.repeat(lowest, [end - start for start, end in zip(starts, ends, strict=True)])


def sounding(level: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a channel carries more than its noise: shape (frames,), before pauses are bridged.

    A frame begins speech when it is clear of the noise floor, not far softer than the channel's loud speech,
    and not faint; speech lasts while frames stay within HYSTERESIS_DB of that.
    """
    if not len(level):
        return np.zeros(0, dtype=np.bool_)
    floor = noise_floor(level)
    begins = np.maximum(floor + ABOVE_FLOOR_DB, FAINTEST_DB)
    loud = level[level > begins]
    if len(loud):
        begins = np.maximum(begins, np.percentile(loud, 90) - BELOW_SPEECH_DB)
    return _hysteresis(level > begins, level > begins - HYSTERESIS_DB)


def _hysteresis(strong: NDArray[np.bool_], weak: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The stretches of `weak` that hold something `strong`."""
    weak = weak | strong
    begins = weak & ~np.concatenate(([False], weak[:-1]))
    stretch = np.cumsum(begins)
    holds = np.zeros(int(stretch[-1]) + 1, dtype=np.bool_)
    holds[stretch[strong]] = True
    kept: NDArray[np.bool_] = weak & holds[stretch]
    return kept

"""Decoded frames of any format to one: float32 in [-1, 1], shape (channels, samples), one or two channels."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from av import AudioFrame
from numpy.typing import NDArray

Samples = NDArray[np.float32]

FULL_SCALE = {np.dtype(np.int16): 2**15, np.dtype(np.int32): 2**31, np.dtype(np.int64): 2**63}

LEFT = frozenset({"FL", "BL", "SL", "FLC", "WL", "TFL", "TBL", "DL", "SDL", "BFL", "TSL"})
RIGHT = frozenset({"FR", "BR", "SR", "FRC", "WR", "TFR", "TBR", "DR", "SDR", "BFR", "TSR"})
LOW_EFFECTS = frozenset({"LFE", "LFE2"})


def planar(frame: AudioFrame) -> Samples:
    """All channels of a frame, scaled to [-1, 1]; what is not a number becomes 0 later, in `repaired`."""
    raw = frame.to_ndarray()
    if not frame.format.is_planar:
        raw = raw.reshape(-1, frame.layout.nb_channels).T
    if raw.dtype == np.uint8:
        return (raw.astype(np.float32) - np.float32(128)) / np.float32(128)
    if raw.dtype in FULL_SCALE:
        return raw.astype(np.float32) / np.float32(FULL_SCALE[raw.dtype])
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(raw, np.float32)


def repaired(samples: Samples) -> tuple[Samples, int]:
    """Samples that are infinite or no number made 0, the rest cut to [-1, 1]; how many were not finite.

    One such sample would otherwise spread over its neighbours in the resampler.
    """
    bad = 0
    finite = np.isfinite(samples)
    if not finite.all():
        bad = int(samples.size - np.count_nonzero(finite))
        samples = np.where(finite, samples, np.float32(0))
    return np.clip(samples, -1, 1), bad


def reduced(samples: Samples, names: Sequence[str], channels: int) -> Samples:
    """As `channels` (1 or 2) channels. `names` are the speakers that the file says its channels are for.

    One becomes two by doubling, two become one by their mean. More become two by their side: left speakers to
    the left, right ones to the right, the centre to both, low effects to neither; where the file does not
    say, every other channel goes to each side. Divided by the sum of the gains, so that nothing clips.
    """
    count = len(samples)
    if count > 2:
        return (_gains(tuple(names), count) if channels == 2 else _mean(count)) @ samples
    if count == channels:
        return samples
    return np.repeat(samples, 2, axis=0) if channels == 2 else samples.mean(axis=0, keepdims=True)


def _mean(count: int) -> Samples:
    return np.full((1, count), 1 / count, np.float32)


@lru_cache(maxsize=16)
def _gains(names: tuple[str, ...], count: int) -> Samples:
    gains = np.zeros((2, count), np.float32)
    if len(names) == count and set(names) & LEFT and set(names) & RIGHT:
        for index, name in enumerate(names):
            if name not in LOW_EFFECTS:
                gains[0, index] = name not in RIGHT
                gains[1, index] = name not in LEFT
        # -3 dB: a centre that sounds from both sides keeps its loudness (ITU-R BS.775).
        gains[:, (gains > 0).all(axis=0)] = np.sqrt(0.5)
    else:
        gains[0, 0::2] = 1
        gains[1, 1::2] = 1
    return np.asarray(gains / gains.sum(axis=1, keepdims=True), np.float32)

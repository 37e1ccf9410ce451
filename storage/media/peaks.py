"""peaks.bin: how loud each channel is over time, for drawing. Made once by the inspection, read by the page.

Layout, little-endian, 16 bytes of header and then the values:

    offset  size  what
    0       4     `BSPK`
    4       1     version, 1
    5       1     channels, 1 or 2
    6       2     peaks a second (uint16), 25
    8       4     peaks in each channel (uint32)
    12      4     zero
    16            all peaks of the first channel (uint8 each), then all of the second

A value v is ceil(255 * sqrt(p)), p being the largest |sample| in that 1/25 s, full scale 1. The square root
keeps quiet speech visible; (v / 255)^2 gives p back. 0 is digital silence and nothing else. Three hours are
270 kB a channel.
"""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from storage.media.limits import PCM_RATE

HEADER = struct.Struct("<4sBBHII")
MAGIC = b"BSPK"
VERSION = 1
PEAKS_PER_SECOND = 25
SAMPLES_PER_PEAK = PCM_RATE // PEAKS_PER_SECOND


class NotPeaks(Exception):
    """The bytes are not a complete peaks.bin; inspect the recording again."""


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """`values` has shape (channels, peaks), uint8."""

    values: NDArray[np.uint8]
    per_second: int = PEAKS_PER_SECOND

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises FileNotFoundError and NotPeaks."""
        return cls.from_bytes(path.read_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        if len(data) < HEADER.size:
            raise NotPeaks("too short for a header")
        magic, version, channels, per_second, count, _ = HEADER.unpack_from(data)
        if magic != MAGIC or version != VERSION or channels not in (1, 2) or not per_second:
            raise NotPeaks("not a header of ours")
        if len(data) != HEADER.size + channels * count:
            raise NotPeaks("not as many values as the header says")
        values = np.frombuffer(data, np.uint8, offset=HEADER.size).reshape(channels, count)
        return cls(values, per_second)

    def to_bytes(self) -> bytes:
        channels, count = self.values.shape
        return HEADER.pack(MAGIC, VERSION, channels, self.per_second, count, 0) + self.values.tobytes()


class PeakMaker:
    """Finds the peaks of sound that comes in pieces: 16 kHz, int16, shape (samples, channels)."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._rest = np.empty((0, channels), np.int16)
        self._done: list[NDArray[np.uint8]] = []

    def add(self, samples: NDArray[np.int16]) -> None:
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        whole = len(joined) // SAMPLES_PER_PEAK * SAMPLES_PER_PEAK
        if whole:
            self._done.append(_values(joined[:whole].reshape(-1, SAMPLES_PER_PEAK, self._channels)))
        self._rest = joined[whole:].copy()

    def finish(self) -> Peaks:
        """A last, shorter stretch counts as a whole one."""
        done = list(self._done)
        if len(self._rest):
            done.append(_values(self._rest[np.newaxis]))
        if not done:
            return Peaks(np.empty((self._channels, 0), np.uint8))
        return Peaks(np.ascontiguousarray(np.concatenate(done).T))


def peak_count(samples: int) -> int:
    """How many peaks a channel of so many 16 kHz samples has."""
    return math.ceil(samples / SAMPLES_PER_PEAK)


def _values(stretches: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Shape (stretches, samples, channels) to (stretches, channels)."""
    # In int32: the absolute value of -32768 is not an int16.
    highest = np.maximum(stretches.max(axis=1).astype(np.int32), -stretches.min(axis=1).astype(np.int32))
    values: NDArray[np.uint8] = np.ceil(255 * np.sqrt(highest / 32768)).astype(np.uint8)
    return values

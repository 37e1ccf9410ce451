"""sound.pcm: what the speech models hear. 16 kHz, 16-bit, channels interleaved, memory-mapped.

Layout, little-endian: the header `BSPCM\\0\\0\\1` (8 bytes, the last is the version), channels (uint32,
1 or 2), samples a second (uint32, 16000); then int16 samples, one of each channel in turn, to the end.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from storage.media.limits import PCM_RATE, PCM_SAMPLE_BYTES

HEADER = struct.Struct("<8sII")
MAGIC = b"BSPCM\0\0\1"


class NotPcm(Exception):
    """The file is not a complete sound.pcm; decode the recording again."""


def pcm_header(channels: int) -> bytes:
    return HEADER.pack(MAGIC, channels, PCM_RATE)


@dataclass(frozen=True, slots=True)
class Pcm:
    """The decoded sound of a call. Costs no memory until it is read."""

    _samples: NDArray[np.int16]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Maps the file. Raises FileNotFoundError, and NotPcm when it is something else or breaks off."""
        with path.open("rb") as file:
            head = file.read(HEADER.size)
        if len(head) < HEADER.size:
            raise NotPcm(f"{path}: too short for a header")
        magic, channels, rate = HEADER.unpack(head)
        if magic != MAGIC or channels not in (1, 2) or rate != PCM_RATE:
            raise NotPcm(f"{path}: not a header of ours")
        count, rest = divmod(path.stat().st_size - HEADER.size, channels * PCM_SAMPLE_BYTES)
        if rest or not count:
            raise NotPcm(f"{path}: breaks off within a sample or has none")
        return cls(np.memmap(path, dtype="<i2", mode="r", offset=HEADER.size, shape=(count, channels)))

    @property
    def channels(self) -> int:
        return int(self._samples.shape[1])

    @property
    def samples(self) -> int:
        """Samples in each channel."""
        return int(self._samples.shape[0])

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.samples / PCM_RATE

    def channel(self, index: int) -> NDArray[np.float32]:
        """Channel `index`, shape (samples,), in [-1, 1). A copy: 64 kB a second."""
        return _scaled(self._samples[:, index])

    def stretch(self, first: int, last: int) -> NDArray[np.float32]:
        """Samples `first` to before `last` of all channels, shape (channels, last - first), in [-1, 1)."""
        return _scaled(self._samples[first:last].T)

    def audio(self) -> NDArray[np.float32]:
        """All channels, shape (channels, samples), in [-1, 1). A copy: 64 kB a second and channel."""
        return _scaled(self._samples.T)


def _scaled(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    scaled = np.empty(samples.shape, np.float32)
    # Straight into float32: NumPy casts in small buffers, so a long call needs no second copy.
    np.multiply(samples, np.float32(1 / 32768), out=scaled)
    return scaled

"""What is made of the sound: sound.pcm with its peaks, and the copy that browsers play."""

import io
import os
from collections.abc import Iterator
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from storage.media.decoding.source import Block
from storage.media.limits import PCM_RATE
from storage.media.pcm import pcm_header
from storage.media.peaks import PeakMaker

LAYOUTS = {1: "mono", 2: "stereo"}

WIDE_RATE, NARROW_RATE = 24_000, 16_000
"""Playback rates. 24 kHz carries all of speech (up to 12 kHz) at half the work of 48; telephone sound
needs no more than 16."""

BITS_PER_CHANNEL = 40_000
"""AAC-LC bit rate. Speech is transparent to most ears at this; six hours of stereo are 216 MB."""

AVIO_FLAG_WRITE = 2


class Output(Protocol):
    def add(self, block: Block) -> None: ...

    def finish(self) -> None: ...


class Resampled:
    """Sound at one rate and format, whatever rates come in. Between two rates the filter starts anew."""

    def __init__(self, channels: int, rate: int, sample_format: str) -> None:
        self._layout = LAYOUTS[channels]
        self._rate = rate
        self._format = sample_format
        self._incoming_rate = 0
        self._resampler: av.AudioResampler | None = None

    def add(self, block: Block) -> Iterator[av.AudioFrame]:
        if self._resampler is None or block.rate != self._incoming_rate:
            yield from self.finish()
            self._resampler = av.AudioResampler(format=self._format, layout=self._layout, rate=self._rate)
            self._incoming_rate = block.rate
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block.samples), format="fltp", layout=self._layout
        )
        frame.sample_rate = block.rate
        yield from self._resampler.resample(frame)

    def finish(self) -> Iterator[av.AudioFrame]:
        if self._resampler is not None:
            yield from self._resampler.resample(None)
            self._resampler = None


class PcmOutput:
    """sound.pcm, and the peaks of the same samples."""

    def __init__(self, file: io.FileIO, channels: int) -> None:
        self._file = file
        self._channels = channels
        self._sound = Resampled(channels, PCM_RATE, "s16")
        self._peaks = PeakMaker(channels)
        self.samples = 0
        write_all(file, pcm_header(channels))

    def add(self, block: Block) -> None:
        for frame in self._sound.add(block):
            self._take(frame)

    def finish(self) -> None:
        for frame in self._sound.finish():
            self._take(frame)

    def peaks(self) -> bytes:
        return self._peaks.finish().to_bytes()

    def _take(self, frame: av.AudioFrame) -> None:
        samples: NDArray[np.int16] = frame.to_ndarray().reshape(-1, self._channels).astype("<i2", copy=False)
        write_all(self._file, samples.tobytes())
        self._peaks.add(samples)
        self.samples += len(samples)


class PlaybackOutput:
    """AAC in MP4 with its index in front, so that a browser can play and seek at once."""

    def __init__(self, file: io.FileIO, channels: int, source_rate: int) -> None:
        self._file = file
        rate = NARROW_RATE if source_rate <= NARROW_RATE else WIDE_RATE
        self._sound = Resampled(channels, rate, "fltp")
        self._container = av.open(
            file,
            "w",
            format="mp4",
            options={"movflags": "+faststart"},
            buffer_size=128 * 1024,
            io_open=self._again,
        )
        # The "fast" coder: three times the speed of the default, and nothing to hear at this bit rate.
        self._stream = self._container.add_stream(
            "aac", rate=rate, layout=LAYOUTS[channels], options={"aac_coder": "fast"}
        )
        self._stream.bit_rate = BITS_PER_CHANNEL * channels
        self._samples = 0

    def add(self, block: Block) -> None:
        for frame in self._sound.add(block):
            self._encode(frame)

    def finish(self) -> None:
        for frame in self._sound.finish():
            self._encode(frame)
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def _encode(self, frame: av.AudioFrame) -> None:
        frame.pts = self._samples
        self._samples += frame.samples
        self._container.mux(self._stream.encode(frame))

    def _again(self, url: str, flags: int, options: dict[str, str]) -> "_SecondReader":
        """The muxer reads its own file back to move the index to the front."""
        if flags & AVIO_FLAG_WRITE:
            raise PermissionError("only the playback copy itself is written")
        return _SecondReader(self._file.fileno())


class _SecondReader:
    """Reads a file that is open for writing, at a place of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._place = 0

    def read(self, count: int) -> bytes:
        data = os.pread(self._descriptor, count, self._place)
        self._place += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place}.get(whence)
        self._place = offset + (os.fstat(self._descriptor).st_size if base is None else base)
        return self._place

    def tell(self) -> int:
        return self._place

    def close(self) -> None:
        """The descriptor is the writer's."""


def write_all(file: io.FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]

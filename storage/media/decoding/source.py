"""A stranger's file, opened with FFmpeg held to an allow-list, as blocks of sound on one clock."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard

from storage.media.decoding.clock import Clock
from storage.media.decoding.endings import begins_like_media, declared_more, length_is_written
from storage.media.decoding.sound import Samples, planar, reduced, repaired

CONTAINERS = {
    "wav": "wav",
    "mp3": "mp3",
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "ogg": "ogg",
    "flac": "flac",
    "matroska,webm": "matroska",
    "amr": "amr",
    "aac": "aac",
}
"""FFmpeg's name of each demuxer that is allowed, and ours."""

DEMUXERS = "wav,mp3,mov,ogg,flac,matroska,amr,aac"

DECODERS = frozenset(
    " ".join(
        (
            "pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be",
            "pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_alaw pcm_mulaw",
            "adpcm_ms adpcm_ima_wav adpcm_ima_qt gsm gsm_ms g722 g726 g726le g729",
            "mp3 mp3float mp2 mp2float aac aac_latm alac opus libopus vorbis flac ac3 eac3",
            "amrnb amrwb libopencore_amrnb libopencore_amrwb",
        )
    ).split()
)
"""What calls are stored in: FFmpeg's names of the decoders that may run."""

RATES = range(4_000, 192_001)
MOST_CHANNELS = 16

BUFFER_BYTES = 128 * 1024
PROBE_BYTES = 5_000_000
"""How far into the file FFmpeg may look for its kind and its streams: its own default."""

LOWEST_BYTES_PER_SECOND = 300
"""Below any speech codec's rate (AMR's lowest is 600): a header that promises a longer call is wrong."""


class Rejected(Exception):
    """The file cannot be used; the argument is a code of rejections.py."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Block:
    """About a second of sound: float32 in [-1, 1], shape (channels, samples)."""

    samples: Samples
    rate: int


def _nothing_else(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    """A playlist or a reference inside the file asks for another file or address: there is none."""
    raise PermissionError(f"{url[:100]}: only the recording itself is read")


class Source:
    """One recording. Raises Rejected when there is nothing in it to decode."""

    def __init__(self, file: io.FileIO, *, size: int, max_duration: float) -> None:
        self._file = file
        self._size = size
        self._container = _opened(file)
        if self._container.format.name not in CONTAINERS:
            raise Rejected("not_media")
        self.container = CONTAINERS[self._container.format.name]
        self._stream = _best_stream(self._container)
        context = self._stream.codec_context
        self.codec = context.codec.canonical_name
        self.rate = context.sample_rate
        self.source_channels = context.layout.nb_channels
        self.channels = min(max(self.source_channels, 1), 2)
        self.breaks_off = False
        self.not_finite = 0
        self.samples_seen = 0
        self._declared = _declared_seconds(self._stream) if length_is_written(file, self.container) else None
        if self._declared is not None and self._declared > max_duration:
            if size / self._declared > LOWEST_BYTES_PER_SECOND:
                raise Rejected("too_long")
            self._declared = None

    def fraction_read(self) -> float:
        """0 to 1, by how far into the file we are: what its header says of its length may be wrong."""
        return min(self._file.tell() / self._size, 1.0) if self._size else 1.0

    def blocks(self) -> Iterator[Block]:
        """The sound from its first sample on, gaps in the file's own times filled with silence."""
        clock = Clock()
        waiting: list[Samples] = []
        length = 0
        kind: tuple[int, tuple[str, ...]] | None = None
        for frame in self._frames():
            rate, layout = frame.sample_rate, frame.layout
            names = tuple(channel.name for channel in layout.channels)
            if rate not in RATES or not 1 <= layout.nb_channels <= MOST_CHANNELS:
                raise Rejected("unsupported")
            if kind is None:
                self.rate, self.source_channels = rate, layout.nb_channels
                self.channels = min(max(self.channels, layout.nb_channels), 2)
            gap = clock.gap_before(_seconds(frame.pts, frame.time_base))
            if kind is not None and waiting and (gap or kind != (rate, names) or length >= rate_of(kind)):
                yield self._block(waiting, kind)
                waiting, length = [], 0
            kind = (rate, names)
            yield from _silence(gap, rate, self.channels)
            clock.advance(gap + frame.samples / rate)
            waiting.append(planar(frame))
            length += frame.samples
        if waiting and kind is not None:
            yield self._block(waiting, kind)
        self._look_at_the_end(clock.position)

    def _block(self, waiting: list[Samples], kind: tuple[int, tuple[str, ...]]) -> Block:
        rate, names = kind
        samples, bad = repaired(np.concatenate(waiting, axis=1))
        self.not_finite += bad
        self.samples_seen += samples.size
        return Block(reduced(samples, names, self.channels), rate)

    def _frames(self) -> Iterator[av.AudioFrame]:
        """What can be decoded; a packet that cannot be leaves a gap."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except MemoryError:
                raise
            except (FFmpegError, ValueError, OSError):
                # The file cannot be read any further: what came before is still good.
                self.breaks_off = True
                yield from self._decoded(None)
                break
            yield from self._decoded(packet)

    def _decoded(self, packet: "Packet[AudioStream] | None") -> Iterator[av.AudioFrame]:
        """The packet's frames; of None, those that the decoder still holds."""
        try:
            frames = self._stream.codec_context.decode(packet)
        except MemoryError:
            raise
        except (FFmpegError, ValueError, OSError):
            return
        for frame in frames:
            if frame.samples > 0:
                yield frame

    def _look_at_the_end(self, position: float) -> None:
        if self._declared is not None and position < self._declared - max(1.0, 0.01 * self._declared):
            self.breaks_off = True
        if not self.breaks_off:
            self.breaks_off = declared_more(self._file, self._size, self.container)


def rate_of(kind: tuple[int, tuple[str, ...]]) -> int:
    return kind[0]


def _opened(file: io.FileIO) -> InputContainer:
    options = {
        "format_whitelist": DEMUXERS,
        "codec_whitelist": ",".join(sorted(DECODERS)),
        "protocol_whitelist": "none",
        "probesize": str(PROBE_BYTES),
    }
    try:
        return av.open(
            file,
            "r",
            options=options,
            buffer_size=BUFFER_BYTES,
            metadata_errors="replace",
            io_open=_nothing_else,
        )
    except MemoryError:
        raise
    except (FFmpegError, ValueError, OSError) as problem:
        raise Rejected("broken" if begins_like_media(file) else "not_media") from problem


def _best_stream(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise Rejected("no_sound" if len(container.streams) else "broken")
    best = None
    with contextlib.suppress(FFmpegError, LookupError, ValueError):
        best = container.streams.best("audio")
    stream = best if isinstance(best, AudioStream) else container.streams.audio[0]
    context = stream.codec_context
    if context is None or context.name not in DECODERS:
        raise Rejected("unsupported")
    context.thread_count = 1
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    return stream


def _declared_seconds(stream: AudioStream) -> float | None:
    if not stream.duration or stream.duration < 0 or not stream.time_base:
        return None
    return float(stream.duration * stream.time_base)


def _seconds(pts: int | None, time_base: Fraction | None) -> float | None:
    return None if pts is None or not time_base else float(pts * time_base)


def _silence(seconds: float, rate: int, channels: int) -> Iterator[Block]:
    left = round(seconds * rate)
    while left > 0:
        count = min(left, rate)
        yield Block(np.zeros((channels, count), np.float32), rate)
        left -= count

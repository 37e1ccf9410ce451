"""Small media files of every kind that is accepted, made on the spot."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def tone(
    seconds: float, rate: int, channels: int = 1, *, loudness: float = 0.3, frequency: float = 440.0
) -> Samples:
    """A sine in each channel, an octave apart. Shape (channels, samples)."""
    times = np.arange(round(seconds * rate)) / rate
    return np.stack(
        [loudness * np.sin(2 * np.pi * frequency * 2**index * times) for index in range(channels)]
    ).astype(np.float32)


def wav(samples: Samples, rate: int, *, kind: str = "s16") -> bytes:
    """A WAV file by hand: kind is u8, s16, s24, s32, f32 or f64."""
    tag = 3 if kind in ("f32", "f64") else 1
    width = int(kind[1:]) // 8
    if tag == 3:
        data = samples.T.astype("<f4" if kind == "f32" else "<f8").tobytes()
    elif kind == "u8":
        data = (np.round(samples.T * 127) + 128).astype(np.uint8).tobytes()
    elif kind == "s24":
        whole = np.round(samples.T.astype(np.float64) * (2**23 - 1)).astype("<i4")
        data = whole.reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        data = (
            np.round(samples.T.astype(np.float64) * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}").tobytes()
        )
    return riff(data, tag=tag, channels=len(samples), rate=rate, width=width)


def riff(data: bytes, *, tag: int, channels: int, rate: int, width: int) -> bytes:
    """The RIFF wrapping of samples that are encoded already. `width` is bytes a sample."""
    format_chunk = struct.pack(
        "<HHIIHH", tag, channels, rate, rate * channels * width, channels * width, 8 * width
    )
    chunks = b"fmt " + struct.pack("<I", len(format_chunk)) + format_chunk
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def encoded(
    samples: Samples,
    rate: int,
    *,
    container: str,
    codec: str,
    sample_format: str,
    options: dict[str, str] | None = None,
    picture: bool = False,
    sound: bool = True,
) -> bytes:
    """The sound as FFmpeg writes it, the same bytes each time; with a moving picture when asked."""
    buffer = io.BytesIO()

    def again(url: str, flags: int, options: dict[str, str]) -> io.BytesIO:
        """For MP4 with its index in front: the muxer reads its own file back."""
        return io.BytesIO(buffer.getvalue())

    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(samples)]
    settings = {"fflags": "+bitexact", **(options or {})}
    with av.open(buffer, "w", format=container, options=settings, io_open=again) as output:
        video = _picture_stream(output) if picture else None
        if sound:
            experimental = {"strict": "experimental"}  # FFmpeg's own Vorbis encoder is
            audio = output.add_stream(
                codec, rate=rate, layout=layout, format=sample_format, options=experimental
            )
            resampler = av.AudioResampler(format=sample_format, layout=layout, rate=rate)
        if video:
            for index in range(10):
                frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 25 * index, np.uint8), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 10)
                output.mux(video.encode(frame))
            output.mux(video.encode(None))
        if sound:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate, 0
            for part in (frame, None):
                for converted in resampler.resample(part):
                    output.mux(audio.encode(converted))
            output.mux(audio.encode(None))
    return buffer.getvalue()


def _picture_stream(output: av.container.OutputContainer) -> av.VideoStream:
    video = output.add_stream("mpeg4", rate=10)
    video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
    return video


@dataclass(frozen=True)
class Kind:
    """A way to store a call: how it is made, and what inspect() must say of it."""

    name: str
    make: Callable[[Samples, int], bytes]
    container: str
    codec: str
    rate: int = 48_000
    channels: int = 2
    delay: float = 0.0
    """Seconds that the encoder may add or take at the ends."""


def _by_ffmpeg(
    container: str, codec: str, sample_format: str, **more: object
) -> Callable[[Samples, int], bytes]:
    return partial(encoded, container=container, codec=codec, sample_format=sample_format, **more)


KINDS = [
    Kind("wav-s16", wav, "wav", "pcm_s16le"),
    Kind("wav-u8", lambda s, r: wav(s, r, kind="u8"), "wav", "pcm_u8", 8_000, 1),
    Kind("wav-s24", lambda s, r: wav(s, r, kind="s24"), "wav", "pcm_s24le"),
    Kind("wav-s32", lambda s, r: wav(s, r, kind="s32"), "wav", "pcm_s32le", 44_100),
    Kind("wav-f32", lambda s, r: wav(s, r, kind="f32"), "wav", "pcm_f32le", 16_000),
    Kind("wav-f64", lambda s, r: wav(s, r, kind="f64"), "wav", "pcm_f64le", 22_050),
    Kind("wav-alaw", _by_ffmpeg("wav", "pcm_alaw", "s16"), "wav", "pcm_alaw", 8_000),
    Kind("wav-mulaw", _by_ffmpeg("wav", "pcm_mulaw", "s16"), "wav", "pcm_mulaw", 8_000),
    Kind("wav-adpcm", _by_ffmpeg("wav", "adpcm_ms", "s16"), "wav", "adpcm_ms", 8_000, 2, 0.3),
    Kind("mp3", _by_ffmpeg("mp3", "libmp3lame", "fltp"), "mp3", "mp3", 44_100, 2, 0.06),
    Kind("m4a", _by_ffmpeg("ipod", "aac", "fltp"), "mp4", "aac", 44_100, 2, 0.05),
    Kind("m4a-8k", _by_ffmpeg("ipod", "aac", "fltp"), "mp4", "aac", 8_000, 1, 0.3),
    Kind("aac", _by_ffmpeg("adts", "aac", "fltp"), "aac", "aac", 44_100, 2, 0.1),
    Kind("ogg-opus", _by_ffmpeg("ogg", "libopus", "flt"), "ogg", "opus", 48_000, 2, 0.05),
    Kind("ogg-vorbis", _by_ffmpeg("ogg", "vorbis", "fltp"), "ogg", "vorbis", 44_100, 2, 0.05),
    Kind("flac", _by_ffmpeg("flac", "flac", "s16"), "flac", "flac", 44_100),
    Kind("webm", _by_ffmpeg("webm", "libopus", "flt"), "matroska", "opus", 48_000, 2, 0.05),
    Kind("amr-nb", _by_ffmpeg("amr", "libopencore_amrnb", "s16"), "amr", "amr_nb", 8_000, 1, 0.06),
    Kind("mkv-video", _by_ffmpeg("matroska", "flac", "s16", picture=True), "matroska", "flac", 44_100),
    Kind("mp4-video", _by_ffmpeg("mp4", "aac", "fltp", picture=True), "mp4", "aac", 48_000, 2, 0.05),
    Kind("mov-video", _by_ffmpeg("mov", "pcm_s16le", "s16", picture=True), "mp4", "pcm_s16le"),
]


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path

"""sound.pcm and peaks.bin: what is written is read back, and anything else is refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.media.pcm import NotPcm, Pcm, pcm_header
from storage.media.peaks import SAMPLES_PER_PEAK, NotPeaks, PeakMaker, Peaks, peak_count
from tests.storage.media.media_files import write

RANDOM = np.random.default_rng(5)


def noise(count: int, channels: int) -> np.ndarray:
    return RANDOM.integers(-32768, 32768, (count, channels)).astype(np.int16)


@pytest.mark.parametrize("channels", [1, 2])
def test_pcm_is_read_back_as_it_was_written(channels: int, tmp_path: Path) -> None:
    samples = noise(40_000, channels)
    pcm = Pcm.open(write(tmp_path / "sound.pcm", pcm_header(channels) + samples.tobytes()))
    assert (pcm.channels, pcm.samples, pcm.duration) == (channels, 40_000, 2.5)
    audio = pcm.audio()
    assert (audio.dtype, audio.shape) == (np.float32, (channels, 40_000))
    assert np.array_equal(audio * 32768, samples.T)
    for index in range(channels):
        assert np.array_equal(pcm.channel(index), audio[index])
        assert pcm.channel(index).flags.c_contiguous
    assert np.array_equal(pcm.stretch(100, 300), audio[:, 100:300])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BSPCM",
        pcm_header(1),
        pcm_header(2) + b"\0\0\0",
        pcm_header(3) + bytes(12),
        b"X" + pcm_header(1)[1:] + b"\0\0",
        pcm_header(1)[:-4] + b"\x40\x1f\0\0" + b"\0\0",
    ],
    ids=["empty", "short", "no samples", "half a sample", "three channels", "magic", "8 kHz"],
)
def test_what_is_no_pcm_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotPcm):
        Pcm.open(write(tmp_path / "sound.pcm", data))


@given(st.integers(0, 5 * SAMPLES_PER_PEAK), st.integers(1, 2), st.lists(st.integers(1, 2000), max_size=10))
def test_peaks_do_not_depend_on_the_pieces_that_the_sound_comes_in(
    count: int, channels: int, pieces: list[int]
) -> None:
    samples = noise(count, channels)
    whole, parts = PeakMaker(channels), PeakMaker(channels)
    whole.add(samples)
    place = 0
    for piece in [*pieces, count]:
        parts.add(samples[place : place + piece])
        place += piece
    assert np.array_equal(whole.finish().values, parts.finish().values)
    assert whole.finish().values.shape == (channels, peak_count(count))


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=3 * SAMPLES_PER_PEAK))
def test_a_peak_is_the_loudest_sample_and_zero_only_for_silence(values: list[int]) -> None:
    maker = PeakMaker(1)
    maker.add(np.array(values, np.int16)[:, np.newaxis])
    for index, value in enumerate(maker.finish().values[0].tolist()):
        loudest = (
            max(abs(v) for v in values[index * SAMPLES_PER_PEAK : (index + 1) * SAMPLES_PER_PEAK]) / 32768
        )
        assert ((max(value - 1, 0)) / 255) ** 2 <= loudest <= (value / 255) ** 2 + 1e-9
        assert (value == 0) == (loudest == 0)


@given(st.integers(0, 300), st.integers(1, 2))
def test_peaks_are_read_back_as_they_were_written(count: int, channels: int) -> None:
    peaks = Peaks(RANDOM.integers(0, 256, (channels, count)).astype(np.uint8))
    data = peaks.to_bytes()
    assert len(data) == 16 + channels * count
    again = Peaks.from_bytes(data)
    assert np.array_equal(again.values, peaks.values)
    assert again.per_second == 25


@given(st.binary(max_size=60))
def test_what_are_no_peaks_is_refused(data: bytes) -> None:
    with pytest.raises(NotPeaks):
        Peaks.from_bytes(data)


def test_the_layout_that_pages_rely_on() -> None:
    """Byte for byte: the page's script reads it without this module."""
    data = Peaks(np.array([[1, 2, 3], [4, 5, 255]], np.uint8)).to_bytes()
    assert data == b"BSPK\x01\x02\x19\x00\x03\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x05\xff"

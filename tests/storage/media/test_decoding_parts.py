"""The small parts of the child that need no child: clock, channels, endings, limits."""

import io
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.media.decoding.clock import LONGEST_GAP, SLACK, Clock
from storage.media.decoding.endings import begins_like_media, declared_more, length_is_written
from storage.media.decoding.sound import reduced, repaired
from storage.media.rejections import duration_in_words
from tests.storage.media.media_files import KINDS, tone, wav, write

BY_NAME = {kind.name: kind for kind in KINDS}


def opened(tmp_path: Path, data: bytes) -> io.FileIO:
    return io.FileIO(write(tmp_path / "file", data), "r")


class TestClock:
    def test_a_hole_longer_than_the_slack_is_filled(self) -> None:
        clock = Clock()
        assert clock.gap_before(5.0) == 0
        clock.advance(1.0)
        assert clock.gap_before(6.0 + SLACK * 0.9) == 0
        assert clock.gap_before(8.5) == pytest.approx(2.5)

    def test_small_delays_add_up_until_they_are_filled(self) -> None:
        """A recorder whose clock runs 1% off: after an hour the sound is still within a tenth of a second."""
        clock, filled = Clock(), 0.0
        for index in range(180_000):
            gap = clock.gap_before(index * 0.0202)
            filled += gap
            clock.advance(gap + 0.02)
            assert abs(index * 0.0202 + 0.02 - clock.position) <= SLACK + 0.021
        assert filled == pytest.approx(36, abs=SLACK)

    @given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=True)), max_size=20))
    def test_whatever_times_a_file_says_the_silence_is_bounded(self, times: list[float | None]) -> None:
        clock = Clock()
        for time in times:
            gap = clock.gap_before(time)
            assert 0 <= gap <= LONGEST_GAP
            clock.advance(gap + 0.02)


class TestChannels:
    def test_one_becomes_two_and_two_become_one(self) -> None:
        left, right = tone(0.1, 8000)[0], tone(0.1, 8000, loudness=0.1)[0]
        assert np.array_equal(reduced(left[np.newaxis], ["FC"], 2), np.stack([left, left]))
        assert np.allclose(reduced(np.stack([left, right]), ["FL", "FR"], 1), [(left + right) / 2])

    def test_four_channels_without_names_go_to_both_sides_in_turn(self) -> None:
        samples = np.eye(4, dtype=np.float32)
        assert np.array_equal(reduced(samples, ["NONE"] * 4, 2), [[0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5]])

    def test_surround_keeps_left_and_right_apart_and_drops_low_effects(self) -> None:
        gains = reduced(np.eye(6, dtype=np.float32), ["FL", "FR", "FC", "LFE", "BL", "BR"], 2)
        assert gains[0, 1] == gains[0, 5] == gains[1, 0] == gains[1, 4] == 0
        assert not gains[:, 3].any()
        assert np.allclose(gains[:, 2], gains[0, 0] * np.sqrt(0.5))

    @given(st.integers(1, 16), st.integers(1, 2), st.randoms(use_true_random=False))
    def test_the_result_is_never_louder_than_the_loudest_channel(
        self, count: int, channels: int, random
    ) -> None:  # type: ignore[no-untyped-def]
        names = [random.choice(["FL", "FR", "FC", "LFE", "BL", "BR", "NONE"]) for _ in range(count)]
        samples = (
            np.random.default_rng(random.randrange(10**6)).uniform(-1, 1, (count, 50)).astype(np.float32)
        )
        result = reduced(samples, names, channels)
        assert result.shape == (channels, 50)
        assert np.abs(result).max() <= 1.0001

    @given(st.lists(st.floats(width=32), min_size=1, max_size=50))
    def test_repaired_sound_is_finite_and_within_full_scale(self, values: list[float]) -> None:
        samples = np.array([values], np.float32)
        result, bad = repaired(samples)
        assert bad == np.count_nonzero(~np.isfinite(samples))
        assert np.abs(result).max() <= 1
        inside = np.isfinite(samples) & (np.abs(samples) <= 1)
        assert np.array_equal(result[inside], samples[inside])


class TestEndings:
    @pytest.mark.parametrize(
        ("kind", "container"), [("wav-s16", "wav"), ("ogg-opus", "ogg"), ("webm", "matroska")]
    )
    def test_whole_files_end_as_they_say_and_cut_ones_do_not(
        self, kind: str, container: str, tmp_path: Path
    ) -> None:
        made = BY_NAME[kind]
        data = made.make(tone(1, made.rate, made.channels), made.rate)
        assert not declared_more(opened(tmp_path, data), len(data), container)
        for end in range(len(data) - 1, 50, -997):
            assert declared_more(opened(tmp_path, data[:end]), end, container), end

    @pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
    def test_a_wav_whose_writer_could_not_go_back_is_whole(self, size: int, tmp_path: Path) -> None:
        data = wav(tone(1, 8000), 8000)
        place = data.index(b"data") + 4
        streamed = data[:place] + struct.pack("<I", size) + data[place + 4 :]
        assert not declared_more(opened(tmp_path, streamed), len(streamed), "wav")

    def test_only_an_mp3_that_counts_its_frames_says_its_length(self, tmp_path: Path) -> None:
        data = BY_NAME["mp3"].make(tone(1, 44100, 2), 44100)
        assert length_is_written(opened(tmp_path, data), "mp3")
        assert not length_is_written(opened(tmp_path, data[2000:]), "mp3")

    @given(st.binary(max_size=400), st.sampled_from(["wav", "ogg", "matroska", "mp3", "mp4"]))
    def test_any_bytes_are_looked_at_without_harm(self, data: bytes, container: str) -> None:
        for head in (b"", b"RIFF\x00\x00\x00\x00WAVE", b"OggS", b"\x1a\x45\xdf\xa3\x18\x53\x80\x67", b"ID3"):
            file = _InMemory(head + data)
            declared_more(file, len(head + data), container)  # type: ignore[arg-type]
            length_is_written(file, container)  # type: ignore[arg-type]
            begins_like_media(file)  # type: ignore[arg-type]


class _InMemory(io.BytesIO):
    """Stands in for a file."""


def test_the_limits_are_set_in_the_child() -> None:
    script = """
        import errno, os, resource, tempfile
        from storage.media.confine import set_limits
        from storage.media.limits import MediaLimits
        limits = MediaLimits(memory_bytes=300_000_000, max_duration=1, cpu_seconds=7)
        set_limits(limits)
        try:
            bytearray(400_000_000)
        except MemoryError:
            print("memory")
        with tempfile.TemporaryFile(buffering=0) as file:
            try:
                while file.write(bytes(1_000_000)):
                    pass
            except OSError as problem:
                print(errno.errorcode[problem.errno], file.tell() <= limits.largest_file_bytes)
        opened = []
        try:
            while True:
                opened.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as problem:
            print(errno.errorcode[problem.errno], len(opened) < 24)
        print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_CPU))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:4] == ["memory", "EFBIG True", "EMFILE True", "(0, 0) (7, 12)"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(21600, "6 hours"), (3600, "1 hour"), (5400, "90 minutes"), (0.5, "half a second"), (45, "45 seconds")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration_in_words(seconds) == words

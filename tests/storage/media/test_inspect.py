"""inspect(): every container that is accepted, and every bad one, through the real child process."""

import io
import socket
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from storage.media.inspect import (
    MediaFacts,
    MediaLimits,
    MediaRejected,
    inspect,
)
from storage.media.peaks import Peaks, peak_count
from tests.storage.media.inspecting import heard, inspected, rejected, silent
from tests.storage.media.media_files import KINDS, Kind, encoded, tone, wav, write

pytestmark = pytest.mark.processes

BY_NAME = {kind.name: kind for kind in KINDS}


def loudest_frequency(samples: np.ndarray, rate: int = 16_000) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * rate / len(samples))


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_kind_of_recording_is_taken(kind: Kind, folder: Path) -> None:
    facts = inspected(folder, kind.make(tone(1.2, kind.rate, kind.channels), kind.rate))
    assert facts == MediaFacts(kind.container, kind.codec, kind.rate, kind.channels, facts.duration, False)
    assert facts.duration == pytest.approx(1.2, abs=kind.delay + 1e-4)
    pcm = heard(folder)
    assert (pcm.channels, pcm.duration) == (kind.channels, facts.duration)
    for channel in range(kind.channels):
        middle = pcm.channel(channel)[4000:16000]
        assert loudest_frequency(middle) == pytest.approx(440 * 2**channel, abs=5)
        assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.3 / np.sqrt(2), abs=0.05)
    peaks = Peaks.read(folder / "peaks.bin")
    assert peaks.values.shape == (kind.channels, peak_count(pcm.samples))
    assert 255 * 0.45 < np.median(peaks.values) < 255 * 0.65
    assert_playable(folder / "playback.m4a", facts, kind.channels)


def assert_playable(path: Path, facts: MediaFacts, channels: int) -> None:
    """AAC in MP4, index in front, as long as the sound, both sides kept."""
    head = path.read_bytes()
    assert 0 < head.index(b"moov") < head.index(b"mdat")
    with av.open(path) as copy:
        stream = copy.streams.audio[0]
        assert (copy.format.name, stream.codec_context.name, stream.codec_context.channels) == (
            "mov,mp4,m4a,3gp,3g2,mj2",
            "aac",
            channels,
        )
        rate = stream.codec_context.sample_rate
        frames = [frame.to_ndarray() for frame in copy.decode(stream)]
    sound = np.concatenate(frames, axis=1)
    assert sound.shape[1] / rate == pytest.approx(facts.duration, abs=0.1)
    for channel in range(channels):
        assert loudest_frequency(sound[channel][rate // 4 : rate], rate) == pytest.approx(
            440 * 2**channel, abs=5
        )


class TestBadInput:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "not_media"),
            (b"Dear manager,\nplease find the call attached.\n" * 200, "not_media"),
            (bytes(5000), "not_media"),
            (b"#EXTM3U\n#EXTINF:10,\n/etc/hostname\n", "not_media"),
            (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "not_media"),
            (b"RIFF\x24\x00\x00\x00WAVEfmt ", "broken"),
            (b"\x00\x00\x00\x1cftypisom", "broken"),
            (b"OggS" + bytes(100), "broken"),
        ],
        ids=["empty", "text", "zeros", "playlist", "concat", "riff-head", "mp4-head", "ogg-head"],
    )
    def test_what_is_no_recording(self, data: bytes, code: str, folder: Path) -> None:
        assert rejected(folder, data) == code

    @pytest.mark.parametrize("container", ["mp4", "matroska"])
    def test_video_without_sound(self, container: str, folder: Path) -> None:
        options = {"codec": "aac", "sample_format": "fltp", "picture": True, "sound": False}
        assert rejected(folder, encoded(tone(1, 48000), 48000, container=container, **options)) == "no_sound"

    def test_a_container_that_is_not_on_the_list(self, folder: Path) -> None:
        avi = encoded(tone(1, 48000), 48000, container="avi", codec="mp2", sample_format="s16")
        assert rejected(folder, avi) == "not_media"

    def test_a_codec_that_is_not_on_the_list(self, folder: Path) -> None:
        odd = encoded(tone(1, 48000), 48000, container="matroska", codec="wavpack", sample_format="s16p")
        assert rejected(folder, odd) == "unsupported"

    @pytest.mark.parametrize(("rate", "channels"), [(1, 1), (2_000_000_000, 1), (8000, 17)])
    def test_a_rate_or_number_of_channels_that_no_call_has(
        self, rate: int, channels: int, folder: Path
    ) -> None:
        assert rejected(folder, wav(tone(1, 8000, channels), rate)) == "unsupported"

    def test_a_slip_of_the_finger(self, folder: Path) -> None:
        assert rejected(folder, wav(tone(0.2, 8000), 8000)) == "too_short"

    def test_the_shortest_call(self, folder: Path) -> None:
        assert inspected(folder, wav(tone(0.5, 8000), 8000)).duration == 0.5

    @pytest.mark.parametrize("kind", ["wav-u8", "mp3", "ogg-opus", "webm", "aac"])
    def test_too_long_by_the_header_or_by_the_sound(self, kind: str, folder: Path) -> None:
        made = BY_NAME[kind]
        data = made.make(tone(6, made.rate, made.channels), made.rate)
        assert rejected(folder, data, MediaLimits(max_duration=5)) == "too_long"

    def test_a_header_that_promises_days_is_not_believed(self, folder: Path) -> None:
        data = wav(tone(2, 8000), 8000)
        place = data.index(b"data") + 4
        facts = inspected(folder, data[:place] + b"\xf0\xff\xfe\x7f" + data[place + 4 :])
        assert (facts.duration, facts.breaks_off) == (2.0, True)

    def test_samples_that_are_no_numbers_become_silence(self, folder: Path) -> None:
        samples = tone(1, 16000)
        samples[0, 4000:4100] = np.nan
        samples[0, 8000] = np.inf
        samples[0, 8100] = 1e30
        inspected(folder, wav(samples, 16000, kind="f32"))
        sound = heard(folder).channel(0)
        assert not sound[4000:4100].any()
        assert sound[8000] == 0
        assert sound[8100] > 0.99
        assert np.abs(sound[8101:]).max() == pytest.approx(0.3, abs=0.01)

    def test_nothing_but_what_is_no_number(self, folder: Path) -> None:
        assert rejected(folder, wav(tone(1, 16000) * np.float32(np.nan), 16000, kind="f32")) == "broken"

    def test_silence_is_a_recording(self, folder: Path) -> None:
        assert inspected(folder, wav(tone(2, 8000) * 0, 8000)).duration == 2
        assert not Peaks.read(folder / "peaks.bin").values.any()

    def test_a_recording_that_is_gone(self, folder: Path) -> None:
        with pytest.raises(MediaRejected) as reason:
            inspect(folder / "recording", folder, limits=MediaLimits(), progress=silent)
        assert reason.value.code == "missing"

    def test_no_address_in_a_file_is_visited(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.2)
            url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
            assert (
                rejected(folder, f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n".encode())
                == "not_media"
            )
            with pytest.raises(TimeoutError):
                server.accept()


class TestCutOff:
    @pytest.mark.parametrize(
        "kind",
        [
            *("wav-s16", "wav-u8", "wav-f32", "wav-alaw", "mp3"),
            *("ogg-opus", "ogg-vorbis", "flac", "webm", "mkv-video"),
        ],
    )
    def test_what_is_there_is_kept_and_said_to_break_off(self, kind: str, folder: Path) -> None:
        made = BY_NAME[kind]
        data = made.make(tone(6, made.rate, made.channels), made.rate)
        facts = inspected(folder, data[: int(len(data) * 0.6)])
        assert facts.breaks_off
        assert 2.5 < facts.duration < 4.5
        assert heard(folder).duration == facts.duration

    def test_mp4_with_its_index_in_front(self, folder: Path) -> None:
        options = {"movflags": "frag_keyframe+empty_moov"}
        data = encoded(
            tone(6, 48000), 48000, container="mp4", codec="aac", sample_format="fltp", options=options
        )
        assert inspected(folder, data).duration == pytest.approx(6, abs=0.1)
        inspected(folder, write(folder / "recording", (folder / "playback.m4a").read_bytes()).read_bytes())
        whole = (folder / "playback.m4a").read_bytes()
        facts = inspected(folder, whole[: int(len(whole) * 0.6)])
        assert facts.breaks_off
        assert 2 < facts.duration < 5

    def test_mp4_whose_index_is_missing_is_damaged(self, folder: Path) -> None:
        data = BY_NAME["m4a"].make(tone(4, 44100, 2), 44100)
        assert rejected(folder, data[: len(data) // 2]) == "broken"


class TestOneClock:
    def test_a_gap_in_the_times_becomes_silence(self, folder: Path) -> None:
        facts = inspected(
            folder, with_times(tone(4, 48000), lambda seconds: seconds + (3 if seconds >= 2 else 0))
        )
        assert facts.duration == pytest.approx(7, abs=0.05)
        sound = heard(folder).channel(0)
        assert np.abs(sound[33_500:79_000]).max() < 0.01
        assert loudest_frequency(sound[81_000:97_000]) == pytest.approx(440, abs=3)

    def test_times_that_jump_further_than_anybody_holds_the_line_are_wrong(self, folder: Path) -> None:
        data = with_times(tone(4, 48000), lambda seconds: seconds + (9_000 if seconds >= 2 else 0))
        assert inspected(folder, data).duration == pytest.approx(4, abs=0.1)

    @pytest.mark.parametrize(
        ("kind", "rate", "channels"), [("ogg-opus", 48000, 2), ("mp3", 22050, 1), ("aac", 22050, 1)]
    )
    def test_recordings_joined_end_to_end(self, kind: str, rate: int, channels: int, folder: Path) -> None:
        """The times start anew in the second part (Ogg), or its rate and channels are others (MP3, AAC)."""
        made = BY_NAME[kind]
        data = made.make(tone(2, made.rate, 2), made.rate) + made.make(tone(2, rate, channels), rate)
        facts = inspected(folder, data)
        assert facts.duration == pytest.approx(4, abs=0.3)
        pcm = heard(folder)
        assert pcm.channels == 2
        last = pcm.channel(1)[40_000:56_000]
        assert loudest_frequency(last) == pytest.approx(440 * channels, abs=5)
        assert np.sqrt(np.mean(last**2)) == pytest.approx(0.3 / np.sqrt(2), abs=0.03)

    def test_ogg_that_changes_its_channels_is_kept_up_to_there(self, folder: Path) -> None:
        """FFmpeg reads no further."""
        make = BY_NAME["ogg-opus"].make
        facts = inspected(folder, make(tone(2, 48000, 2), 48000) + make(tone(2, 48000, 1), 48000))
        assert (facts.duration, facts.breaks_off) == (pytest.approx(2, abs=0.01), True)

    def test_more_than_two_channels_become_two_by_their_side(self, folder: Path) -> None:
        sides = np.zeros((6, 96_000), np.float32)
        sides[0], sides[1], sides[2] = (
            tone(2, 48000),
            tone(2, 48000, frequency=880),
            tone(2, 48000, frequency=2000),
        )
        facts = inspected(
            folder, encoded(sides, 48000, container="matroska", codec="flac", sample_format="s16")
        )
        assert facts.channels == 6
        pcm = heard(folder)
        assert pcm.channels == 2
        for channel, (own, others) in enumerate([(440, 880), (880, 440)]):
            spectrum = np.abs(np.fft.rfft(pcm.channel(channel)))
            assert spectrum[own * 2] > 100 * spectrum[others * 2]
            assert spectrum[4000] == pytest.approx(0.7 * spectrum[own * 2], rel=0.1)


def with_times(samples: np.ndarray, time: Callable[[float], float]) -> bytes:
    """A WebM whose packets carry other times than their sound."""
    buffer, source = io.BytesIO(), io.BytesIO(BY_NAME["webm"].make(samples, 48000))
    with av.open(source) as given, av.open(buffer, "w", format="matroska") as output:
        stream = output.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(audio=0):
            if packet.pts is not None and packet.time_base:
                packet.pts = packet.dts = round(time(float(packet.pts * packet.time_base)) / packet.time_base)
                packet.stream = stream
                output.mux(packet)
    return buffer.getvalue()

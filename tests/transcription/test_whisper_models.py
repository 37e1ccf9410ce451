"""The real Whisper base model on real and made-up sound."""

import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from meeteval.wer.wer.siso import siso_word_error_rate
from whisper_normalizer.english import EnglishTextNormalizer

from transcription import whisper
from transcription.port import TranscriptionFailed
from transcription.speech import Span
from transcription.whisper import WhisperTranscriber

pytestmark = pytest.mark.models
RATE = 16_000


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> WhisperTranscriber:
    return WhisperTranscriber(cpu_threads=2, folder=tmp_path_factory.mktemp("models"))


def decoded(path: Path):
    """One channel, 16 kHz, in [-1, 1]."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        blocks = [block for frame in container.decode(audio=0) for block in resampler.resample(frame)]
    return np.concatenate([block.to_ndarray()[0] for block in [*blocks, *resampler.resample(None)]])


def heard(engine, samples, **options):
    return engine.transcribe(samples.astype(np.float32), progress=lambda done: None, **options)


def test_a_demo_call_is_written_down(engine, demo):
    samples = decoded(demo / "missed-discovery.mono.ogg")
    seen: list[float] = []
    transcript = engine.transcribe(samples, progress=seen.append)

    turns = json.loads((demo / "missed-discovery.json").read_text())["turns"]
    normal = EnglishTextNormalizer()
    truth = " ".join(turn["text"] for turn in sorted(turns, key=lambda turn: turn["start"]))
    text = " ".join(word.text for word in transcript.words)
    assert siso_word_error_rate(normal(truth), normal(text)).error_rate <= 0.075

    assert transcript.language == "en"
    assert all(0 <= word.start < word.end <= len(samples) / RATE for word in transcript.words)
    assert all(before.end <= after.start for before, after in pairwise(transcript.words))
    assert max(word.end - word.start for word in transcript.words) < 2.0
    assert not any(any(map(str.isspace, word.text)) for word in transcript.words)

    middles = [(word.start + word.end) / 2 for word in transcript.words]
    spoken = [any(turn["start"] - 0.3 <= at <= turn["end"] + 0.3 for turn in turns) for at in middles]
    assert sum(spoken) >= 0.99 * len(spoken)

    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(set(seen)) > 8


def test_times_are_right_after_a_long_silence_and_the_words_do_not_reach_over_it(engine, demo):
    opening = decoded(demo / "missed-discovery.mono.ogg")[: int(4.5 * RATE)]
    samples = np.concatenate([opening, np.zeros(60 * RATE, np.float32), opening])
    transcript = heard(engine, samples, language="en")
    first = [word for word in transcript.words if word.end < 5]
    second = [word for word in transcript.words if word.start > 64.5]
    assert len(first) + len(second) == len(transcript.words)
    assert [word.text for word in first] == [word.text for word in second]
    shifts = [after.start - before.start for before, after in zip(first, second, strict=True)]
    assert np.median(shifts) == pytest.approx(64.5, abs=0.1)
    assert np.allclose(shifts, 64.5, atol=0.6)  # Whisper's own times waver by some tenths


def test_the_same_sound_gives_the_same_words(engine, demo):
    samples = decoded(demo / "no-urgency.mono.ogg")[: 15 * RATE]
    assert heard(engine, samples) == heard(engine, samples)


def test_names_given_as_a_prompt_are_spelled_right(demo, tmp_path):
    samples = decoded(demo / "caved-on-discount.mono.ogg")[: 12 * RATE]
    engine = WhisperTranscriber(prompt="Joe, Fernhill", cpu_threads=2, folder=tmp_path)
    assert "Fernhill" in " ".join(word.text for word in heard(engine, samples).words)


def test_an_unknown_language_is_refused(engine, demo):
    samples = decoded(demo / "no-urgency.mono.ogg")[: 5 * RATE]
    with pytest.raises(TranscriptionFailed, match="“xx”"):
        heard(engine, samples, language="xx")


def seconds(length: float):
    return np.arange(int(length * RATE)) / RATE


def music(length: float = 20.0):
    """Chords, a melody with vibrato, a bass drum: nothing that anybody said."""
    random = np.random.default_rng(5)
    beat = seconds(0.5)
    sound = np.zeros(int(length * RATE))
    for number in range(int(length / 0.5)):
        root = 220 * 2 ** ((0, 5, 7, 0)[number // 4 % 4] / 12)
        bar = sum(np.sin(2 * np.pi * root * 2 ** (step / 12) * beat) for step in (0, 4, 7)) * np.exp(
            -3 * beat
        )
        pitch = 440 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11]) / 12)
        phase = 2 * np.pi * pitch * beat + 3 * np.sin(2 * np.pi * 5.5 * beat)
        bar += sum(np.sin(partial * phase) / partial for partial in range(1, 9)) * np.exp(-1.5 * beat)
        bar += 3 * np.sin(2 * np.pi * 60 * beat) * np.exp(-30 * beat)
        sound[number * len(beat) : (number + 1) * len(beat)] = bar
    return sound / np.abs(sound).max() * 0.6


def noise(level: float):
    return np.random.default_rng(7).standard_normal(20 * RATE) * level


def ringing():
    at = seconds(24)
    return np.where(at % 6 < 2, 0.15 * (np.sin(2 * np.pi * 440 * at) + np.sin(2 * np.pi * 480 * at)), 0.0)


NOBODY = {
    "silence": np.zeros(20 * RATE),
    "nothing": np.zeros(0),
    "an instant": np.full(320, 0.2),
    "hum": 0.3 * np.sin(2 * np.pi * 50 * seconds(20)),
    "tone": 0.3 * np.sin(2 * np.pi * 440 * seconds(20)),
    "ringing": ringing(),
    "quiet noise": noise(0.003),
    "noise": noise(0.1),
    "clicks": np.where(np.arange(20 * RATE) % 8000 < 40, 0.8, 0.0),
    "music": music(),
}


@pytest.mark.parametrize("sound", NOBODY.values(), ids=NOBODY)
def test_where_nobody_speaks_nothing_is_written(engine, sound):
    assert heard(engine, sound).words == ()


@pytest.mark.parametrize("name", ["silence", "tone", "ringing", "noise", "clicks"])
def test_what_whisper_makes_up_is_dropped_even_when_the_detector_takes_it_for_speech(
    engine, name, monkeypatch
):
    monkeypatch.setattr(whisper, "_find_speech", lambda samples: [Span(0, len(samples))])
    assert heard(engine, NOBODY[name]).words == ()

"""The Whisper engine around a stand-in for its model: no real one is loaded here."""

import threading
import time
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from transcription import whisper
from transcription.port import TranscriptionFailed
from transcription.speech import Span
from transcription.weights import WHISPER_BASE
from transcription.whisper import WhisperTranscriber

RATE = 16_000


class StandIn:
    """Answers like faster_whisper.WhisperModel: one segment of two words a second of speech."""

    supported_languages = ("de", "en")

    def __init__(self, languages=(("de", 0.9), ("en", 0.1)), multilingual=True) -> None:
        self.model = SimpleNamespace(device="cpu", compute_type="int8", is_multilingual=multilingual)
        self.languages = list(languages)
        self.asked: list[dict] = []
        self.detections = 0

    def detect_language(self, audio):
        self.detections += 1
        code, probability = self.languages[0]
        return code, probability, self.languages

    def transcribe(self, sound, **options):
        self.asked.append({"seconds": len(sound) / RATE, **options})

        def segments():
            for second in range(len(sound) // RATE):
                words = [
                    SimpleNamespace(start=second + 0.1, end=second + 0.4, word=" hello", probability=0.9),
                    SimpleNamespace(start=second + 0.5, end=second + 0.9, word=f" {second}", probability=0.9),
                ]
                yield SimpleNamespace(words=words, avg_logprob=-0.2, no_speech_prob=0.1)

        return segments(), None


@pytest.fixture
def model(monkeypatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr(WhisperTranscriber, "_load", lambda self: stand_in)
    monkeypatch.setattr(whisper, "_find_speech", lambda samples: [Span(0, len(samples))])
    return stand_in


def sound(seconds: float):
    return np.full(int(seconds * RATE), 0.1, np.float32)


def transcribe(seconds: float = 3.0, *, progress=lambda done: None, language=None, **options):
    return WhisperTranscriber(**options).transcribe(sound(seconds), language=language, progress=progress)


def test_words_language_and_what_made_them(model):
    transcript = transcribe()
    assert [word.text for word in transcript.words] == ["hello", "0", "hello", "1", "hello", "2"]
    assert (transcript.language, transcript.engine, transcript.model) == ("de", "faster-whisper", "base")
    assert transcript.options["used_compute_type"] == "int8"


def test_silence_never_reaches_the_model(model, monkeypatch):
    monkeypatch.setattr(whisper, "_find_speech", lambda samples: [])
    monkeypatch.setattr(WhisperTranscriber, "_load", lambda self: pytest.fail("the model was loaded"))
    seen: list[float] = []
    transcript = transcribe(700.0, progress=seen.append, language="en")
    assert (transcript.words, transcript.language) == ((), "")
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] == 1.0


def test_no_sound_at_all_is_no_words(model):
    assert transcribe(0.0).words == ()


def test_more_than_one_channel_is_a_mistake():
    with pytest.raises(ValueError, match="One channel"):
        WhisperTranscriber().transcribe(np.zeros((2, 9), np.float32), progress=lambda done: None)


def test_the_traps_are_avoided(model):
    transcribe(prompt=" Fernhill,\n Joe ", beam_size=3)
    (asked,) = model.asked
    assert asked["condition_on_previous_text"] is False
    assert asked["word_timestamps"] is True
    assert asked["hotwords"] == "Fernhill, Joe"
    assert asked["beam_size"] == 3


def test_a_long_call_is_heard_in_windows_with_true_times(model):
    seen: list[float] = []
    transcript = transcribe(720.0, progress=seen.append)
    assert [asked["seconds"] for asked in model.asked] == [300, 300, 120]
    assert transcript.words[-1].start == 719.5
    assert len(transcript.words) == 1440
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert max(b - a for a, b in pairwise(seen)) < 0.01


def test_the_language_is_detected_once_and_only_when_not_given(model):
    transcribe(700.0)
    assert {asked["language"] for asked in model.asked} == {"de"}
    assert model.detections == 1
    assert transcribe(3.0, language="en").language == "en"
    assert model.detections == 1


def test_more_is_heard_while_the_language_is_in_doubt(model):
    model.languages = [("en", 0.4), ("de", 0.35)]
    transcribe(300.0)
    assert model.detections == whisper.LANGUAGE_CHUNKS


def test_an_unknown_language_is_refused_with_the_known_ones(model):
    with pytest.raises(TranscriptionFailed, match=r"does not know the language “xx”\. It knows: de, en"):
        transcribe(language="xx")


def test_a_model_of_one_language_detects_none(model):
    model.model.is_multilingual = False
    assert transcribe().language == "en"
    assert model.detections == 0


def test_what_progress_raises_comes_through_as_it_is(model):
    def cancel(done: float) -> None:
        if done > 0.3:
            raise ValueError("cancelled")

    with pytest.raises(ValueError, match=r"^cancelled$"):
        transcribe(30.0, progress=cancel)


def test_the_engines_own_failure_is_told_in_words(model, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(model, "transcribe", broken)
    with pytest.raises(TranscriptionFailed, match="failed on this recording: out of memory"):
        transcribe()


def test_a_failure_while_the_words_are_fetched_is_told_too(model, monkeypatch):
    def segments():
        raise RuntimeError("lost the device")
        yield

    monkeypatch.setattr(model, "transcribe", lambda *_, **__: (segments(), None))
    with pytest.raises(TranscriptionFailed, match="lost the device"):
        transcribe()


def test_threads_share_one_model(monkeypatch):
    loaded = []

    def slow_load(self):
        time.sleep(0.05)
        loaded.append(1)
        return StandIn()

    monkeypatch.setattr(WhisperTranscriber, "_load", slow_load)
    monkeypatch.setattr(whisper, "_find_speech", lambda samples: [Span(0, len(samples))])
    engine = WhisperTranscriber()
    threads = [
        threading.Thread(target=lambda: engine.transcribe(sound(1), progress=lambda done: None))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loaded == [1]


def gpu(monkeypatch, load_on) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(WhisperTranscriber, "_load_on", load_on)


def test_a_gpu_is_taken_when_there_is_one(monkeypatch):
    asked = []
    gpu(monkeypatch, lambda self, device: asked.append(device) or StandIn())
    WhisperTranscriber()._model()
    assert asked == ["cuda"]


def test_a_gpu_that_cannot_load_is_replaced_by_the_cpu_with_the_reason_logged(monkeypatch, caplog):
    def load_on(self, device):
        if device == "cuda":
            raise TranscriptionFailed("no kernel image")
        return StandIn()

    gpu(monkeypatch, load_on)
    assert WhisperTranscriber()._model().model.device == "cpu"
    assert "no kernel image" in caplog.text


def test_a_gpu_that_fails_at_the_first_sound_is_replaced_too(monkeypatch, caplog):
    class WithoutLibraries(StandIn):
        def detect_language(self, audio):
            raise RuntimeError("libcublas.so.12 is not found")

    gpu(monkeypatch, lambda self, device: WithoutLibraries() if device == "cuda" else StandIn())
    assert type(WhisperTranscriber()._model()) is StandIn
    assert "libcublas" in caplog.text


def test_a_gpu_that_was_asked_for_is_not_replaced(monkeypatch):
    def load_on(self, device):
        raise TranscriptionFailed("no driver")

    gpu(monkeypatch, load_on)
    with pytest.raises(TranscriptionFailed, match=r"no driver.*BOTHSIDES_WHISPER_DEVICE=cpu"):
        WhisperTranscriber(device="cuda")._model()


def test_identity_names_everything_that_changes_the_words():
    plain = WhisperTranscriber(cpu_threads=1).identity()
    assert plain == WhisperTranscriber(cpu_threads=8).identity()
    assert plain["weights"] == WHISPER_BASE.files[0].sha256
    others = [
        WhisperTranscriber("small"),
        WhisperTranscriber(device="cpu"),
        WhisperTranscriber(compute_type="float32"),
        WhisperTranscriber(beam_size=1),
        WhisperTranscriber(prompt="Fernhill"),
    ]
    assert all(other.identity() != plain for other in others)
    assert WhisperTranscriber().identity(language="en") != plain


def test_a_folder_with_other_weights_is_another_engine(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"one")
    before = WhisperTranscriber(str(tmp_path)).identity()
    (tmp_path / "model.bin").write_bytes(b"another")
    assert WhisperTranscriber(str(tmp_path)).identity() != before


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(TranscriptionFailed, match="There is no folder"):
        WhisperTranscriber(str(tmp_path / "nowhere"), device="cpu")._model()


def test_a_folder_without_a_model_is_said(tmp_path):
    with pytest.raises(TranscriptionFailed, match=r"could not be loaded.*BOTHSIDES_WHISPER_MODEL"):
        WhisperTranscriber(str(tmp_path), device="cpu")._model()


def test_a_name_that_nobody_knows_is_said():
    with pytest.raises(TranscriptionFailed, match=r"“gigantic” could not be loaded.*large-v3"):
        WhisperTranscriber("gigantic", device="cpu")._model()


def test_another_name_goes_to_the_hub_with_the_token_and_into_the_folder(tmp_path, monkeypatch):
    asked = {}

    def download(name, **options):
        asked.update(options, name=name)
        raise RuntimeError("stop here")

    monkeypatch.setattr("faster_whisper.transcribe.download_model", download)
    with pytest.raises(TranscriptionFailed, match="stop here"):
        WhisperTranscriber("large-v3-turbo", device="cpu", hub_token="secret", folder=tmp_path)._model()
    assert asked["name"] == "large-v3-turbo"
    assert asked["use_auth_token"] == "secret"
    assert asked["cache_dir"] == str(tmp_path / "hub")

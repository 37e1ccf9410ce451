import numpy as np
import pytest

from transcription.fake import FakeTranscriber

RATE = 16_000


def call(*loud: tuple[float, float], length: float = 5.0):
    samples = np.zeros(int(length * RATE), np.float32)
    for start, end in loud:
        samples[int(start * RATE) : int(end * RATE)] = 0.3
    return samples


def heard(samples, **options):
    return FakeTranscriber(**options).transcribe(samples, progress=lambda done: None)


def test_words_lie_where_the_sound_is_loud():
    words = heard(call((1.0, 2.0), (3.0, 3.4))).words
    assert [(word.start, word.end) for word in words] == [(1.0, 1.4), (1.4, 1.8), (1.8, 2.0), (3.0, 3.4)]


def test_the_same_sound_gives_the_same_words():
    samples = call((0.5, 4.0))
    assert heard(samples) == heard(samples)


@pytest.mark.parametrize("samples", [call(), np.zeros(0, np.float32)])
def test_silence_gives_no_words_and_no_language(samples):
    assert (heard(samples).words, heard(samples).language) == ((), "")


def test_work_is_pretended_with_progress_that_never_falls():
    seen: list[float] = []
    FakeTranscriber(seconds=0.05).transcribe(call((1, 2)), progress=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_progress_may_stop_it():
    def stop(done: float) -> None:
        if done > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FakeTranscriber().transcribe(call((1, 2)), progress=stop)

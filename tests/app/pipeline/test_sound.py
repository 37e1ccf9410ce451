"""The decoded sound, read in slices."""

from pathlib import Path

import numpy as np
import pytest

from app.pipeline.job import part
from app.sound import loudest, sliced
from storage.media.pcm import Pcm, pcm_header


@pytest.fixture
def pcm(tmp_path: Path) -> Pcm:
    samples = np.random.default_rng(2).integers(-3000, 3000, (40_000, 2)).astype("<i2")
    samples[:, 0] //= 4
    path = tmp_path / "sound.pcm"
    path.write_bytes(pcm_header(2) + samples.tobytes())
    return Pcm.open(path)


def test_slices_hold_what_the_whole_would(pcm: Pcm) -> None:
    sound, whole = sliced(pcm, lambda: None), pcm.audio()
    assert (sound.shape, sound.ndim, sound.size, len(sound)) == (whole.shape, 2, whole.size, 2)
    for first, last in ((0, 10), (39_990, 50_000), (100, 100), (300, 200), (None, None)):
        assert np.array_equal(sound[:, first:last], whole[:, first:last])
    assert np.array_equal(sound[1], whole[1])
    assert np.array_equal(np.asarray(sound), whole)


def test_reading_stops_when_the_work_is_to_stop(pcm: Pcm) -> None:
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        sliced(pcm, stop)[:, 0:10]


def test_the_channel_with_the_most_sound_is_found(pcm: Pcm) -> None:
    assert loudest(pcm, (0, 1)) == 1


def test_a_part_of_a_stage_tells_its_share_and_no_more() -> None:
    told: list[float] = []
    report = part(told.append, 0.2, 0.6)
    for fraction in (-1.0, 0.0, 0.5, 1.0, 2.0):
        report(fraction)
    assert told == pytest.approx([0.2, 0.2, 0.4, 0.6, 0.6])

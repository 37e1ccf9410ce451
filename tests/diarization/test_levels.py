"""Levels are right in dB and in time, and speech is what stands out of the noise."""

import numpy as np
import pytest

from diarization.levels import FAINTEST_DB, highest_lately, levels, noise_floor, smoothed, sounding
from diarization.turns import runs, without_short_gaps, without_short_runs


def stretches(level):
    """Where there is sound, in seconds, without clicks and breaths."""
    steady = without_short_runs(without_short_gaps(sounding(level), 30), 12)
    return [(start / 100, end / 100) for start, end in runs(steady)]


def test_a_tone_has_its_own_level(bursts):
    (level,) = levels(bursts(2.0, (0.0, 2.0), decibels=-20.0)[None])
    assert len(level) == 200
    assert np.allclose(level[10:-10], -20.0, atol=0.2)


def test_frames_are_where_their_time_is(bursts):
    (level,) = levels(bursts(3.0, (1.0, 2.0))[None])
    loud = np.flatnonzero(level > -26)
    assert loud[0] == pytest.approx(100, abs=1)
    assert loud[-1] == pytest.approx(199, abs=1)


def test_blocks_leave_no_seam(hiss):
    long = hiss((1, 16_000 * 61), -30)
    (level,) = levels(long)
    # frames around 30 s, where one block ends, computed inside a block of another recording
    (part,) = levels(long[:, 16_000 * 20 : 16_000 * 40])
    assert np.allclose(level[2900:3100], part[900:1100], atol=1e-3)


def test_hum_and_rumble_do_not_count():
    times = np.arange(32_000) / 16_000
    hum = (0.5 * np.sin(2 * np.pi * 50 * times)).astype(np.float32)
    (level,) = levels(hum[None])
    assert level[2:-2].max() < -9 - 50


@pytest.mark.parametrize("samples", [0, 1, 100, 161])
def test_the_shortest_recordings_have_levels(samples):
    assert levels(np.zeros((2, samples), np.float32)).shape == (2, -(-samples // 160))


def test_broken_samples_count_as_silence():
    broken = np.full((1, 1600), np.nan, dtype=np.float32)
    assert not sounding(levels(broken)[0]).any()


def test_only_slices_are_read(bursts):
    whole = bursts(65.0, (1.0, 64.0))[None]
    asked = []

    class Sliced:
        shape = whole.shape

        def __getitem__(self, key):
            asked.append(key[1].stop - key[1].start)
            return whole[key]

    assert np.array_equal(levels(Sliced()), levels(whole))
    assert max(asked) <= 31 * 16_000


def test_progress_only_rises(bursts):
    seen = []
    levels(bursts(95.0, (1.0, 2.0))[None], progress=seen.append)
    assert len(seen) == 4
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_the_mean_is_of_power():
    level = np.array([-20.0] * 10 + [-100.0] * 10, dtype=np.float32)
    assert smoothed(level, 3)[9] == pytest.approx(-20 - 1.76, abs=0.01)


def test_the_highest_lately_looks_back_only():
    level = np.array([0, 0, 5, 0, 0, 0], dtype=np.float32)
    assert list(highest_lately(level, 2)) == [0, 0, 5, 5, 5, 0]


def test_the_floor_follows_a_line_that_gets_noisier(hiss):
    noise = np.concatenate([hiss((1, 16_000 * 120), -60), hiss((1, 16_000 * 120), -40)], axis=1)
    floor = noise_floor(levels(noise)[0])
    assert floor[2000] == pytest.approx(floor[0], abs=1)
    assert floor[-1] == pytest.approx(floor[0] + 20, abs=1)


@pytest.mark.parametrize("decibels", [-80, -60, -40, -30])
def test_steady_noise_is_nobody(hiss, decibels):
    assert not stretches(levels(hiss((1, 16_000 * 60), decibels))[0])


@pytest.mark.parametrize("noise", [-90, -60, -45])
def test_speech_stands_out_of_the_noise(bursts, hiss, noise):
    speech = bursts(20.0, (3.0, 5.0), (9.0, 12.0), decibels=-25)
    found = stretches(levels((speech + hiss(speech.shape, noise))[None])[0])
    assert np.allclose(found, [(3.0, 5.0), (9.0, 12.0)], atol=0.03)


def test_what_is_fainter_than_a_line_is_nobody(bursts):
    assert not sounding(levels(bursts(5.0, (1.0, 4.0), decibels=FAINTEST_DB - 2)[None])[0]).any()


def test_a_murmur_far_under_the_voice_is_nobody(bursts):
    sound = bursts(20.0, (3.0, 8.0), decibels=-15) + bursts(20.0, (12.0, 14.0), decibels=-55)
    assert len(stretches(levels(sound[None])[0])) == 1

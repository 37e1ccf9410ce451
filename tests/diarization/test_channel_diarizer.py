"""With one party per channel, an echo is left out by its level and cross-talk is kept."""

from itertools import pairwise

import numpy as np
import pytest

from diarization.channels import ChannelDiarizer

CALLS = ["missed-discovery", "no-urgency", "caved-on-discount"]


def diarized(audio, progress=lambda done: None):
    return ChannelDiarizer().diarize(audio.astype(np.float32), progress=progress)


@pytest.fixture
def call_with_echo(sound, truth, echoed, error_rate, made_up):
    """Diarizes a demo call with an echo of so many dB in each channel: share of time wrong, and made up."""

    def measured(name, *, to_left, to_right, milliseconds):
        left, right = sound(f"{name}.ogg")
        call = np.stack(
            [
                left if to_left is None else left + echoed(right, to_left, milliseconds),
                right if to_right is None else right + echoed(left, to_right, milliseconds),
            ]
        )
        turns = diarized(call).turns
        return error_rate(turns, truth(name)), made_up(turns, truth(name))

    return measured


def overlap(turns):
    """Seconds in which both voices have a turn."""
    left, right = ([turn for turn in turns if turn.voice == voice] for voice in "AB")
    return sum(max(0.0, min(a.end, b.end) - max(a.start, b.start)) for a in left for b in right)


@pytest.mark.parametrize("name", CALLS)
def test_each_channel_is_a_voice(sound, truth, error_rate, made_up, name):
    found = diarized(sound(f"{name}.ogg"))
    assert error_rate(found.turns, truth(name)) < 0.09
    assert made_up(found.turns, truth(name)) < 0.005
    assert (found.engine, found.model) == ("channels", "level")


@pytest.mark.parametrize("name", ["missed-discovery", "no-urgency"])
@pytest.mark.parametrize(
    ("decibels", "milliseconds", "bound"),
    [(-20, 25, 0.09), (-12, 3, 0.10), (-12, 60, 0.10), (-6, 25, 0.13), (-6, 60, 0.14), (-3, 25, 0.18)],
)
def test_an_echo_both_ways_is_nobodys_speech(call_with_echo, name, decibels, milliseconds, bound):
    wrong, invented = call_with_echo(name, to_left=decibels, to_right=decibels, milliseconds=milliseconds)
    assert wrong < bound
    assert invented < 0.005


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("decibels", [-3, -6, -12, -20])
def test_an_echo_one_way_is_nobodys_speech(call_with_echo, name, decibels):
    wrong, invented = call_with_echo(name, to_left=None, to_right=decibels, milliseconds=30)
    assert wrong < 0.10
    assert invented < 0.005


def test_a_soft_line_with_a_loud_echo(sound, truth, echoed, error_rate):
    left, right = sound("no-urgency.ogg")
    call = np.stack([left + echoed(right, -6, 20), (right + echoed(left, -6, 20)) / 4])
    assert error_rate(diarized(call).turns, truth("no-urgency")) < 0.12


def test_the_echo_of_somebody_who_talks_alone(sound, echoed):
    left, _ = sound("no-urgency.ogg")
    found = diarized(np.stack([left, echoed(left, -8, 30)]))
    assert {turn.voice for turn in found.turns} == {"A"}


@pytest.mark.parametrize(("decibels", "least"), [(None, 4.0), (-20, 4.0), (-12, 2.9), (-6, 1.8)])
def test_cross_talk_is_kept(sound, echoed, decibels, least):
    left, right = (channel[: 30 * 16_000] for channel in sound("no-urgency.ogg"))
    # the prospect's first answer, 4.4 s long, is moved from after the rep's first sentence onto it
    start, end = round(7.8 * 16_000), round(12.3 * 16_000)
    right[16_000 : 16_000 + end - start] = right[start:end]
    right[start:end] = 0
    call = np.stack([left, right])
    if decibels is not None:
        call = np.stack([left + echoed(right, decibels, 30), right + echoed(left, decibels, 30)])
    found = diarized(call)
    assert least < overlap(found.turns) < 4.6
    assert overlap(found.exclusive) == 0
    assert {turn.voice for turn in found.exclusive if turn.start > 8} == {"A", "B"}


def test_in_cross_talk_the_louder_has_the_word(bursts):
    call = np.stack([bursts(10.0, (1.0, 6.0), decibels=-20), bursts(10.0, (4.0, 8.0), decibels=-30)])
    found = diarized(call)
    assert [(turn.voice, round(turn.start, 1), round(turn.end, 1)) for turn in found.turns] == [
        ("A", 1.0, 6.0),
        ("B", 4.0, 8.0),
    ]
    assert [(turn.voice, round(turn.start, 1)) for turn in found.exclusive] == [("A", 1.0), ("B", 6.0)]


def test_turns_are_in_order_and_exclusive_ones_do_not_overlap(sound):
    found = diarized(sound("missed-discovery.ogg"))
    assert [turn.start for turn in found.turns] == sorted(turn.start for turn in found.turns)
    assert all(before.end <= after.start for before, after in pairwise(found.exclusive))


def test_no_turn_spans_a_long_silence(bursts):
    found = diarized(np.stack([bursts(30.0, (1.0, 2.0), (20.0, 21.0)), bursts(30.0, (5.0, 6.0))]))
    assert [turn.voice for turn in found.turns] == ["A", "B", "A"]
    assert max(turn.end - turn.start for turn in found.turns) < 1.1


@pytest.mark.parametrize("samples", [0, 1, 159, 3200, 160_000])
def test_silence_gives_no_turns(samples):
    found = diarized(np.zeros((2, samples)))
    assert found.turns == found.exclusive == ()


def test_noise_gives_no_turns(hiss):
    assert diarized(hiss((2, 16_000 * 60), -40)).turns == ()


def test_progress_rises_to_one_and_may_stop_the_work(sound):
    call = sound("missed-discovery.ogg")
    seen = []
    diarized(call, seen.append)
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    class Cancelled(Exception):
        pass

    def cancel(done):
        if done > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        diarized(call, cancel)


@pytest.mark.parametrize("shape", [(1, 100), (3, 100), (100,)])
def test_other_numbers_of_channels_are_refused(shape):
    with pytest.raises(ValueError, match="two channels"):
        diarized(np.zeros(shape))


def test_the_identity_is_what_is_recorded_with_the_result(sound):
    found = diarized(sound("no-urgency.ogg"))
    assert ChannelDiarizer().identity(speakers=2) == {
        "engine": found.engine,
        "model": found.model,
        **found.options,
    }

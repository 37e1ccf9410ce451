"""One party per channel is told from a mono call in disguise."""

import numpy as np
import pytest

from diarization.layout import find_layout, mixdown


@pytest.fixture
def call(sound):
    """Half a minute of a call with the rep on the left and the prospect on the right."""
    return sound("no-urgency.ogg")[:, : 30 * 16_000]


def together(call):
    return call.sum(axis=0) / 2


@pytest.mark.parametrize("name", ["missed-discovery", "no-urgency", "caved-on-discount"])
def test_a_party_on_each_channel(sound, name):
    layout = find_layout(sound(f"{name}.ogg"))
    assert (layout.kind, layout.reason) == ("channels", "Each channel carries a party of its own.")


@pytest.mark.parametrize(
    ("decibels", "milliseconds"), [(-3, 3), (-3, 60), (-6, 25), (-12, 3), (-12, 60), (-20, 25)]
)
def test_a_party_on_each_channel_with_an_echo_of_the_other(call, echoed, decibels, milliseconds):
    left, right = call
    both_ways = np.stack(
        [left + echoed(right, decibels, milliseconds), right + echoed(left, decibels, milliseconds)]
    )
    assert find_layout(both_ways).kind == "channels"
    one_way = np.stack([left, right + echoed(left, decibels, milliseconds)])
    assert find_layout(one_way).kind == "channels"


def test_a_channel_that_is_much_softer_and_carries_a_loud_echo(call, echoed):
    left, right = call
    # the right line is 12 dB softer: the prospect is softer there than their own echo on the left
    call = np.stack([left + echoed(right, -6, 20), (right + echoed(left, -6, 20)) / 4])
    assert find_layout(call).kind == "channels"


@pytest.mark.parametrize("noise", [-60, -45, -35])
def test_a_party_on_each_noisy_channel(call, hiss, noise):
    assert find_layout(call + hiss(call.shape, noise)).kind == "channels"


def test_hum_that_both_lines_share_is_not_the_same_sound(call):
    times = np.arange(call.shape[1]) / 16_000
    assert find_layout(call + (0.3 * np.sin(2 * np.pi * 50 * times)).astype(np.float32)).kind == "channels"


def test_one_channel(call):
    layout = find_layout(call[:1])
    assert (layout.kind, layout.reason, layout.best_channel) == ("mixed", "The recording has one channel.", 0)


def test_two_equal_channels(call):
    one = together(call)
    layout = find_layout(np.stack([one, one]))
    assert (layout.kind, layout.reason) == ("mixed", "Both channels carry the same sound.")


@pytest.mark.parametrize("gain", [0.1, 0.3, 0.9])
def test_equal_channels_of_different_loudness(call, gain):
    one = together(call)
    layout = find_layout(np.stack([one * np.float32(gain), one]))
    assert (layout.kind, layout.best_channel) == ("mixed", 1)


def test_equal_channels_with_noise_of_their_own(call, hiss):
    one = together(call)
    assert find_layout(np.stack([one, one]) + hiss((2, len(one)), -45)).kind == "mixed"


def test_equal_channels_of_which_one_is_upside_down(call):
    one = together(call)
    layout = find_layout(np.stack([one, -one]))
    assert (layout.kind, layout.reason) == ("mixed", "Both channels carry the same sound, one upside down.")


@pytest.mark.parametrize("live", [0, 1])
@pytest.mark.parametrize("noise", [None, -50])
def test_one_silent_channel(call, hiss, live, noise):
    channels = np.zeros_like(call)
    channels[live] = together(call)
    if noise is not None:
        channels += hiss(call.shape, noise)
    layout = find_layout(channels)
    assert (layout.kind, layout.best_channel) == ("mixed", live)
    assert layout.reason == f"Only the {['left', 'right'][live]} channel carries speech."


def test_a_click_on_a_dead_line_is_nobody(call, bursts):
    dead = np.zeros_like(call[0])
    dead[16_000:16_800] = 0.5
    assert find_layout(np.stack([together(call), dead])).kind == "mixed"


def test_a_channel_with_nothing_but_the_other_sides_echo(call, echoed):
    layout = find_layout(np.stack([echoed(together(call), -12, 30), together(call)]))
    assert (layout.kind, layout.best_channel) == ("mixed", 1)
    assert layout.reason == "The left channel carries no voice that the right one does not."


def test_everybody_in_a_room_with_two_microphones(call, echoed):
    left, right = call
    everyone = left + right
    room = np.stack(
        [
            left + echoed(right, -2, 2) + echoed(everyone, -9, 41),
            echoed(left, -2, 4) + right + echoed(everyone, -8, 31),
        ]
    )
    layout = find_layout(room)
    assert (layout.kind, layout.reason) == ("mixed", "Everybody is heard on both channels.")


@pytest.mark.parametrize("samples", [0, 10, 16_000])
def test_silence(samples):
    layout = find_layout(np.zeros((2, samples), np.float32))
    assert (layout.kind, layout.reason) == ("mixed", "Neither channel carries speech.")


@pytest.mark.parametrize("shape", [(3, 100), (0, 100), (100,)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="one or two channels"):
        find_layout(np.zeros(shape, np.float32))


def power(samples):
    return float(np.mean(np.square(samples)))


def test_mixing_down_keeps_everybody(call):
    mixed = mixdown(call)
    assert mixed.dtype == np.float32
    assert np.allclose(mixed, call.mean(axis=0), atol=1e-6)


def test_mixing_down_one_channel_is_that_channel(call):
    assert np.shares_memory(mixdown(call[1:]), call)


def test_mixing_down_equal_channels_copies_nothing(call):
    equal = np.stack([call[0], call[0]])
    assert np.shares_memory(mixdown(equal), equal)


def test_channels_that_are_upside_down_do_not_cancel_out(call, echoed):
    one = together(call)
    assert power(mixdown(np.stack([one, -one]))) == pytest.approx(power(one))
    mostly = np.stack([call[0] + 0.5 * call[1], -(0.5 * call[0] + call[1])])
    assert power(mixdown(mostly)) > 0.5 * power(together(call))


def test_mixing_down_leaves_the_noise_of_a_dead_line_out(call, hiss):
    channels = np.stack([hiss(call[0].shape, -45), together(call)])
    assert np.array_equal(mixdown(channels), channels[1])

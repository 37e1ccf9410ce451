import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech import Joined, Span, Window, joined_stretches, quietest_cut, windows

S = 16_000


def loud(samples) -> list[Span]:
    """Where samples are not zero."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], samples != 0, [0]))))
    return [Span(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def channel(length: int, *spoken: tuple[int, int]):
    samples = np.zeros(length, np.float32)
    for start, end in spoken:
        samples[start:end] = 0.5
    return samples


def test_a_short_call_is_one_window():
    (window,) = windows(channel(50, (10, 20)), loud, block=100, tail=30)
    assert window == Window(Span(0, 50), (Span(10, 20),))


def test_no_sound_is_no_window():
    assert list(windows(channel(0), loud)) == []


def test_a_long_call_is_cut_in_the_longest_silence_of_the_last_part():
    samples = channel(180, (0, 75), (77, 85), (95, 130))
    first, second = windows(samples, loud, block=100, tail=30)
    assert (first.span, first.speech) == (Span(0, 90), (Span(0, 75), Span(77, 85)))
    assert (second.span, second.speech) == (Span(90, 180), (Span(95, 130),))


def test_somebody_who_never_stops_is_cut_at_the_end_of_the_block():
    samples = channel(150, (0, 150))
    assert [window.span for window in windows(samples, loud, block=100, tail=30)] == [
        Span(0, 100),
        Span(100, 150),
    ]


def test_the_cut_lies_in_the_tail():
    assert quietest_cut([Span(0, 20)], Span(70, 100)) == 85
    assert quietest_cut([Span(0, 80), Span(90, 100)], Span(70, 100)) == 85
    assert quietest_cut([Span(60, 100)], Span(70, 100)) == 100


@given(st.lists(st.booleans(), max_size=400), st.integers(20, 90))
def test_windows_cover_the_call_and_lose_no_speech(pattern, block):
    samples = np.array(pattern, np.float32)
    found = list(windows(samples, loud, block=block, tail=block // 3))
    assert [window.span.start for window in found] == [0, *(window.span.end for window in found)][
        : len(found)
    ]
    assert not found or found[-1].span.end == len(samples)
    assert all(0 < window.span.length <= block for window in found)
    spoken = sum(span.length for window in found for span in window.speech)
    assert spoken == int(samples.sum())


def stretches(*speech: tuple[int, int], gap=20, pad=4, end=100) -> list[tuple[int, int]]:
    window = Window(Span(0, end), tuple(Span(*span) for span in speech))
    return [(span.start, span.end) for span in joined_stretches(window, gap=gap, pad=pad)]


def test_speech_keeps_some_sound_around_it():
    assert stretches((10, 20)) == [(6, 24)]


def test_short_silences_stay_and_long_ones_go():
    assert stretches((10, 20), (35, 40), (80, 90)) == [(6, 44), (76, 94)]


def test_padding_stays_inside_the_window_and_does_not_overlap():
    assert stretches((1, 20), (25, 98), gap=3) == [(0, 24), (24, 100)]


def test_joined_times_lead_back_to_the_call():
    joined = Joined((Span(10 * S, 12 * S), Span(60 * S, 65 * S)))
    assert joined.in_call(0.5, 1.0) == (10.5, 11.0)
    assert joined.in_call(2.5, 3.0) == (60.5, 61.0)


def test_a_word_over_a_join_belongs_to_the_side_of_its_middle():
    joined = Joined((Span(10 * S, 12 * S), Span(60 * S, 65 * S)))
    assert joined.in_call(1.5, 2.2) == (11.5, 12.0)
    assert joined.in_call(1.9, 2.5) == (60.0, 60.5)


def test_a_time_past_the_end_is_the_end():
    assert Joined((Span(10 * S, 12 * S),)).in_call(1.9, 7.0) == (11.9, 12.0)


def test_the_joined_sound_is_the_stretches_one_after_the_other():
    samples = np.arange(10, dtype=np.float32)
    assert Joined((Span(1, 3), Span(7, 9))).samples(samples).tolist() == [1, 2, 7, 8]


@pytest.mark.parametrize("at", [0.0, 0.9, 1.4, 2.9])
def test_a_sample_is_found_again_where_it_was(at):
    samples = np.arange(20 * S, dtype=np.float64)
    joined = Joined((Span(2 * S, 3 * S), Span(9 * S, 11 * S)))
    start, _ = joined.in_call(at, at)
    assert joined.samples(samples)[round(at * S)] == pytest.approx(start * S)

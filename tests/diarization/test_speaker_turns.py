"""Stretches become clean turns."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarization.model import SpeakerTurn
from diarization.turns import (
    clean_exclusive_turns,
    clean_turns,
    letters_by_first_speech,
    runs,
    voice_letter,
    without_short_gaps,
    without_short_runs,
)

SPANS = st.lists(
    st.tuples(st.floats(-1, 20), st.floats(0, 3), st.sampled_from("ABC")).map(
        lambda drawn: (drawn[0], drawn[0] + drawn[1], drawn[2])
    ),
    max_size=30,
)


def mask(text: str):
    return np.array([letter == "#" for letter in text], dtype=bool)


@pytest.mark.parametrize(
    ("drawn", "stretches"),
    [("", []), ("...", []), ("###", [(0, 3)]), (".##..#", [(1, 3), (5, 6)])],
)
def test_runs_are_the_stretches_that_are_on(drawn, stretches):
    assert runs(mask(drawn)) == stretches


def test_short_gaps_are_bridged_and_the_ends_stay_off():
    assert runs(without_short_gaps(mask(".#..#...#."), 2)) == [(1, 5), (8, 9)]


def test_short_runs_are_left_out():
    assert runs(without_short_runs(mask("#..##..###"), 2)) == [(3, 5), (7, 10)]


def test_voices_are_lettered_in_the_order_in_which_they_are_first_heard():
    spans = [(5.0, 6.0, "SPEAKER_00"), (1.0, 2.0, "SPEAKER_01"), (3.0, 4.0, "SPEAKER_00")]
    assert letters_by_first_speech(spans) == {"SPEAKER_01": "A", "SPEAKER_00": "B"}


def test_letters_go_on_after_z():
    assert [voice_letter(index) for index in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


def test_a_short_pause_is_part_of_the_turn_also_while_the_other_speaks():
    spans = [(0.0, 1.0, "A"), (1.2, 2.0, "A"), (1.05, 1.15, "B"), (3.0, 4.0, "A")]
    assert clean_turns(spans, duration=10, gap=0.3) == (
        SpeakerTurn(0.0, 2.0, "A"),
        SpeakerTurn(1.05, 1.15, "B"),
        SpeakerTurn(3.0, 4.0, "A"),
    )


def test_an_exclusive_turn_does_not_bridge_a_pause_in_which_somebody_else_speaks():
    spans = [(0.0, 1.0, "A"), (1.2, 2.0, "A"), (1.05, 1.15, "B")]
    assert clean_exclusive_turns(spans, duration=10, gap=0.3) == (
        SpeakerTurn(0.0, 1.0, "A"),
        SpeakerTurn(1.05, 1.15, "B"),
        SpeakerTurn(1.2, 2.0, "A"),
    )


def test_where_two_voices_meet_the_word_does_not_flicker():
    spans = [(0.0, 1.0, "A"), (1.0, 1.05, "B"), (1.05, 1.08, "A"), (1.08, 2.0, "B")]
    assert clean_exclusive_turns(spans, duration=10, gap=0.3, shortest=0.15) == (
        SpeakerTurn(0.0, 1.0, "A"),
        SpeakerTurn(1.0, 2.0, "B"),
    )


def test_a_short_word_that_stands_alone_is_kept():
    spans = [(0.0, 1.0, "A"), (1.5, 1.6, "B"), (2.0, 3.0, "A")]
    assert [turn.voice for turn in clean_exclusive_turns(spans, duration=10, gap=0.3, shortest=0.15)] == [
        *"ABA"
    ]


def test_turns_end_with_the_recording():
    (turn,) = clean_turns([(-0.2, 5.00049, "A")], duration=4.00099, gap=0.3)
    assert (turn.start, turn.end) == (0.0, 4.0)


@given(SPANS, st.floats(0, 1))
def test_turns_are_in_order_inside_the_recording_and_never_empty(spans, gap):
    turns = clean_turns(spans, duration=15.0, gap=gap)
    assert all(0 <= turn.start < turn.end <= 15.0 for turn in turns)
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    for voice in "ABC":
        own = [turn for turn in turns if turn.voice == voice]
        assert all(before.end < after.start for before, after in pairwise(own))


@given(SPANS, st.floats(0, 1), st.floats(0, 0.5))
def test_exclusive_turns_never_overlap_and_cover_the_same_sound(spans, gap, shortest):
    turns = clean_exclusive_turns(spans, duration=15.0, gap=gap, shortest=shortest)
    assert all(0 <= turn.start < turn.end <= 15.0 for turn in turns)
    assert all(before.end <= after.start for before, after in pairwise(turns))
    for start, end, _ in spans:
        middle = (start + end) / 2
        if end - start > 0.002 and 0.002 < middle < 14.998:
            assert any(turn.start - 0.002 <= middle <= turn.end + 0.002 for turn in turns)

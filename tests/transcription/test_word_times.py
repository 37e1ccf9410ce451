from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.words import SHORTEST, Interval, RawWord, longest, tidy


def raw(start: float, end: float, text: str = " word", probability: float = 0.9) -> RawWord:
    return RawWord(start, end, text, probability)


def tidied(*words: RawWord, speech=((0.0, 100.0),), duration: float = 100.0):
    return tidy(words, [Interval(*span) for span in speech], duration=duration)


def times(words) -> list[tuple[float, float]]:
    return [(word.start, word.end) for word in words]


def test_good_words_stay_as_they_are():
    words = tidied(raw(1.0, 1.4, " Good"), raw(1.4, 2.0, " morning."))
    assert times(words) == [(1.0, 1.4), (1.4, 2.0)]
    assert [word.text for word in words] == ["Good", "morning."]


def test_no_words_are_no_words():
    assert tidied() == ()
    assert tidy([], [], duration=0.0) == ()


def test_white_space_inside_makes_two_words_that_share_the_time():
    words = tidied(raw(1.0, 2.0, " of course"))
    assert [word.text for word in words] == ["of", "course"]
    assert times(words) == [(1.0, 1.25), (1.25, 2.0)]


def test_text_of_white_space_is_no_word():
    assert tidied(raw(1.0, 2.0, "  ")) == ()


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ((" high", "-end"), "high-end"),
        ((" ma", "'am,"), "ma'am,"),
        ((" 8", " a", ".m."), "8 a.m."),
        ((" V", "-I", "-O"), "V-I-O"),
        ((" $1", ",200"), "$1,200"),
        (("ひ", "こ"), "ひ こ"),
    ],
)
def test_pieces_of_a_word_are_put_together(pieces, whole):
    words = tidied(*(raw(1 + 0.3 * at, 1.3 + 0.3 * at, text) for at, text in enumerate(pieces)))
    assert " ".join(word.text for word in words) == whole


def test_a_piece_far_from_its_word_stands_alone_without_its_dash():
    words = tidied(raw(1.0, 1.3, " K"), raw(4.0, 4.3, "-I"))
    assert [word.text for word in words] == ["K", "I"]


def test_a_joined_word_has_the_time_of_its_pieces_and_the_lowest_probability():
    (word,) = tidied(raw(1.0, 1.3, " high", 0.9), raw(1.4, 1.8, "-end", 0.4))
    assert (word.start, word.end, word.probability) == (1.0, 1.8, 0.4)


def test_punctuation_alone_goes_to_the_word_before():
    words = tidied(raw(0.5, 0.6, " -"), raw(1.0, 1.4, " well"), raw(1.4, 1.5, " –"), raw(2.0, 2.4, " yes"))
    assert [word.text for word in words] == ["well–", "yes"]


def test_a_word_stretched_over_the_silence_after_it_ends_with_the_speech():
    assert times(tidied(raw(3.0, 9.0), speech=[(2.0, 3.4), (9.05, 12.0)])) == [(3.0, 3.5)]


def test_a_word_stretched_over_the_silence_before_it_begins_with_the_speech():
    assert times(tidied(raw(3.0, 9.4), speech=[(2.0, 3.1), (9.0, 12.0)])) == [(8.9, 9.4)]


@pytest.mark.parametrize("start", [1.6, 3.05, 50.0])
def test_a_word_beside_all_detected_speech_stays_where_the_engine_heard_it(start):
    assert times(tidied(raw(start, start + 0.3), speech=[(2.0, 3.0)])) == [(start, round(start + 0.3, 3))]


def test_a_word_beside_all_detected_speech_is_still_not_stretched():
    assert times(tidied(raw(10.0, 30.0, " so"), speech=[(2.0, 3.0)])) == [(10.0, 10.7)]


def test_no_word_takes_longer_than_a_slow_speaker_needs():
    (word,) = tidied(raw(1.0, 5.0, " and"))
    assert word.end == 1.0 + longest("and") < 2.0


def test_a_number_may_take_longer_than_a_word_of_the_same_length():
    (word,) = tidied(raw(1.0, 3.2, " $3,500"))
    assert word.end == 3.2


def test_a_word_without_length_gets_one():
    assert times(tidied(raw(1.0, 1.0), raw(1.5, 1.9))) == [(1.0, 1.0 + SHORTEST), (1.5, 1.9)]


def test_words_heaped_on_one_instant_are_spread():
    words = tidied(*(raw(1.0, 1.0, f" w{number}") for number in range(4)))
    assert [word.text for word in words] == ["w0", "w1", "w2", "w3"]
    assert all(a.end <= b.start for a, b in pairwise(words))


def test_words_at_the_very_end_stay_inside():
    words = tidied(raw(9.99, 10.3, " good"), raw(10.3, 10.5, " bye"), speech=[(9.0, 10.0)], duration=10.0)
    assert words[-1].end <= 10.0


def test_times_are_plain_numbers_in_milliseconds():
    (word,) = tidied(raw(1.23456, 1.98765))
    assert (word.start, word.end) == (1.235, 1.988)
    assert type(word.start) is float


seconds = st.floats(min_value=-1, max_value=40, allow_nan=False)
raw_words = st.lists(
    st.builds(
        RawWord,
        seconds,
        seconds,
        st.sampled_from([" yes", "-end", " two words", ".", " 3,500", "", "字"]),
        st.floats(min_value=0, max_value=1),
    ),
    max_size=30,
)


@st.composite
def stretches(draw) -> list[Interval]:
    edges = sorted(draw(st.sets(st.integers(0, 300), max_size=12)))
    return [Interval(a / 10, b / 10) for a, b in zip(edges[::2], edges[1::2], strict=False)]


@given(raw_words, stretches())
def test_whatever_the_engine_says_the_words_are_in_order_apart_and_inside(words, speech):
    result = tidy(words, speech, duration=30.0)
    assert all(0 <= word.start < word.end <= 30.0 for word in result)
    assert all(before.end <= after.start for before, after in pairwise(result))
    assert all(word.text and not any(map(str.isspace, word.text)) for word in result)


@given(raw_words)
def test_letters_are_neither_lost_nor_made_up(words):
    def letters(texts):
        return sorted(filter(str.isalnum, "".join(texts)))

    result = tidy(words, [], duration=30.0)
    assert letters(word.text for word in result) == letters(word.text for word in words)

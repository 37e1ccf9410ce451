import pytest

from transcription.guards import Segment, believable, invented, without_loops
from transcription.words import Interval, RawWord

SPEECH = [Interval(0.0, 60.0)]
NOWHERE: list[Interval] = []


def said(
    text: str, *, start: float = 1.0, pace: float = 0.3, probability: float = 0.9
) -> tuple[RawWord, ...]:
    return tuple(
        RawWord(start + pace * at, start + pace * (at + 1), f" {word}", probability)
        for at, word in enumerate(text.split())
    )


def segment(words, *, log_probability: float = -0.3, no_speech: float = 0.1) -> Segment:
    return Segment(tuple(words), log_probability, no_speech)


def text(words) -> str:
    return " ".join(word.text.strip() for word in words)


def test_ordinary_speech_is_believed():
    words = said("We use a shared spreadsheet and a lot of email.")
    assert believable([segment(words)], SPEECH) == words


def test_a_mumbled_okay_in_speech_is_believed():
    assert not invented(segment(said("Okay.", probability=0.17), log_probability=-0.22), SPEECH)


@pytest.mark.parametrize("words", ["Thank you.", "Bye.", "Thanks for watching!", "Music"])
def test_a_clear_subtitle_phrase_in_speech_is_believed(words):
    assert not invented(segment(said(words)), SPEECH)


@pytest.mark.parametrize(
    "words", ["Thank you.", "Bye.", "Thanks for watching!", "Subtitles by somebody", "♪"]
)
def test_a_subtitle_phrase_beside_the_speech_is_not(words):
    assert invented(segment(said(words)), NOWHERE)


def test_a_bye_that_outlasts_the_detected_speech_is_believed():
    bye = segment((RawWord(10.02, 10.34, " Bye.", 0.6),))
    assert not invented(bye, [Interval(9.0, 10.0)])
    assert invented(bye, [Interval(8.0, 9.0)])


def test_a_subtitle_phrase_that_the_model_doubts_is_not_believed():
    assert invented(segment(said("Thank you.", probability=0.3)), SPEECH)


def test_the_prompt_read_back_is_not_believed_where_nobody_speaks():
    words = said("Fernhill, Harbor Line")
    assert invented(segment(words), NOWHERE, prompt="Fernhill, Harbor Line Freight")
    assert not invented(segment(words), SPEECH, prompt="Fernhill, Harbor Line Freight")
    assert not invented(segment(words), NOWHERE)


def test_text_on_what_the_model_takes_for_silence_needs_to_be_sure():
    assert invented(segment(said("or", probability=0.76), no_speech=0.8, log_probability=-0.84), SPEECH)
    assert not invented(segment(said("or maybe two", probability=0.9), no_speech=0.8), SPEECH)


def test_text_that_the_model_guessed_is_not_believed():
    assert invented(segment(said("18 August", probability=0.26), log_probability=-2.42), SPEECH)
    assert invented(segment(said("blah blah slipping", probability=0.45), log_probability=-4.0), SPEECH)


def test_doubtful_words_faster_than_anybody_speaks_are_not_believed():
    heaped = said("I am not sure that this is it", pace=0.02, probability=0.3)
    assert invented(segment(heaped), SPEECH)
    assert not invented(segment(said("I am not sure that this is it", probability=0.3)), SPEECH)


def test_segments_without_words_are_nothing():
    assert believable([segment(())], SPEECH) == ()


@pytest.mark.parametrize(
    "words",
    [
        "no no no no",
        "Yeah, yeah, yeah, yeah, yeah.",
        "thank you thank you",
        "I think that I think that it works",
        "two two two",
        "one two three one two three",
    ],
)
def test_people_repeat_themselves(words):
    spoken = said(words)
    assert without_loops(spoken) == spoken


def test_a_loop_faster_than_speech_is_cut_to_its_first_round():
    looped = said("we will " + "call you back " * 6 + "call you", pace=0.04)
    assert text(without_loops(looped)) == "we will call you back"


def test_a_loop_that_the_model_doubts_is_cut():
    assert (
        text(without_loops(said("so " + "the price " * 9 + "goes up", probability=0.4)))
        == "so the price goes up"
    )


def test_a_loop_that_goes_on_and_on_is_cut_however_sure_the_model_is():
    assert text(without_loops(said("ひ こ " * 30 + "ひ"))) == "ひ こ"


def test_the_longest_phrase_is_the_loop():
    assert text(without_loops(said("a b a b c " * 8))) == "a b a b c"


def test_loops_run_over_segments():
    segments = [segment(said("I am sorry.", start=at * 0.9, probability=0.45)) for at in range(8)]
    assert text(believable(segments, SPEECH)) == "I am sorry."

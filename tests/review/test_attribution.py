"""Words x speakers -> turns, for one party per channel and for everybody in one channel."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from diarization.model import Diarization, SpeakerTurn
from review.attribution import attribute_channels, attribute_mixed
from review.model import Turn
from review.turns import MAX_PAUSE_SECONDS
from review.words import longest_plausible
from transcription.model import Transcript, Word


def transcript(*words: tuple[float, float, str]) -> Transcript:
    return Transcript(
        tuple(Word(start, end, text, 0.9) for start, end, text in words), "en", "test", "test", {}
    )


def diarization(*turns: tuple[float, float, str]) -> Diarization:
    found = tuple(SpeakerTurn(start, end, voice) for start, end, voice in turns)
    return Diarization(found, found, "test", "test", {})


def shown(turns: tuple[Turn, ...]) -> list[tuple[str, str]]:
    return [(turn.voice, turn.text) for turn in turns]


# One party per channel


def test_each_channel_is_its_own_voice() -> None:
    turns = attribute_channels(
        [transcript((0.0, 0.4, "Hello."), (3.0, 3.4, "Yes.")), transcript((1.0, 1.4, "Hi."))],
        diarization((0.0, 0.4, "A"), (1.0, 1.4, "B"), (3.0, 3.4, "A")),
    )
    assert shown(turns) == [("A", "Hello."), ("B", "Hi."), ("A", "Yes.")]


def test_a_word_heard_only_as_bleed_is_dropped() -> None:
    turns = attribute_channels(
        [
            transcript((0.0, 0.5, "Hello"), (0.5, 1.0, "there.")),
            transcript((0.1, 0.6, "Hello"), (3.0, 3.4, "Hi.")),
        ],
        diarization((0.0, 1.0, "A"), (3.0, 3.4, "B")),
    )
    assert shown(turns) == [("A", "Hello there."), ("B", "Hi.")]


def test_the_same_word_said_by_both_at_once_stays_with_both() -> None:
    turns = attribute_channels(
        [transcript((0.0, 0.5, "Bye.")), transcript((0.1, 0.6, "Bye."))],
        diarization((0.0, 0.5, "A"), (0.1, 0.6, "B")),
    )
    assert shown(turns) == [("A", "Bye."), ("B", "Bye.")]


def test_a_word_at_the_edge_of_its_voice_stays_under_the_others_talk() -> None:
    """The level meter opens 0.2 s after the soft first word: it is not bleed."""
    turns = attribute_channels(
        [transcript((0.0, 2.0, "Mmm")), transcript((0.8, 1.1, "If"), (1.3, 1.6, "so"))],
        diarization((0.0, 2.0, "A"), (1.3, 1.6, "B")),
    )
    assert ("B", "If so") in shown(turns)


def test_a_soft_word_that_no_channel_is_loud_for_is_kept() -> None:
    turns = attribute_channels([transcript((5.0, 5.3, "yes")), transcript()], diarization((0.0, 1.0, "A")))
    assert shown(turns) == [("A", "yes")]


def test_a_word_stretched_over_a_silence_is_put_where_its_voice_is() -> None:
    [turn] = attribute_channels([transcript((2.0, 12.0, "right."))], diarization((11.5, 12.1, "A")))
    assert (turn.start, turn.end) == (11.5, 12.0)


def test_a_word_stretched_over_a_silence_with_nobody_in_it_keeps_its_start() -> None:
    [turn] = attribute_channels([transcript((2.0, 12.0, "right."))], diarization())
    assert turn.start == 2.0
    assert turn.end - turn.start == longest_plausible("right.")


# Everybody in one channel


def test_words_go_to_the_voice_that_speaks() -> None:
    turns = attribute_mixed(
        transcript((0.0, 0.4, "Is"), (0.4, 0.8, "it?"), (1.0, 1.4, "It"), (1.4, 1.8, "is.")),
        diarization((0.0, 0.85, "A"), (0.95, 1.8, "B")),
    )
    assert shown(turns) == [("A", "Is it?"), ("B", "It is.")]


def test_the_last_word_of_a_sentence_stays_with_it_when_the_diarization_turns_early() -> None:
    turns = attribute_mixed(
        transcript(
            (0.0, 0.4, "We"), (0.4, 0.8, "call"), (0.8, 1.2, "them."), (1.4, 1.8, "Oh"), (1.8, 2.2, "okay.")
        ),
        diarization((0.0, 0.9, "A"), (0.9, 2.2, "B")),
    )
    assert shown(turns) == [("A", "We call them."), ("B", "Oh okay.")]


def test_a_one_word_flip_inside_a_sentence_is_smoothed() -> None:
    turns = attribute_mixed(
        transcript(
            (0.0, 0.4, "We"), (0.4, 0.7, "call"), (0.7, 0.9, "all"), (0.9, 1.3, "of"), (1.3, 1.8, "them.")
        ),
        diarization((0.0, 0.7, "A"), (0.7, 0.9, "B"), (0.9, 1.8, "A")),
    )
    assert shown(turns) == [("A", "We call all of them.")]


def test_a_sentence_whose_first_words_the_diarization_gives_away_stays_whole() -> None:
    words = [
        (0.3 * n, 0.3 * n + 0.3, text)
        for n, text in enumerate(["Right.", "Last", "time", "you", "told", "me", "about", "it."])
    ]
    turns = attribute_mixed(
        transcript(*words), diarization((0.0, 0.35, "A"), (0.35, 1.2, "B"), (1.2, 2.4, "A"))
    )
    assert shown(turns) == [("A", "Right. Last time you told me about it.")]


def test_who_cuts_in_with_a_sentence_is_heard_although_the_other_does_not_finish() -> None:
    said = "so what we usually do Sorry can I stop you there for a moment please"
    words = [(0.3 * n, 0.3 * n + 0.3, text) for n, text in enumerate(said.split())]
    turns = attribute_mixed(transcript(*words), diarization((0.0, 1.5, "A"), (1.5, 4.5, "B")))
    assert shown(turns) == [
        ("A", "so what we usually do"),
        ("B", "Sorry can I stop you there for a moment please"),
    ]


def test_a_back_channel_between_sentences_is_kept_where_the_diarization_hears_it() -> None:
    words = transcript(
        (0.0, 0.4, "We"), (0.4, 0.8, "call."), (1.0, 1.3, "Yeah."), (1.5, 1.9, "Then"), (1.9, 2.3, "wait.")
    )
    heard = attribute_mixed(
        words, diarization((0.0, 0.8, "A"), (1.0, 1.3, "B"), (1.5, 2.3, "A"), (9.0, 9.5, "B"))
    )
    assert shown(heard) == [("A", "We call."), ("B", "Yeah."), ("A", "Then wait.")]
    not_heard = attribute_mixed(words, diarization((0.0, 2.3, "A"), (9.0, 9.5, "B")))
    assert shown(not_heard) == [("A", "We call. Yeah. Then wait.")]


def test_a_word_in_nobodys_stretch_goes_to_the_nearest_voice() -> None:
    turns = attribute_mixed(
        transcript((0.0, 0.4, "Fine."), (1.5, 1.9, "Bye.")), diarization((0.0, 0.5, "A"), (2.0, 3.0, "B"))
    )
    assert shown(turns) == [("A", "Fine."), ("B", "Bye.")]


def test_a_word_far_from_everybody_goes_with_its_neighbours() -> None:
    turns = attribute_mixed(
        transcript((0.0, 0.4, "I"), (0.4, 0.8, "think"), (20.0, 20.4, "so")),
        diarization((0.0, 0.8, "B"), (60.0, 61.0, "A")),
    )
    assert [voice for voice, _ in shown(turns)] == ["B", "B"]


def test_words_without_any_voice_are_one_voice() -> None:
    assert shown(attribute_mixed(transcript((0.0, 0.4, "Hello")), diarization())) == [("A", "Hello")]


def test_silence_gives_no_turns() -> None:
    assert attribute_mixed(transcript(), diarization()) == ()
    assert attribute_mixed(transcript(), diarization((0.0, 1.0, "A"))) == ()
    assert attribute_channels([transcript(), transcript()], diarization()) == ()


# What holds for every input

times = st.floats(0, 60).map(lambda seconds: round(seconds, 2))
lengths = st.sampled_from([0.01, 0.1, 0.3, 0.8, 5.0, 12.0])


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Also what engines should not give: overlapping words, stretched words, many at one instant."""
    starts = sorted(draw(st.lists(times, max_size=25)))
    texts = [f"w{n}{draw(st.sampled_from(['', '', '.', '?', ',']))}" for n in range(len(starts))]
    return transcript(
        *((start, start + draw(lengths), text) for start, text in zip(starts, texts, strict=True))
    )


@st.composite
def diarizations(draw: st.DrawFn) -> Diarization:
    spans = draw(st.lists(st.tuples(times, lengths, st.sampled_from("ABC")), max_size=12))
    return diarization(*sorted((start, start + length, voice) for start, length, voice in spans))


def check(turns: tuple[Turn, ...]) -> None:
    assert [turn.id for turn in turns] == [f"t{n}" for n in range(len(turns))]
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    for voice in {turn.voice for turn in turns}:
        words = [word for turn in turns if turn.voice == voice for word in turn.words]
        assert all(word.start < word.end for word in words)
        assert all(a.end <= b.start for a, b in itertools.pairwise(words))
        assert all(word.end - word.start <= longest_plausible(word.text) + 1e-9 for word in words)
    for turn in turns:
        assert turn.text == " ".join(word.text for word in turn.words)
        pauses = [b.start - a.end for a, b in zip(turn.words, turn.words[1:], strict=False)]
        assert max(pauses, default=0.0) <= MAX_PAUSE_SECONDS


@given(transcripts(), diarizations())
def test_mixed_keeps_every_word_in_exactly_one_turn(words: Transcript, speakers: Diarization) -> None:
    turns = attribute_mixed(words, speakers)
    check(turns)
    assert sorted(w.text for turn in turns for w in turn.words) == sorted(w.text for w in words.words)
    assert {turn.voice for turn in turns} <= {turn.voice for turn in speakers.turns} | {"A"}
    assert turns == attribute_mixed(words, speakers)


@given(transcripts(), transcripts(), diarizations())
def test_channels_keep_every_word_with_any_support(
    a: Transcript, b: Transcript, speakers: Diarization
) -> None:
    turns = attribute_channels([a, b], speakers)
    check(turns)
    for voice, words in (("A", a), ("B", b)):
        kept = [word.text for turn in turns if turn.voice == voice for word in turn.words]
        assert len(kept) == len(set(kept))
        assert set(kept) <= {word.text for word in words.words}
        if not any(turn.voice != voice for turn in speakers.turns):
            assert set(kept) == {word.text for word in words.words}

"""How words become turns: the rules of docs/conversation.md, one test a rule."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from review.model import Turn
from review.turns import MAX_PAUSE_SECONDS, build_turns, ends_sentence
from transcription.model import Word


def say(start: float, text: str, pace: float = 0.3, gap: float = 0.0) -> list[Word]:
    """Words of `pace` seconds each, `gap` seconds apart."""
    step = pace + gap
    return [Word(start + n * step, start + n * step + pace, word, 0.9) for n, word in enumerate(text.split())]


def shown(turns: tuple[Turn, ...]) -> list[tuple[str, str]]:
    return [(turn.voice, turn.text) for turn in turns]


def test_no_words_no_turns() -> None:
    assert build_turns({}) == ()
    assert build_turns({"A": [], "B": []}) == ()


def test_a_long_pause_ends_a_turn_and_a_short_one_does_not() -> None:
    words = [
        *say(0.0, "one two"),
        *say(0.6 + MAX_PAUSE_SECONDS - 0.1, "three"),
        *say(10.0, "four"),
    ]
    assert shown(build_turns({"A": words})) == [("A", "one two three"), ("A", "four")]


def test_a_question_and_its_answer_are_separate_turns() -> None:
    turns = build_turns({"A": [*say(0.0, "Is it live?"), *say(2.0, "Good.")], "B": say(1.1, "It is.")})
    assert shown(turns) == [("A", "Is it live?"), ("B", "It is."), ("A", "Good.")]
    assert [turn.id for turn in turns] == ["t0", "t1", "t2"]


def test_a_back_channel_inside_a_sentence_does_not_split_it() -> None:
    turns = build_turns(
        {"A": [*say(0.0, "so what we do"), *say(1.7, "is call them.")], "B": say(1.3, "mm-hm")}
    )
    assert shown(turns) == [("A", "so what we do is call them."), ("B", "mm-hm")]


def test_a_back_channel_after_a_sentence_ends_the_turn() -> None:
    turns = build_turns(
        {"A": [*say(0.0, "We call them."), *say(1.7, "Then we wait.")], "B": say(1.1, "Yeah.")}
    )
    assert shown(turns) == [("A", "We call them."), ("B", "Yeah."), ("A", "Then we wait.")]


def test_more_than_a_back_channel_takes_the_floor_even_inside_a_sentence() -> None:
    turns = build_turns(
        {"A": [*say(0.0, "so what we do"), *say(2.6, "is call them.")], "B": say(1.3, "hang on a second")}
    )
    assert [voice for voice, _ in shown(turns)] == ["A", "B", "A"]


def test_talking_over_each_other_leaves_two_whole_turns() -> None:
    left = say(0.0, "one two three four five six", pace=0.25, gap=0.1)
    right = say(0.2, "eins zwei drei vier fünf sechs", pace=0.25, gap=0.1)
    turns = build_turns({"A": left, "B": right})
    assert shown(turns) == [
        ("A", "one two three four five six"),
        ("B", "eins zwei drei vier fünf sechs"),
    ]
    assert turns[0].end > turns[1].start


def test_a_short_call_out_while_the_other_talks_on_does_not_split() -> None:
    turns = build_turns(
        {"A": say(0.0, "This is it. And this too.", gap=0.05), "B": say(0.5, "okay yes sure", 0.4)}
    )
    assert shown(turns) == [("A", "This is it. And this too."), ("B", "okay yes sure")]


def test_sentences_end_in_any_script_and_inside_quotes() -> None:
    assert ends_sentence("done.")
    assert ends_sentence("“done?”")
    assert ends_sentence("好。")
    assert not ends_sentence("Mr")
    assert not ends_sentence("well,")


@st.composite
def words_of_one_voice(draw: st.DrawFn) -> list[Word]:
    at = draw(st.floats(0, 5))
    words = []
    for _ in range(draw(st.integers(0, 25))):
        at += draw(st.sampled_from([0.0, 0.05, 0.3, 0.7, 1.9, 2.1, 6.0]))
        end = at + draw(st.sampled_from([0.02, 0.2, 0.6]))
        words.append(Word(at, end, draw(st.sampled_from(["yes.", "and", "so,", "why?"])), 0.5))
        at = end
    return words


@given(st.dictionaries(st.sampled_from("ABC"), words_of_one_voice()))
def test_turns_keep_every_word_once_in_order_and_apart(words_of: dict[str, list[Word]]) -> None:
    turns = build_turns(words_of)
    assert turns == build_turns(dict(reversed(words_of.items())))
    assert [turn.id for turn in turns] == [f"t{n}" for n in range(len(turns))]
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    for voice, words in words_of.items():
        own = [turn for turn in turns if turn.voice == voice]
        assert [word for turn in own for word in turn.words] == words
        assert all(before.end <= after.start for before, after in itertools.pairwise(own))
    for turn in turns:
        assert turn.words
        assert turn.start < turn.end
        assert turn.text == " ".join(word.text for word in turn.words)
        pauses = [after.start - before.end for before, after in zip(turn.words, turn.words[1:], strict=False)]
        assert max(pauses, default=0.0) <= MAX_PAUSE_SECONDS

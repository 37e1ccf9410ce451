"""People's corrections over the machine's transcript."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.corrections import anchor_of, apply
from review.model import Conversation, Correction, Party, Side, TextCorrection, Turn, TurnMove
from transcription.model import Word

PARTIES = (
    Party("p1", Side.REP, "Joe", "A", guessed=False),
    Party("p2", Side.PROSPECT, "Dana", "B", guessed=False),
)


def turn(number: int, voice: str, start: float, text: str) -> Turn:
    """Words of half a second, one after the other."""
    words = [Word(start + n / 2, start + n / 2 + 0.5, word, 0.8) for n, word in enumerate(text.split())]
    return Turn(f"t{number}", voice, tuple(words))


CALL = Conversation(
    PARTIES,
    (
        turn(0, "A", 0.0, "this is Jo at Fern Hill"),  # 0.0-3.0
        turn(1, "B", 3.5, "hi Joe"),  # 3.5-4.5
        turn(2, "A", 5.0, "is it a good time"),  # 5.0-7.5
        turn(3, "B", 8.0, "it is"),  # 8.0-9.0
    ),
)


def text(start: float, end: float, words: str, voice: str = "A", id: str = "x") -> TextCorrection:
    return TextCorrection(id, voice, start, end, words)


def move(start: float, end: float, voice: str, to_voice: str) -> TurnMove:
    return TurnMove("m", voice, start, end, to_voice)


def shown(conversation: Conversation) -> list[tuple[str, str, str]]:
    return [(turn.id, turn.voice, turn.text) for turn in conversation.turns]


def changed(*corrections: Correction, of: Conversation = CALL) -> list[tuple[str, str, str]]:
    before = shown(of)
    return [turn for turn in shown(apply(of, corrections)) if turn not in before]


def test_no_corrections_change_nothing() -> None:
    assert apply(CALL, []) is CALL


def test_a_turn_is_rewritten_and_keeps_what_the_machine_wrote() -> None:
    corrected = apply(CALL, [text(0.0, 3.0, "this is Joe at Fernhill")])
    first = corrected.turns[0]
    assert first.text == "this is Joe at Fernhill"
    assert first.machine_text == "this is Jo at Fern Hill"
    assert (first.id, first.voice, first.start, first.end) == ("t0", "A", 0.0, 3.0)
    assert all(word.probability == 1.0 for word in first.words)
    assert corrected.turns[1:] == CALL.turns[1:]


def test_new_words_take_time_by_their_length() -> None:
    [first, *_] = apply(CALL, [text(0.0, 3.0, "a bbb cc")]).turns
    assert [(word.start, word.end) for word in first.words] == [(0.0, 0.5), (0.5, 2.0), (2.0, 3.0)]


def test_one_word_is_rewritten_and_the_others_keep_their_own_times() -> None:
    [first, *_] = apply(CALL, [text(1.0, 1.5, "Joe")]).turns
    assert first.text == "this is Joe at Fern Hill"
    assert [word.probability for word in first.words] == [0.8, 0.8, 1.0, 0.8, 0.8, 0.8]
    assert first.words[3] == CALL.turns[0].words[3]


def test_the_other_voice_at_the_same_time_is_not_touched() -> None:
    assert changed(text(0.0, 9.0, "nothing left")) == [("t0", "A", "nothing"), ("t2", "A", "left")]


def test_empty_text_takes_the_turn_out() -> None:
    corrected = apply(CALL, [text(3.5, 4.5, "", voice="B")])
    assert [turn.id for turn in corrected.turns] == ["t0", "t2", "t3"]


def test_an_emptied_turn_can_be_written_again() -> None:
    assert changed(text(3.5, 4.5, "", "B"), text(3.5, 4.5, "hello Joe", "B")) == [("t1", "B", "hello Joe")]


def test_the_later_of_two_corrections_wins() -> None:
    assert changed(text(0.0, 3.0, "one two"), text(0.0, 3.0, "three")) == [("t0", "A", "three")]
    assert changed(text(0.0, 3.0, "one two"), text(0.0, 1.4, "zero")) == [("t0", "A", "zero two")]


def test_writing_the_machines_own_words_again_is_no_correction() -> None:
    [first, *_] = apply(CALL, [text(0.0, 3.0, "x"), text(0.0, 3.0, "this is Jo at Fern Hill")]).turns
    assert first.machine_text is None


def test_a_turn_is_moved_whole() -> None:
    corrected = apply(CALL, [move(3.5, 4.5, "B", "A")])
    moved = corrected.turns[1]
    assert (moved.id, moved.voice, moved.moved_from, moved.text) == ("t1", "A", "B", "hi Joe")
    assert moved.machine_text is None


def test_moved_back_it_is_as_the_machine_had_it() -> None:
    assert apply(CALL, [move(3.5, 4.5, "B", "A"), move(3.5, 4.5, "B", "B")]) == CALL


def test_a_part_of_a_turn_is_moved() -> None:
    assert changed(move(6.0, 7.5, "A", "B")) == [("t2", "A", "is it"), ("t2.1", "B", "a good time")]
    assert changed(move(5.5, 6.5, "A", "B")) == [
        ("t2", "A", "is"),
        ("t2.1", "B", "it a"),
        ("t2.2", "A", "good time"),
    ]


def test_correct_then_move_and_move_then_correct_are_the_same() -> None:
    steps: list[Correction] = [text(5.0, 7.5, "is this a good time?"), move(5.0, 7.5, "A", "B")]
    assert apply(CALL, steps) == apply(CALL, steps[::-1])
    assert changed(*steps) == [("t2", "B", "is this a good time?")]


def test_the_text_stays_corrected_when_the_move_is_undone() -> None:
    assert changed(text(5.0, 7.5, "is now fine?")) == [("t2", "A", "is now fine?")]


def test_the_anchor_of_a_moved_turn_is_the_machines_voice() -> None:
    moved = apply(CALL, [move(5.0, 7.5, "A", "B")]).turns[2]
    assert anchor_of(moved) == ("A", 5.0, 7.5)
    voice, start, end = anchor_of(moved)
    assert changed(move(5.0, 7.5, "A", "B"), TextCorrection("x", voice, start, end, "fine?")) == [
        ("t2", "B", "fine?")
    ]


def test_machine_text_of_a_divided_turn_is_that_of_the_piece() -> None:
    corrected = apply(CALL, [move(6.0, 7.5, "A", "B"), text(6.0, 7.5, "bad day")])
    assert [(turn.text, turn.machine_text) for turn in corrected.turns if turn.id.startswith("t2")] == [
        ("is it", None),
        ("bad day", "a good time"),
    ]


def test_words_where_the_machine_heard_nothing_are_a_turn_of_their_own() -> None:
    corrected = apply(CALL, [text(20.0, 21.0, "good bye", "B", id="9")])
    last = corrected.turns[-1]
    assert (last.id, last.voice, last.text, last.machine_text) == ("c9", "B", "good bye", "")
    assert (last.start, last.end) == (20.0, 21.0)
    assert apply(CALL, [text(20.0, 21.0, "", "B")]) == CALL


def test_a_move_of_nothing_does_nothing() -> None:
    assert apply(CALL, [move(20.0, 30.0, "A", "B"), move(0.0, 9.0, "Z", "B")]) == CALL


@pytest.mark.parametrize("shift", [-0.2, -0.1, 0.1, 0.2])
def test_a_rerun_with_other_word_times_keeps_corrections_in_place(shift: float) -> None:
    rerun = Conversation(
        PARTIES,
        tuple(
            replace(t, words=tuple(replace(w, start=w.start + shift, end=w.end + shift) for w in t.words))
            for t in CALL.turns
        ),
    )
    steps: list[Correction] = [
        text(0.0, 3.0, "this is Joe at Fernhill"),
        move(3.5, 4.5, "B", "A"),
        text(5.0, 5.5, "was"),
    ]
    assert shown(apply(rerun, steps)) == shown(apply(CALL, steps))


def test_a_word_that_a_rerun_made_longer_is_still_the_one_that_was_meant() -> None:
    """It was 5.3-5.5 when it was corrected; now its middle lies before that."""
    assert changed(text(5.3, 5.5, "was")) == [("t2", "A", "was it a good time")]


def test_a_rerun_that_cuts_the_turn_in_two_keeps_the_text_over_both() -> None:
    rerun = Conversation(PARTIES, (turn(0, "A", 0.0, "this is Jo"), turn(1, "A", 10.0, "at Fern Hill")))
    assert changed(text(0.0, 11.5, "that was Joe from Fernhill"), of=rerun) == [
        ("t0", "A", "that was Joe"),
        ("t1", "A", "from Fernhill"),
    ]


def test_a_rerun_that_lost_the_words_keeps_what_a_person_wrote() -> None:
    rerun = Conversation(PARTIES, CALL.turns[:1])
    assert changed(text(3.5, 4.5, "hi Joe!", "B", id="7"), of=rerun) == [("c7", "B", "hi Joe!")]


spans = st.tuples(st.floats(0, 10), st.floats(0.05, 6)).map(lambda s: (s[0], s[0] + s[1]))
corrections = st.one_of(
    st.builds(
        lambda span, voice, words: TextCorrection("x", voice, *span, " ".join(words)),
        spans,
        st.sampled_from("AB"),
        st.lists(st.sampled_from(["a", "bb", "cccccc"]), max_size=8),
    ),
    st.builds(
        lambda span, voice, to: TurnMove("m", voice, *span, to),
        spans,
        st.sampled_from("AB"),
        st.sampled_from("ABC"),
    ),
)


@given(st.lists(corrections, max_size=8))
def test_whatever_people_do_the_conversation_stays_well_formed(steps: list[Correction]) -> None:
    corrected = apply(CALL, steps)
    assert [turn.start for turn in corrected.turns] == sorted(turn.start for turn in corrected.turns)
    for shown_turn in corrected.turns:
        assert shown_turn.words
        assert all(word.start < word.end and word.text for word in shown_turn.words)
        assert [w.start for w in shown_turn.words] == sorted(w.start for w in shown_turn.words)
        assert shown_turn.moved_from != shown_turn.voice
    for machine in CALL.turns:
        if not any(
            s.start <= machine.end and s.end >= machine.start and s.voice == machine.voice for s in steps
        ):
            assert any(machine is shown_turn for shown_turn in corrected.turns)
    assert apply(CALL, steps) == corrected


@given(st.lists(corrections, max_size=6), st.lists(st.sampled_from(["a", "bb", "cccccc"]), min_size=1))
def test_the_last_text_over_everything_is_what_is_read(steps: list[Correction], words: list[str]) -> None:
    corrected = apply(CALL, [*steps, TextCorrection("z", "A", -1.0, 30.0, " ".join(words))])
    others = apply(CALL, [s for s in steps if s.voice == "B"])
    said = [w for t in corrected.turns for w in t.words if (t.moved_from or t.voice) == "A"]
    assert [w.text for w in sorted(said, key=lambda w: w.start)] == words
    assert [w.text for t in corrected.turns if (t.moved_from or t.voice) == "B" for w in t.words] == [
        w.text for t in others.turns if (t.moved_from or t.voice) == "B" for w in t.words
    ]


def test_three_hours_with_300_corrections_take_no_time() -> None:
    turns = tuple(
        turn(n, "AB"[n % 2], n * 6.0, "one two three four five six seven eight nine ten") for n in range(3000)
    )
    steps: list[Correction] = []
    for n in range(0, 3000, 20):
        steps.append(TextCorrection(f"x{n}", "A", n * 6.0, n * 6.0 + 5, "all of it is new"))
        steps.append(TurnMove(f"m{n}", "B", (n + 1) * 6.0, (n + 1) * 6.0 + 2, "A"))
    taken = []
    for _ in range(3):
        began = time.process_time()
        corrected = apply(Conversation(PARTIES, turns), steps)
        taken.append(time.process_time() - began)
    assert min(taken) < 0.1
    assert len(corrected.turns) == 3000 + 150

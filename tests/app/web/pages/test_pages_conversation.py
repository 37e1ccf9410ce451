"""Turns as the page shows them."""

from app.web.pages.conversation import shown_turns, word_times
from review.model import Conversation, Party, Side, Turn
from transcription.model import Word

NAMES = {"A": "Joe", "B": "Dana"}
PARTIES = (
    Party(id="1", side=Side.REP, label="Joe Alder", voice="A", guessed=False),
    Party(id="2", side=Side.PROSPECT, label="Dana Whitlock", voice="B", guessed=False),
)


def turn(seq: int, voice: str, start: float, end: float, **more: str) -> Turn:
    middle = (start + end) / 2
    words = (Word(start, middle, "hello", 0.9), Word(middle, end, "there", 0.5))
    return Turn(id=f"t{seq}", voice=voice, words=words, **more)


def conversation(*turns: Turn) -> Conversation:
    return Conversation(PARTIES, turns)


def remarks(*turns: Turn) -> list[str]:
    return [shown.remark for shown in shown_turns(conversation(*turns), NAMES)]


def test_a_turn_has_its_side_lane_and_time() -> None:
    [shown] = shown_turns(conversation(turn(0, "B", 65.25, 66.5)), NAMES)
    assert (shown.side, shown.lane, shown.label) == (Side.PROSPECT, "right", "Dana")
    assert (shown.start, shown.end, shown.clock, shown.seconds) == (6525, 6650, "1:05", "65.2")
    assert shown.text == "hello there"


def test_a_long_pause_before_an_answer_is_said_and_a_short_one_is_not() -> None:
    assert remarks(turn(0, "A", 0, 1), turn(1, "B", 1.9, 3), turn(2, "A", 4.2, 5)) == ["", "", "1.2 s later"]


def test_talking_inside_anothers_turn_is_said() -> None:
    assert remarks(turn(0, "A", 0, 10), turn(1, "B", 4, 5), turn(2, "B", 11.5, 12)) == [
        "",
        "while Joe talks",
        "1.5 s later",
    ]


def test_a_moved_turn_keeps_the_machines_voice_as_its_anchor() -> None:
    [shown] = shown_turns(conversation(turn(0, "B", 0, 1, moved_from="A")), NAMES)
    assert (shown.voice, shown.anchor_voice, shown.moved_from) == ("B", "A", "Joe")


def test_a_voice_without_a_party_is_still_shown() -> None:
    [shown] = shown_turns(conversation(turn(0, "C", 0, 1)), NAMES)
    assert (shown.side, shown.label) == (Side.OTHER, "Speaker C")


def test_word_times_are_three_whole_numbers_a_word() -> None:
    times = word_times(conversation(turn(0, "A", 2.0, 3.0), turn(1, "B", 10.0, 10.5)))
    assert times == {"turns": [[0, 50, 90, 50, 50, 50], [0, 25, 90, 25, 25, 50]]}

"""docs/conversation.md states the rules with their numbers: the ones in force."""

import re
from pathlib import Path

from review import attribution, cues, rep_guess, turns, words
from review.rep_clues import CLUES, WHY_I_CALL

DOC = (Path(__file__).parents[2] / "docs" / "conversation.md").read_text(encoding="utf-8")


def number(points: str) -> float:
    match = re.match(r"[+−]?[\d.]+", points)
    assert match, points
    return float(match[0].replace("−", "-"))


def test_every_clue_stands_there_with_its_points() -> None:
    rows = dict(re.findall(r"^\| (.+?)(?:: .*| \(not .*)? \| ([+−].*?) \|$", DOC, re.MULTILINE))
    for clue in (*CLUES, WHY_I_CALL):
        row = next((points for row, points in rows.items() if row.startswith(clue.says)), None)
        assert row is not None, f"“{clue.says}” is not in the table"
        assert number(row) == clue.weight, clue.says
    assert number(rows["asks questions"]) == rep_guess.QUESTIONS_WEIGHT
    assert number(rows["gives a listed name as its own"]) == rep_guess.NAME_WEIGHT
    assert number(rows["greets a listed name"]) == -rep_guess.ADDRESS_WEIGHT
    first = [number(part) for part in rows["speaks first"].split(", ")]
    assert first == [*rep_guess.FIRST_SPEAKER.values(), rep_guess.FIRST_SPEAKER_OTHERWISE]


def test_the_rules_stand_there_with_their_numbers() -> None:
    cost = attribution.CHANGE_COST
    for stated in (
        f"at least {words.MIN_WORD_SECONDS} s",
        f"at most {words.BASE_WORD_SECONDS} s and {words.SECONDS_PER_CHARACTER} s a letter",
        f"within {attribution.EDGE_SECONDS} s of it",
        f"{1 - attribution.NEAR_WEIGHT} times the share",
        f"{attribution.NEAR_WEIGHT} times e^(−d / {attribution.NEAR_SECONDS} s)",
        f"with {attribution.SUPPORT_FLOOR} added",
        f"costs {cost['sentence']} after the end of a sentence, {cost['pause']} in a pause",
        f"and {cost['within']} where the words follow at once",
        f"more than **{turns.MAX_PAUSE_SECONDS} s**",
        f"no more than {turns.PHRASE_PAUSE_SECONDS} s apart",
        f"two lines of {cues.LINE_CHARACTERS} letters",
        f"{cues.MAX_CUE_SECONDS:.0f} seconds",
    ):
        assert stated in re.sub(r"\s+", " ", DOC), stated

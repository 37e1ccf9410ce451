"""Which voice sounds like the rep. A guess from what each voice says, and always shown as one.

Every clue is a phrase that one side of a sales call says far more than the other, with a weight that says
how much further it tips the guess; a clue counts once a voice. The phrases are English. In other languages
questions, names and who speaks first are left, and the guess is weaker. docs/conversation.md lists it all.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from review.model import Side, Turn
from review.rep_clues import CLUES, INTRODUCTION, WHY_I_CALL
from review.voices import voices_in


@dataclass(frozen=True, slots=True)
class SideGuess:
    """The voice that the program takes for the rep, and why, in words for the reader."""

    voice: str
    reason: str


QUESTIONS_WEIGHT = 1.5
"""Times a voice's share of all questions: who leads a call asks more."""

FIRST_SPEAKER = {"Inbound": 2.0, "Outbound": -1.0}
"""The one who is called speaks first: the rep on an inbound call, the prospect on an outbound one."""

FIRST_SPEAKER_OTHERWISE = 0.25
"""Reps open more meetings than not: decides only where nothing else does."""

NAME_WEIGHT = 6.0
"""A listed name that a voice gives as its own ("this is Joe")."""

ADDRESS_WEIGHT = 3.0
"""A listed name that a voice greets ("Hi Dana"): whoever says it is somebody else."""


def guess_rep(
    turns: Sequence[Turn], *, names: Mapping[str, Side] | None = None, direction: str = "Unknown"
) -> SideGuess | None:
    """The voice that is the rep, most likely; None when nobody speaks. On a tie, who speaks first.

    `names` are the listed parties' names with their sides; `direction` is the call's ("Inbound", "Outbound";
    anything else is not known).
    """
    evidence = _all_evidence(turns, names or {}, direction)
    ranked = _ranked(evidence)
    return SideGuess(ranked[0], _reason(ranked, evidence)) if ranked else None


def rank_reps(
    turns: Sequence[Turn], *, names: Mapping[str, Side] | None = None, direction: str = "Unknown"
) -> list[str]:
    """All voices that are heard, the likeliest rep first."""
    return _ranked(_all_evidence(turns, names or {}, direction))


def introduces(text: str, name: str) -> bool:
    """Whether somebody says that they are `name`: by full or first name, "this is Joe", "Joe speaking"."""
    called = _any_of(_called(name))
    return bool(
        called
        and (
            re.search(rf"\b{INTRODUCTION} {called}\b", text, re.IGNORECASE)
            or re.search(rf"\b{called} (?:here|speaking|calling)\b", text, re.IGNORECASE)
        )
    )


def addresses(text: str, name: str) -> bool:
    """Whether somebody greets or thanks `name`."""
    called = _any_of(_called(name))
    greeting = r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|thanks|thank you)"
    return bool(called and re.search(rf"\b{greeting},? {called}\b", text, re.IGNORECASE))


def said_by(voice: str, turns: Sequence[Turn]) -> str:
    """All that a voice says, apostrophes as typewriters have them."""
    return " ".join(turn.text for turn in turns if turn.voice == voice).replace("’", "'")


Evidence = list[tuple[float, str]]
"""Weights and what the voice does."""


def _all_evidence(turns: Sequence[Turn], names: Mapping[str, Side], direction: str) -> dict[str, Evidence]:
    return {voice: _evidence(voice, turns, names, direction) for voice in voices_in(turns)}


def _ranked(evidence: Mapping[str, Evidence]) -> list[str]:
    return sorted(evidence, key=lambda voice: -sum(weight for weight, _ in evidence[voice]))


def _evidence(voice: str, turns: Sequence[Turn], names: Mapping[str, Side], direction: str) -> Evidence:
    text = said_by(voice, turns)
    clues = CLUES if direction == "Inbound" else (*CLUES, WHY_I_CALL)
    found = [(clue.weight, clue.says) for clue in clues if clue.pattern.search(text)]
    questions = sum(turn.text.count("?") for turn in turns)
    if questions:
        found.append((QUESTIONS_WEIGHT * text.count("?") / questions, "asks the questions"))
    if turns[0].voice == voice:
        found.append((FIRST_SPEAKER.get(direction, FIRST_SPEAKER_OTHERWISE), "speaks first"))
    for name, side in names.items():
        weight = 1 if side is Side.REP else -1
        if introduces(text, name):
            found.append((weight * NAME_WEIGHT, f"says “this is {name.split()[0]}”"))
        elif addresses(text, name):
            found.append((-weight * ADDRESS_WEIGHT, f"greets {name.split()[0]}"))
    return found


def _reason(ranked: Sequence[str], evidence: Mapping[str, Evidence]) -> str:
    """The two weightiest clues for the best voice, else what speaks for the other one's side."""
    best, *others = ranked
    if not others:
        return "only one voice is heard"
    clues = sorted((item for item in evidence[best] if item[0] >= 1), reverse=True)[:2]
    if clues:
        return f"voice {best} " + " and ".join(says for _, says in clues)
    against = sorted(item for item in evidence[others[-1]] if item[0] < 0)[:1]
    if against:
        return f"voice {others[-1]} {against[0][1]}"
    return "nothing said tells the sides apart; taken by who speaks first and asks more"


def _called(name: str) -> list[str]:
    """The full name and the first name, ready for a pattern."""
    words = name.split()
    return [re.escape(part) for part in dict.fromkeys([" ".join(words), *words[:1]]) if part]


def _any_of(parts: Sequence[str]) -> str:
    return f"(?:{'|'.join(parts)})" if parts else ""

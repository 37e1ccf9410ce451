"""A conversation as its page shows it: turns with side and remark, and compact word times."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.web.pages.present import clock, lane
from review.model import Conversation, Side, Turn

NOTABLE_PAUSE = 1.0
"""Seconds of silence before an answer from which on the page says so: about the longest of ordinary
turn-taking (Stivers et al. 2009, PNAS 106:10587: nine in ten answers come within a second)."""

LINE_CHARACTERS = 78
"""Letters a line of a turn on a wide screen: only for the height that is reserved before it is drawn."""
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """One turn, ready to print. `start` and `end` are whole centiseconds."""

    id: str
    voice: str
    anchor_voice: str
    """The machine's voice, which corrections are anchored to."""
    side: Side
    lane: str
    label: str
    start: int
    end: int
    clock: str
    seconds: str
    text: str
    remark: str
    machine_text: str | None
    moved_from: str | None
    lines: int


def shown_turns(conversation: Conversation, names: Mapping[str, str]) -> list[ShownTurn]:
    """All turns in order, each with what is worth saying about when it begins. `names` are by voice."""
    shown: list[ShownTurn] = []
    before = _Before("", 0.0)
    sides = {party.voice: party.side for party in conversation.parties if party.voice}
    for turn in conversation.turns:
        side = sides.get(turn.voice, Side.OTHER)
        end, text = turn.end, turn.text
        shown.append(
            ShownTurn(
                id=turn.id,
                voice=turn.voice,
                anchor_voice=turn.moved_from or turn.voice,
                side=side,
                lane=lane(side),
                label=_name(turn.voice, names),
                start=_centiseconds(turn.start),
                end=_centiseconds(end),
                clock=clock(turn.start),
                seconds=f"{turn.start:.1f}",
                text=text,
                remark=_remark(turn, end, before, names),
                machine_text=turn.machine_text,
                moved_from=_name(turn.moved_from, names) if turn.moved_from else None,
                lines=min(MOST_LINES, 1 + len(text) // LINE_CHARACTERS),
            )
        )
        if end > before.end:
            before = _Before(turn.voice, end)
    return shown


@dataclass(frozen=True, slots=True)
class _Before:
    """Who was heard last, and until when."""

    voice: str
    end: float


def _name(voice: str, names: Mapping[str, str]) -> str:
    return names.get(voice, f"Speaker {voice}")


def _remark(turn: Turn, end: float, before: _Before, names: Mapping[str, str]) -> str:
    if not before.voice:
        return ""
    if end <= before.end and turn.voice != before.voice:
        return f"while {_name(before.voice, names)} talks"
    pause = turn.start - before.end
    if pause >= NOTABLE_PAUSE:
        return f"{pause:.1f} s later" if pause < 60 else f"{clock(pause)} later"
    return ""


def word_times(conversation: Conversation) -> dict[str, Any]:
    """`{"turns": [[start, length, probability, …], …]}`: three whole numbers a word, turns in page order.

    `start` in centiseconds from the turn's start, `length` in centiseconds, probability in percent.
    """
    return {"turns": [_turn_words(turn) for turn in conversation.turns]}


def _turn_words(turn: Turn) -> list[int]:
    begin = _centiseconds(turn.start)
    numbers: list[int] = []
    for word in turn.words:
        start = _centiseconds(word.start)
        numbers += (start - begin, _centiseconds(word.end) - start, round(word.probability * 100))
    return numbers


def _centiseconds(seconds: float) -> int:
    return round(seconds * 100)

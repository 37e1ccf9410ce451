"""A turn cut into subtitles that can be read while they are heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from review.model import Turn
from review.turns import ends_sentence
from transcription.model import Word

LINE_CHARACTERS = 42
LINES = 2
MAX_CUE_SECONDS = 7.0
"""Two lines of 42 characters for at most 7 seconds: what the large subtitle style guides agree on."""

FULL_ENOUGH = 0.5
"""A sentence's end closes a cue that is at least half full."""

PAUSE_SECONDS = 1.0
"""A pause this long closes a cue, so that no subtitle stands over a silence."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: milliseconds, `start_ms < end_ms`; at least one line, none empty."""

    start_ms: int
    end_ms: int
    label: str
    lines: tuple[str, ...]


def make_cues(turn: Turn, label: str) -> list[Cue]:
    """The turn's words in cues, cut between words only; the label counts as part of the first line."""
    room = max(LINE_CHARACTERS, LINE_CHARACTERS * LINES - len(label) - 2)
    groups: list[list[Word]] = [[turn.words[0]]]
    for before, word in pairwise(turn.words):
        if _closes(groups[-1], before, word, room):
            groups.append([word])
        else:
            groups[-1].append(word)
    return [_cue(group, label) for group in groups]


def _closes(group: Sequence[Word], before: Word, word: Word, room: int) -> bool:
    length = sum(len(member.text) + 1 for member in group)
    return (
        length + len(word.text) > room
        or word.end - group[0].start > MAX_CUE_SECONDS
        or word.start - before.end >= PAUSE_SECONDS
        or (ends_sentence(before.text) and length >= FULL_ENOUGH * room)
    )


def _cue(group: Sequence[Word], label: str) -> Cue:
    start_ms = round(group[0].start * 1000)
    end_ms = round(max(word.end for word in group) * 1000)
    lines = _lines([word.text for word in group], first=max(0, LINE_CHARACTERS - len(label) - 2))
    return Cue(start_ms, max(end_ms, start_ms + 1), label, lines)


def _lines(texts: Sequence[str], first: int) -> tuple[str, ...]:
    """The texts on one or two lines: the first takes what fits beside the label, the second the rest."""
    taken, length = 1, len(texts[0])
    while taken < len(texts) and length + 1 + len(texts[taken]) <= first:
        length += 1 + len(texts[taken])
        taken += 1
    return tuple(" ".join(part) for part in (texts[:taken], texts[taken:]) if part)

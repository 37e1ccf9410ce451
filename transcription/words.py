"""From an engine's raw words to words that can be shown and clicked: times made sane, text made clean.

Pure. An engine's word times come from its attention, not from the sound: a word beside a silence is often
stretched over it, some have no length, some overlap. The speech detector knows where the sound is.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from transcription.model import Word

SHORTEST = 0.06
"""Seconds that a word has at least, to be seen and clicked: about the shortest spoken syllable."""
EDGE = 0.1
"""Seconds that a word may reach over detected speech: the detector is late at soft beginnings and ends."""
WITHIN_WORD = 1.0
"""Seconds that the pieces of one word may lie apart, as in a name that is spelled: "K-I-N-G"."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Seconds, `start <= end`."""

    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start

    def overlap(self, other: "Interval") -> float:
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))

    def distance(self, other: "Interval") -> float:
        return max(0.0, self.start - other.end, other.start - self.end)


@dataclass(frozen=True, slots=True)
class RawWord:
    """A word as an engine gives it: seconds in the call, any text, `start <= end` not promised."""

    start: float
    end: float
    text: str
    probability: float


def tidy(raw: Iterable[RawWord], speech: Sequence[Interval], *, duration: float) -> tuple[Word, ...]:
    """Words in order, inside the recording, none overlapping the next or without length, none over silence.

    `speech` is where sound was detected as speech, in order; `duration` is the recording's, in seconds.
    Times are rounded to milliseconds.
    """
    begins = [span.start for span in speech]
    snapped = [_capped(_on_speech(piece, _near(piece, speech, begins))) for piece in _pieces(raw)]
    whole = _with_pieces_joined(snapped)
    return _spaced(sorted(whole, key=lambda word: (word.start, word.end)), duration)


def longest(text: str) -> float:
    """Seconds that saying this word can take at most, spoken slowly.

    0.5 s and 0.1 s a letter (slow read English is under 0.1 s a letter); a digit stands for a whole word
    ("$3,500" is said in five), 0.5 s each.
    """
    return 0.5 + sum(0.5 if character.isdigit() else 0.1 for character in text)


def _pieces(raw: Iterable[RawWord]) -> list[RawWord]:
    """One piece for each stretch of letters, sharing the time; a space before a piece marks a new word."""
    words: list[RawWord] = []
    for word in raw:
        start, end = min(word.start, word.end), max(word.start, word.end)
        pieces = word.text.split()
        letters = sum(map(len, pieces))
        for number, piece in enumerate(pieces):
            share = (end - start) * len(piece) / letters
            spaced = number > 0 or word.text[0].isspace()
            words.append(RawWord(start, start + share, f" {piece}" if spaced else piece, word.probability))
            start, letters = start + share, letters - len(piece)
    return words


def _with_pieces_joined(pieces: Iterable[RawWord]) -> list[RawWord]:
    """Whole words: Whisper times "high-end" as " high" and "-end", "ma'am" as " ma" and "'am".

    Only a piece that begins with punctuation is joined: in Japanese no word has a space before it.
    Punctuation on its own is nothing that anybody said: it goes to the word before it, wherever that is.
    """
    words: list[RawWord] = []
    for piece in pieces:
        text = piece.text.strip()
        said = any(character.isalnum() for character in text)
        if not said:
            if words:
                words[-1] = replace(words[-1], text=words[-1].text + text)
            continue
        continues = not piece.text[0].isspace() and not text[0].isalnum()
        if continues and words and 0 <= piece.start - words[-1].end <= WITHIN_WORD:
            before = words[-1]
            words[-1] = RawWord(
                before.start,
                max(before.end, piece.end),
                before.text + text,
                min(before.probability, piece.probability),
            )
        else:
            words.append(replace(piece, text=text.lstrip("-'") if continues else text))
    return words


def _near(word: RawWord, speech: Sequence[Interval], begins: Sequence[float]) -> Sequence[Interval]:
    """The stretches that the word can belong to, without a look at all of a long call's."""
    first = bisect_right(begins, word.start) - 1
    last = bisect_right(begins, word.end)
    return speech[max(first, 0) : last]


def _on_speech(word: RawWord, speech: Sequence[Interval]) -> RawWord:
    """The word cut to the stretch of speech that it overlaps most.

    A word beside all speech stays: the detector misses speech more often than the engine is far off.
    """
    said = Interval(word.start, word.end)
    best = max(speech, key=said.overlap, default=None)
    if best is None or said.overlap(best) <= 0:
        return word
    return replace(word, start=max(word.start, best.start - EDGE), end=min(word.end, best.end + EDGE))


def _capped(word: RawWord) -> RawWord:
    return replace(word, end=min(word.end, word.start + longest(word.text.strip())))


def _spaced(words: Sequence[RawWord], duration: float) -> tuple[Word, ...]:
    """Each word a length and a place of its own: pushed apart to the right, then back inside the call."""
    shortest = min(SHORTEST, duration / len(words)) if words else SHORTEST
    starts: list[float] = []
    for word in words:
        starts.append(max(word.start, 0.0, starts[-1] + shortest if starts else 0.0))
    limit = duration
    for index in range(len(starts) - 1, -1, -1):
        starts[index] = min(starts[index], limit - shortest)
        limit = starts[index]
    ends = [
        min(max(word.end, start + shortest), following)
        for word, (start, following) in zip(words, pairwise([*starts, duration]), strict=True)
    ]
    return tuple(
        Word(round(start, 3), round(end, 3), word.text, round(min(max(word.probability, 0.0), 1.0), 4))
        for word, start, end in zip(words, starts, ends, strict=True)
    )

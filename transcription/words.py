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
BESIDE_SPEECH = 0.35
"""Seconds: a word this near to detected speech is moved onto it; one further away stays where it is."""


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
    whole = _with_loose_punctuation_joined(_without_white_space(raw))
    ordered = sorted(whole, key=lambda word: (word.start, word.end))
    begins = [span.start for span in speech]
    snapped = [_capped(_on_speech(word, _near(word, speech, begins))) for word in ordered]
    return _spaced(sorted(snapped, key=lambda word: (word.start, word.end)), duration)


def longest(text: str) -> float:
    """Seconds that saying this word can take at most, spoken slowly.

    0.5 s and 0.1 s a letter (slow read English is under 0.1 s a letter); a digit stands for a whole word
    ("$3,500" is said in five), 0.5 s each.
    """
    return 0.5 + sum(0.5 if character.isdigit() else 0.1 for character in text)


def _without_white_space(raw: Iterable[RawWord]) -> list[RawWord]:
    words: list[RawWord] = []
    for word in raw:
        start, end = min(word.start, word.end), max(word.start, word.end)
        pieces = word.text.split()
        letters = sum(map(len, pieces))
        for piece in pieces:
            share = (end - start) * len(piece) / letters
            words.append(RawWord(start, start + share, piece, word.probability))
            start, letters = start + share, letters - len(piece)
    return words


def _with_loose_punctuation_joined(words: Iterable[RawWord]) -> list[RawWord]:
    """A dash or quotation mark on its own is nothing that anybody said: it goes to the word before it."""
    joined: list[RawWord] = []
    for word in words:
        if any(character.isalnum() for character in word.text):
            joined.append(word)
        elif joined:
            joined[-1] = replace(joined[-1], text=joined[-1].text + word.text)
    return joined


def _near(word: RawWord, speech: Sequence[Interval], begins: Sequence[float]) -> Sequence[Interval]:
    """The stretches that the word can belong to, without a look at all of a long call's."""
    first = bisect_right(begins, word.start) - 1
    last = bisect_right(begins, word.end + BESIDE_SPEECH)
    return speech[max(first, 0) : last]


def _on_speech(word: RawWord, speech: Sequence[Interval]) -> RawWord:
    """The word cut to the stretch of speech that it overlaps most; a near miss is moved onto the nearest."""
    said = Interval(word.start, word.end)
    best = max(speech, key=lambda span: (said.overlap(span), -said.distance(span)), default=None)
    if best is None or said.distance(best) > BESIDE_SPEECH:
        return word
    start, end = max(word.start, best.start), min(word.end, best.end)
    if end - start >= SHORTEST:
        return replace(word, start=start, end=end)
    if word.end <= best.start + SHORTEST:
        return replace(word, start=best.start, end=best.start + SHORTEST)
    if word.start >= best.end - SHORTEST:
        return replace(word, start=best.end - SHORTEST, end=best.end)
    return word


def _capped(word: RawWord) -> RawWord:
    return replace(word, end=min(word.end, word.start + longest(word.text)))


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

"""Word times as the conversation needs them: in order, apart, none stretched over a silence."""

from collections.abc import Iterable
from dataclasses import replace

from review.spans import Spans
from transcription.model import Word

MIN_WORD_SECONDS = 0.02
"""One frame of Whisper's time stamps: what a word without a length of its own gets."""

BASE_WORD_SECONDS = 0.6
SECONDS_PER_CHARACTER = 0.12
"""A word is believed to last at most 0.6 s and 0.12 s a character: about twice slow, careful speech
(two syllables a second). What is longer was stretched by the engine over a silence beside it."""


def longest_plausible(text: str) -> float:
    """Seconds that saying `text`, one word, can take."""
    return BASE_WORD_SECONDS + SECONDS_PER_CHARACTER * len(text)


def clean_words(words: Iterable[Word], speech: Spans) -> tuple[Word, ...]:
    """The words of one channel in order of start, none overlapping the next, each of a plausible length.

    Texts are kept, all of them; only times change. A word that is too long is put where `speech` is longest
    under it; where there is none it keeps its start, for engines stretch the word before a silence.
    """
    return tuple(_shortened(word, speech) for word in _apart(words))


def _apart(words: Iterable[Word]) -> list[Word]:
    apart: list[Word] = []
    for word in sorted(words, key=lambda word: word.start):
        start = word.start
        if apart and apart[-1].end > start:
            before = apart[-1]
            start = max(start, min(before.end, before.start + MIN_WORD_SECONDS))
            apart[-1] = replace(before, end=start)
        apart.append(replace(word, start=start, end=max(word.end, start + MIN_WORD_SECONDS)))
    return apart


def _shortened(word: Word, speech: Spans) -> Word:
    longest = longest_plausible(word.text)
    if word.end - word.start <= longest:
        return word
    piece = speech.longest_within(word.start, word.end)
    start, end = word.start, word.end
    if piece and piece[1] - piece[0] >= MIN_WORD_SECONDS:
        start, end = piece
    return replace(word, start=start, end=min(end, start + longest))

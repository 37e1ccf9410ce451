"""Words that know their voice, to turns. docs/conversation.md states the rules for readers."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise

from review.model import Turn
from transcription.model import Word

MAX_PAUSE_SECONDS = 2.0
"""A longer pause ends a turn. Talkers let about one second of silence pass before somebody must speak
(Jefferson's "standard maximum", 1989); twice that keeps a thinking pause inside its turn, and no turn
reaches over a silence that a listener would notice as one."""

PHRASE_PAUSE_SECONDS = 0.5
"""Words of one voice with no longer pause between them are said in one go, one phrase."""

BACK_CHANNEL_WORDS = 2
"""A phrase of at most this many words, in the middle of the other's sentence, does not take the floor."""

SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")
CLOSERS = "\"'”’»)]"

Phrase = tuple[float, float, int]
"""Start, end, number of words."""


def ends_sentence(text: str) -> bool:
    return text.rstrip(CLOSERS).endswith(SENTENCE_ENDS)


def build_turns(words_of: Mapping[str, Sequence[Word]]) -> tuple[Turn, ...]:
    """The turns of all voices in order of start, ids "t0", "t1", ….

    `words_of` holds each voice's words in order of start, not overlapping one another. A voice's turn ends
    where it pauses for more than MAX_PAUSE_SECONDS, and where another voice says a phrase in its pause:
    at least half of the phrase lies in the pause, and it is more than a back-channel. Every word lands in
    exactly one turn; turns of one voice never overlap; turns of different voices may.
    """
    phrases_of = {voice: phrases(words) for voice, words in words_of.items()}
    cut = [
        (voice, stretch)
        for voice, words in sorted(words_of.items())
        for stretch in _stretches(words, [own for other, own in sorted(phrases_of.items()) if other != voice])
    ]
    cut.sort(key=lambda item: (item[1][0].start, item[0]))
    return tuple(Turn(id=f"t{n}", voice=voice, words=words) for n, (voice, words) in enumerate(cut))


def phrases(words: Sequence[Word]) -> list[Phrase]:
    """What one voice says in one go."""
    found: list[Phrase] = []
    for word in words:
        if found and word.start - found[-1][1] <= PHRASE_PAUSE_SECONDS:
            start, _, count = found[-1]
            found[-1] = (start, word.end, count + 1)
        else:
            found.append((word.start, word.end, 1))
    return found


def _stretches(words: Sequence[Word], others: Sequence[list[Phrase]]) -> list[tuple[Word, ...]]:
    if not words:
        return []
    cuts = [0]
    for at, (before, after) in enumerate(pairwise(words), start=1):
        long_pause = after.start - before.end > MAX_PAUSE_SECONDS
        if long_pause or any(_takes_floor(before, after, phrases_of_other) for phrases_of_other in others):
            cuts.append(at)
    return [tuple(words[start:end]) for start, end in pairwise([*cuts, len(words)])]


def _takes_floor(before: Word, after: Word, phrases_of_other: list[Phrase]) -> bool:
    """Whether the other says something in the pause between two words that the first voice yields to."""
    pause_start, pause_end = before.end, after.start
    # Phrases of one voice do not overlap, so their ends are in order too.
    first = bisect_left(phrases_of_other, pause_start, key=lambda phrase: phrase[1])
    for at in range(first, len(phrases_of_other)):
        start, end, count = phrases_of_other[at]
        if start >= pause_end:
            return False
        within = min(end, pause_end) - max(start, pause_start)
        if within >= (end - start) / 2 and (count > BACK_CHANNEL_WORDS or ends_sentence(before.text)):
            return True
    return False

"""What Whisper writes where nobody said it, and how it is known. Pure.

Whisper was trained on subtitles: over noise, music and hold tones it writes what subtitles say there, and it
can fall into a loop. No rule here rests on the words alone: people do say "thank you" and "no, no, no".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import fmean

from transcription.words import Interval, RawWord

SILENT = 0.6
"""Whisper's own no-speech probability from which it thinks that nobody speaks (openai/whisper's default)."""
UNSURE_WHEN_SILENT = -0.7
"""Average log-probability under which text on such a stretch is dropped; its own -1.0 lets too much by."""
LOST = -1.3
"""Average log-probability under which Whisper was guessing; above -1.0 it does not even retry."""
LIKELY = 0.6
"""Mean word probability from which text is kept even so."""
UNSURE = 0.35
"""Mean word probability under which a doubtful segment is dropped; telephone speech is seldom under 0.5."""
IN_SPEECH = 0.3
"""Share of a segment's words that must lie on or beside detected speech for it to be above doubt."""
BESIDE_SPEECH = 0.35
"""Seconds from detected speech within which a word still counts as lying on it."""
FASTEST = 9.0
"""Words a second that nobody says over a whole segment; a fast talker says 5."""
LONGEST_PHRASE = 12
"""Words that a repeated phrase may have to be looked for."""

SUBTITLE_PHRASES = (
    "thank you for watching",
    "thanks for watching",
    "please subscribe",
    "like and subscribe",
    "see you in the next video",
    "subtitles by",
    "subtitled by",
    "captions by",
    "transcribed by",
    "translated by",
    "amara org",
    "copyright",
    "all rights reserved",
    "music",
    "applause",
    "thank you",
    "you",
    "bye",
)
"""What Whisper is known to write on silence; a weak sign, used only with another."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Some words that the engine wrote together, and how sure it was of them."""

    words: tuple[RawWord, ...]
    average_log_probability: float
    no_speech_probability: float

    @property
    def length(self) -> float:
        return max(word.end for word in self.words) - min(word.start for word in self.words)

    @property
    def probability(self) -> float:
        return fmean(word.probability for word in self.words)


def believable(
    segments: Iterable[Segment], speech: Sequence[Interval], *, prompt: str = ""
) -> tuple[RawWord, ...]:
    """The words of the segments that somebody can have said, loops cut to their first round."""
    kept = [segment for segment in segments if segment.words and not invented(segment, speech, prompt=prompt)]
    return without_loops(tuple(chain.from_iterable(segment.words for segment in kept)))


def invented(segment: Segment, speech: Sequence[Interval], *, prompt: str = "") -> bool:
    """Whether the engine wrote this segment without anybody having said it."""
    sure = segment.probability
    silent = segment.no_speech_probability > SILENT
    if silent and segment.average_log_probability < UNSURE_WHEN_SILENT:
        return True
    if segment.average_log_probability < LOST and sure < LIKELY:
        return True
    too_fast = len(segment.words) >= 4 and len(segment.words) > FASTEST * segment.length
    beside_speech = share_on_speech(segment.words, speech) < IN_SPEECH
    suspect = silent or too_fast or beside_speech
    if suspect and sure < UNSURE:
        return True
    return (suspect or sure < UNSURE) and sounds_like_subtitles(segment.words, prompt)


def share_on_speech(words: Sequence[RawWord], speech: Sequence[Interval]) -> float:
    """How many of the words lie on detected speech or right beside it, 0 to 1.

    Beside it counts: the detector often lets go before the end of a last, falling "bye".
    """
    intervals = [Interval(word.start, max(word.start, word.end)) for word in words]
    near = sum(any(said.distance(span) <= BESIDE_SPEECH for span in speech) for said in intervals)
    return near / len(intervals)


def sounds_like_subtitles(words: Sequence[RawWord], prompt: str = "") -> bool:
    """Whether the text is nothing but a known subtitle phrase, or the prompt that the engine was given."""
    text = " ".join(filter(None, map(bare, words)))
    if not text:
        return True
    hints = " ".join(filter(None, map(_bare_text, prompt.split())))
    if hints and f" {text} " in f" {hints} ":
        return True
    return any(text == phrase or (len(phrase) > 9 and phrase in text) for phrase in SUBTITLE_PHRASES)


def without_loops(words: Sequence[RawWord]) -> tuple[RawWord, ...]:
    """The words with each impossible repetition cut to its first round, a last unfinished round included."""
    kept: list[RawWord] = []
    index = 0
    while index < len(words):
        size, rounds = _repetition(words, index)
        end = index + size * rounds
        if rounds > 1 and impossible(words[index:end], size=size, rounds=rounds):
            kept += words[index : index + size]
            while end < len(words) and bare(words[end]) == bare(words[end - size]):
                end += 1
            index = end
        else:
            kept.append(words[index])
            index += 1
    return tuple(kept)


def impossible(loop: Sequence[RawWord], *, size: int, rounds: int) -> bool:
    """Whether these `rounds` of the same `size` words are the engine's doing, not a speaker's.

    People repeat a word or two several times ("no, no, no, no"), a phrase seldom more than twice. A loop is
    more rounds than that either faster than anybody speaks, or that the engine itself did not believe.
    """
    if rounds < (5 if size <= 2 else 3):
        return False
    seconds = max(word.end for word in loop) - loop[0].start
    too_fast = len(loop) > FASTEST * seconds
    doubted = fmean(word.probability for word in loop) < UNSURE + 0.15
    return too_fast or doubted or rounds >= (20 if size <= 2 else 8)


def _repetition(words: Sequence[RawWord], index: int) -> tuple[int, int]:
    """Size and rounds of the phrase beginning here that repeats over the most words; (1, 1) for none."""
    best = (1, 1)
    for size in range(1, LONGEST_PHRASE + 1):
        phrase = [bare(word) for word in words[index : index + size]]
        if len(phrase) < size or not any(phrase):
            break
        rounds = 1
        while [bare(word) for word in words[index + size * rounds : index + size * (rounds + 1)]] == phrase:
            rounds += 1
        if rounds > 1 and size * rounds > best[0] * best[1]:
            best = (size, rounds)
    return best


def bare(word: RawWord) -> str:
    """The word's letters and digits only, in lower case."""
    return _bare_text(word.text)


def _bare_text(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())

"""What a transcriber says: words with their times."""

from collections.abc import Mapping
from dataclasses import dataclass

Option = str | int | float | bool | None
"""A value that an engine's option can have; it must survive JSON."""


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word.

    `start` and `end` are seconds from the beginning of the recording, `start < end`.
    `text` holds no white space; punctuation stays on the word it belongs to.
    `probability` is the engine's own, 0 to 1.
    """

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one channel, in order of their start, and what produced them."""

    words: tuple[Word, ...]
    language: str
    """ISO 639-1 code, given or detected; empty when there was no speech to detect it from."""
    engine: str
    model: str
    options: Mapping[str, Option]

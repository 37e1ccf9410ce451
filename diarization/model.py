"""Who spoke when."""

from collections.abc import Mapping
from dataclasses import dataclass

Option = str | int | float | bool | None
"""A value that an engine's option can have; it must survive JSON."""


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """A stretch in which one voice speaks. Seconds from the beginning of the recording, `start < end`.

    `voice` is a letter, "A", "B", …: an anonymous speaker, in order of first speech;
    with one party per channel, "A" is the left channel and "B" the right.
    """

    start: float
    end: float
    voice: str


@dataclass(frozen=True, slots=True)
class Diarization:
    """Who spoke when, and what found it out.

    `turns` may overlap where people talk at once. `exclusive` never does: at most one voice at a time,
    the one to give a word to. Both are in order of their start.
    """

    turns: tuple[SpeakerTurn, ...]
    exclusive: tuple[SpeakerTurn, ...]
    engine: str
    model: str
    options: Mapping[str, Option]

"""The conversation: parties, turns, and the corrections that people make. Frozen values, no behaviour."""

from dataclasses import dataclass
from enum import StrEnum

from transcription.model import Word


class Side(StrEnum):
    """Whose side of the conversation a party is on."""

    REP = "rep"
    PROSPECT = "prospect"
    MANAGER = "manager"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Party:
    """A person on the call.

    `voice` is the machine's anonymous speaker ("A", "B", …) that this person was matched to, or None when
    the person was listed and never heard. `guessed` is True while only the program thinks so.
    `label` is never empty: the name given, else "Rep", "Prospect", "Speaker C", ….
    """

    id: str
    side: Side
    label: str
    voice: str | None
    guessed: bool
    name: str | None = None
    """What a person called them; None while `label` is only a stand-in."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An unbroken stretch of one voice's words. Seconds; `words` is never empty and in order of start.

    `id` is stable within one transcript ("t0", "t1", … in order of start).
    `machine_text` is what the machine wrote where a person corrected it, else None.
    `moved_from` is the voice that the machine heard where a person moved the turn, else None.
    """

    id: str
    voice: str
    words: tuple[Word, ...]
    machine_text: str | None = None
    moved_from: str | None = None

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return max(word.end for word in self.words)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Both sides of a call. Turns in order of start; turns of different voices may overlap in time."""

    parties: tuple[Party, ...]
    turns: tuple[Turn, ...]

    def party_of(self, voice: str) -> Party | None:
        return next((party for party in self.parties if party.voice == voice), None)


@dataclass(frozen=True, slots=True)
class TextCorrection:
    """A person's words in place of the machine's.

    Anchored to sound, not to a turn, so that it survives a re-run: it replaces the words of the machine's
    voice `voice` whose middle lies in [start, end] seconds. `text` may be empty: nothing was said.
    """

    id: str
    voice: str
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class TurnMove:
    """A person's word on who spoke.

    The words of the machine's voice `voice` whose middle lies in [start, end] are `to_voice`'s.
    """

    id: str
    voice: str
    start: float
    end: float
    to_voice: str


Correction = TextCorrection | TurnMove
"""What a person changed in the machine's transcript; later ones win over earlier ones."""

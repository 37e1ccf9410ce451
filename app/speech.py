"""From decoded sound to a conversation: the stages after a recording has been opened, without a database."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from app.engines import Diarizers
from diarization.channels import Layout, find_layout, mixdown
from diarization.model import Diarization
from review.attribution import attribute_channels, attribute_mixed
from review.model import Conversation, Turn
from review.sides import ListedParty, seat_parties
from review.voices import voices_in
from transcription.model import Option, Transcript
from transcription.port import Transcriber

DEFAULT_SPEAKERS = 2
"""A call has two sides: a number that is known keeps a voice that says little from vanishing in the other."""

Progress = Callable[[float], None]
StageProgress = Callable[[str, float], None]
"""Called with "transcribe", "diarize" or "attribute" and the fraction of that stage done. It may raise."""


class Sound(Protocol):
    """Decoded sound: float32 in [-1, 1], 16 kHz, one or two channels. `storage.media.pcm.Pcm` is one."""

    @property
    def channels(self) -> int: ...
    @property
    def duration(self) -> float: ...
    def channel(self, index: int) -> NDArray[np.float32]: ...
    def audio(self) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a call before anybody has listened to it."""

    language: str | None = None
    speakers: int | None = None
    layout: Literal["channels", "mixed"] | None = None
    """How the sides lie in the file, when somebody said so."""
    listed: tuple[ListedParty, ...] = ()
    direction: str = "Unknown"


@dataclass(frozen=True, slots=True)
class Heard:
    """A conversation, how it was made and how long that took."""

    conversation: Conversation
    layout: Layout
    language: str
    engines: dict[str, dict[str, Option]]
    """ "transcriber" and "diarizer": engine, model and every option that changes the result."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds: transcribe, diarize, attribute."""


def hear(
    sound: Sound,
    request: Request,
    *,
    transcriber: Transcriber,
    diarizers: Diarizers,
    progress: StageProgress,
) -> Heard:
    """Both sides of the call in `sound`.

    Raises TranscriptionFailed and DiarizationFailed; what `progress` raises comes through.
    """
    clock = _Clock()
    layout = layout_of(sound, request.layout)
    transcripts = transcribe_sound(
        sound,
        layout,
        transcriber,
        language=request.language,
        progress=lambda done: progress("transcribe", done),
    )
    clock.lap("transcribe")
    speakers = speakers_of(request)
    diarization = diarize_sound(
        sound, layout, diarizers, speakers=speakers, progress=lambda done: progress("diarize", done)
    )
    clock.lap("diarize")
    progress("attribute", 0.0)
    turns = attribute(layout, transcripts, diarization)
    conversation = seat(layout, turns, request)
    progress("attribute", 1.0)
    clock.lap("attribute")
    spoken = next((transcript for transcript in transcripts if transcript.language), transcripts[0])
    engines = {
        "transcriber": _engine(spoken),
        "diarizer": _engine(diarization),
    }
    return Heard(conversation, layout, spoken.language, engines, clock.laps)


def layout_of(sound: Sound, asked: Literal["channels", "mixed"] | None) -> Layout:
    """How the sides lie in the file: as somebody said, where the sound allows it, else found out."""
    if sound.channels == 2 and asked is not None:
        return Layout(asked, "As it was said when the recording came in.", 0)
    return find_layout(sound.audio())


def speakers_of(request: Request) -> int:
    """How many people to look for: the number given, else those listed, and never less than two unasked."""
    return request.speakers or max(DEFAULT_SPEAKERS, len(request.listed))


def transcribe_sound(
    sound: Sound, layout: Layout, transcriber: Transcriber, *, language: str | None, progress: Progress
) -> tuple[Transcript, ...]:
    """One transcript a channel where each is a party, else one. Holds one channel in memory at a time."""
    if layout.kind == "mixed":
        return (transcriber.transcribe(mixed_sound(sound, layout), language=language, progress=progress),)
    parts = sound.channels
    return tuple(
        transcriber.transcribe(
            sound.channel(index), language=language, progress=_part_of(progress, index, parts)
        )
        for index in range(parts)
    )


def diarize_sound(
    sound: Sound, layout: Layout, diarizers: Diarizers, *, speakers: int | None, progress: Progress
) -> Diarization:
    """Who spoke when, by the diarizer that fits the layout."""
    if layout.kind == "channels":
        return diarizers.channels.diarize(sound.audio(), speakers=speakers, progress=progress)
    mixed = mixed_sound(sound, layout)
    return diarizers.mixed.diarize(mixed[np.newaxis, :], speakers=speakers, progress=progress)


def mixed_sound(sound: Sound, layout: Layout) -> NDArray[np.float32]:
    """All voices on one channel: shape (samples,)."""
    return sound.channel(0) if sound.channels == 1 else mixdown(sound.audio(), layout)


def attribute(
    layout: Layout, transcripts: Sequence[Transcript], diarization: Diarization
) -> tuple[Turn, ...]:
    """The turns of the conversation."""
    if layout.kind == "channels":
        return attribute_channels(transcripts, diarization)
    return attribute_mixed(transcripts[0], diarization)


def seat(layout: Layout, turns: tuple[Turn, ...], request: Request) -> Conversation:
    """The turns with everybody's side, for a call that nobody has looked at yet."""
    taken = {party.id for party in request.listed}
    numbers = (f"p{number}" for number in count(1))
    parties = seat_parties(
        request.listed,
        sorted(voices_in(turns)),
        turns,
        layout_channels=layout.kind == "channels",
        new_id=lambda: next(number for number in numbers if number not in taken),
        direction=request.direction,
    )
    return Conversation(parties, turns)


def _part_of(progress: Progress, index: int, parts: int) -> Progress:
    return lambda done: progress((index + done) / parts)


def _engine(result: Transcript | Diarization) -> dict[str, Option]:
    return {"engine": result.engine, "model": result.model, **result.options}


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._at
        self._at = now

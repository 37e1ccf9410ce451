"""From decoded sound to words, voices and turns, alike for the pipeline and for the command line."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

import numpy as np

from app.engines import Diarizers
from app.sound import loudest, sliced
from diarization.channels import Layout, find_layout, mixdown
from diarization.model import Diarization
from diarization.port import Diarizer
from review.attribution import attribute_channels, attribute_mixed
from review.model import Conversation, Turn
from review.sides import ListedParty, seat_parties
from review.voices import voices_in
from storage.media.pcm import Pcm
from transcription.model import Option, Transcript
from transcription.port import Transcriber

USUAL_SPEAKERS = 2
"""A sales call is two people unless somebody says otherwise: a number that is known keeps a voice that says
little from vanishing in the other."""

Progress = Callable[[float], None]
StageProgress = Callable[[str, float], None]
"""Called with "transcribe", "diarize" or "attribute" and the fraction of that stage done. It may raise."""

Check = Callable[[], None]
"""Called at every read of sound. It raises when the work is to stop."""


def go_on() -> None:
    """The check of work that nothing stops but Ctrl-C."""


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
    sound: Pcm,
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
    diarization = diarize_sound(
        sound,
        layout,
        diarizers.channels if layout.kind == "channels" else diarizers.mixed,
        speakers=speakers_wanted(request.speakers, len(request.listed)),
        progress=lambda done: progress("diarize", done),
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


def layout_of(sound: Pcm, asked: Literal["channels", "mixed"] | None) -> Layout:
    """How the sides lie in the file: as somebody said, where the sound allows it, else found out."""
    if sound.channels == 2 and asked is not None:
        return Layout(asked, "As it was said when the recording came in.", 0)
    return find_layout(sliced(sound, go_on))


def speakers_wanted(asked: int | None, listed: int) -> int:
    """How many people to look for: the number given, else those listed, and never less than two unasked."""
    return asked or max(listed, USUAL_SPEAKERS)


def transcribe_sound(
    sound: Pcm,
    layout: Layout,
    transcriber: Transcriber,
    *,
    language: str | None,
    progress: Progress,
    check: Check = go_on,
) -> tuple[Transcript, ...]:
    """One transcript a channel where each is a party, else one. Holds one channel in memory at a time.

    Both sides of a call speak one language: it is found out on the louder channel and holds for the other,
    which may say too little to tell. Raises TranscriptionFailed.
    """
    if layout.kind == "mixed":
        samples = mixdown(sliced(sound, check), layout)
        return (transcriber.transcribe(samples, language=language, progress=progress),)
    first = loudest(sound, (0, 1))
    one = transcriber.transcribe(sound.channel(first), language=language, progress=_half(progress, 0))
    language = language or one.language or None
    other = transcriber.transcribe(sound.channel(1 - first), language=language, progress=_half(progress, 1))
    return (one, other) if first == 0 else (other, one)


def diarize_sound(
    sound: Pcm,
    layout: Layout,
    diarizer: Diarizer,
    *,
    speakers: int,
    progress: Progress,
    check: Check = go_on,
) -> Diarization:
    """Who spoke when, by the diarizer that fits the layout. Raises DiarizationFailed."""
    audio = sliced(sound, check)
    if layout.kind == "mixed":
        audio = mixdown(audio, layout)[np.newaxis, :]
    return diarizer.diarize(audio, speakers=speakers, progress=progress)


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


def _half(progress: Progress, half: int) -> Progress:
    return lambda done: progress((half + done) / 2)


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

"""What a stage is told, what it hands back, and how it fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.settings import Settings
from diarization.port import Diarizer
from storage.media.store import MediaStore
from storage.stages import Stage
from storage.tables import CallRow
from storage.unit_of_work import Unit, UnitOfWork
from transcription.port import Transcriber

Progress = Callable[[float], None]
"""Called with the fraction of the stage that is done. It raises when the work is to stop."""


class StageFailed(Exception):
    """The stage cannot be done. `message` says why and what to do, for a person to read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class EngineShelf(Protocol):
    """Where the speech engines are, loaded when first used. `model` is another one than the settings name."""

    def transcriber(self, model: str | None = None) -> Transcriber: ...

    def channel_diarizer(self) -> Diarizer: ...

    def voice_diarizer(self, model: str | None = None) -> Diarizer: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What the stages work with."""

    settings: Settings
    work: UnitOfWork
    media: MediaStore
    engines: EngineShelf


@dataclass(frozen=True, slots=True)
class Job:
    """One stage of one call, as it was when the worker took it up."""

    call_id: str
    stage: Stage
    sha256: str
    requested_layout: str | None
    requested_language: str | None
    requested_speakers: int | None
    listed_parties: int
    options: Mapping[str, Any]
    results: Mapping[Stage, str]
    """Keys of what the call's stages have made so far."""
    progress: Progress
    check: Callable[[], None]
    """Raises when the work is to stop: for stretches of work that have no progress to tell."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage made. `save` writes it, in the very transaction that marks the stage done."""

    key: str
    save: Callable[[Unit, CallRow, datetime], None]


def part(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a piece of work that takes the stage from `start` to `end`."""

    def report(fraction: float) -> None:
        progress(start + (end - start) * min(max(fraction, 0.0), 1.0))

    return report

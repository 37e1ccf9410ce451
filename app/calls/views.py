"""What the service hands to pages and API: frozen values, ready to show, with no row behind them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from review.model import Conversation, Party


class CallState(StrEnum):
    RECEIVED = "received"
    INSPECTING = "inspecting"
    TRANSCRIBING = "transcribing"
    DIARIZING = "diarizing"
    ATTRIBUTING = "attributing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def active(self) -> bool:
        """Whether the program is still at work on it."""
        return self not in (CallState.READY, CallState.FAILED, CallState.CANCELLED)


@dataclass(frozen=True, slots=True)
class RecordingView:
    sha256: str
    size: int
    file_name: str
    container: str | None
    codec: str | None
    sample_rate: int | None
    channels: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something did not work: a code for programs, a sentence that says what to do for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage of the processing, for the details and the re-run menu."""

    stage: str
    state: str
    progress: float
    attempt: int
    seconds: float | None
    identity: dict[str, object] | None
    """Engine, model and options of the result in use."""
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class CallView:
    """A call without its conversation."""

    id: str
    client_unique_id: str | None
    title: str
    started_at: datetime | None
    direction: str
    created_at: datetime
    ready_at: datetime | None
    state: CallState
    progress: float
    """0 to 1 over all stages."""
    problem: Problem | None
    notice: Problem | None
    """What a reader of a ready call should know, such as that nobody speaks in it or that it breaks off."""
    duration: float | None
    """Seconds; None until inspected."""
    language: str | None
    layout: str | None
    voice_channels: dict[str, int]
    """Voice to channel (0 left, 1 right) where each party has a channel of their own."""
    demo: bool
    parties: tuple[Party, ...]
    recording: RecordingView
    stages: tuple[StageView, ...]
    same_recording: tuple[str, ...]
    """Ids of other calls with the very same recording."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an upload."""

    call: CallView
    created: bool
    """False when the call was there already: the same upload, sent again."""


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """An undoable change, newest last."""

    id: str
    kind: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A ready call with everything that its page shows."""

    call: CallView
    conversation: Conversation
    """With people's corrections applied."""
    corrections: tuple[CorrectionView, ...]
    engines: dict[str, dict[str, object]]
    """ "transcriber" and "diarizer": engine, model and options of the results in use."""
    timings: dict[str, float]
    """Seconds: decode, transcribe, diarize, attribute, total."""


@dataclass(frozen=True, slots=True)
class CallPage:
    calls: tuple[CallView, ...]
    next_cursor: str | None
    total: int
    """How many match, over all pages."""

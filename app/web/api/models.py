"""What the API says, as pydantic models: the OpenAPI document is made from these."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.calls.views import CallPage, CallState, CallView, CorrectionView, Problem, RecordingView, StageView
from review.model import Party, Side

EXAMPLE_ID = "01kaj5y2v7m3c9q0x4t8w6z1rd"
API = "/api/v1"

Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A moment in time, always told in UTC."""

Direction = Literal["Inbound", "Outbound", "Conference", "Unknown"]


class ApiModel(BaseModel):
    """camelCase outside, snake_case inside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class CodeAndMessage(ApiModel):
    """A code for programs and a sentence for people."""

    code: str = Field(examples=["no_sound"])
    message: str = Field(examples=["This file has no sound in it. Upload the recording itself."])

    @classmethod
    def of(cls, problem: Problem | None) -> Self | None:
        return None if problem is None else cls(code=problem.code, message=problem.message)


class PartyJson(ApiModel):
    """A person on the call."""

    id: str = Field(examples=[EXAMPLE_ID])
    side: Side
    name: str | None = Field(
        description="What somebody called them; null until somebody does.", examples=["Maya Ortiz"]
    )
    label: str = Field(
        description="What to show: the name, else “Rep”, “Prospect”, “Speaker C”, ….", examples=["Maya Ortiz"]
    )
    guessed: bool = Field(description="True while only the program thinks that this voice is theirs.")
    voice: str | None = Field(
        description="The machine's letter for their voice; null if never heard.", examples=["A"]
    )

    @classmethod
    def of(cls, party: Party) -> Self:
        return cls(
            id=party.id,
            side=party.side,
            name=party.name,
            label=party.label,
            guessed=party.guessed,
            voice=party.voice,
        )


class RecordingJson(ApiModel):
    """The uploaded file, kept as it came. The last four are null until it was looked into."""

    file_name: str = Field(examples=["discovery call.wav"])
    size: int = Field(description="Bytes.", examples=[1048576])
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    container: str | None = Field(examples=["wav"])
    codec: str | None = Field(examples=["pcm_s16le"])
    sample_rate: int | None = Field(description="Hertz.", examples=[8000])
    channels: int | None = Field(examples=[2])

    @classmethod
    def of(cls, recording: RecordingView) -> Self:
        return cls(
            file_name=recording.file_name,
            size=recording.size,
            sha256=recording.sha256,
            container=recording.container,
            codec=recording.codec,
            sample_rate=recording.sample_rate,
            channels=recording.channels,
        )


class StageJson(ApiModel):
    """One stage of the processing."""

    stage: Literal["inspect", "transcribe", "diarize", "attribute"]
    state: Literal["waiting", "queued", "running", "done", "failed", "cancelled"]
    progress: float = Field(description="Fraction done, 0 to 1.", examples=[0.42])
    attempt: int
    seconds: float | None = Field(description="How long the attempt that finished took.")
    identity: dict[str, object] | None = Field(description="Engine, model and options of the result in use.")
    error: CodeAndMessage | None

    @classmethod
    def of(cls, stage: StageView) -> Self:
        return cls.model_validate(
            {
                "stage": str(stage.stage),
                "state": str(stage.state),
                "progress": stage.progress,
                "attempt": stage.attempt,
                "seconds": stage.seconds,
                "identity": stage.identity,
                "error": CodeAndMessage.of(stage.problem),
            }
        )


class LinksJson(ApiModel):
    """Where the rest of the call is, as paths on this server."""

    this: str = Field(alias="self", examples=[f"{API}/calls/{EXAMPLE_ID}"])
    page: str = Field(examples=[f"/calls/{EXAMPLE_ID}"])
    transcript: str = Field(examples=[f"{API}/calls/{EXAMPLE_ID}/transcript"])
    audio: str = Field(examples=[f"{API}/calls/{EXAMPLE_ID}/audio"])
    original: str = Field(examples=[f"{API}/calls/{EXAMPLE_ID}/audio?original=1"])
    peaks: str = Field(examples=[f"{API}/calls/{EXAMPLE_ID}/peaks"])

    @classmethod
    def of(cls, call_id: str) -> Self:
        call = f"{API}/calls/{call_id}"
        return cls(
            self=call,
            page=f"/calls/{call_id}",
            transcript=f"{call}/transcript",
            audio=f"{call}/audio",
            original=f"{call}/audio?original=1",
            peaks=f"{call}/peaks",
        )


class CallJson(ApiModel):
    """A call and where its processing stands. Its words are at `links.transcript`."""

    id: str = Field(examples=[EXAMPLE_ID])
    client_unique_id: str | None = Field(
        description="The id that the uploader gave it; uploading the same again gives this call.",
        examples=["crm-4711"],
    )
    title: str = Field(examples=["Discovery with Northwind"])
    actual_start: Moment | None = Field(description="When the conversation began.")
    direction: Direction
    state: CallState
    progress: float = Field(description="Fraction done over all stages, 0 to 1.", examples=[0.42])
    error: CodeAndMessage | None = Field(description="Why it failed.")
    notice: CodeAndMessage | None = Field(
        description="What a reader should know, such as that nobody speaks in it or that it breaks off."
    )
    duration: float | None = Field(
        description="Seconds; null until the recording was looked into.", examples=[312.4]
    )
    language: str | None = Field(description="ISO 639-1.", examples=["en"])
    layout: Literal["channels", "mixed"] | None = Field(
        description="Whether each channel holds one party, or everybody is in one."
    )
    demo: bool = Field(description="One of the demo calls.")
    parties: list[PartyJson]
    recording: RecordingJson
    same_recording: list[str] = Field(description="Ids of other calls with the very same recording.")
    stages: list[StageJson]
    created_at: Moment
    ready_at: Moment | None
    links: LinksJson

    @classmethod
    def of(cls, call: CallView) -> Self:
        return cls.model_validate(
            {
                "id": call.id,
                "client_unique_id": call.client_unique_id,
                "title": call.title,
                "actual_start": call.started_at,
                "direction": call.direction,
                "state": call.state,
                "progress": call.progress,
                "error": CodeAndMessage.of(call.problem),
                "notice": CodeAndMessage.of(call.notice),
                "duration": call.duration,
                "language": call.language,
                "layout": call.layout,
                "demo": call.demo,
                "parties": [PartyJson.of(party) for party in call.parties],
                "recording": RecordingJson.of(call.recording),
                "same_recording": list(call.same_recording),
                "stages": [StageJson.of(stage) for stage in call.stages],
                "created_at": call.created_at,
                "ready_at": call.ready_at,
                "links": LinksJson.of(call.id),
            }
        )


class CallPageJson(ApiModel):
    """One page of the list of calls, newest first."""

    calls: list[CallJson]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")
    total: int = Field(description="How many calls match, over all pages.")

    @classmethod
    def of(cls, page: CallPage) -> Self:
        return cls(
            calls=[CallJson.of(call) for call in page.calls], next_cursor=page.next_cursor, total=page.total
        )


class CorrectionJson(ApiModel):
    """A change that a person made in the transcript; it can be undone."""

    id: str = Field(examples=[EXAMPLE_ID])
    kind: Literal["text", "move"]
    created_at: Moment

    @classmethod
    def of(cls, correction: CorrectionView) -> Self:
        return cls.model_validate(
            {"id": correction.id, "kind": correction.kind, "created_at": correction.created_at}
        )


class WordJson(BaseModel):
    start: float = Field(description="Seconds.")
    end: float
    text: str
    probability: float = Field(description="The transcriber's own, 0 to 1.")


class TurnJson(BaseModel):
    party: str | None = Field(description="Id of the party who speaks.")
    start: float = Field(description="Seconds.")
    end: float
    text: str
    words: list[WordJson]


class TranscriptPartyJson(BaseModel):
    id: str
    side: Side
    label: str
    guessed: bool


class TranscriptJson(BaseModel):
    """The conversation, with people's corrections applied. The same shape as `bothsides transcribe`
    writes."""

    duration: float = Field(description="Seconds.")
    parties: list[TranscriptPartyJson]
    turns: list[TurnJson] = Field(
        description="In order of their start; turns of different parties may overlap."
    )
    engines: dict[str, dict[str, object]] = Field(description="What made it: engine, model and options.")
    timings: dict[str, float] = Field(description="Seconds that each stage took.")

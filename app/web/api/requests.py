"""What the API takes as JSON. Unknown fields are refused by name."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from app.web.api.models import Direction
from review.model import Side


def _on_one_line(text: str) -> str:
    """Spaces and line ends become single spaces; other control characters are refused (PostgreSQL takes no
    NUL)."""
    text = " ".join(text.split())
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must hold no control characters")
    return text


Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_on_one_line)]
Voice = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{0,2}$")]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class RequestModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class CallPatch(RequestModel):
    """Facts of a call to change. What is left out stays; null takes away where that is possible."""

    title: Annotated[Line, Field(min_length=1)] | None = Field(
        default=None, examples=["Discovery with Northwind"]
    )
    actual_start: AwareDatetime | None = None
    direction: Direction | None = None

    @model_validator(mode="after")
    def _some_facts_cannot_be_taken_away(self) -> "CallPatch":
        for name in ("title", "direction"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be null; leave it out to keep it as it is")
        return self


class PartyPatch(RequestModel):
    """A party's name or side to change. What is left out stays; an empty or null name takes the name
    away."""

    name: Annotated[Line, Field(max_length=200)] | None = Field(default=None, examples=["Maya Ortiz"])
    side: Side | None = None


class Rerun(RequestModel):
    """Which stage to run again, and with what. What needs it runs again too."""

    stage: Literal["inspect", "transcribe", "diarize", "attribute"]
    model: Annotated[Line, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Another model for this stage.", examples=["small"]
    )
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = Field(
        default=None, examples=["de"]
    )
    speakers: Annotated[int, Field(ge=1, le=10)] | None = Field(
        default=None, description="How many people speak."
    )
    layout: Literal["channels", "mixed"] | None = None


class _Stretch(RequestModel):
    voice: Voice = Field(description="The voice that the machine heard.", examples=["A"])
    start: Seconds = Field(description="Seconds.", examples=[12.3])
    end: Seconds = Field(examples=[15.8])

    @model_validator(mode="after")
    def _runs_forwards(self) -> "_Stretch":
        if self.end <= self.start:
            raise ValueError("end must be after start")
        return self


class TextCorrectionRequest(_Stretch):
    """Other words for what `voice` says from `start` to `end`; empty when nothing was said."""

    kind: Literal["text"]
    text: Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_on_one_line)]


class MoveRequest(_Stretch):
    """What `voice` says from `start` to `end` was said by `toVoice`."""

    kind: Literal["move"]
    to_voice: Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{0,2}$|^[0-9a-z]{26}$")] = Field(
        description="A voice, or the id of a party who was not heard so far.", examples=["B"]
    )


CorrectionRequest = Annotated[TextCorrectionRequest | MoveRequest, Field(discriminator="kind")]

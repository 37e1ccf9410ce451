"""What an uploader says of a call. Field names follow common call-upload APIs, so that exporters fit."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from review.model import Side

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class PartyMetadata(BaseModel):
    """A person on the call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line | None = None
    emailAddress: Annotated[str, StringConstraints(strip_whitespace=True, max_length=320)] | None = None  # noqa: N815
    side: Side = Side.OTHER
    mediaChannelId: Literal[0, 1] | None = None  # noqa: N815
    """0 left, 1 right: the channel that this party speaks on."""


class CallMetadata(BaseModel):
    """The `metadata` part of an upload. Everything is optional; unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clientUniqueId: (  # noqa: N815
        Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")] | None
    ) = None
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None = (
        None
    )
    actualStart: AwareDatetime | None = None  # noqa: N815
    direction: Literal["Inbound", "Outbound", "Conference", "Unknown"] = "Unknown"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    speakers: Annotated[int, Field(ge=1, le=10)] | None = None
    """How many people speak, when that is known and not all are listed as parties."""
    channels: Literal["separate", "mixed"] | None = None
    """Whether each channel holds one party; found out from the sound when left out."""
    parties: Annotated[tuple[PartyMetadata, ...], Field(max_length=10)] = ()

    def started_at(self) -> datetime | None:
        return self.actualStart

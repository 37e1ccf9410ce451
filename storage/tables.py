"""The tables. Columns only: queries are in the repositories, changes of shape in migrations."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.types import UtcDateTime

ID = String(26)
"""A ULID in lower case: sorts by when it was made."""

Moment = UtcDateTime()


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class CallRow(Base):
    """One recorded conversation with its facts and where its processing stands."""

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    client_unique_id: Mapped[str | None] = mapped_column(String(256), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    direction: Mapped[str] = mapped_column(String(16))
    requested_language: Mapped[str | None] = mapped_column(String(16))
    requested_speakers: Mapped[int | None]
    requested_layout: Mapped[str | None] = mapped_column(String(16))
    """ "channels" or "mixed" when somebody said how the two sides lie in the file, else None: found out."""
    layout: Mapped[str | None] = mapped_column(String(16))
    """ "channels" (one party per channel) or "mixed" (all in one), once inspected."""
    voice_channels: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """Which channel each voice is on where each party has one: {"A": 0, "B": 1}, or otherwise after a re-run
    that kept the letters of voices that were told apart before. Empty where the voices share a channel."""
    language: Mapped[str | None] = mapped_column(String(16))
    sides_confirmed: Mapped[bool] = mapped_column(default=False)
    """A person said which voice is the rep; a re-run keeps it."""
    demo: Mapped[bool] = mapped_column(default=False)
    sent: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The metadata as uploaded: what a repeated upload is compared with, whatever people changed since."""
    state: Mapped[str] = mapped_column(String(16))
    progress: Mapped[float] = mapped_column(default=0.0)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    notice_code: Mapped[str | None] = mapped_column(String(64))
    notice: Mapped[str | None] = mapped_column(Text)
    """What a reader of a ready call should know, such as that nobody speaks in it or that it breaks off."""
    search_text: Mapped[str] = mapped_column(Text, default="")
    """Title and party labels, case-folded."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    ready_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress"),
        Index("ix_call_state", "state"),
        Index("ix_call_created_at", "created_at", "id"),
    )


class RecordingRow(Base):
    """The uploaded media file of a call, as it came."""

    __tablename__ = "recording"

    call_id: Mapped[str] = mapped_column(ID, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(512))
    """What the uploader called it: shown, never used as a path."""
    container: Mapped[str | None] = mapped_column(String(64))
    codec: Mapped[str | None] = mapped_column(String(64))
    sample_rate: Mapped[int | None]
    channels: Mapped[int | None]
    duration: Mapped[float | None]
    """Seconds of decoded sound."""


class PartyRow(Base):
    """A person on a call."""

    __tablename__ = "party"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    call_id: Mapped[str] = mapped_column(ID, ForeignKey("call.id", ondelete="CASCADE"))
    position: Mapped[int]
    side: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(String(200))
    """What a person called them; None until somebody does."""
    email: Mapped[str | None] = mapped_column(String(320))
    channel: Mapped[int | None]
    """0 left, 1 right, where the uploader said so."""
    voice: Mapped[str | None] = mapped_column(String(8))
    guessed: Mapped[bool] = mapped_column(default=False)
    listed: Mapped[bool] = mapped_column(default=False)
    """Named in the upload rather than found by the machine."""

    __table_args__ = (
        UniqueConstraint("call_id", "position"),
        Index("ix_party_call_id", "call_id"),
    )


class TurnRow(Base):
    """A turn of the machine's transcript. Never changed by people; replaced whole by a re-run."""

    __tablename__ = "turn"

    call_id: Mapped[str] = mapped_column(ID, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    voice: Mapped[str] = mapped_column(String(8))
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[list[Any]]] = mapped_column(JSON)
    """[[start, end, text, probability], …] in seconds."""


class CorrectionRow(Base):
    """What a person changed in the transcript. Kept apart from the machine's words; undone, not deleted."""

    __tablename__ = "correction"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    call_id: Mapped[str] = mapped_column(ID, ForeignKey("call.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    """ "text" or "move"."""
    voice: Mapped[str] = mapped_column(String(8))
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str | None] = mapped_column(Text)
    to_voice: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("ix_correction_call_id", "call_id"),)


class StageRunRow(Base):
    """The ledger of work: one row a stage of a call.

    `attempt` only grows: it fences off a worker that lost its lease. `crashes` counts attempts that ended
    without a word since the stage was last asked for.
    """

    __tablename__ = "stage_run"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    call_id: Mapped[str] = mapped_column(ID, ForeignKey("call.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    """waiting (for an earlier stage), queued, running, done, failed, cancelled."""
    priority: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[float] = mapped_column(default=0.0)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What this run was asked for beyond the settings, such as another model or a number of speakers."""
    result_key: Mapped[str | None] = mapped_column(String(64))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float | None]
    """How long the attempt that finished took."""
    queued_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when somebody waits for it. All stages of one request share it: the older request goes first."""
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        UniqueConstraint("call_id", "stage"),
        Index("ix_stage_run_state", "state", "priority", "queued_at"),
    )


class StageResultRow(Base):
    """What a stage made of a recording: kept under recording hash + stage + engine and options."""

    __tablename__ = "stage_result"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the canonical JSON of the three."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    stage: Mapped[str] = mapped_column(String(16))
    identity: Mapped[dict[str, Any]] = mapped_column(JSON)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    """zlib-compressed JSON."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class RemovalRow(Base):
    """A deleted call whose files are still to be removed: the row goes when they are gone."""

    __tablename__ = "removal"

    call_id: Mapped[str] = mapped_column(ID, primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(Moment)

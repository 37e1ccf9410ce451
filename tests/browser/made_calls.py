"""Calls put straight into an installation, without a worker: in any state, and as long as wanted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.bootstrap import Parts
from app.calls.metadata import CallMetadata
from app.calls.receiving import Upload, add_call
from app.calls.search import search_text
from app.pipeline.notices import SILENCE
from app.pipeline.sound import media_limits
from review.model import Side, Turn
from storage.ids import new_id, now
from storage.media.inspect import inspect
from storage.stages import RunState, Stage
from storage.tables import CallRow, PartyRow, StageRunRow
from storage.unit_of_work import Unit
from transcription.model import Word

WORDS = tuple("we have been looking at how our team sends the orders out and where they wait".split())  # noqa: SIM905


@dataclass(frozen=True)
class Seat:
    """Who has which voice."""

    side: Side
    voice: str | None
    name: str | None = None
    guessed: bool = False


def spoken(seq: int, voice: str, start: float, end: float, text: str, *, probability: float = 0.95) -> Turn:
    """A turn whose words fill [start, end] evenly."""
    words = text.split()
    each = (end - start) / len(words)
    return Turn(
        id=f"t{seq}",
        voice=voice,
        words=tuple(
            Word(start + n * each, start + (n + 1) * each - 0.02, word, probability)
            for n, word in enumerate(words)
        ),
    )


def demo_turns(demo: Path, name: str) -> list[Turn]:
    """The written truth of a demo call: the rep is voice A."""
    told = json.loads((demo / f"{name}.json").read_text())["turns"]
    return [
        spoken(seq, "A" if turn["speaker"] == "rep" else "B", turn["start"], turn["end"], turn["text"])
        for seq, turn in enumerate(told)
    ]


def long_turns(hours: float, turns_an_hour: int = 1000, words: int = 10) -> list[Turn]:
    """Two voices in turn, without end."""
    length = 3600 / turns_an_hour
    return [
        spoken(
            n,
            "AB"[n % 2],
            n * length,
            (n + 0.9) * length,
            " ".join([f"turn{n}", *(WORDS[(n + i) % len(WORDS)] for i in range(words - 1))]),
        )
        for n in range(int(hours * turns_an_hour))
    ]


Finish = Callable[[Unit, CallRow, Path], None]
"""Brings a new call to the state that is wanted, before any worker can see it."""


def put(parts: Parts, sound: bytes, finish: Finish, *, file_name: str, **metadata: Any) -> str:
    """A call in any state; its id."""
    with parts.media.receive() as incoming:
        incoming.write(sound)
        stored = incoming.finish()
        upload = Upload(stored, file_name, CallMetadata(**metadata), demo=False)
        with parts.work.write() as unit:
            call = add_call(unit, upload, at=now())
            finish(unit, call, parts.media.folder(call.id))
        incoming.keep()
    return stored.id


def add_ready_call(
    parts: Parts,
    sound: Path,
    turns: Sequence[Turn],
    seats: Sequence[Seat],
    *,
    duration: float | None = None,
    **metadata: Any,
) -> str:
    """A call that is ready: its media as the real inspection makes them, its turns as given."""

    def finish(unit: Unit, call: CallRow, folder: Path) -> None:
        facts = inspect(
            folder / "recording", folder, limits=media_limits(parts.settings), progress=lambda _: None
        )
        recording = unit.calls.recording(call.id)
        recording.container, recording.codec = facts.container, facts.codec
        recording.sample_rate, recording.channels = facts.sample_rate, facts.channels
        recording.duration = duration or facts.duration
        unit.calls.add_parties([_party(call.id, position, seat) for position, seat in enumerate(seats)])
        unit.transcripts.replace_turns(call.id, turns)
        for run in _runs(unit, call).values():
            run.state, run.progress, run.seconds = RunState.DONE, 1.0, 1.5
        call.state, call.progress, call.ready_at = "ready", 1.0, now()
        call.layout = "channels" if facts.channels == 2 else "mixed"
        call.voice_channels = {"A": 0, "B": 1} if facts.channels == 2 else {}
        call.language = "en"
        call.search_text = search_text(call.title, [seat.name for seat in seats])
        if not turns:
            call.notice_code, call.notice = SILENCE.code, SILENCE.message

    return put(parts, sound.read_bytes(), finish, file_name=metadata.pop("file_name", sound.name), **metadata)


def add_failed_call(parts: Parts, *, reason: str, title: str) -> str:
    """A call whose recording could not be read."""

    def finish(unit: Unit, call: CallRow, _: Path) -> None:
        run = _runs(unit, call)[Stage.INSPECT]
        run.state, run.error_code, run.error = RunState.FAILED, "not_media", reason
        call.state, call.error_code, call.error = "failed", "not_media", reason

    return put(parts, b"no sound at all", finish, file_name="notes.wav", title=title)


def add_stopped_call(parts: Parts, *, title: str) -> str:
    """A call that somebody stopped before anything was done."""

    def finish(unit: Unit, call: CallRow, _: Path) -> None:
        for run in _runs(unit, call).values():
            run.state = RunState.CANCELLED
        call.state = "cancelled"

    return put(parts, b"no sound at all", finish, file_name="notes.wav", title=title)


def add_call_at_work(parts: Parts, *, title: str, share: float) -> str:
    """A call whose words are being written down by a worker that never gets on."""

    def finish(unit: Unit, call: CallRow, _: Path) -> None:
        runs = _runs(unit, call)
        runs[Stage.INSPECT].state, runs[Stage.INSPECT].seconds = RunState.DONE, 3.2
        runs[Stage.TRANSCRIBE].state, runs[Stage.TRANSCRIBE].progress = RunState.RUNNING, share
        runs[Stage.TRANSCRIBE].lease_until = now() + timedelta(hours=1)
        call.state, call.progress = "transcribing", 0.1 + 0.8 * share
        unit.calls.recording(call.id).duration = 612.0

    return put(parts, b"no sound at all", finish, file_name="call.wav", title=title)


def _runs(unit: Unit, call: CallRow) -> dict[str, StageRunRow]:
    rows = unit.calls.rows(call.id)
    assert rows is not None
    return {run.stage: run for run in rows.runs}


def _party(call_id: str, position: int, seat: Seat) -> PartyRow:
    return PartyRow(
        id=new_id(),
        call_id=call_id,
        position=position,
        side=seat.side,
        name=seat.name,
        voice=seat.voice,
        guessed=seat.guessed,
        listed=seat.name is not None,
    )


def days_ago(days: int) -> str:
    return (datetime(2026, 11, 14, 10, 2, tzinfo=UTC) - timedelta(days=days)).isoformat()


JOE_AND_DANA = (Seat(Side.REP, "A", "Joe Alder"), Seat(Side.PROSPECT, "B", "Dana Whitlock"))

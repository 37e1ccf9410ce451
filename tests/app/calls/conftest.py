"""The service on a database of each kind, with uploads and finished calls made by hand."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.calls.metadata import CallMetadata
from app.calls.service import CallService
from app.calls.views import CallView, Received
from app.pipeline.seating import seat
from review.model import Turn
from storage.database import Database
from storage.ids import now
from storage.media.store import MediaStore
from storage.results import StageResult
from storage.stages import Stage
from storage.unit_of_work import UnitOfWork
from transcription.model import Word


class Pokes(list[str]):
    """A queue that only remembers who was to be woken for."""

    def poke(self, call_id: str) -> None:
        self.append(call_id)


def turn(number: int, voice: str, start: float, text: str) -> Turn:
    """Half a second a word."""
    words = tuple(Word(start + n / 2, start + n / 2 + 0.4, word, 0.9) for n, word in enumerate(text.split()))
    return Turn(id=f"t{number}", voice=voice, words=words)


TURNS = (
    turn(0, "A", 0.0, "Hi Dana this is Joe from Fernhill"),
    turn(1, "B", 4.0, "Hello Joe what is this about"),
    turn(2, "A", 8.0, "What made you look at freight software"),
)


class Desk:
    """A service with its parts in reach."""

    def __init__(self, address: str, folder: Path) -> None:
        self.work = UnitOfWork(Database(address))
        self.media = MediaStore(folder / "media", max_bytes=10**6, min_free_bytes=0)
        self.pokes = Pokes()
        self.calls = CallService(self.work, self.media, self.pokes)

    def receive(self, content: bytes = b"sound", *, file_name: str = "call.wav", **metadata: Any) -> Received:
        with self.media.receive() as incoming:
            incoming.write(content)
            received = self.calls.receive(
                incoming.finish(), file_name=file_name, metadata=CallMetadata.model_validate(metadata)
            )
            if received.created:
                incoming.keep()
        return received

    def ready(self, turns: Sequence[Turn] = TURNS, **upload: Any) -> CallView:
        """A call that went through all stages."""
        call_id = self.receive(**upload).call.id
        self.work_off(call_id, turns)
        return self.calls.get(call_id)

    def work_off(self, call_id: str, turns: Sequence[Turn] = TURNS) -> None:
        """Does what a worker would, with these turns for a result."""
        while True:
            with self.work.write() as unit:
                claim = unit.ledger.claim("w", lease=timedelta(seconds=30), at=now())
                if claim is None:
                    return
                call = unit.ledger.hold(claim)
                assert call is not None
                recording = unit.calls.recording(call.id)
                result = StageResult(
                    recording.sha256, claim.stage, {"engine": f"test {claim.stage}"}, ["private words"]
                )
                unit.results.keep(result, at=now())
                if claim.stage is Stage.INSPECT:
                    recording.duration, recording.channels = 20.0, 2
                if claim.stage is Stage.ATTRIBUTE:
                    unit.transcripts.replace_turns(call.id, turns)
                    seat(unit, call, turns, layout="mixed", names={})
                unit.ledger.finish(claim, result_key=result.key, seconds=1.5, at=now())


@pytest.fixture
def desk(database_address: str, tmp_path: Path) -> Desk:
    return Desk(database_address, tmp_path)

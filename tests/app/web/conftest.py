"""The web application on real parts: SQLite, migrations, media on disk. No worker, unless a test starts
one."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Parts, build
from app.settings import Settings
from app.web.main import create_app
from review.model import Turn
from storage.database import migrate
from storage.ids import now
from storage.stages import Stage
from transcription.model import Word

METADATA = {
    "title": "Discovery with Northwind",
    "direction": "Outbound",
    "actualStart": "2026-03-02T09:30:00+01:00",
    "parties": [
        {"name": "Maya Ortiz", "side": "rep", "mediaChannelId": 0},
        {"side": "prospect", "mediaChannelId": 1},
    ],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data", engines="fake", demo=False, max_upload_bytes=1_000_000, min_free_bytes=0
    )


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations make it; copied for each test, because making one takes a second."""
    path = tmp_path_factory.mktemp("database") / "bothsides.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def parts(settings: Settings, empty_database: Path) -> Iterator[Parts]:
    settings.data.mkdir()
    shutil.copy(empty_database, settings.data / "bothsides.db")
    parts = build(settings)
    yield parts
    parts.close()


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    with TestClient(create_app(parts), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def stored(parts: Parts):
    """Names of all files under the media folder: an upload that failed must leave none."""

    def files() -> list[str]:
        root = parts.settings.data / "media"
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    return files


def upload(client: TestClient, *, content: bytes = b"RIFF sound", name: str = "call.wav", **metadata: object):
    files = {"metadata": (None, json.dumps(metadata), "application/json"), "file": (name, content)}
    return client.post("/api/v1/calls", files=files)


def words(*texts: str, start: float) -> tuple[Word, ...]:
    return tuple(Word(start + i, start + i + 0.8, text, 0.9) for i, text in enumerate(texts))


TURNS = (
    Turn("t0", "A", words("Hello,", "this", "is", "Maya.", start=1.0)),
    Turn("t1", "B", words("Too", "expensive.", start=6.0)),
)


def make_ready(parts: Parts, call_id: str, turns: tuple[Turn, ...] = TURNS) -> None:
    """What a worker would do to the call, with given turns; the two listed parties are heard."""
    while True:
        with parts.work.write() as unit:
            claim = unit.ledger.claim("test", lease=timedelta(seconds=30), at=now())
            if claim is None:
                return
            call = unit.ledger.hold(claim)
            if claim.stage is Stage.INSPECT:
                call.layout = "channels"
                recording = unit.calls.recording(call_id)
                recording.duration, recording.channels, recording.container = 30.0, 2, "wav"
            if claim.stage is Stage.ATTRIBUTE:
                unit.transcripts.replace_turns(call_id, turns)
                for party, voice in zip(unit.calls.parties(call_id), "AB", strict=False):
                    party.voice = voice
            unit.ledger.finish(claim, result_key=f"test-{claim.stage}", seconds=1.0, at=now())


@pytest.fixture
def ready(client: TestClient, parts: Parts) -> str:
    """The id of a call that is ready to be read, with a rep (voice A) and a prospect (voice B)."""
    call_id = upload(client, **METADATA).json()["id"]
    make_ready(parts, call_id)
    parts.media.playback(call_id).write_bytes(bytes(range(256)) * 40)
    parts.media.peaks(call_id).write_bytes(b"peaks" * 100)
    return call_id


def problem(answer) -> dict:
    """The problem document that `answer` is, its form checked."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:bothsides:problem:{document['code']}"
    assert document["instance"] == f"urn:bothsides:request:{answer.headers['x-request-id']}"
    return document

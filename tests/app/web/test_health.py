"""Whether the process lives and can work."""

from datetime import timedelta

from fastapi.testclient import TestClient

from app.bootstrap import Parts, build
from app.web.main import create_app
from storage.ids import now
from tests.app.web.conftest import upload


def test_a_working_server_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    upload(client)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {"database": "ok", "media": "ok"},
        "running": 0,
        "queued": 1,
    }


def test_it_says_how_much_work_is_under_way(client: TestClient, parts: Parts) -> None:
    upload(client)
    with parts.work.write() as unit:
        unit.ledger.claim("test", lease=timedelta(seconds=30), at=now())
    assert [client.get("/readyz").json()[key] for key in ("running", "queued")] == [1, 0]
    upload(client)
    with parts.work.write() as unit:
        unit.ledger.claim("silent", lease=timedelta(seconds=-1), at=now())
    assert [client.get("/readyz").json()[key] for key in ("running", "queued")] == [1, 0]


def test_a_database_that_was_not_migrated_is_not_ready(settings) -> None:
    parts = build(settings)
    answer = TestClient(create_app(parts), base_url="http://localhost").get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "not at the newest migration", "media": "ok"}
    parts.close()


def test_a_media_folder_that_cannot_be_written_is_not_ready(client: TestClient, parts: Parts) -> None:
    (parts.settings.data / "media").write_text("a file where the folder should be")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["media"].startswith("cannot be written to")
    assert client.get("/healthz").status_code == 200

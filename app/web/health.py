"""Whether the process lives, and whether it can do its work."""

import tempfile
from pathlib import Path

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.bootstrap import Parts
from app.web.parts import PartsDep
from storage.ids import now

router = APIRouter(include_in_schema=False)


class Readiness(BaseModel):
    """`ready` when all checks hold; each check is "ok" or says what is wrong.

    `running` and `queued` count stages: work that waits while none is running means that no worker is there.
    That does not make the web server unready.
    """

    ready: bool
    checks: dict[str, str]
    running: int | None
    queued: int | None


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers. Looks at nothing else, so that a slow disk does not get it restarted."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(parts: PartsDep, response: Response) -> Readiness:
    """Database and media folder can be used. 503 when not."""
    checks = {"database": _database(parts), "media": _media(parts.settings.data / "media")}
    ready = all(found == "ok" for found in checks.values())
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    running, queued = _work(parts) if checks["database"] == "ok" else (None, None)
    return Readiness(ready=ready, checks=checks, running=running, queued=queued)


def _database(parts: Parts) -> str:
    try:
        newest = parts.database.has_newest_shape()
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, it is not ready
        return f"does not answer ({type(error).__name__})"
    return "ok" if newest else "not at the newest migration"


def _media(folder: Path) -> str:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return "ok"
    except OSError as error:
        return f"cannot be written to ({error.strerror})"


def _work(parts: Parts) -> tuple[int, int]:
    with parts.work.read() as unit:
        return unit.ledger.running(at=now()), unit.ledger.queued()

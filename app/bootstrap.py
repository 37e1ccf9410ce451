"""The one place where the parts of the program are put together."""

from dataclasses import dataclass

from app.calls.service import CallService
from app.jobs.queue import HueyQueue
from app.pipeline.engines import Engines
from app.settings import Settings
from storage.database import Database
from storage.media.store import MediaStore
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Parts:
    """The program's parts on one installation. Build once a process, close at its end."""

    settings: Settings
    database: Database
    work: UnitOfWork
    media: MediaStore
    queue: HueyQueue
    calls: CallService
    engines: Engines
    """Loads nothing until a worker asks for an engine."""

    def close(self) -> None:
        self.queue.close()
        self.database.close()


def build(settings: Settings) -> Parts:
    """Connects everything; loads no model. The database must have been migrated before."""
    database = Database(settings.database())
    work = UnitOfWork(database)
    media = MediaStore(
        settings.data.resolve() / "media",
        max_bytes=settings.max_upload_bytes,
        min_free_bytes=settings.min_free_bytes,
    )
    queue = HueyQueue(settings.queue())
    return Parts(
        settings=settings,
        database=database,
        work=work,
        media=media,
        queue=queue,
        calls=CallService(work, media, queue),
        engines=Engines(settings),
    )

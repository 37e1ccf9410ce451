"""Looks for work that got stuck: stages whose worker fell silent, and wake-up calls that were lost."""

import logging

from app.jobs.queue import HueyQueue
from storage.ids import now
from storage.media.store import MediaStore
from storage.unit_of_work import UnitOfWork

_log = logging.getLogger(__name__)


def sweep(work: UnitOfWork, queue: HueyQueue) -> None:
    """Puts orphans back into the queue, and wakes a worker when work is queued and nobody was told."""
    with work.write() as unit:
        orphans = unit.ledger.expire(at=now())
        queued = unit.ledger.queued()
    for orphan in orphans:
        fate = "set aside: it keeps ending its worker" if orphan.set_aside else "queued again"
        _log.warning("call %s: the worker at %s fell silent; %s", orphan.call_id, orphan.stage, fate)
    if queued and queue.size() == 0:
        queue.poke("sweep")


def discard_old_sound(work: UnitOfWork, media: MediaStore) -> None:
    """Removes decoded sound that a killed worker left behind on calls that are at rest."""
    after = ""
    while True:
        with work.read() as unit:
            ids = unit.calls.ids(after)
            at_rest = unit.calls.at_rest(ids)
        if not ids:
            return
        after = ids[-1]
        for call_id in at_rest:
            media.pcm(call_id).unlink(missing_ok=True)

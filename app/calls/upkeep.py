"""Deleting calls so that a kill at any moment leaves nothing half gone, and cleaning up at start."""

import logging
from collections.abc import Collection
from datetime import datetime

from storage.ids import new_id, now
from storage.media.store import MediaStore
from storage.tables import CallRow
from storage.unit_of_work import Unit, UnitOfWork

_log = logging.getLogger(__name__)

RECORDING_MISSING = (
    "The recording of this call is no longer on the server's disk. Put the data folder back from its backup, "
    "or delete the call and upload the recording again."
)


def forget(unit: Unit, call: CallRow, *, at: datetime) -> None:
    """Takes the call out of the database and leaves a note that its files are to go.

    What the stages made of the recording goes too, unless another call has the very same one.
    """
    sha256 = unit.calls.recording(call.id).sha256
    unit.removals.add(call.id, at=at)
    unit.calls.remove(call)
    if not unit.calls.with_hash(sha256):
        unit.results.remove_of_recording(sha256)


def remove_files(work: UnitOfWork, media: MediaStore, call_id: str) -> None:
    """Removes a forgotten call's files; the note goes when they are gone."""
    try:
        media.remove(call_id)
    except OSError:
        _log.exception("could not remove the files of deleted call %s; the next start tries again", call_id)
        return
    with work.write() as unit:
        unit.removals.done(call_id)


def recover(work: UnitOfWork, media: MediaStore, *, at: datetime) -> None:
    with work.read() as unit:
        removals = unit.removals.all()
    for call_id in removals:
        remove_files(work, media, call_id)
    for removed in media.sweep(lambda ids: _known(work, ids)):
        _log.info("removed the files of %s: no call belongs to them", removed)
    _mark_missing_recordings(work, media, at=at)


def _known(work: UnitOfWork, ids: Collection[str]) -> set[str]:
    """Which of these have a call; the others never will, so that their files may go."""
    with work.read() as unit:
        known = unit.calls.known(ids)
    if known == set(ids):
        return known
    # The pages of a commit that the disk refused can stay in SQLite's log, where a later start would find
    # and honour them. A commit that works overwrites them; only after one is an absent call absent for good.
    mark = new_id()
    with work.write() as unit:
        unit.removals.add(mark, at=now())
    with work.write() as unit:
        unit.removals.done(mark)
        return unit.calls.known(ids)


def _mark_missing_recordings(work: UnitOfWork, media: MediaStore, *, at: datetime) -> None:
    after = ""
    while True:
        with work.read() as unit:
            ids = unit.calls.ids(after)
        if not ids:
            return
        after = ids[-1]
        for call_id in [one for one in ids if not media.recording(one).exists()]:
            with work.write() as unit:
                call = unit.calls.find_for_change(call_id)
                if call is not None and call.error_code != "recording_missing":
                    _log.error("call %s has no recording on the disk", call_id)
                    unit.requests.set_aside(call, code="recording_missing", message=RECORDING_MISSING, at=at)

"""What people and programs can do with calls. Pages and API stand on this, and on nothing below it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from app.calls import changes, upkeep
from app.calls.errors import CallError, Conflict, Invalid, NotReady, no_such_call, no_transcript
from app.calls.metadata import CallMetadata
from app.calls.receiving import Upload, add_call, same_upload
from app.calls.reruns import RerunOptions, stages_to_rerun
from app.calls.search import cursor_of, position_of, search_words
from app.calls.showing import call_view, correction_view
from app.calls.views import CallPage, CallState, CallView, ConversationView, CorrectionView, Received
from app.jobs.queue import Queue
from review.corrections import apply
from review.model import Conversation, Side
from storage.calls import CallRows, Filter, Position
from storage.ids import now
from storage.media.incoming import Incoming, StoredRecording
from storage.media.store import MediaStore
from storage.stages import Stage
from storage.tables import CallRow
from storage.transcripts import correction_of
from storage.unit_of_work import AlreadyThere, Unit, UnitOfWork

MAX_PAGE = 200
LEAVE: Any = object()
"""Stands for “leave it as it is” where None is a value."""


class CallService:
    """Every method is one transaction, and safe to call from many threads at once."""

    def __init__(self, work: UnitOfWork, media: MediaStore, queue: Queue) -> None:
        self._work = work
        self._queue = queue
        self.media = media

    def receive(
        self, recording: StoredRecording, *, file_name: str, metadata: CallMetadata, demo: bool = False
    ) -> Received:
        """Makes a call of a stored recording and has it worked on. When this returns, it is on the disk.

        The same clientUniqueId with the same content and metadata gives the call that is there; the new
        recording is then nobody's. Raises Conflict, saying what differs, when they are not the same.
        """
        upload = Upload(recording, file_name, metadata, demo)
        try:
            with self._work.write() as unit:
                existing = self._repeated(unit, upload)
                call = existing or add_call(unit, upload, at=now())
                received = Received(_view(unit, call), created=existing is None)
        except AlreadyThere:
            # Another upload with the same id was quicker by less than a transaction.
            with self._work.read() as unit:
                existing = self._repeated(unit, upload)
                if existing is None:
                    raise
                return Received(_view(unit, existing), created=False)
        if received.created:
            self._queue.poke(received.call.id)
        return received

    def take(
        self, incoming: Incoming, *, file_name: str, metadata: CallMetadata, demo: bool = False
    ) -> Received:
        """Ends an upload whose bytes are all written: `receive()` with the files in step.

        When this returns, file, folder and commit are on the disk. When it raises, leaving `incoming`'s
        context removes the file; one whose commit has an unknown outcome is left to the next `recover()`,
        which asks the database. Raises StorageRefused, Conflict.
        """
        recording = incoming.finish()
        try:
            received = self.receive(recording, file_name=file_name, metadata=metadata, demo=demo)
        except CallError:
            raise  # refused before anything was committed
        except BaseException:
            incoming.leave_to_sweep()
            raise
        if received.created:
            incoming.keep()
        return received

    def list_calls(
        self,
        *,
        query: str = "",
        state: CallState | Collection[CallState] | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> CallPage:
        """Calls, newest first, whose title and names hold every word of `query`. Raises Invalid."""
        if not 1 <= limit <= MAX_PAGE:
            raise Invalid("limit", f"A page holds 1 to {MAX_PAGE} calls.", where="limit")
        after = position_of(cursor) if cursor else None
        states = (state,) if isinstance(state, CallState) else state
        wanted = Filter(words=search_words(query), states=tuple(states) if states is not None else None)
        with self._work.read() as unit:
            found = unit.calls.page(wanted, after, limit + 1)
            rows = unit.calls.rows_of(found[:limit])
            views = tuple(_views(unit, rows))
            total = unit.calls.count(wanted)
        last = found[limit - 1] if len(found) > limit else None
        more = cursor_of(Position(last.created_at, last.id)) if last is not None else None
        return CallPage(calls=views, next_cursor=more, total=total)

    def get(self, call_id: str) -> CallView:
        """Raises NotFound."""
        with self._work.read() as unit:
            return _view(unit, _found(unit.calls.find(call_id)))

    def conversation(self, call_id: str) -> ConversationView:
        """The call as its page shows it, also while a stage runs again. Raises NotFound, NotReady."""
        with self._work.read() as unit:
            call = _found(unit.calls.find(call_id))
            view = _view(unit, call)
            if call.ready_at is None:
                raise no_transcript(view.state)
            machine = Conversation(parties=view.parties, turns=unit.transcripts.turns(call_id))
            corrections = unit.transcripts.corrections(call_id)
        stages = {stage.stage: stage for stage in view.stages}
        names = {"transcriber": Stage.TRANSCRIBE, "diarizer": Stage.DIARIZE}
        return ConversationView(
            call=view,
            conversation=apply(machine, [correction_of(row) for row in corrections]),
            corrections=tuple(correction_view(row) for row in corrections),
            engines={name: stages[stage].identity or {} for name, stage in names.items()},
            timings=_timings({name: stage.seconds for name, stage in stages.items()}),
        )

    def update(
        self,
        call_id: str,
        *,
        title: str = LEAVE,
        started_at: datetime | None = LEAVE,
        direction: str = LEAVE,
    ) -> CallView:
        """Changes the call's facts; what is not given stays. Raises NotFound, Invalid."""
        with self._change(call_id) as (unit, call):
            if title is not LEAVE:
                changes.rename(unit, call, title)
            if started_at is not LEAVE:
                call.started_at = started_at
            if direction is not LEAVE:
                changes.redirect(call, direction)
            return _view(unit, call)

    def update_party(
        self, call_id: str, party_id: str, *, name: str | None = None, side: Side | None = None
    ) -> CallView:
        """Names a party or puts it on a side. None leaves it, an empty name takes it away."""
        with self._change(call_id) as (unit, call):
            party = changes.party_of(unit, call, party_id)
            if name is not None:
                changes.name_party(unit, call, party, name)
            if side is not None:
                changes.put_on_side(call, party, side)
            return _view(unit, call)

    def swap_sides(self, call_id: str) -> CallView:
        """Rep and prospect change voices, everywhere. Raises NotFound, Conflict."""
        with self._change(call_id) as (unit, call):
            changes.swap_sides(unit, call)
            return _view(unit, call)

    def confirm_sides(self, call_id: str) -> CallView:
        """“Yes, that guess is right.”"""
        with self._change(call_id) as (unit, call):
            changes.confirm_sides(unit, call)
            return _view(unit, call)

    def correct_text(
        self, call_id: str, *, voice: str, start: float, end: float, text: str
    ) -> CorrectionView:
        """`voice`, `start` and `end` as `review.corrections.anchor_of` gives them for a turn.

        Raises NotFound, NotReady, Invalid.
        """
        with self._change(call_id) as (unit, call):
            row = changes.correct_text(unit, call, voice=voice, start=start, end=end, text=text, at=now())
            return correction_view(row)

    def move_turn(
        self, call_id: str, *, voice: str, start: float, end: float, to_voice: str
    ) -> CorrectionView:
        """As `correct_text`; `to_voice` may also be the id of a party, even of one never heard so far."""
        with self._change(call_id) as (unit, call):
            row = changes.move_turn(
                unit, call, voice=voice, start=start, end=end, to_voice=to_voice, at=now()
            )
            return correction_view(row)

    def undo(self, call_id: str, correction_id: str) -> None:
        """The correction no longer counts; doing it again changes nothing. Raises NotFound."""
        with self._change(call_id) as (unit, call):
            row = changes.correction_of_call(unit, call, correction_id)
            row.undone_at = row.undone_at or now()

    def redo(self, call_id: str, correction_id: str) -> None:
        """The correction counts again, in its old place among the others. Raises NotFound."""
        with self._change(call_id) as (unit, call):
            changes.correction_of_call(unit, call, correction_id).undone_at = None

    def cancel(self, call_id: str) -> CallView:
        """Stops the work on the call. Raises NotFound; Conflict when there is nothing to stop."""
        with self._change(call_id) as (unit, call):
            if not unit.requests.cancel(call, at=now()):
                raise Conflict("nothing_to_cancel", "Nothing is being done on this call.")
            return _view(unit, call)

    def retry(self, call_id: str) -> CallView:
        """Takes up again what failed or was cancelled. Raises NotFound; Conflict when nothing was."""
        with self._change(call_id) as (unit, call):
            if not unit.requests.retry(call, at=now()):
                raise Conflict(
                    "nothing_to_retry", "Nothing failed on this call, so there is nothing to retry."
                )
            view = _view(unit, call)
        self._queue.poke(call_id)
        return view

    def rerun(self, call_id: str, stage: Stage | str, options: RerunOptions = RerunOptions()) -> CallView:  # noqa: B008 - frozen
        """Runs a stage and all that follows from it again. What people wrote stays; so does, until the new
        one is there, the old conversation. Raises NotFound, NotReady, Invalid."""
        if stage not in list(Stage):
            raise Invalid("no_such_stage", f"The stages are {', '.join(Stage)}.", where="stage")
        with self._change(call_id) as (unit, call):
            recording = unit.calls.recording(call_id)
            if call.ready_at is None and call.state not in ("failed", "cancelled"):
                raise NotReady("not_ready", "This call is still being worked on. Wait, or cancel it first.")
            asked = stages_to_rerun(Stage(stage), options, channels=recording.channels)
            unit.requests.rerun(call, asked, at=now())
            view = _view(unit, call)
        self._queue.poke(call_id)
        return view

    def delete(self, call_id: str) -> None:
        """Removes the call with everything people wrote, and its files. Raises NotFound."""
        with self._change(call_id) as (unit, call):
            upkeep.forget(unit, call, at=now())
        upkeep.remove_files(self._work, self.media, call_id)

    def recover(self) -> None:
        """What a killed process may have left half done. Run at start, before the first request."""
        upkeep.recover(self._work, self.media, at=now())

    @contextmanager
    def _change(self, call_id: str) -> Iterator[tuple[Unit, CallRow]]:
        with self._work.write() as unit:
            yield unit, _found(unit.calls.find_for_change(call_id))

    def _repeated(self, unit: Unit, upload: Upload) -> CallRow | None:
        client_id = upload.metadata.clientUniqueId
        existing = unit.calls.find_by_client_id(client_id) if client_id is not None else None
        if existing is not None:
            same_upload(unit, existing, upload)
        return existing


def _found(call: CallRow | None) -> CallRow:
    if call is None:
        raise no_such_call()
    return call


def _view(unit: Unit, call: CallRow) -> CallView:
    return _views(unit, unit.calls.rows_of([call]))[0]


def _views(unit: Unit, rows: list[CallRows]) -> list[CallView]:
    keys = {run.result_key for one in rows for run in one.runs if run.result_key is not None}
    identities = unit.results.identities(keys)
    return [call_view(one, identities) for one in rows]


def _timings(seconds: dict[str, float | None]) -> dict[str, float]:
    names = {
        "decode": Stage.INSPECT,
        "transcribe": Stage.TRANSCRIBE,
        "diarize": Stage.DIARIZE,
        "attribute": Stage.ATTRIBUTE,
    }
    timings = {name: seconds.get(stage) or 0.0 for name, stage in names.items()}
    return {**timings, "total": sum(timings.values())}

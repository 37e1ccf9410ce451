"""The people's side of the ledger: asking for work on a call, and calling it off."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from storage.ids import new_id
from storage.stage_rows import StageRows, call_off, fail, is_called_off, standing
from storage.stages import RunState, Stage, downstream
from storage.tables import CallRow, StageRunRow

INSPECT_FIRST = 5
"""Added to the priority of inspecting: it is quick, and people hear at once of a file that is no good."""

DEMO_PRIORITY = 0
ASKED_PRIORITY = 10
"""What a person uploaded or asked for again goes before the demo calls."""

KEPT_OPTIONS = ("layout",)
"""What stays until people say otherwise: stages that work by different layouts do not fit together."""


class StageRequests:
    """Each method takes a call that this transaction holds."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows = StageRows(session)

    def open(self, call: CallRow, *, priority: int, at: datetime) -> None:
        """A new call's stages: the first is queued, the others wait for it."""
        for stage in Stage:
            self._session.add(
                StageRunRow(
                    id=new_id(),
                    call_id=call.id,
                    stage=stage,
                    state=RunState.WAITING,
                    priority=_priority(stage, priority),
                    queued_at=at,
                    options={},
                )
            )
        self._rows.settle(call, at=at)

    def cancel(self, call: CallRow, *, at: datetime) -> bool:
        """Calls off what is not done: at once where nobody is at it, else as soon as its worker looks up.

        A call that could be read before goes back to being ready. False when there was nothing to call off.
        """
        readable = call.ready_at is not None
        left = [run for run in self._rows.of(call.id).values() if run.state != RunState.DONE]
        ended = any(run.state in (RunState.FAILED, RunState.CANCELLED) for run in left)
        if not left or (ended and not readable):
            return False
        for run in left:
            if run.state == RunState.RUNNING:
                run.cancel_requested = True
            else:
                call_off(run, readable=readable)
        self._rows.settle(call, at=at)
        return True

    def retry(self, call: CallRow, *, at: datetime) -> bool:
        """Asks again for what failed or was called off. False when nothing was."""
        found = False
        runs = self._rows.of(call.id).values()
        stopping = any(run.cancel_requested for run in runs)
        for run in runs:
            if run.state in (RunState.FAILED, RunState.CANCELLED) or (stopping and is_called_off(run)):
                _ask(run, at=at)
                found = True
            elif run.cancel_requested:
                run.cancel_requested = False
                found = True
        self._rows.settle(call, at=at)
        return found

    def rerun(self, call: CallRow, options: Mapping[Stage, Mapping[str, Any]], *, at: datetime) -> None:
        """Asks again for the stages in `options`, each with its own, what follows, and what failed."""
        again = downstream(options.keys())
        for stage, run in self._rows.of(call.id).items():
            before = standing(run)
            if stage in options:
                # Of the newest request, ended or not: the stages not asked for now go by it too.
                run.options = {name: run.options[name] for name in KEPT_OPTIONS if name in run.options}
                run.options |= options[stage]
            if stage in again and call.ready_at is not None:
                run.options = {**run.options, "previous": before}
            if stage in again or run.state in (RunState.FAILED, RunState.CANCELLED):
                _ask(run, at=at)
        self._rows.settle(call, at=at)

    def set_aside(self, call: CallRow, *, code: str, message: str, at: datetime) -> None:
        """Fails the call whatever it was doing, from its first stage on; a worker's claim to that is void."""
        run = self._rows.of(call.id)[Stage.INSPECT]
        fail(run, code=code, message=message, at=at)
        self._rows.settle(call, at=at)


def _priority(stage: Stage, priority: int) -> int:
    return priority + (INSPECT_FIRST if stage is Stage.INSPECT else 0)


def _ask(run: StageRunRow, *, at: datetime) -> None:
    """Whoever is at it now works on what was asked before: by its new state, their claim is void."""
    run.state = RunState.WAITING
    run.priority = _priority(Stage(run.stage), ASKED_PRIORITY)
    run.crashes = 0
    run.progress = 0.0
    run.cancel_requested = False
    run.error_code = run.error = None
    run.worker = run.lease_until = None
    run.queued_at = at

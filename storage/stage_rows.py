"""What both sides of the ledger share: a call's stages as rows, and how they settle after a change."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.stages import RunState, Stage, call_progress, call_state, can_start
from storage.tables import CallRow, StageRunRow


class StageRows:
    """The stages of calls within one transaction.

    Every change takes the call's row first and the stage's second, so that two workers who finish two stages
    of one call at once see each other.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def hold_call(self, call_id: str) -> CallRow | None:
        """The call, held against every other change until the transaction ends."""
        return self._session.get(CallRow, call_id, with_for_update=True, populate_existing=True)

    def of(self, call_id: str) -> dict[Stage, StageRunRow]:
        """In the order of the stages, as they are in the database now."""
        rows = self._session.scalars(
            select(StageRunRow)
            .where(StageRunRow.call_id == call_id)
            .execution_options(populate_existing=True)
        )
        found = {Stage(row.stage): row for row in rows}
        return {stage: found[stage] for stage in Stage if stage in found}

    def settle(self, call: CallRow, *, at: datetime) -> None:
        """Queues what can start, and derives the call's state, progress and error from its stages."""
        self._session.flush()
        runs = self.of(call.id)
        states = {stage: RunState(run.state) for stage, run in runs.items()}
        broken = any(state in (RunState.FAILED, RunState.CANCELLED) for state in states.values())
        for stage, run in runs.items():
            if broken and states[stage] is RunState.QUEUED:
                run.state = RunState.WAITING
            elif not broken and states[stage] is RunState.WAITING and can_start(stage, states):
                run.state = RunState.QUEUED
            states[stage] = RunState(run.state)
        stopping = any(run.cancel_requested and run.state == RunState.RUNNING for run in runs.values())
        call.state = "cancelled" if stopping else call_state(states)
        call.progress = call_progress(
            states, {stage: run.progress for stage, run in runs.items()}, layout=call.layout
        )
        failed = next((run for run in runs.values() if run.state == RunState.FAILED), None)
        call.error_code = failed.error_code if failed is not None else None
        call.error = failed.error if failed is not None else None
        if call.state == "ready":
            call.ready_at = at
            for run in runs.values():
                _bring_back(run)
        self._session.flush()


def standing(run: StageRunRow) -> dict[str, Any]:
    """Options and result key behind the conversation as it reads now: a re-run that never came to its end
    is passed over."""
    found: dict[str, Any] = run.options.get("previous") or {"options": run.options, "result": run.result_key}
    return found


def is_called_off(run: StageRunRow) -> bool:
    """Whether the stage was asked for again and rests, while other stages of that re-run do not yet."""
    return run.state == RunState.DONE and "previous" in run.options


def put_in_use(run: StageRunRow) -> None:
    """The conversation stands on the stage's newest result from now on."""
    run.options = {name: value for name, value in run.options.items() if name != "previous"}


def _bring_back(run: StageRunRow) -> None:
    """After a re-run that was called off: also what some stages finished of it is not what people read, and
    the stages' results fit together only as they were."""
    if "previous" in run.options:
        before = standing(run)
        run.options, run.result_key = before["options"], before["result"]


def call_off(run: StageRunRow, *, readable: bool) -> None:
    """Cancelled; in a call that can be read, a stage that was done before is done again, as before."""
    run.cancel_requested = False
    run.error_code = run.error = None
    if readable and run.result_key is not None:
        run.state = RunState.DONE
        run.progress = 1.0
    else:
        run.state = RunState.CANCELLED
        run.progress = 0.0


def fail(run: StageRunRow, *, code: str, message: str, at: datetime) -> None:
    run.state = RunState.FAILED
    run.error_code = code
    run.error = message
    run.cancel_requested = False
    leave(run, at=at)


def leave(run: StageRunRow, *, at: datetime) -> None:
    """Nobody holds the stage any more."""
    run.worker = None
    run.lease_until = None
    run.finished_at = at

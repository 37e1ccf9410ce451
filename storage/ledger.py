"""The ledger of work: who does which stage of which call, and what became of it.

Every change takes the call's row first and the stage's second, so that two workers who finish two stages of
one call at once see each other. Every change by a worker is guarded by its attempt number: a worker that lost
its lease can change nothing. Times come from the clocks of the working machines, which must agree to a few
seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.ids import new_id
from storage.stages import (
    MAX_CRASHES,
    RunState,
    Stage,
    call_progress,
    call_state,
    can_start,
    downstream,
)
from storage.tables import CallRow, StageRunRow

INSPECT_FIRST = 5
"""Added to the priority of inspecting: it is quick, and people hear at once of a file that is no good."""

DEMO_PRIORITY = 0
ASKED_PRIORITY = 10
"""What a person uploaded or asked for again goes before the demo calls."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A stage that one worker holds until its lease ends. `attempt` fences off whoever held it before."""

    run_id: str
    call_id: str
    stage: Stage
    attempt: int
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Orphan:
    """A stage whose worker fell silent. `set_aside` when it did so too often to try again."""

    run_id: str
    call_id: str
    stage: Stage
    set_aside: bool


class Signal(StrEnum):
    """What a worker that says it is alive hears back."""

    GO_ON = "go on"
    CANCEL = "cancel"
    LOST = "lost"


class Ledger:
    def __init__(self, session: Session) -> None:
        self._session = session

    # -- by the boundary ------------------------------------------------------------------------------------

    def open(self, call: CallRow, *, priority: int, at: datetime) -> None:
        """A new call's stages: the first is queued, the others wait for it."""
        for stage in Stage:
            self._session.add(
                StageRunRow(
                    id=new_id(),
                    call_id=call.id,
                    stage=stage,
                    state=RunState.WAITING,
                    priority=priority + (INSPECT_FIRST if stage is Stage.INSPECT else 0),
                    queued_at=at,
                    options={},
                )
            )
        self._session.flush()
        self._settle(call, at=at)

    def runs(self, call_id: str) -> dict[Stage, StageRunRow]:
        rows = self._session.scalars(
            select(StageRunRow)
            .where(StageRunRow.call_id == call_id)
            .execution_options(populate_existing=True)
        )
        return {Stage(row.stage): row for row in rows}

    def cancel(self, call: CallRow, *, at: datetime) -> bool:
        """Calls off what is not done: at once where nobody is at it, else as soon as its worker looks up.

        A call that could be read before goes back to being ready. False when there was nothing to call off.
        """
        open_runs = [run for run in self.runs(call.id).values() if run.state != RunState.DONE]
        if all(run.state == RunState.CANCELLED for run in open_runs):
            return False
        for run in open_runs:
            if run.state == RunState.RUNNING:
                run.cancel_requested = True
            else:
                _call_off(run, readable=call.ready_at is not None)
        self._settle(call, at=at)
        return True

    def retry(self, call: CallRow, *, at: datetime) -> bool:
        """Asks again for what failed or was called off. False when nothing was."""
        again = (RunState.FAILED, RunState.CANCELLED)
        runs = self.runs(call.id).values()
        found = [run for run in runs if run.state in again or run.cancel_requested]
        for run in found:
            if run.state in again:
                _ask(run, at=at)
            run.cancel_requested = False
        self._settle(call, at=at)
        return bool(found)

    def rerun(
        self, call: CallRow, options: Mapping[Stage, Mapping[str, Any]], *, at: datetime
    ) -> frozenset[Stage]:
        """Asks again for the stages in `options`, each with its own, and for all that follow from them."""
        stages = downstream(options.keys())
        runs = self.runs(call.id)
        for stage in stages:
            run = runs[stage]
            if stage in options:
                previous = run.options if run.result_key is not None else {}
                kept = {name: value for name, value in previous.items() if name != "previous"}
                run.options = {**options[stage], "previous": kept}
            _ask(run, at=at)
        self._settle(call, at=at)
        return stages

    # -- by workers -----------------------------------------------------------------------------------------

    def claim(self, worker: str, *, lease: timedelta, at: datetime) -> Claim | None:
        """The stage that was waited for longest, now this worker's; None when there is nothing to do."""
        best = (
            select(StageRunRow.id, StageRunRow.call_id)
            .where(StageRunRow.state == RunState.QUEUED)
            .order_by(StageRunRow.priority.desc(), StageRunRow.queued_at, StageRunRow.id)
            .limit(1)
        )
        while (candidate := self._session.execute(best).first()) is not None:
            run_id, call_id = candidate
            call = self._hold_call(call_id)
            won = self._session.execute(
                update(StageRunRow)
                .where(StageRunRow.id == run_id, StageRunRow.state == RunState.QUEUED)
                .values(
                    state=RunState.RUNNING,
                    attempt=StageRunRow.attempt + 1,
                    worker=worker,
                    lease_until=at + lease,
                    started_at=at,
                    finished_at=None,
                    progress=0.0,
                )
                .returning(StageRunRow.id)
                .execution_options(synchronize_session=False)
            ).first()
            if call is not None and won is not None:
                self._settle(call, at=at)
                run = self._session.get_one(StageRunRow, run_id)
                return Claim(run.id, run.call_id, Stage(run.stage), run.attempt, run.options)
        return None

    def renew(self, claim: Claim, *, lease: timedelta, at: datetime) -> Signal:
        """The worker is alive: nobody else may take the stage until the new lease ends."""
        renewed = self._session.execute(
            update(StageRunRow)
            .where(*_held(claim))
            .values(lease_until=at + lease)
            .returning(StageRunRow.cancel_requested)
            .execution_options(synchronize_session=False)
        ).first()
        return _signal(renewed)

    def report(self, claim: Claim, progress: float, *, at: datetime) -> Signal:
        """Notes the fraction of the stage that is done, 0 to 1, on stage and call."""
        call = self._hold_call(claim.call_id)
        noted = self._session.execute(
            update(StageRunRow)
            .where(*_held(claim))
            .values(progress=min(max(progress, 0.0), 1.0))
            .returning(StageRunRow.cancel_requested)
            .execution_options(synchronize_session=False)
        ).first()
        if call is not None and noted is not None:
            self._settle(call, at=at)
        return _signal(noted)

    def hold(self, claim: Claim) -> CallRow | None:
        """The call, for storing the stage's result in this transaction; None when the claim is void."""
        call = self._hold_call(claim.call_id)
        run = self._run(claim)
        return call if run is not None else None

    def finish(self, claim: Claim, *, result_key: str, seconds: float, at: datetime) -> bool:
        """The stage is done, and what waited for it is queued. False when the claim is void."""
        call, run = self._hold_call(claim.call_id), self._run(claim)
        if call is None or run is None:
            return False
        run.state = RunState.DONE
        run.progress = 1.0
        run.result_key = result_key
        run.seconds = seconds
        run.crashes = 0
        run.error_code = run.error = None
        run.options = {name: value for name, value in run.options.items() if name != "previous"}
        _leave(run, at=at)
        # A cancel that came too late for this stage still holds for those that would follow.
        if run.cancel_requested:
            run.cancel_requested = False
            for other in self.runs(call.id).values():
                if other.state in (RunState.WAITING, RunState.QUEUED):
                    _call_off(other, readable=call.ready_at is not None)
        self._settle(call, at=at)
        return True

    def fail(self, claim: Claim, *, code: str, message: str, at: datetime) -> bool:
        """The stage cannot be done; the reason is the call's. False when the claim is void."""
        call, run = self._hold_call(claim.call_id), self._run(claim)
        if call is None or run is None:
            return False
        _fail(run, code=code, message=message, at=at)
        self._settle(call, at=at)
        return True

    def release(self, claim: Claim, *, at: datetime) -> bool:
        """The worker leaves or was told to stop: called off if somebody asked for that, else queued again."""
        call, run = self._hold_call(claim.call_id), self._run(claim)
        if call is None or run is None:
            return False
        self._put_back(call, run, at=at)
        return True

    def expire(self, *, at: datetime) -> list[Orphan]:
        """Queues again every stage whose worker fell silent, or sets it aside after MAX_CRASHES such ends."""
        silent = (StageRunRow.state == RunState.RUNNING, StageRunRow.lease_until < at)
        found = self._session.execute(select(StageRunRow.id, StageRunRow.call_id).where(*silent)).all()
        orphans = []
        for run_id, call_id in found:
            call = self._hold_call(call_id)
            run = self._session.scalar(
                select(StageRunRow)
                .where(StageRunRow.id == run_id, *silent)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
            if call is None or run is None:
                continue
            run.crashes += 1
            set_aside = run.crashes >= MAX_CRASHES and not run.cancel_requested
            if set_aside:
                _fail(run, code="worker_died", message=_worker_died(Stage(run.stage)), at=at)
                self._settle(call, at=at)
            else:
                self._put_back(call, run, at=at)
            orphans.append(Orphan(run.id, call_id, Stage(run.stage), set_aside))
        return orphans

    def queued(self) -> int:
        """How many stages wait for a worker."""
        found = select(func.count(StageRunRow.id)).where(StageRunRow.state == RunState.QUEUED)
        return self._session.scalar(found) or 0

    def running(self, *, at: datetime) -> int:
        """How many stages a worker is at that was heard of lately."""
        alive = (StageRunRow.state == RunState.RUNNING, StageRunRow.lease_until >= at)
        return self._session.scalar(select(func.count(StageRunRow.id)).where(*alive)) or 0

    def fail_call(self, call: CallRow, *, code: str, message: str, at: datetime) -> None:
        """Sets the call aside whatever it was doing; a worker that is at it finds its claim void."""
        for run in self.runs(call.id).values():
            if run.state != RunState.DONE or run.stage == Stage.INSPECT:
                run.attempt += 1
                _fail(run, code=code, message=message, at=at)
                break
        self._settle(call, at=at)

    # -- within ---------------------------------------------------------------------------------------------

    def _hold_call(self, call_id: str) -> CallRow | None:
        return self._session.get(CallRow, call_id, with_for_update=True, populate_existing=True)

    def _run(self, claim: Claim) -> StageRunRow | None:
        return self._session.scalar(
            select(StageRunRow)
            .where(*_held(claim))
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def _put_back(self, call: CallRow, run: StageRunRow, *, at: datetime) -> None:
        if run.cancel_requested:
            _call_off(run, readable=call.ready_at is not None)
        else:
            run.state = RunState.QUEUED
            run.progress = 0.0
        _leave(run, at=at)
        self._settle(call, at=at)

    def _settle(self, call: CallRow, *, at: datetime) -> None:
        """Queues what can start and derives the call's state from its stages."""
        self._session.flush()
        runs = self.runs(call.id)
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
        failed = [run for stage, run in runs.items() if states[stage] is RunState.FAILED]
        call.error_code = failed[0].error_code if failed else None
        call.error = failed[0].error if failed else None
        if call.state == "ready":
            call.ready_at = at
        self._session.flush()


def _held(claim: Claim) -> tuple[Any, ...]:
    return (
        StageRunRow.id == claim.run_id,
        StageRunRow.attempt == claim.attempt,
        StageRunRow.state == RunState.RUNNING,
    )


def _signal(answer: Any) -> Signal:
    if answer is None:
        return Signal.LOST
    return Signal.CANCEL if answer[0] else Signal.GO_ON


def _ask(run: StageRunRow, *, at: datetime) -> None:
    run.state = RunState.WAITING
    run.priority = ASKED_PRIORITY + (INSPECT_FIRST if run.stage == Stage.INSPECT else 0)
    # Whoever is at it now works on what was asked before: their result must be void.
    run.attempt += 1
    run.crashes = 0
    run.progress = 0.0
    run.cancel_requested = False
    run.error_code = run.error = None
    run.worker = run.lease_until = None
    run.queued_at = at


def _call_off(run: StageRunRow, *, readable: bool) -> None:
    run.cancel_requested = False
    run.error_code = run.error = None
    if readable and run.result_key is not None:
        run.state = RunState.DONE
        run.progress = 1.0
        run.options = run.options.get("previous", run.options)
    else:
        run.state = RunState.CANCELLED
        run.progress = 0.0


def _fail(run: StageRunRow, *, code: str, message: str, at: datetime) -> None:
    run.state = RunState.FAILED
    run.error_code = code
    run.error = message
    run.cancel_requested = False
    _leave(run, at=at)


def _leave(run: StageRunRow, *, at: datetime) -> None:
    run.worker = None
    run.lease_until = None
    run.finished_at = at


_DOING = {
    Stage.INSPECT: "reading the recording",
    Stage.TRANSCRIBE: "writing down what is said",
    Stage.DIARIZE: "telling the voices apart",
    Stage.ATTRIBUTE: "putting the conversation together",
}


def _worker_died(stage: Stage) -> str:
    return (
        f"The program broke down {MAX_CRASHES} times while {_DOING[stage]}, so this call was set aside. "
        "The machine may be short of memory: close other programs or take a smaller model, then try again."
    )

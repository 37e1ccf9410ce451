"""The workers' side of the ledger: who does which stage of which call, and what became of it.

Every change by a worker is guarded by its attempt number: a worker that lost its lease can change nothing.
Times come from the clocks of the working machines, which must agree to a few seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.stage_rows import StageRows, call_off, fail, leave, put_in_use
from storage.stages import MAX_CRASHES, RunState, Stage
from storage.tables import CallRow, StageRunRow


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
        self._rows = StageRows(session)

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
            call = self._rows.hold_call(call_id)
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
                self._rows.settle(call, at=at)
                run = self._session.get_one(StageRunRow, run_id)
                return Claim(run.id, run.call_id, Stage(run.stage), run.attempt, run.options)
        return None

    def renew(self, claim: Claim, *, lease: timedelta, at: datetime) -> Signal:
        """The worker is alive: nobody else may take the stage until the new lease ends."""
        return self._note(claim, lease_until=at + lease)

    def report(self, claim: Claim, progress: float, *, at: datetime) -> Signal:
        """Notes the fraction of the stage that is done, 0 to 1, on stage and call."""
        call = self._rows.hold_call(claim.call_id)
        signal = self._note(claim, progress=min(max(progress, 0.0), 1.0))
        if call is not None and signal is not Signal.LOST:
            self._rows.settle(call, at=at)
        return signal

    def hold(self, claim: Claim) -> CallRow | None:
        """The call, for storing the stage's result in this transaction; None when the claim is void."""
        call, run = self._held(claim)
        return call if run is not None else None

    def finish(self, claim: Claim, *, result_key: str, seconds: float, at: datetime) -> bool:
        """The stage is done, and what waited for it is queued. False when the claim is void."""
        call, run = self._held(claim)
        if call is None or run is None:
            return False
        run.state = RunState.DONE
        run.progress = 1.0
        run.result_key = result_key
        run.seconds = seconds
        run.crashes = 0
        run.error_code = run.error = None
        if claim.stage is Stage.ATTRIBUTE:
            for one in self._rows.of(call.id).values():
                put_in_use(one)
        leave(run, at=at)
        if run.cancel_requested:
            # Too late for this stage, in time for those that would follow.
            run.cancel_requested = False
            for other in self._rows.of(call.id).values():
                if other.state in (RunState.WAITING, RunState.QUEUED):
                    call_off(other, readable=call.ready_at is not None)
        self._rows.settle(call, at=at)
        return True

    def fail(self, claim: Claim, *, code: str, message: str, at: datetime) -> bool:
        """The stage cannot be done; the reason is the call's. False when the claim is void."""
        call, run = self._held(claim)
        if call is None or run is None:
            return False
        if run.cancel_requested:
            self._put_back(call, run, at=at)
        else:
            fail(run, code=code, message=message, at=at)
            self._rows.settle(call, at=at)
        return True

    def release(self, claim: Claim, *, at: datetime) -> bool:
        """The worker leaves or was told to stop: called off if somebody asked for that, else queued again."""
        call, run = self._held(claim)
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
            call = self._rows.hold_call(call_id)
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
                fail(run, code="worker_died", message=_worker_died(Stage(run.stage)), at=at)
                self._rows.settle(call, at=at)
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

    def _note(self, claim: Claim, **values: Any) -> Signal:
        noted = self._session.execute(
            update(StageRunRow)
            .where(*_by_holder(claim))
            .values(**values)
            .returning(StageRunRow.cancel_requested)
            .execution_options(synchronize_session=False)
        ).first()
        if noted is None:
            return Signal.LOST
        return Signal.CANCEL if noted.cancel_requested else Signal.GO_ON

    def _held(self, claim: Claim) -> tuple[CallRow | None, StageRunRow | None]:
        call = self._rows.hold_call(claim.call_id)
        run = self._session.scalar(
            select(StageRunRow)
            .where(*_by_holder(claim))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return call, run

    def _put_back(self, call: CallRow, run: StageRunRow, *, at: datetime) -> None:
        if run.cancel_requested:
            call_off(run, readable=call.ready_at is not None)
        else:
            run.state = RunState.QUEUED
            run.progress = 0.0
        leave(run, at=at)
        self._rows.settle(call, at=at)


def _by_holder(claim: Claim) -> tuple[Any, ...]:
    return (
        StageRunRow.id == claim.run_id,
        StageRunRow.attempt == claim.attempt,
        StageRunRow.state == RunState.RUNNING,
    )


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

"""Takes stages from the ledger, one at a time, and does them."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event

from app.pipeline.attributing import attribute
from app.pipeline.diarizing import diarize
from app.pipeline.inspecting import inspect_recording
from app.pipeline.job import Job, Outcome, Progress, StageFailed, Tools
from app.pipeline.pulse import Leaving, Lost, Pulse, Stopped
from app.pipeline.transcribing import transcribe
from storage.ids import now
from storage.ledger import Claim
from storage.stages import Stage

_log = logging.getLogger(__name__)

STAGES: Mapping[Stage, Callable[[Job, Tools], Outcome]] = {
    Stage.INSPECT: inspect_recording,
    Stage.TRANSCRIBE: transcribe,
    Stage.DIARIZE: diarize,
    Stage.ATTRIBUTE: attribute,
}

FINISH_PAUSES = (0.5, 5.0, 20.0)
"""Seconds between the tries to store a result: a database that is away for a moment costs no work."""

OUT_OF_MEMORY = (
    "The machine ran out of memory on this call. Close other programs or choose a smaller speech model, "
    "then try again."
)
INTERNAL = (
    "Something went wrong inside the program, not with your recording. Try again; if it happens again, "
    "give the worker's log to whoever runs this server."
)


class StageRunner:
    """One worker's hands. `leaving` tells it to stop and to give back what it is at."""

    def __init__(self, tools: Tools, *, worker: str, leaving: Event) -> None:
        self._tools = tools
        self._worker = worker
        self._leaving = leaving
        self._lease = timedelta(seconds=tools.settings.worker_lease_seconds)
        self._pulse: Pulse | None = None

    def drain(self) -> None:
        """Does stages until none is queued."""
        while not self._leaving.is_set() and self.run_next():
            pass

    def run_next(self) -> bool:
        """Does the stage that was waited for longest. False when none is queued."""
        with self._tools.work.write() as unit:
            claim = unit.ledger.claim(self._worker, lease=self._lease, at=now())
        if claim is None:
            return False
        _log.info("call %s: %s, attempt %d", claim.call_id, claim.stage, claim.attempt)
        self._pulse = Pulse(claim, self._tools.work, lease=self._lease, leaving=self._leaving)
        try:
            self._do(claim, self._pulse)
        finally:
            self._pulse = None
        self._discard_sound(claim.call_id)
        return True

    def renew(self) -> None:
        """Says that the worker is alive; for the heartbeat's thread."""
        pulse = self._pulse
        if pulse is not None:
            pulse.renew()

    def give_back(self) -> None:
        """Puts what the worker is at back into the queue, where it could not be stopped in time."""
        pulse = self._pulse
        if pulse is not None:
            self._release(pulse.claim)

    def _do(self, claim: Claim, pulse: Pulse) -> None:
        started = time.monotonic()
        try:
            pulse.progress(0.0)
            self._dawdle(pulse.progress)
            job = self._job(claim, pulse)
            outcome = STAGES[claim.stage](job, self._tools)
            self._finish(claim, outcome, started)
        except Lost:
            _log.info("call %s: %s is no longer this worker's", claim.call_id, claim.stage)
        except Stopped as stop:
            self._release(claim)
            why = "given back" if isinstance(stop, Leaving) else "called off"
            _log.info("call %s: %s %s", claim.call_id, claim.stage, why)
        except StageFailed as failure:
            self._fail(claim, failure.code, failure.message)
        except MemoryError:
            _log.exception("call %s: %s ran out of memory", claim.call_id, claim.stage)
            self._fail(claim, "out_of_memory", OUT_OF_MEMORY)
        except Exception:  # noqa: BLE001 - the worker outlives every call
            _log.exception("call %s: %s broke", claim.call_id, claim.stage)
            self._fail(claim, "internal", INTERNAL)

    def _job(self, claim: Claim, pulse: Pulse) -> Job:
        with self._tools.work.read() as unit:
            rows = unit.calls.rows(claim.call_id)
        if rows is None:
            raise Lost
        return Job(
            call_id=claim.call_id,
            stage=claim.stage,
            sha256=rows.recording.sha256,
            requested_layout=claim.options.get("layout") or rows.call.requested_layout,
            requested_language=rows.call.requested_language,
            requested_speakers=rows.call.requested_speakers,
            listed_parties=sum(party.listed for party in rows.parties),
            options=claim.options,
            results={Stage(run.stage): run.result_key for run in rows.runs if run.result_key is not None},
            progress=pulse.progress,
            check=pulse.check,
        )

    def _finish(self, claim: Claim, outcome: Outcome, started: float) -> None:
        seconds = time.monotonic() - started
        for pause in FINISH_PAUSES:
            try:
                return self._commit(claim, outcome, seconds)
            except Lost:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, an hour of work is worth another try
                _log.warning(
                    "call %s: %s could not be stored; trying again in %g s",
                    claim.call_id,
                    claim.stage,
                    pause,
                    exc_info=True,
                )
                self._leaving.wait(pause)
        return self._commit(claim, outcome, seconds)

    def _commit(self, claim: Claim, outcome: Outcome, seconds: float) -> None:
        at = now()
        with self._tools.work.write() as unit:
            call = unit.ledger.hold(claim)
            if call is None:
                raise Lost
            outcome.save(unit, call, at)
            unit.ledger.finish(claim, result_key=outcome.key, seconds=seconds, at=at)
        _log.info("call %s: %s done in %.1f s", claim.call_id, claim.stage, seconds)

    def _fail(self, claim: Claim, code: str, message: str) -> None:
        with self._tools.work.write() as unit:
            noted = unit.ledger.fail(claim, code=code, message=message, at=now())
        if noted:
            _log.warning("call %s: %s failed: %s (%s)", claim.call_id, claim.stage, message, code)

    def _release(self, claim: Claim) -> None:
        with self._tools.work.write() as unit:
            unit.ledger.release(claim, at=now())

    def _discard_sound(self, call_id: str) -> None:
        """Removes the decoded sound of a call at rest: it is large, and made again when a re-run needs it."""
        with self._tools.work.read() as unit:
            at_rest = unit.calls.at_rest([call_id])
        if at_rest:
            self._tools.media.pcm(call_id).unlink(missing_ok=True)

    def _dawdle(self, progress: Progress) -> None:
        """With fake engines, takes the time that tests need to interrupt a stage."""
        settings = self._tools.settings
        until = time.monotonic() + (settings.fake_seconds if settings.engines == "fake" else 0.0)
        while time.monotonic() < until:
            time.sleep(0.02)
            progress(0.0)

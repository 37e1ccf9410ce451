"""Workers that die, stall or are told to leave: every call becomes ready, once."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from app.calls.views import CallState
from storage.stages import Stage

pytestmark = pytest.mark.processes

QUICK = {
    "worker_lease_seconds": 3.0,
    "worker_heartbeat_seconds": 1.0,
    "worker_sweep_seconds": 1.0,
    "fake_seconds": 1.5,
}
"""The default rhythm (30, 10, 10) ten times as fast."""


def is_running(house: Any, call_id: str, stage: str) -> bool:
    return bool(house.stage(call_id, stage).state == "running")


def wait_for_attempt(house: Any, call_id: str, attempt: int) -> None:
    def begun() -> bool:
        stage = house.stage(call_id, "inspect")
        return bool(stage.attempt == attempt and stage.state == "running")

    house.wait_until(begun, 60)


def is_ready(house: Any, call_id: str) -> bool:
    return bool(house.calls.get(call_id).state is CallState.READY)


def assert_ready_once(house: Any, call_id: str, *, attempts: dict[str, int]) -> None:
    call = house.calls.get(call_id)
    assert {stage.stage: stage.attempt for stage in call.stages} == {**dict.fromkeys(Stage, 1), **attempts}
    turns = house.calls.conversation(call_id).conversation.turns
    assert len(turns) > 5
    assert len({turn.id for turn in turns}) == len(turns)
    ready_at = call.ready_at
    time.sleep(1.5)
    assert house.calls.get(call_id).ready_at == ready_at
    assert house.log().count(f"{call_id}: attribute done") == 1
    assert list(house.parts.media.folder(call_id).glob("making-*")) == []


@pytest.mark.parametrize("stage", list(Stage))
def test_a_call_whose_worker_is_killed_in_a_stage_becomes_ready_once(
    install: Any, demo: Path, stage: Stage
) -> None:
    house = install(**QUICK)
    call_id = house.upload(demo / "no-urgency.mono.ogg")
    doomed = house.start_worker()
    house.wait_until(lambda: is_running(house, call_id, stage), 60)
    time.sleep(0.5)
    doomed.kill()
    doomed.wait()
    assert is_running(house, call_id, stage)

    house.start_worker()
    house.wait_until(lambda: house.stage(call_id, stage).attempt == 2, 60)
    house.wait_until(lambda: is_ready(house, call_id), 60)
    assert_ready_once(house, call_id, attempts={stage: 2})


def test_an_orphan_is_taken_up_within_a_minute_by_the_default_settings(install: Any, demo: Path) -> None:
    house = install(fake_seconds=2.0)
    call_id = house.upload(demo / "no-urgency.mono.ogg")
    doomed = house.start_worker()
    house.start_worker()
    house.wait_until(lambda: is_running(house, call_id, "transcribe"), 60)
    with house.parts.work.read() as unit:
        rows = unit.calls.rows(call_id)
    holder = next(run.worker for run in rows.runs if run.stage == "transcribe")
    victim = next(worker for worker in house._workers if f":{worker.pid}:" in holder)
    victim.kill()
    victim.wait()
    taken = house.wait_until(lambda: house.stage(call_id, "transcribe").attempt == 2, 60)
    assert taken < 60
    house.wait_until(lambda: is_ready(house, call_id), 60)
    assert doomed in house._workers


def test_a_call_that_kills_every_worker_is_set_aside_with_its_reason(install: Any, demo: Path) -> None:
    house = install(
        **{**QUICK, "worker_lease_seconds": 1.0, "worker_heartbeat_seconds": 0.3, "fake_seconds": 30.0}
    )
    call_id = house.upload(demo / "no-urgency.mono.ogg")
    for attempt in (1, 2, 3):
        worker = house.start_worker()
        wait_for_attempt(house, call_id, attempt)
        worker.kill()
        worker.wait()
    house.start_worker()
    house.wait_until(lambda: house.calls.get(call_id).state is CallState.FAILED, 60)
    problem = house.calls.get(call_id).problem
    assert problem.code == "worker_died"
    assert "3 times" in problem.message


def test_a_worker_that_stalled_and_comes_back_changes_nothing(install: Any, demo: Path) -> None:
    house = install(**QUICK)
    call_id = house.upload(demo / "no-urgency.mono.ogg")
    stalled = house.start_worker()
    house.wait_until(lambda: is_running(house, call_id, "transcribe"), 60)
    stalled.send_signal(signal.SIGSTOP)
    house.start_worker()
    house.wait_until(lambda: is_ready(house, call_id), 60)
    stalled.send_signal(signal.SIGCONT)
    assert_ready_once(house, call_id, attempts={"transcribe": 2})
    assert stalled.poll() is None
    another = house.upload(demo / "caved-on-discount.mono.ogg")
    house.wait_until(lambda: is_ready(house, another), 60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_leave_gives_its_stage_back(
    install: Any, demo: Path, number: signal.Signals
) -> None:
    house = install(**{**QUICK, "fake_seconds": 20.0})
    call_id = house.upload(demo / "no-urgency.mono.ogg")
    worker = house.start_worker()
    house.wait_until(lambda: is_running(house, call_id, "inspect"), 60)
    time.sleep(0.3)
    worker.send_signal(number)
    started = time.monotonic()
    assert worker.wait(10) == 0
    assert time.monotonic() - started < 10
    stage = house.stage(call_id, "inspect")
    assert (stage.state, stage.attempt) == ("queued", 1)


def test_an_idle_worker_is_woken_by_an_upload(install: Any, demo: Path) -> None:
    """By the queue's message, not by the sweep: that one comes only once an hour here."""
    house = install(worker_sweep_seconds=3600.0)
    house.start_worker()
    house.wait_until(lambda: "started" in house.log(), 60)
    time.sleep(1.0)
    call_id = house.upload(demo / "no-urgency.mono.ogg")
    house.wait_until(lambda: house.stage(call_id, "inspect").attempt == 1, 10)
    house.wait_until(lambda: is_ready(house, call_id), 60)


def test_work_whose_message_was_lost_is_found_by_the_sweep(install: Any, demo: Path) -> None:
    house = install(**QUICK)
    house.start_worker()
    house.wait_until(lambda: "started" in house.log(), 60)
    time.sleep(1.0)
    house.calls._queue = _Nobody()
    call_id = house.upload(demo / "no-urgency.mono.ogg")
    house.wait_until(lambda: is_ready(house, call_id), 60)


class _Nobody:
    def poke(self, call_id: str) -> None:
        pass

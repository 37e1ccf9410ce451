"""Claims, leases, ends and orphans, on SQLite and PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from storage.ledger import Claim, Orphan, Signal
from storage.requests import DEMO_PRIORITY
from storage.stages import RunState, Stage

LEASE = timedelta(seconds=30)
INSPECT, TRANSCRIBE, DIARIZE, ATTRIBUTE = Stage


def claim(house: Any, worker: str = "w1") -> Claim | None:
    with house.work.write() as unit:
        return unit.ledger.claim(worker, lease=LEASE, at=house.time)


def claimed(house: Any, worker: str = "w1") -> Claim:
    found = claim(house, worker)
    assert found is not None
    return found


def finish(house: Any, one: Claim, key: str = "key") -> bool:
    with house.work.write() as unit:
        return unit.ledger.finish(one, result_key=key, seconds=1.5, at=house.time)


def states(house: Any, call_id: str) -> dict[str, str]:
    with house.work.read() as unit:
        [rows] = unit.calls.rows_of([unit.calls.find(call_id)])
    return {run.stage: run.state for run in rows.runs}


def run_of(house: Any, call_id: str, stage: Stage) -> Any:
    with house.work.read() as unit:
        rows = unit.calls.rows(call_id)
    return next(run for run in rows.runs if run.stage == stage)


def expire(house: Any) -> list[Orphan]:
    with house.work.write() as unit:
        return unit.ledger.expire(at=house.time)


def ask(house: Any, call_id: str, what: str, *args: Any) -> Any:
    with house.work.write() as unit:
        call = unit.calls.find_for_change(call_id)
        return getattr(unit.requests, what)(call, *args, at=house.time)


def finish_all(house: Any) -> None:
    while (one := claim(house)) is not None:
        assert finish(house, one, key=f"key-{one.stage}")


def test_a_call_goes_through_its_stages_in_order(house: Any) -> None:
    call_id = house.add_call()
    done = []
    while (one := claim(house)) is not None:
        assert one.call_id == call_id
        done.append(one.stage)
        assert finish(house, one)
    assert done == [INSPECT, TRANSCRIBE, DIARIZE, ATTRIBUTE]
    call = house.call(call_id)
    assert (call.state, call.progress, call.ready_at) == ("ready", 1.0, house.time)


def test_two_workers_share_a_call_and_the_last_stage_waits_for_both(house: Any) -> None:
    call_id = house.add_call()
    finish(house, claimed(house))
    one, two = claimed(house, "w1"), claimed(house, "w2")
    assert {one.stage, two.stage} == {TRANSCRIBE, DIARIZE}
    assert claim(house, "w3") is None
    finish(house, two)
    assert states(house, call_id)[ATTRIBUTE] == "waiting"
    finish(house, one)
    assert claimed(house).stage is ATTRIBUTE


def test_only_one_of_many_workers_gets_a_stage(house: Any) -> None:
    for _ in range(3):
        house.add_call()
    barrier = threading.Barrier(8)

    def grab(number: int) -> Claim | None:
        barrier.wait()
        return claim(house, f"w{number}")

    with ThreadPoolExecutor(8) as pool:
        found = [one for one in pool.map(grab, range(8)) if one is not None]
    assert len(found) == 3
    assert len({one.run_id for one in found}) == 3


def test_stages_that_end_at_the_same_instant_still_start_the_next(house: Any) -> None:
    """Each sees the other unfinished unless one waits for the other."""
    for _ in range(5):
        call_id = house.add_call()
        finish(house, claimed(house))
        pair = [claimed(house, "w1"), claimed(house, "w2")]
        barrier = threading.Barrier(2)

        def end(one: Claim, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            return finish(house, one)

        with ThreadPoolExecutor(2) as pool:
            assert all(pool.map(end, pair))
        assert states(house, call_id)[ATTRIBUTE] == "queued"
        finish(house, claimed(house))


def test_people_go_before_demo_calls_and_the_older_request_before_the_younger(house: Any) -> None:
    demo = house.add_call(priority=DEMO_PRIORITY)
    first, second = house.add_call(), house.add_call()
    order = []
    while (one := claim(house)) is not None:
        order.append((one.call_id, one.stage))
        finish(house, one)
    assert order[:2] == [(first, INSPECT), (second, INSPECT)]
    assert order[2:5] == [(first, TRANSCRIBE), (first, DIARIZE), (first, ATTRIBUTE)]
    assert order[5:8] == [(second, TRANSCRIBE), (second, DIARIZE), (second, ATTRIBUTE)]
    assert {call_id for call_id, _ in order[8:]} == {demo}


def test_a_silent_workers_stage_is_given_to_another_and_its_result_is_void(house: Any) -> None:
    call_id = house.add_call()
    stale = claimed(house, "dead")
    house.pass_seconds(29)
    assert expire(house) == []
    house.pass_seconds(2)
    assert expire(house) == [Orphan(stale.run_id, call_id, INSPECT, set_aside=False)]
    fresh = claimed(house, "alive")
    assert (fresh.run_id, fresh.attempt) == (stale.run_id, stale.attempt + 1)

    with house.work.write() as unit:
        assert unit.ledger.hold(stale) is None
        assert unit.ledger.renew(stale, lease=LEASE, at=house.time) is Signal.LOST
        assert unit.ledger.report(stale, 0.9, at=house.time) is Signal.LOST
        assert not unit.ledger.fail(stale, code="x", message="x", at=house.time)
        assert not unit.ledger.release(stale, at=house.time)
    assert not finish(house, stale)
    assert states(house, call_id)[INSPECT] == "running"
    assert finish(house, fresh)


def test_a_worker_that_says_it_is_alive_keeps_its_stage(house: Any) -> None:
    house.add_call()
    one = claimed(house)
    for _ in range(5):
        house.pass_seconds(20)
        with house.work.write() as unit:
            assert unit.ledger.renew(one, lease=LEASE, at=house.time) is Signal.GO_ON
        assert expire(house) == []
    assert finish(house, one)


def test_the_third_silent_end_sets_the_stage_aside_with_its_reason(house: Any) -> None:
    call_id = house.add_call()
    fates = []
    for _ in range(3):
        claimed(house)
        house.pass_seconds(31)
        [orphan] = expire(house)
        fates.append(orphan.set_aside)
    assert fates == [False, False, True]
    call = house.call(call_id)
    assert (call.state, call.error_code) == ("failed", "worker_died")
    assert "3 times" in call.error
    assert claim(house) is None

    assert ask(house, call_id, "retry")
    assert run_of(house, call_id, INSPECT).crashes == 0
    finish_all(house)
    assert house.call(call_id).state == "ready"


def test_an_end_that_was_told_does_not_count_as_a_crash(house: Any) -> None:
    call_id = house.add_call()
    for _ in range(5):
        one = claimed(house)
        with house.work.write() as unit:
            assert unit.ledger.release(one, at=house.time)
    run = run_of(house, call_id, INSPECT)
    assert (run.state, run.crashes, run.attempt) == ("queued", 0, 5)
    assert house.call(call_id).state == "received"


def test_a_stage_that_is_done_forgets_earlier_crashes(house: Any) -> None:
    call_id = house.add_call()
    claimed(house)
    house.pass_seconds(31)
    expire(house)
    finish(house, claimed(house))
    assert run_of(house, call_id, INSPECT).crashes == 0


def test_progress_moves_the_call(house: Any) -> None:
    call_id = house.add_call()
    finish(house, claimed(house))
    one = claimed(house)
    with house.work.write() as unit:
        assert unit.ledger.report(one, 0.5, at=house.time) is Signal.GO_ON
    halfway = house.call(call_id).progress
    with house.work.write() as unit:
        unit.ledger.report(one, 7.0, at=house.time)
    assert 0.1 < halfway < house.call(call_id).progress < 1.0


def test_a_failed_stage_keeps_the_others_from_starting_until_it_is_retried(house: Any) -> None:
    call_id = house.add_call()
    finish(house, claimed(house))
    one = claimed(house)
    with house.work.write() as unit:
        assert unit.ledger.fail(one, code="broken", message="It is broken.", at=house.time)
    call = house.call(call_id)
    assert (call.state, call.error_code, call.error) == ("failed", "broken", "It is broken.")
    assert claim(house) is None

    assert ask(house, call_id, "retry")
    assert house.call(call_id).error_code is None
    finish_all(house)
    assert house.call(call_id).state == "ready"


def test_cancelling_before_anybody_is_at_it_ends_it_at_once(house: Any) -> None:
    call_id = house.add_call()
    assert ask(house, call_id, "cancel")
    assert house.call(call_id).state == "cancelled"
    assert claim(house) is None
    assert not ask(house, call_id, "cancel")
    assert ask(house, call_id, "retry")
    finish_all(house)
    assert house.call(call_id).state == "ready"


def test_cancelling_a_running_stage_tells_its_worker(house: Any) -> None:
    call_id = house.add_call()
    one = claimed(house)
    assert ask(house, call_id, "cancel")
    assert house.call(call_id).state == "cancelled"
    with house.work.write() as unit:
        assert unit.ledger.renew(one, lease=LEASE, at=house.time) is Signal.CANCEL
        assert unit.ledger.release(one, at=house.time)
    assert set(states(house, call_id).values()) == {"cancelled"}


def test_a_cancel_that_comes_too_late_for_a_stage_stops_what_follows(house: Any) -> None:
    call_id = house.add_call()
    one = claimed(house)
    ask(house, call_id, "cancel")
    assert finish(house, one)
    assert states(house, call_id) == {
        INSPECT: "done",
        TRANSCRIBE: "cancelled",
        DIARIZE: "cancelled",
        ATTRIBUTE: "cancelled",
    }
    assert house.call(call_id).state == "cancelled"


def test_a_cancel_taken_back_in_time_lets_the_worker_go_on(house: Any) -> None:
    call_id = house.add_call()
    one = claimed(house)
    ask(house, call_id, "cancel")
    assert ask(house, call_id, "retry")
    assert finish(house, one)
    finish_all(house)
    assert house.call(call_id).state == "ready"


def test_a_cancelled_worker_that_dies_is_not_queued_again(house: Any) -> None:
    call_id = house.add_call()
    claimed(house)
    ask(house, call_id, "cancel")
    house.pass_seconds(31)
    expire(house)
    assert set(states(house, call_id).values()) == {"cancelled"}


def test_a_rerun_voids_the_worker_that_is_at_it(house: Any) -> None:
    call_id = house.add_call()
    finish_all(house)
    ask(house, call_id, "rerun", {TRANSCRIBE: {"language": "de"}})
    old = claimed(house)
    ask(house, call_id, "rerun", {TRANSCRIBE: {"language": "fr"}})
    assert not finish(house, old)
    new = claimed(house)
    assert new.options["language"] == "fr"
    assert finish(house, new)


def test_a_rerun_asks_for_the_stage_and_what_follows_only(house: Any) -> None:
    call_id = house.add_call()
    finish_all(house)
    house.pass_seconds(60)
    ask(house, call_id, "rerun", {DIARIZE: {"speakers": 3}})
    assert states(house, call_id) == {
        INSPECT: "done",
        TRANSCRIBE: "done",
        DIARIZE: "queued",
        ATTRIBUTE: "waiting",
    }
    assert house.call(call_id).ready_at is not None
    one = claimed(house)
    assert one.options["speakers"] == 3
    finish(house, one)
    finish_all(house)
    assert house.call(call_id).state == "ready"
    assert run_of(house, call_id, DIARIZE).options == {"speakers": 3}


@pytest.mark.parametrize("running", [False, True])
def test_cancelling_a_rerun_brings_the_ready_call_back(house: Any, running: bool) -> None:
    call_id = house.add_call()
    finish_all(house)
    ask(house, call_id, "rerun", {DIARIZE: {"speakers": 3}})
    one = claimed(house) if running else None
    assert ask(house, call_id, "cancel")
    if one is not None:
        with house.work.write() as unit:
            unit.ledger.release(one, at=house.time)
    assert house.call(call_id).state == "ready"
    run = run_of(house, call_id, DIARIZE)
    assert (run.state, run.options, run.result_key) == ("done", {}, "key-diarize")


@pytest.mark.parametrize("ended_by", ["release", "fail", "finish"])
def test_a_rerun_called_off_half_way_leaves_nothing_of_its_finished_stages(house: Any, ended_by: str) -> None:
    """A transcript of mixed voices does not fit voices told apart by channel."""
    call_id = house.add_call()
    finish_all(house)
    ask(house, call_id, "rerun", {stage: {"layout": "mixed"} for stage in (TRANSCRIBE, DIARIZE, ATTRIBUTE)})
    assert finish(house, claimed(house), key="mixed words")
    one = claimed(house)
    assert ask(house, call_id, "cancel")
    with house.work.write() as unit:
        if ended_by == "release":
            assert unit.ledger.release(one, at=house.time)
        elif ended_by == "fail":
            assert unit.ledger.fail(one, code="x", message="x", at=house.time)
        else:
            assert unit.ledger.finish(one, result_key="mixed voices", seconds=1, at=house.time)
    assert house.call(call_id).state == "ready"
    for stage in Stage:
        run = run_of(house, call_id, stage)
        assert (run.state, run.options, run.result_key) == ("done", {}, f"key-{stage}")


def test_a_rerun_whose_cancel_is_taken_back_runs_to_its_end(house: Any) -> None:
    call_id = house.add_call()
    finish_all(house)
    ask(house, call_id, "rerun", {DIARIZE: {"speakers": 3}})
    one = claimed(house)
    ask(house, call_id, "cancel")
    assert ask(house, call_id, "retry")
    assert finish(house, one, key="three voices")
    assert claimed(house).stage is ATTRIBUTE


def test_a_rerun_of_one_stage_goes_by_the_layout_that_the_others_were_asked_for(house: Any) -> None:
    call_id = house.add_call()
    finish_all(house)
    ask(house, call_id, "rerun", {stage: {"layout": "mixed"} for stage in (TRANSCRIBE, DIARIZE, ATTRIBUTE)})
    finish(house, claimed(house), key="mixed words")
    with house.work.write() as unit:
        one = unit.ledger.claim("w", lease=LEASE, at=house.time)
        unit.ledger.fail(one, code="no_model", message="No such model.", at=house.time)
    ask(house, call_id, "rerun", {DIARIZE: {"speakers": 3}})
    again = claimed(house)
    assert {name: again.options.get(name) for name in ("layout", "speakers")} == {
        "layout": "mixed",
        "speakers": 3,
    }


def test_a_layout_stays_from_one_rerun_to_the_next(house: Any) -> None:
    call_id = house.add_call()
    finish_all(house)
    ask(house, call_id, "rerun", {TRANSCRIBE: {"layout": "mixed", "model": "small"}})
    finish_all(house)
    ask(house, call_id, "rerun", {TRANSCRIBE: {"language": "de"}})
    one = claimed(house)
    assert {name: one.options.get(name) for name in ("layout", "language", "model")} == {
        "layout": "mixed",
        "language": "de",
        "model": None,
    }


def test_a_failed_rerun_can_be_called_off(house: Any) -> None:
    call_id = house.add_call()
    finish_all(house)
    ask(house, call_id, "rerun", {TRANSCRIBE: {"model": "none such"}})
    with house.work.write() as unit:
        one = unit.ledger.claim("w", lease=LEASE, at=house.time)
        unit.ledger.fail(one, code="no_model", message="No such model.", at=house.time)
    assert house.call(call_id).state == "failed"
    assert ask(house, call_id, "cancel")
    call = house.call(call_id)
    assert (call.state, call.error_code) == ("ready", None)


def test_a_claim_on_a_deleted_call_is_void(house: Any) -> None:
    call_id = house.add_call()
    one = claimed(house)
    with house.work.write() as unit:
        unit.calls.remove(unit.calls.find_for_change(call_id))
    assert not finish(house, one)
    with house.work.write() as unit:
        assert unit.ledger.report(one, 0.5, at=house.time) is Signal.LOST


def test_setting_a_call_aside_stops_it_wherever_it_was(house: Any) -> None:
    call_id = house.add_call()
    one = claimed(house)
    ask_kwargs = {"code": "recording_missing", "message": "It is gone."}
    with house.work.write() as unit:
        unit.requests.set_aside(unit.calls.find_for_change(call_id), **ask_kwargs, at=house.time)
    assert not finish(house, one)
    assert house.call(call_id).error_code == "recording_missing"
    assert RunState.RUNNING not in states(house, call_id).values()

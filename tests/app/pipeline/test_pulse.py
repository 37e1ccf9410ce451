"""A worker's hold on its stage."""

from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from app.pipeline.pulse import CalledOff, Leaving, Lost, Pulse
from storage.ids import now


@pytest.fixture
def claim(bench: Any) -> Any:
    bench.mono()
    with bench.parts.work.write() as unit:
        return unit.ledger.claim("w", lease=timedelta(seconds=30), at=now())


def pulse_of(bench: Any, claim: Any, leaving: Event, time: list[float]) -> Pulse:
    return Pulse(claim, bench.parts.work, lease=timedelta(seconds=30), leaving=leaving, clock=lambda: time[0])


def progress_of(bench: Any, claim: Any) -> float:
    return float(bench.calls.get(claim.call_id).stages[0].progress)


def test_progress_is_written_once_a_second_at_most(bench: Any, claim: Any) -> None:
    time = [100.0]
    pulse = pulse_of(bench, claim, Event(), time)
    pulse.progress(0.1)
    time[0] += 0.5
    pulse.progress(0.2)
    assert progress_of(bench, claim) == 0.1
    time[0] += 0.5
    pulse.progress(0.3)
    assert progress_of(bench, claim) == 0.3


def test_the_work_stops_when_the_stage_was_called_off(bench: Any, claim: Any) -> None:
    time = [0.0]
    pulse = pulse_of(bench, claim, Event(), time)
    pulse.progress(0.1)
    bench.calls.cancel(claim.call_id)
    pulse.progress(0.2)
    time[0] += 1.0
    with pytest.raises(CalledOff):
        pulse.progress(0.3)


def test_the_work_stops_when_the_stage_is_no_longer_ours(bench: Any, claim: Any) -> None:
    pulse = pulse_of(bench, claim, Event(), [0.0])
    bench.calls.delete(claim.call_id)
    pulse.renew()
    with pytest.raises(Lost):
        pulse.progress(0.1)


def test_the_work_stops_at_once_when_the_worker_leaves(bench: Any, claim: Any) -> None:
    leaving = Event()
    pulse = pulse_of(bench, claim, leaving, [0.0])
    pulse.progress(0.1)
    leaving.set()
    with pytest.raises(Leaving):
        pulse.progress(0.2)


def test_a_database_that_is_away_for_a_moment_does_not_stop_the_work(
    bench: Any, claim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionError

    pulse = pulse_of(bench, claim, Event(), [0.0])
    with monkeypatch.context() as broken:
        broken.setattr(bench.parts.work, "write", away)
        pulse.progress(0.1)
        pulse.renew()
    pulse.progress(0.2)

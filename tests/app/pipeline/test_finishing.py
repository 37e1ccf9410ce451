"""A database that is away for a moment when a stage ends costs none of its work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from storage.unit_of_work import Unit


def test_a_result_is_stored_when_the_database_is_back(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pipeline.runner.FINISH_PAUSES", (0.0, 0.0))
    call_id = bench.stereo()
    work = bench.parts.work
    outages = {"left": 0}

    @contextmanager
    def write() -> Iterator[Unit]:
        with real() as unit:
            hold = unit.ledger.hold

            def away(claim: Any) -> Any:
                if outages["left"]:
                    outages["left"] -= 1
                    raise ConnectionError("the database is away")
                return hold(claim)

            unit.ledger.hold = away  # type: ignore[method-assign]
            yield unit

    real = work.write
    monkeypatch.setattr(work, "write", write)
    for _ in range(4):
        outages["left"] = 2
        assert bench.runner.run_next()
    assert bench.calls.get(call_id).state == "ready"


def test_a_database_that_stays_away_fails_the_stage(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pipeline.runner.FINISH_PAUSES", (0.0,))
    call_id = bench.stereo()

    def away(*_: Any) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr("storage.ledger.Ledger.hold", away)
    assert bench.runner.run_next()
    call = bench.calls.get(call_id)
    assert (call.state, call.problem.code) == ("failed", "internal")

"""One setting away: database and queue on PostgreSQL, two workers, one of them killed."""

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.calls.views import CallState

pytestmark = [pytest.mark.processes, pytest.mark.postgres]


def test_calls_become_ready_on_postgres_though_a_worker_is_killed(
    install: Any, demo: Path, postgres: str
) -> None:
    with psycopg.connect(f"postgresql://tests@/postgres?host={postgres}", autocommit=True) as connection:
        connection.execute("CREATE DATABASE team")
    address = f"postgresql://tests@/team?host={postgres}"
    house = install(
        database_url=address,
        queue_url=address,
        worker_lease_seconds=3.0,
        worker_heartbeat_seconds=1.0,
        worker_sweep_seconds=1.0,
        fake_seconds=1.0,
    )
    doomed = house.start_worker()
    house.start_worker()
    house.wait_until(lambda: house.log().count("started") == 2, 60)
    ids = [house.upload(demo / f"{name}.mono.ogg") for name in ("no-urgency", "caved-on-discount")]
    both_at_it = lambda: sum(call.state is CallState.INSPECTING for call in map(house.calls.get, ids)) == 2  # noqa: E731
    house.wait_until(both_at_it, 60)
    time.sleep(0.3)
    doomed.kill()
    house.wait_until(lambda: all(house.calls.get(one).state is CallState.READY for one in ids), 120)
    attempts = [stage.attempt for one in ids for stage in house.calls.get(one).stages]
    assert sorted(attempts) == [1] * 7 + [2]
    assert all(house.log().count(f"{one}: attribute done") == 1 for one in ids)

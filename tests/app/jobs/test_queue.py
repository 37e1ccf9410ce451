"""The queue: it carries ids, and losing it loses nothing."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from huey import PostgresHuey, RedisHuey, SqliteHuey

from app.jobs.queue import HueyQueue, open_huey


def work_off(queue: HueyQueue) -> int:
    done = 0
    while (task := queue.huey.dequeue()) is not None:
        queue.huey.execute(task)
        done += 1
    return done


def addresses(tmp_path: Path, request: Any) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queue' / 'queue.db'}"
    return f"postgresql://tests@/postgres?host={request.getfixturevalue('postgres')}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def queue(tmp_path: Path, request: Any) -> Any:
    made = HueyQueue(addresses(tmp_path, request))
    yield made
    work_off(made)
    made.close()


def test_a_poke_wakes_whoever_works(queue: HueyQueue) -> None:
    woken = []
    queue.on_poke(lambda: woken.append(True))
    queue.poke("call-1")
    queue.poke("call-2")
    assert queue.size() == 2
    assert work_off(queue) == 2
    assert woken == [True, True]
    assert queue.size() == 0


def test_a_message_is_plain_json_with_an_id(tmp_path: Path) -> None:
    queue = HueyQueue(f"sqlite:///{tmp_path / 'queue.db'}")
    queue.poke("call-1")
    [message] = queue.huey.storage.enqueued_items()
    assert b"call-1" in bytes(message)
    assert bytes(message).startswith(b"[")


def test_a_message_that_could_run_code_is_not_run(tmp_path: Path) -> None:
    class Boom:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "harm").touch, ())

    queue = HueyQueue(f"sqlite:///{tmp_path / 'queue.db'}")
    queue.huey.storage.enqueue(pickle.dumps(Boom()))
    with pytest.raises(UnicodeDecodeError):
        queue.huey.dequeue()
    assert not (tmp_path / "harm").exists()


def test_a_queue_that_is_away_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    queue = HueyQueue(f"sqlite:///{tmp_path / 'queue.db'}")
    queue.huey.storage.sql("drop table task", commit=True)
    queue.poke("call-1")
    assert "the sweep will" in caplog.text


def test_the_address_says_which_queue(tmp_path: Path) -> None:
    assert isinstance(open_huey(f"sqlite:///{tmp_path / 'q.db'}"), SqliteHuey)
    assert isinstance(open_huey("redis://localhost:6379/0"), RedisHuey)
    with pytest.raises(ValueError, match="must begin with"):
        open_huey("amqp://host")


@pytest.mark.postgres
def test_postgres_is_spoken_to_by_the_same_address_as_the_database(postgres: str) -> None:
    huey = open_huey(f"postgresql+psycopg://tests@/postgres?host={postgres}")
    assert isinstance(huey, PostgresHuey)
    assert huey.pending_count() == 0
    huey.storage.close()

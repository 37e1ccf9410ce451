"""A database with calls in it, for the repositories' tests."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.ids import new_id
from storage.requests import ASKED_PRIORITY
from storage.tables import CallRow, RecordingRow
from storage.unit_of_work import UnitOfWork

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class House:
    """A database, with the clock in the test's hand."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work
        self.time = START

    def pass_seconds(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def add_call(self, *, priority: int = ASKED_PRIORITY, sha256: str = "aa") -> str:
        self.pass_seconds(1)
        with self.work.write() as unit:
            call = CallRow(
                id=new_id(),
                title="A call",
                direction="Unknown",
                state="received",
                created_at=self.time,
                search_text="",
            )
            unit.calls.add(call, RecordingRow(call_id=call.id, sha256=sha256, size=1, file_name="a.wav"), [])
            unit.requests.open(call, priority=priority, at=self.time)
        return call.id

    def call(self, call_id: str) -> CallRow:
        with self.work.read() as unit:
            found = unit.calls.find(call_id)
        assert found is not None
        return found


@pytest.fixture
def house(database_address: str) -> House:
    return House(UnitOfWork(Database(database_address)))

"""The database: durable, alike on both kinds, migrated by one process at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from storage.database import Database, database_url, migrate, open_engine
from storage.tables import Base, RemovalRow


def test_migrations_make_exactly_the_tables(database_address: str) -> None:
    engine = open_engine(database_address)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(database_address: str) -> None:
    migrate(database_address)
    with Database(database_address).read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_processes_that_migrate_at_once_all_succeed(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'new.db'}"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [address] * 4))
    with Database(address).read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


@pytest.mark.postgres
def test_processes_that_migrate_an_empty_postgres_at_once_all_succeed(postgres: str) -> None:
    address = f"postgresql://tests@/empty?host={postgres}"
    engine = open_engine(f"postgresql://tests@/postgres?host={postgres}")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE empty TEMPLATE template1"))
    engine.dispose()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [address] * 4))
    with Database(address).read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_sqlite_commits_reach_the_disk_and_references_hold(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "calls.db"
    with Database(f"sqlite:///{path}").read() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_moment_comes_back_as_the_same_moment_in_utc(database_address: str) -> None:
    database = Database(database_address)
    in_india = datetime(2026, 11, 21, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with database.write() as session:
        session.add(RemovalRow(call_id="x", requested_at=in_india))
    with database.read() as session:
        kept = session.get_one(RemovalRow, "x").requested_at
    assert kept == in_india
    assert kept.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused(database_address: str) -> None:
    with pytest.raises(StatementError, match="no time zone"), Database(database_address).write() as session:
        session.add(RemovalRow(call_id="x", requested_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_writers_wait_for_each_other_instead_of_failing(database_address: str) -> None:
    """Each reads and then writes: on SQLite, deferred transactions would fail with "database is locked"."""
    database = Database(database_address)
    barrier = threading.Barrier(8)

    def add(number: int) -> None:
        barrier.wait()
        with database.write() as session:
            session.execute(text("SELECT count(*) FROM removal")).scalar()
            session.add(RemovalRow(call_id=str(number), requested_at=datetime.now(UTC)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM removal")).scalar() == 8


def test_nothing_stays_of_a_block_that_raises(database_address: str) -> None:
    database = Database(database_address)

    def break_off() -> None:
        with database.write() as session:
            session.add(RemovalRow(call_id="x", requested_at=datetime.now(UTC)))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with database.read() as session:
        assert session.get(RemovalRow, "x") is None


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'a.db'}"
    migrate(address)
    database = Database(address)
    with database.write() as writing:
        writing.add(RemovalRow(call_id="x", requested_at=datetime.now(UTC)))
        writing.flush()
        with database.read() as reading:
            assert reading.get(RemovalRow, "x") is None


def test_a_reader_sees_one_state_of_the_database_throughout(database_address: str) -> None:
    database = Database(database_address)
    with database.read() as reading:
        assert reading.get(RemovalRow, "x") is None
        with database.write() as writing:
            writing.add(RemovalRow(call_id="x", requested_at=datetime.now(UTC)))
        assert reading.execute(text("SELECT count(*) FROM removal")).scalar() == 0


def test_postgres_addresses_are_spoken_by_the_driver_that_is_installed() -> None:
    assert database_url("postgresql://host/name").drivername == "postgresql+psycopg"
    assert database_url("postgresql+psycopg://host/name").drivername == "postgresql+psycopg"
    assert database_url("sqlite:////tmp/x.db").drivername == "sqlite"

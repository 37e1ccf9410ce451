"""The database: its engine, sessions, safety settings and migrations, alike on SQLite and PostgreSQL."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.orm import Session, sessionmaker

import migrations

BUSY_SECONDS = 30.0
"""How long a SQLite connection waits for another writer before it gives up."""

MIGRATION_LOCK = 7_226_301_943
"""Key of the PostgreSQL advisory lock that lets one process migrate at a time; any number of ours does."""

READS = "bothsides_reads"
"""Execution option of connections that only read: on SQLite they take no write lock."""


def database_url(address: str) -> URL:
    """The address with the driver that is installed: postgresql:// is spoken by psycopg 3."""
    url = make_url(address)
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


class Database:
    """Sessions on one database. Safe to share between threads; open one in each process."""

    def __init__(self, address: str) -> None:
        self.engine = open_engine(address)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(_for_reading(self.engine), expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed when the block ends well and rolled back when it raises."""
        with self._writing() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only: its queries all see one state of the database; nothing is committed."""
        with self._reading() as session:
            yield session

    def ping(self) -> None:
        """Asks the database for a sign of life. Raises what the driver raises."""
        with self.engine.connect() as connection:
            connection.execution_options(**{READS: True}).execute(text("SELECT 1"))

    def has_newest_shape(self) -> bool:
        """Whether the tables are as this version of the program needs them; False until `migrate` has run."""
        newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
        with self.engine.connect() as connection:
            connection.execution_options(**{READS: True})
            return MigrationContext.configure(connection).get_current_revision() == newest

    def close(self) -> None:
        self.engine.dispose()


def _for_reading(engine: Engine) -> Engine:
    if engine.dialect.name == "postgresql":
        # By default each statement there sees what was committed since the one before.
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(**{READS: True})


def open_engine(address: str, *, foreign_keys: bool = True) -> Engine:
    """An engine with the safety settings of this program."""
    url = database_url(address)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=10, max_overflow=40, pool_pre_ping=True)
    if url.database:
        _make_private(Path(url.database))
    engine = create_engine(
        url, pool_size=10, max_overflow=40, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        prepare_sqlite(connection, foreign_keys=foreign_keys)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(database: Path) -> None:
    """Makes the file, its owner's alone as the recordings are; SQLite gives its files that mode."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def prepare_sqlite(connection: sqlite3.Connection, *, foreign_keys: bool) -> None:
    """Makes a commit durable, references true, and leaves BEGIN to us."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The switch needs the database alone for a moment and does not honour busy_timeout.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a write one fails at once when another writer was quicker;
    # taking the write lock at the start waits its turn instead.
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def alembic_config() -> Config:
    """Alembic's configuration, in code: works from any folder and from an installed package."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    return config


def migrate(address: str) -> None:
    """Brings the database to the newest shape. Of several processes that call it, one works, the others wait.

    The whole migration is one transaction: a process killed in the middle leaves the old shape.
    """
    # Rebuilding a SQLite table drops the old one; live references would take their rows along.
    engine = open_engine(address, foreign_keys=False)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.dialect.name == "sqlite":
                broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
                if broken:
                    raise RuntimeError(f"the migration would break references: {broken[:5]}")
    finally:
        engine.dispose()

"""One transaction with its repositories. Only the boundary (a request, a job) opens and so commits one."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.calls import CallRepository
from storage.database import Database
from storage.ledger import Ledger
from storage.removals import RemovalRepository
from storage.requests import StageRequests
from storage.results import ResultRepository
from storage.transcripts import TranscriptRepository


class AlreadyThere(Exception):
    """Another transaction wrote a row with the same unique value first."""


class Unit:
    """The repositories of one transaction."""

    def __init__(self, session: Session) -> None:
        self.calls = CallRepository(session)
        self.transcripts = TranscriptRepository(session)
        self.ledger = Ledger(session)
        self.requests = StageRequests(session)
        self.results = ResultRepository(session)
        self.removals = RemovalRepository(session)


class UnitOfWork:
    """Opens transactions on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Everything in the block is committed at its end, or nothing when it raises.

        Raises AlreadyThere where a unique value was taken.
        """
        try:
            with self._database.write() as session:
                yield Unit(session)
        except IntegrityError as error:
            raise AlreadyThere(str(error.orig)) from error

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """A look at the database; nothing is ever committed."""
        with self._database.read() as session:
            yield Unit(session)

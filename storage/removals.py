"""Deleted calls whose files are still to be removed."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.tables import RemovalRow


class RemovalRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, call_id: str, *, at: datetime) -> None:
        self._session.add(RemovalRow(call_id=call_id, requested_at=at))
        self._session.flush()

    def all(self) -> list[str]:
        return list(self._session.scalars(select(RemovalRow.call_id).order_by(RemovalRow.requested_at)))

    def done(self, call_id: str) -> None:
        self._session.execute(delete(RemovalRow).where(RemovalRow.call_id == call_id))

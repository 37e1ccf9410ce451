"""Calls, their recordings and their parties."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from storage.stages import AT_REST
from storage.tables import CallRow, PartyRow, RecordingRow, StageRunRow


@dataclass(frozen=True, slots=True)
class CallRows:
    """Everything about one call but its conversation."""

    call: CallRow
    recording: RecordingRow
    parties: tuple[PartyRow, ...]
    runs: tuple[StageRunRow, ...]
    same_recording: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls a list holds. `words` are case-folded and must all be found; empty takes everything.

    `states` are those that a call may be in, None for any.
    """

    words: tuple[str, ...] = ()
    states: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list of calls, newest first: the call that came last on the page before."""

    created_at: datetime
    id: str


class CallRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, call: CallRow, recording: RecordingRow, parties: Sequence[PartyRow]) -> None:
        """Raises sqlalchemy's IntegrityError where the client's id is taken."""
        self._session.add(call)
        self._session.flush()
        self._session.add(recording)
        self._session.add_all(parties)
        self._session.flush()

    def find(self, call_id: str) -> CallRow | None:
        return self._session.get(CallRow, call_id)

    def find_for_change(self, call_id: str) -> CallRow | None:
        """The call, held against every other change until the transaction ends."""
        return self._session.get(CallRow, call_id, with_for_update=True, populate_existing=True)

    def find_by_client_id(self, client_unique_id: str) -> CallRow | None:
        return self._session.scalar(select(CallRow).where(CallRow.client_unique_id == client_unique_id))

    def recording(self, call_id: str) -> RecordingRow:
        return self._session.get_one(RecordingRow, call_id)

    def parties(self, call_id: str) -> list[PartyRow]:
        found = select(PartyRow).where(PartyRow.call_id == call_id).order_by(PartyRow.position)
        return list(self._session.scalars(found))

    def add_parties(self, parties: Sequence[PartyRow]) -> None:
        self._session.add_all(parties)
        self._session.flush()

    def remove_parties(self, ids: Collection[str]) -> None:
        if ids:
            self._session.execute(delete(PartyRow).where(PartyRow.id.in_(ids)))

    def rows(self, call_id: str) -> CallRows | None:
        call = self.find(call_id)
        return self.rows_of([call])[0] if call is not None else None

    def page(self, wanted: Filter, after: Position | None, limit: int) -> list[CallRow]:
        """At most `limit` calls, newest first, that come after `after`."""
        found = _matching(select(CallRow), wanted).order_by(CallRow.created_at.desc(), CallRow.id.desc())
        if after is not None:
            older = CallRow.created_at < after.created_at
            same = and_(CallRow.created_at == after.created_at, CallRow.id < after.id)
            found = found.where(or_(older, same))
        return list(self._session.scalars(found.limit(limit)))

    def count(self, wanted: Filter) -> int:
        return self._session.scalar(_matching(select(func.count(CallRow.id)), wanted)) or 0

    def rows_of(self, calls: Sequence[CallRow]) -> list[CallRows]:
        """The calls with what belongs to them, in the same order, by one query for each kind of thing."""
        ids = [call.id for call in calls]
        recordings = {
            row.call_id: row
            for row in self._session.scalars(select(RecordingRow).where(RecordingRow.call_id.in_(ids)))
        }
        parties: dict[str, list[PartyRow]] = {}
        for party in self._session.scalars(
            select(PartyRow).where(PartyRow.call_id.in_(ids)).order_by(PartyRow.position)
        ):
            parties.setdefault(party.call_id, []).append(party)
        runs: dict[str, list[StageRunRow]] = {}
        for run in self._session.scalars(select(StageRunRow).where(StageRunRow.call_id.in_(ids))):
            runs.setdefault(run.call_id, []).append(run)
        twins = self._calls_by_hash({row.sha256 for row in recordings.values()})
        return [
            CallRows(
                call=call,
                recording=recordings[call.id],
                parties=tuple(parties.get(call.id, ())),
                runs=tuple(runs.get(call.id, ())),
                same_recording=tuple(
                    other for other in twins.get(recordings[call.id].sha256, ()) if other != call.id
                ),
            )
            for call in calls
        ]

    def with_hash(self, sha256: str) -> tuple[str, ...]:
        """Ids of the calls with this very recording, oldest first."""
        return tuple(self._calls_by_hash({sha256}).get(sha256, ()))

    def _calls_by_hash(self, hashes: Collection[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        rows = self._session.execute(
            select(RecordingRow.sha256, RecordingRow.call_id)
            .where(RecordingRow.sha256.in_(hashes))
            .order_by(RecordingRow.call_id)
        )
        for sha256, call_id in rows:
            found.setdefault(sha256, []).append(call_id)
        return found

    def known(self, ids: Collection[str]) -> set[str]:
        """Which of the ids are calls."""
        return set(self._session.scalars(select(CallRow.id).where(CallRow.id.in_(ids))))

    def at_rest(self, ids: Collection[str]) -> set[str]:
        """Which of the ids are calls that nobody works on."""
        found = select(CallRow.id).where(CallRow.id.in_(ids), CallRow.state.in_(AT_REST))
        return set(self._session.scalars(found))

    def ids(self, after: str = "", limit: int = 500) -> list[str]:
        """Ids of calls in order, a batch at a time: those behind `after`."""
        return list(
            self._session.scalars(
                select(CallRow.id).where(CallRow.id > after).order_by(CallRow.id).limit(limit)
            )
        )

    def remove(self, call: CallRow) -> None:
        """The call and all that hangs on it, by the database's own cascade."""
        self._session.execute(delete(CallRow).where(CallRow.id == call.id))
        self._session.expire_all()


def _matching(query: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.states is not None:
        query = query.where(CallRow.state.in_(wanted.states))
    for word in wanted.words:
        query = query.where(CallRow.search_text.contains(word, autoescape=True))
    return query

"""What the stages made of recordings, kept so that the same work is not done twice."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.tables import StageResultRow


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a stage made of a recording. `identity` and `payload` must survive JSON."""

    sha256: str
    stage: str
    identity: Mapping[str, Any]
    payload: Any

    @property
    def key(self) -> str:
        return result_key(self.sha256, self.stage, self.identity)


def result_key(sha256: str, stage: str, identity: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of recording hash, stage, and engine with options."""
    canonical = json.dumps([sha256, stage, identity], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class ResultRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, key: str) -> StageResult | None:
        row = self._session.get(StageResultRow, key)
        if row is None:
            return None
        payload = json.loads(zlib.decompress(row.payload))
        return StageResult(sha256=row.sha256, stage=row.stage, identity=row.identity, payload=payload)

    def identities(self, keys: set[str]) -> dict[str, dict[str, Any]]:
        """Engine and options behind each key, without reading the results themselves."""
        found = select(StageResultRow.key, StageResultRow.identity).where(StageResultRow.key.in_(keys))
        return {row.key: row.identity for row in self._session.execute(found)}

    def keep(self, result: StageResult, *, at: datetime) -> None:
        """Stores the result. One that is there under the same key is replaced: they are equal by contract."""
        payload = zlib.compress(json.dumps(result.payload, separators=(",", ":"), allow_nan=False).encode())
        values = {
            "sha256": result.sha256,
            "stage": result.stage,
            "identity": dict(result.identity),
            "payload": payload,
            "created_at": at,
        }
        # One statement: two workers may end the same stage of two calls with one recording at once.
        insert = postgresql.insert if self._session.get_bind().dialect.name == "postgresql" else sqlite.insert
        statement = insert(StageResultRow).values(key=result.key, **values)
        self._session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))

    def remove_of_recording(self, sha256: str) -> None:
        self._session.execute(delete(StageResultRow).where(StageResultRow.sha256 == sha256))

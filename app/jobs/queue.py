"""The queue: it wakes workers up. What is to be done stands in the ledger, so a lost message loses no work.

Messages are JSON with the id of a stage run; a message from elsewhere can make a worker look, and no more.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

NAME = "bothsides"
_log = logging.getLogger(__name__)


class Queue(Protocol):
    """What the service needs: somebody to wake."""

    def poke(self, call_id: str) -> None:
        """Wakes a worker. Never raises: the sweep wakes one later where this fails."""


class JsonSerializer(Serializer):  # type: ignore[misc]
    """huey's messages as JSON: nothing that is read from the queue can run code, as a pickle could."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Any:
        return Message(*json.loads(bytes(data)))


class HueyQueue:
    """A huey queue with one kind of message. `on_poke` is what a worker does when it is woken."""

    def __init__(self, address: str) -> None:
        self.huey = open_huey(address)
        self._task = self.huey.task(name="poke")(self._poked)
        self._on_poke: Callable[[], None] | None = None

    def poke(self, call_id: str) -> None:
        try:
            self._task(call_id)
        except Exception:  # noqa: BLE001 - three drivers' errors; the call is safe in the ledger
            _log.exception("could not wake a worker for call %s; the sweep will", call_id)

    def size(self) -> int:
        """How many messages lie there."""
        return int(self.huey.pending_count())

    def on_poke(self, work: Callable[[], None]) -> None:
        self._on_poke = work

    def close(self) -> None:
        self.huey.storage.close()

    def _poked(self, _call_id: str) -> None:
        if self._on_poke is not None:
            self._on_poke()


def open_huey(address: str) -> Huey:
    """SQLite, PostgreSQL or Redis by the address's scheme. Raises ValueError for any other."""
    common = {"results": False, "serializer": JsonSerializer()}
    scheme = address.split(":", 1)[0]
    if scheme == "sqlite":
        path = Path(address.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(path), timeout=30, **common)
    if scheme.split("+")[0] in ("postgresql", "postgres"):
        return PostgresHuey(NAME, dsn="postgresql:" + address.split(":", 1)[1], **common)
    if scheme in ("redis", "rediss", "unix"):
        return RedisHuey(NAME, url=address, **common)
    raise ValueError(f"queue address {address!r}: it must begin with sqlite:///, postgresql:// or redis://")

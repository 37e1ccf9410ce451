"""A worker's hold on the stage that it is at: renewed while it works, given up when it must stop."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event

from storage.ids import now
from storage.ledger import Claim, Signal
from storage.unit_of_work import UnitOfWork

_log = logging.getLogger(__name__)

REPORT_SECONDS = 1.0
"""How often progress is written: people look at it about as often, and each write is a disk flush."""


class Stopped(Exception):
    """The work on a stage is to end now."""


class CalledOff(Stopped):
    """Somebody cancelled the call."""


class Lost(Stopped):
    """The stage is no longer this worker's: deleted, asked for anew, or given to another."""


class Leaving(Stopped):
    """The worker was told to stop."""


class Pulse:
    """Two threads use it: the one that works calls `progress`, the heartbeat's calls `renew`."""

    def __init__(
        self,
        claim: Claim,
        work: UnitOfWork,
        *,
        lease: timedelta,
        leaving: Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.claim = claim
        self._work = work
        self._lease = lease
        self._leaving = leaving
        self._clock = clock
        self._signal = Signal.GO_ON
        self._reported = float("-inf")

    def progress(self, fraction: float) -> None:
        """Notes the fraction done, at most once a second. Raises Stopped when the work must end."""
        if self._clock() - self._reported >= REPORT_SECONDS:
            self._reported = self._clock()
            self._ask(lambda unit: unit.ledger.report(self.claim, fraction, at=now()))
        self.check()

    def check(self) -> None:
        """Raises Stopped when the work must end, as far as the last sign of life heard."""
        stop = self._reason()
        if stop is not None:
            raise stop

    def renew(self) -> None:
        """Keeps the stage for another lease. A heartbeat that fails is tried again with the next."""
        self._ask(lambda unit: unit.ledger.renew(self.claim, lease=self._lease, at=now()))

    def _ask(self, question: Callable[..., Signal]) -> None:
        try:
            with self._work.write() as unit:
                signal = question(unit)
        except Exception:  # noqa: BLE001 - the database may be away for a moment; the lease decides
            _log.warning("the ledger could not be reached; going on", exc_info=True)
            return
        if self._signal is not Signal.LOST:
            self._signal = signal

    def _reason(self) -> Stopped | None:
        if self._signal is Signal.LOST:
            return Lost()
        if self._signal is Signal.CANCEL:
            return CalledOff()
        return Leaving() if self._leaving.is_set() else None

"""The worker process: waits to be woken, does stages, says that it is alive, looks for stuck work."""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from app.bootstrap import Parts, build
from app.jobs.sweep import discard_old_sound, sweep
from app.logs import start_logging
from app.pipeline.job import Tools
from app.pipeline.runner import StageRunner
from app.settings import Settings, load_settings

_log = logging.getLogger(__name__)

LEAVE_SECONDS = 7.0
"""How long a stage may take to stop before it is given back over its head; a supervisor waits 10 s."""

POLL_SECONDS = 0.3
"""How often a SQLite queue is looked at. PostgreSQL and Redis wake the worker themselves."""


def run_worker(settings: Settings) -> int:
    """Works until SIGTERM or SIGINT. Returns the exit status: 0 after a signal, 1 when the worker broke."""
    start_logging("worker")
    parts = build(settings)
    status = _Worker(parts).run()
    parts.close()
    return status


class _Worker:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = parts.settings
        self._consumer = parts.queue.huey.create_consumer(
            workers=1,
            periodic=False,
            initial_delay=POLL_SECONDS,
            max_delay=POLL_SECONDS,
            scheduler_interval=60,
        )
        self._leaving: threading.Event = self._consumer.stop_flag
        tools = Tools(settings=parts.settings, work=parts.work, media=parts.media, engines=parts.engines)
        name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._runner = StageRunner(tools, worker=name, leaving=self._leaving)
        parts.queue.on_poke(self._runner.drain)

    def run(self) -> int:
        _log.info("worker %d started", os.getpid())
        sweep(self._parts.work, self._parts.queue)
        discard_old_sound(self._parts.work, self._parts.media)
        helpers = [
            self._every(self._settings.worker_heartbeat_seconds, self._runner.renew, "heartbeat"),
            self._every(
                self._settings.worker_sweep_seconds,
                lambda: sweep(self._parts.work, self._parts.queue),
                "sweep",
            ),
        ]
        self._consumer.start()
        # After start(): huey puts handlers of its own there, which end without giving the stage back.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        status = self._wait()
        for helper in helpers:
            helper.join(timeout=1.0)
        return status

    def _wait(self) -> int:
        [(_, hands)] = self._consumer.worker_threads
        while not self._leaving.wait(0.5):
            if not hands.is_alive():
                _log.error("the worker's thread ended by itself; leaving")
                self._leaving.set()
                return 1
        _log.info("worker %d is leaving", os.getpid())
        hands.join(timeout=LEAVE_SECONDS)
        if hands.is_alive():
            # In the middle of a long computation: it cannot be stopped, but its result will be void.
            self._runner.give_back()
            _log.info("worker %d gave its work back and left", os.getpid())
            _end(0)
        return 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._leaving.set()

    def _every(self, seconds: float, work: Callable[[], None], name: str) -> threading.Thread:
        def loop() -> None:
            while not self._leaving.wait(seconds):
                try:
                    work()
                except Exception:  # noqa: BLE001 - the database may be away for a moment; the next round tries again
                    _log.warning("%s failed; trying again in %.0f s", name, seconds, exc_info=True)

        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        return thread


def main() -> NoReturn:
    """`python -m app.jobs.worker`: a worker by the settings in the environment."""
    status = run_worker(load_settings())
    _end(status)


def _end(status: int) -> NoReturn:
    # Everything is given back and closed; taking the speech models apart in order would take seconds.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()

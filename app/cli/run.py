"""`bothsides run`: put everything in place, then keep one web process and one worker running."""

import fcntl
import ipaddress
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.cli.prepare import prepare
from app.cli.supervisor import Child, supervise
from app.settings import Settings, load_settings


def run() -> None:
    """Start Both Sides: database, model files, demo calls, then the web server and one worker."""
    settings = load_settings()
    _refuse_other_than_loopback(settings.host)
    settings.data.mkdir(parents=True, exist_ok=True)
    with _only_one_on(settings.data):
        _refuse_taken_port(settings)
        began = time.monotonic()
        prepare(settings, say=_say)
        children = (
            Child("web server", (sys.executable, "-m", "app.web.serve")),
            Child("worker", (sys.executable, "-m", "app.jobs.worker")),
        )
        code = supervise(
            children,
            say=_say,
            ready=lambda: _answers(settings),
            on_ready=lambda: _greet(settings, time.monotonic() - began),
        )
    sys.exit(code)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _greet(settings: Settings, seconds: float) -> None:
    _say(
        f"Both Sides is at http://{settings.host}:{settings.port} (started in {seconds:.0f} s).\n"
        f"It listens on this machine only, because it has no accounts yet. Data: {settings.data.resolve()}\n"
        "Ctrl-C stops it."
    )


def _refuse_other_than_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        sys.exit(
            f"BOTHSIDES_HOST={host}: Both Sides has no accounts yet, so it listens on this machine only. "
            "Use 127.0.0.1, ::1 or localhost."
        )


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as why:
            sys.exit(
                f"Port {settings.port} cannot be used ({why.strerror}). "
                f"Another one: PORT={settings.port + 31} make run"
            )


def _answers(settings: Settings) -> bool:
    try:
        with socket.create_connection((settings.host, settings.port), timeout=0.5):
            return True
    except OSError:
        return False


@contextmanager
def _only_one_on(data: Path) -> Iterator[None]:
    """Holds a lock on the data folder, so that two supervisors never share it."""
    with open(data / "running.lock", "a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            sys.exit(
                f"Both Sides is already running on {data.resolve()} (process {lock.read().strip()}). "
                "Stop it first, or set BOTHSIDES_DATA to another folder."
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        # SIGTERM ends the preparation as Ctrl-C does; supervise() puts its own handlers in.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            yield
        except KeyboardInterrupt:
            sys.exit(130)

"""The web server's process: `python -m app.web.serve` or `bothsides web`."""

import contextlib
import ipaddress
import signal
import socket
import sys
import threading
from types import FrameType

import uvicorn

from app.bootstrap import Parts, build
from app.logs import start_logging
from app.settings import Settings, load_settings
from app.web.main import create_app

GRACE_SECONDS = 5
"""How long running requests may take when the server stops; the supervisor waits longer than that."""


def run_web(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM. The exit code is 0 after an orderly stop, 2 when it cannot start.

    The database must have been migrated: the supervisor does that, or `bothsides run`.
    """
    start_logging("web")
    if not is_loopback(settings.host):
        return _refuse(
            f"BOTHSIDES_HOST={settings.host}: Both Sides has no accounts yet, so anybody who can reach it "
            "could read every call. It therefore listens on this machine only: "
            "use 127.0.0.1, ::1 or localhost."
        )
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        return _refuse(
            f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). "
            "Stop what uses it, or set BOTHSIDES_PORT to another."
        )
    with listener, contextlib.closing(build(settings)) as parts:
        if not parts.database.has_newest_shape():
            return _refuse(
                "The database is not at the newest migration. Start with `bothsides run`: it brings it there."
            )
        _serve(parts, listener)
    return 0


def _serve(parts: Parts, listener: socket.socket) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(parts),
            log_config=None,
            # Pages ask for their state every few seconds; what matters is logged by RequestContext.
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    _stop_on_signals(server)
    parts.calls.recover()
    if not server.should_exit:
        server.run(sockets=[listener])


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def _stop_on_signals(server: uvicorn.Server) -> None:
    """uvicorn raises the signals that stopped it once more at its end; ours make an orderly exit of
    that."""
    if threading.current_thread() is not threading.main_thread():
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _refuse(message: str) -> int:
    sys.stderr.write(message + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(run_web(load_settings()))

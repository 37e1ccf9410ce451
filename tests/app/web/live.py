"""A real web server, and when asked for a worker with canned engines, on a data folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from app.settings import Settings
from storage.database import migrate


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LiveServer:
    """`python -m app.web.serve` as a process. A context manager: leaving it stops everything."""

    def __init__(self, data: Path, *, worker: bool = False, **settings: object) -> None:
        self.settings = Settings(
            data=data, port=free_port(), engines="fake", demo=False, min_free_bytes=0, **settings
        )
        self.url = f"http://127.0.0.1:{self.settings.port}"
        self.log = data / "server.log"
        self._modules = ["app.web.serve", *(["app.jobs.worker"] if worker else [])]
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def web(self) -> subprocess.Popen[bytes]:
        return self.processes[0]

    def __enter__(self) -> Self:
        self.settings.data.mkdir(parents=True, exist_ok=True)
        migrate(self.settings.database())
        with open(self.log, "ab") as log:
            for module in self._modules:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", module], env=environment(self.settings), stderr=log
                    )
                )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/healthz").raise_for_status()
                return self
            except httpx.TransportError:
                if self.web.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"the server does not answer:\n{self.log.read_text()}")

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def media_files(self) -> list[str]:
        root = self.settings.data / "media"
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def peak_memory(self) -> int:
        """Bytes that the web process has held at most."""
        status = Path(f"/proc/{self.web.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process these settings."""
    found = dict(os.environ)
    for name, value in settings.model_dump().items():
        if value != "":
            found[f"BOTHSIDES_{name.upper()}"] = str(value)
    return found


def until(holds, *, seconds: float = 10.0) -> bool:
    """Whether `holds()` comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return bool(holds())

"""A real web server and a real worker that are started again whenever they are killed."""

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

COMMANDS = {
    "web": (sys.executable, "-m", "app.web.serve"),
    "worker": (sys.executable, "-m", "app.jobs.worker"),
}

SECONDS_A_CALL = 3.0
"""What four stages take a worker that is left alone, with room for a busy machine."""


class House:
    """Both processes on one data folder, with short leases and canned engines."""

    def __init__(self, data: Path) -> None:
        self.settings = Settings(
            data=data,
            port=_free_port(),
            engines="fake",
            fake_seconds=0.2,
            demo=False,
            worker_lease_seconds=2.0,
            worker_heartbeat_seconds=0.5,
            worker_sweep_seconds=0.5,
        )
        self.url = f"http://127.0.0.1:{self.settings.port}"
        self.killed = {"web": 0, "worker": 0}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        migrate(self.settings.database())
        self._log = open(self.settings.data / "chaos.log", "ab")
        for name in COMMANDS:
            self._start(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    def kill(self, name: str) -> None:
        """SIGKILL, and start it again at once. A process that left by itself is a fault of its own."""
        self._refuse_early_ends()
        process = self._running[name]
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.killed[name] += 1
        self._start(name)

    def wait_until_it_answers(self, timeout: float = 60.0) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self._refuse_early_ends()
            try:
                httpx.get(f"{self.url}/healthz", timeout=5)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError(f"the web server does not come back; see {self._log.name}")

    def _refuse_early_ends(self) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                last = Path(self._log.name).read_text(encoding="utf-8", errors="replace")[-3000:]
                raise RuntimeError(f"{name} ended by itself with {process.returncode}:\n{last}")

    def settle(self) -> int:
        """Wait until no call is being worked on; calls set aside are asked for again. How many those were."""
        timeout = 120.0 + SECONDS_A_CALL * len(self.calls())
        deadline = time.monotonic() + timeout
        retried: set[str] = set()
        while time.monotonic() < deadline:
            calls = self.calls()
            for call in calls:
                if call["state"] == "failed" and call["error"]["code"] == "worker_died":
                    httpx.post(f"{self.url}/api/v1/calls/{call['id']}/retry", timeout=30).raise_for_status()
                    retried.add(call["id"])
            if all(call["state"] in ("ready", "failed", "cancelled") for call in calls):
                return len(retried)
            time.sleep(1)
        raise TimeoutError(f"calls are still being worked on after {timeout:g} s")

    def calls(self) -> list[dict]:
        """Every call that the API lists."""
        found: list[dict] = []
        cursor = None
        while True:
            params = {"limit": 100} | ({"cursor": cursor} if cursor else {})
            page = self._get("/api/v1/calls", params)
            found += page["calls"]
            cursor = page.get("nextCursor")
            if not cursor:
                return found

    def _get(self, path: str, params: dict) -> dict:
        self.wait_until_it_answers()
        answer = httpx.get(self.url + path, params=params, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def _start(self, name: str) -> None:
        environment = dict(os.environ)
        for key, value in self.settings.model_dump().items():
            if value != "":
                environment[f"BOTHSIDES_{key.upper()}"] = str(value)
        self._running[name] = subprocess.Popen(
            COMMANDS[name], env=environment, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

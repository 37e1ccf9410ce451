"""Real worker processes on an installation of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import build
from app.calls.metadata import CallMetadata
from app.settings import Settings
from storage.database import migrate

ROOT = Path(__file__).parents[3]


class Installation:
    """A data folder, and the workers that were started on it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings(data=folder, engines="fake", **settings)
        folder.mkdir(parents=True)
        migrate(self.settings.database())
        self.parts = build(self.settings)
        self.calls = self.parts.calls
        self._log = (folder / "worker.log").open("ab")
        self._workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        told = {f"BOTHSIDES_{name.upper()}": str(value) for name, value in self.settings.model_dump().items()}
        worker = subprocess.Popen(
            [sys.executable, "-m", "app.jobs.worker"],
            env={**os.environ, **told},
            cwd=ROOT,
            stderr=self._log,
        )
        self._workers.append(worker)
        return worker

    def upload(self, recording: Path, **metadata: Any) -> str:
        with self.parts.media.receive() as incoming:
            incoming.write(recording.read_bytes())
            received = self.calls.receive(
                incoming.finish(), file_name=recording.name, metadata=CallMetadata.model_validate(metadata)
            )
            incoming.keep()
        return received.call.id

    def stage(self, call_id: str, name: str) -> Any:
        return next(one for one in self.calls.get(call_id).stages if one.stage == name)

    def wait_until(self, happened: Callable[[], bool], seconds: float) -> float:
        """How long it took. Fails with the workers' log when it does not happen in time."""
        started = time.monotonic()
        while not happened():
            if time.monotonic() - started > seconds:
                pytest.fail(f"not within {seconds} s; the log: {self.log()}")
            time.sleep(0.01)
        return time.monotonic() - started

    def log(self) -> str:
        return Path(self._log.name).read_text()

    def close(self) -> None:
        for worker in self._workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait(10)
        self._log.close()
        self.parts.close()


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    made: list[Installation] = []

    def make(**settings: Any) -> Installation:
        made.append(Installation(tmp_path / f"data{len(made)}", **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()

"""A real installation in a throw-away folder, served by real processes, and a real Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.bootstrap import Parts, build
from app.settings import Settings
from review.model import Turn
from storage.database import migrate
from tests.browser.made_calls import JOE_AND_DANA, Seat, add_ready_call

START_SECONDS = 40.0
ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True)
class House:
    """An installation that runs."""

    parts: Parts
    address: str
    data: Path

    def url(self, path: str) -> str:
        return f"{self.address}{path}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "BOTHSIDES_DATA": str(settings.data),
        "BOTHSIDES_PORT": str(settings.port),
        "BOTHSIDES_ENGINES": settings.engines,
        "BOTHSIDES_TIME_ZONE": settings.time_zone,
        "BOTHSIDES_CPU_THREADS": str(settings.cpu_threads),
    }


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(f"The server did not answer in {START_SECONDS} s: {log.read_text()}")


def running_house(data: Path, *, engines: str, worker: bool) -> Iterator[House]:
    """Server, and worker where wanted, until the generator is closed."""
    settings = Settings.model_validate(
        {
            "data": data,
            "engines": engines,
            "port": _free_port(),
            "time_zone": "Europe/Berlin",
            "cpu_threads": 2,
        }
    )
    migrate(settings.database())
    log = data / "processes.log"
    with log.open("wb") as out:
        modules = ["app.web.serve", "app.jobs.worker"] if worker else ["app.web.serve"]
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", name], cwd=ROOT, env=_environment(settings), stdout=out, stderr=out
            )
            for name in modules
        ]
        parts = build(settings)
        try:
            address = f"http://127.0.0.1:{settings.port}"
            _wait_for(address, processes[0], log)
            yield House(parts, address, data)
        finally:
            parts.close()
            for process in processes:
                process.terminate()
            for process in processes:
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With a worker and the canned speech engines."""
    yield from running_house(tmp_path_factory.mktemp("house"), engines="fake", worker=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser, house: House) -> Iterator[NewPage]:
    """Opens pages; at the end of the test, nothing may have gone wrong in any that was not expected to."""
    contexts: list[BrowserContext] = []
    wrongs: list[str] = []

    def open_page(
        path: str, *, width: int = 1280, height: int = 900, quietly: bool = False, **options: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrongs.append(f"error: {error}"))
        if not quietly:
            page.on(
                "console",
                lambda said: wrongs.append(f"console: {said.text}") if said.type == "error" else None,
            )
        page.goto(house.url(path))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrongs


MakeCall = Callable[..., str]


@pytest.fixture
def ready_call(house: House, demo: Path) -> MakeCall:
    """Makes calls that are ready, between Joe Alder (rep, voice A) and Dana Whitlock (prospect, voice B)."""

    def make(
        turns: Sequence[Turn],
        *,
        sound: str = "missed-discovery.ogg",
        seats: Sequence[Seat] | None = None,
        **metadata: Any,
    ) -> str:
        metadata.setdefault("title", "Fernhill intro call")
        return add_ready_call(
            house.parts, demo / sound, turns, JOE_AND_DANA if seats is None else seats, **metadata
        )

    return make

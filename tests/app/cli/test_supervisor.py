"""The supervisor with real child processes."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from app.cli.supervisor import Child

pytestmark = pytest.mark.processes

SUPERVISED = """
import sys
from app.cli.supervisor import Child, supervise
children = (
    Child("steady one", (sys.executable, "-c", "import time; time.sleep(60)")),
    Child("mortal one", (sys.executable, "-c", {mortal!r})),
)
say = lambda line: print(line, flush=True)
sys.exit(supervise(children, say=say, ready=lambda: True, on_ready=lambda: say("ready")))
"""


def start(mortal: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SUPERVISED.format(mortal=mortal))],
        stdout=subprocess.PIPE,
        text=True,
    )


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if "Z" in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]:
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return line
    pytest.fail(f"the supervisor ended without saying {text!r}")


def test_a_child_that_dies_is_reported_and_started_again() -> None:
    supervisor = start("import time; time.sleep(60)")
    try:
        read_until(supervisor, "ready")
        before = children_of(supervisor.pid)
        os.kill(before[1], signal.SIGKILL)
        assert "mortal one was ended by SIGKILL; starting it again" in read_until(supervisor, "mortal one")
        deadline = time.monotonic() + 5
        while len(children_of(supervisor.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        after = children_of(supervisor.pid)
        assert len(after) == 2
        assert after[1] not in before
    finally:
        supervisor.terminate()
        supervisor.wait(10)


def test_the_pause_before_a_restart_grows_while_a_child_keeps_dying() -> None:
    supervisor = start("raise SystemExit(3)")
    try:
        assert "ended with exit code 3; starting it again in 0.5 s" in read_until(supervisor, "mortal")
        assert "in 1 s" in read_until(supervisor, "mortal")
    finally:
        supervisor.terminate()
        supervisor.wait(10)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopping_ends_all_children_and_exits_cleanly(how: signal.Signals) -> None:
    supervisor = start("import time; time.sleep(60)")
    read_until(supervisor, "ready")
    children = children_of(supervisor.pid)
    supervisor.send_signal(how)
    assert supervisor.wait(10) == 0
    assert all(gone(pid) for pid in children)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_children_do_not_outlive_a_killed_supervisor() -> None:
    supervisor = start("import time; time.sleep(60)")
    read_until(supervisor, "ready")
    children = children_of(supervisor.pid)
    supervisor.kill()
    supervisor.wait(10)
    assert all(gone(pid) for pid in children)


def test_a_child_that_ignores_the_request_to_stop_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.supervisor.GRACE_SECONDS", 0.5)
    from app.cli.supervisor import _stop

    stubborn = Child(
        "stubborn one",
        (
            sys.executable,
            "-c",
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        ),
    )
    stubborn.start()
    time.sleep(0.5)
    said: list[str] = []
    assert _stop((stubborn,), said.append) == 1
    assert "did not leave" in said[0]
    assert stubborn.process is not None
    assert stubborn.process.poll() == -signal.SIGKILL

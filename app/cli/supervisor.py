"""Keeps child processes running: reports one that dies, starts it again, stops all of them together."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

GRACE_SECONDS = 15.0
"""How long children may take to leave; a worker needs up to 10 s to hand its stage back."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SETTLED_SECONDS = 60.0
"""A child that lived this long died of something new: the pause before a restart begins anew."""
READY_SECONDS = 60.0


@dataclass
class Child:
    """A process that is meant to run for ever."""

    name: str
    command: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    restart_at: float | None = field(default=None)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            # Ctrl-C in the terminal reaches the supervisor alone, which then stops them in order.
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads here
        )
        self.started = time.monotonic()
        self.restart_at = None

    def watch(self, say: Callable[[str], None]) -> None:
        """Report the process if it has died, and start it again when its pause is over."""
        now = time.monotonic()
        if self.process is not None and (code := self.process.poll()) is not None:
            if now - self.started >= SETTLED_SECONDS:
                self.pause = FIRST_PAUSE_SECONDS
            say(f"The {self.name} {_how_it_ended(code)}; starting it again in {self.pause:g} s.")
            self.process = None
            self.restart_at = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        if self.restart_at is not None and now >= self.restart_at:
            self.start()


def supervise(
    children: Sequence[Child],
    *,
    say: Callable[[str], None],
    ready: Callable[[], bool],
    on_ready: Callable[[], None],
) -> int:
    """Run `children` until SIGINT or SIGTERM; the exit code is 0 when all of them left by themselves."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    for child in children:
        child.start()
    greeted = False
    began = time.monotonic()
    while not stopping:
        time.sleep(0.2)
        for child in children:
            child.watch(say)
        if not greeted and (ready() or time.monotonic() - began > READY_SECONDS):
            greeted = True
            on_ready()
    say("Stopping …")
    return _stop(children, say)


def _stop(children: Sequence[Child], say: Callable[[str], None]) -> int:
    living = [
        (child.name, child.process) for child in children if child.process and child.process.poll() is None
    ]
    for _, process in living:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    clean = True
    for name, process in living:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"The {name} did not leave within {GRACE_SECONDS:g} s and was ended; its work runs again.")
            process.kill()
            process.wait()
            clean = False
    return 0 if clean else 1


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _die_with_parent() -> None:
    """Ask Linux to end this child when the supervisor dies, even by SIGKILL, so that no port stays taken."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)

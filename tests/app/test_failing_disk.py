"""An upload on a disk that fails: its Nth write, fsync or rename, for N = 1, 2, 3 … until none is left.

The faults are the kernel's answers (strace's injection), so SQLite meets them as our own code does.
"""

import hashlib
import multiprocessing
import shutil
import subprocess
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from app.bootstrap import build
from app.calls.metadata import CallMetadata
from app.settings import Settings
from storage.database import migrate
from storage.media.store import StorageRefused

pytestmark = [pytest.mark.processes, pytest.mark.strace, pytest.mark.timeout(600)]

SOUND = b"RIFF" + bytes(range(256)) * 400
FAULTS = {
    "write": ("write,pwrite64,writev,pwritev", "ENOSPC"),
    "fsync": ("fsync,fdatasync", "EIO"),
    "rename": ("rename,renameat,renameat2", "EIO"),
}
SYSCALLS = [(call, error) for calls, error in FAULTS.values() for call in calls.split(",")]
MOST = 200

forkserver = multiprocessing.get_context("forkserver")
forkserver.set_forkserver_preload(["app.bootstrap"])


def attempt(data: Path, line: Connection) -> None:
    """In a process of its own: take an upload when told to, and say what became of it."""
    parts = build(Settings(data=data, engines="fake", demo=False))
    line.send("ready")
    line.recv()
    try:
        with parts.media.receive() as incoming:
            for start in range(0, len(SOUND), 16384):
                incoming.write(SOUND[start : start + 16384])
            parts.calls.take(incoming, file_name="call.wav", metadata=CallMetadata())
    except StorageRefused as refused:
        line.send(f"refused: {refused}")
    except Exception as error:  # noqa: BLE001 - the boundary answers 500 to whatever else comes
        line.send(f"failed: {error!r}")
    else:
        line.send("acknowledged")


def run_with_fault(data: Path, call: str, error: str, nth: int, log: Path) -> tuple[str, bool]:
    """What the attempt said, and whether the fault struck at all."""
    ours, theirs = forkserver.Pipe()
    process = forkserver.Process(target=attempt, args=(data, theirs))
    process.start()
    assert ours.recv() == "ready"
    tracer = subprocess.Popen(
        (
            *("strace", "-f", "-q", "-p", str(process.pid), "-o", str(log)),
            *("-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={nth}"),
        ),
        stderr=subprocess.DEVNULL,
    )
    wait_until_traced(process.pid or 0)
    ours.send("go")
    said = ours.recv() if ours.poll(20) else "nothing"
    process.join(20)
    tracer.wait(20)
    return said, "(INJECTED)" in log.read_text()


def wait_until_traced(pid: int) -> None:
    deadline = time.monotonic() + 10
    while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline, "strace did not attach"
        time.sleep(0.005)


def consistent(data: Path) -> dict[str, str]:
    """Call id -> SHA-256 of every call, having checked that rows and files agree to the last one."""
    parts = build(Settings(data=data, engines="fake", demo=False))
    try:
        parts.calls.recover()
        rows = {call.id: call.recording.sha256 for call in parts.calls.list_calls(limit=100).calls}
        folders = {folder.name for folder in (data / "media" / "calls").glob("*/*")}
        assert folders == set(rows)
        for call_id, sha in rows.items():
            assert hashlib.sha256(parts.media.recording(call_id).read_bytes()).hexdigest() == sha
        assert not list((data / "media" / "incoming").glob("*"))
        return rows
    finally:
        parts.close()


@pytest.mark.parametrize(("call", "error"), SYSCALLS, ids=[call for call, _ in SYSCALLS])
def test_whatever_fails_the_store_stays_consistent(call: str, error: str, tmp_path: Path) -> None:
    pristine = tmp_path / "pristine"
    pristine.mkdir()
    migrate(Settings(data=pristine).database())
    for nth in range(1, MOST):
        data = tmp_path / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(pristine, data)
        said, struck = run_with_fault(data, call, error, nth, tmp_path / "log")
        rows = consistent(data)
        if said == "acknowledged":
            assert list(rows.values()) == [hashlib.sha256(SOUND).hexdigest()], f"{call} {nth}: lost"
        assert len(rows) <= 1
        if not struck:
            assert said == "acknowledged"
            return
    pytest.fail(f"{call} still fails at the {MOST}th call: the sweep never ended")

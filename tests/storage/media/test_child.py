"""The child process: its limits, its end, and what its parent believes."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.media import child
from storage.media.disk import Disk
from storage.media.inspect import DiskFull, InspectionBroke, MediaLimits, MediaRejected, decode, inspect
from storage.media.pcm import Pcm
from tests.storage.media.inspecting import FILES, heard, inspected, long_wav, rejected, silent
from tests.storage.media.media_files import KINDS, tone, wav, write

pytestmark = pytest.mark.processes

BY_NAME = {kind.name: kind for kind in KINDS}


class TestTheChild:
    def test_decode_makes_the_same_sound_and_nothing_else(self, folder: Path) -> None:
        recording = write(folder / "recording", BY_NAME["ogg-opus"].make(tone(2, 48000, 2), 48000))
        facts = inspect(recording, folder, limits=MediaLimits(), progress=silent)
        first = (folder / "sound.pcm").read_bytes()
        for name in FILES:
            (folder / name).unlink()
        assert decode(recording, folder, limits=MediaLimits(), progress=silent) == facts
        assert (folder / "sound.pcm").read_bytes() == first
        assert sorted(path.name for path in folder.iterdir()) == ["recording", "sound.pcm"]

    def test_progress_rises_from_the_start_to_the_end(self, folder: Path) -> None:
        seen: list[float] = []
        recording = write(folder / "recording", long_wav(150))
        inspect(recording, folder, limits=MediaLimits(), progress=seen.append)
        assert seen == sorted(seen)
        assert all(0 <= fraction <= 1 for fraction in seen)
        assert seen[-1] > 0.1

    def test_a_progress_that_raises_stops_the_work_at_once(self, folder: Path) -> None:
        class Cancelled(Exception):
            pass

        def stop(fraction: float) -> None:
            if fraction > 0:
                raise Cancelled

        recording = write(folder / "recording", long_wav(3000))
        started = time.monotonic()
        with pytest.raises(Cancelled):
            inspect(recording, folder, limits=MediaLimits(), progress=stop)
        assert time.monotonic() - started < 10
        assert sorted(path.name for path in folder.iterdir()) == ["recording"]

    @pytest.mark.parametrize(
        ("limits", "code"),
        [
            (MediaLimits(wall_seconds=0.6), "took_too_long"),
            (MediaLimits(stall_seconds=0.01), "took_too_long"),
            (MediaLimits(cpu_seconds=1), "took_too_long"),
        ],
        ids=["wall", "stall", "cpu"],
    )
    def test_limits_hold(self, limits: MediaLimits, code: str, folder: Path) -> None:
        assert rejected(folder, long_wav(3000), limits) == code

    @pytest.mark.parametrize("name", FILES)
    def test_a_full_disk_is_not_the_recordings_fault(self, name: str, folder: Path) -> None:
        """/dev/full stands in for a new file: every write to it fails with ENOSPC."""

        class Full(Disk):
            def create(self, path: Path) -> int:
                if path.name != name:
                    return super().create(path)
                path.touch()
                return os.open("/dev/full", os.O_RDWR)

        recording = write(folder / "recording", wav(tone(2, 8000), 8000))
        with pytest.raises(DiskFull):
            inspect(recording, folder, limits=MediaLimits(), progress=silent, disk=Full())

    @pytest.mark.parametrize("kind", ["sync_file", "sync_folder", "rename"])
    def test_whatever_step_fails_at_the_end_nothing_half_made_is_left(self, kind: str, folder: Path) -> None:
        recording = write(folder / "recording", wav(tone(1, 8000), 8000))
        for nth in range(10):
            disk = Disk()
            left = iter(range(nth, -1, -1))
            act = getattr(disk, kind)

            def failing(*given: object, left: Iterator[int] = left, act: Callable[..., None] = act) -> None:
                if next(left, None) == 0:
                    raise OSError(errno.EIO, "broken disk")
                act(*given)

            setattr(disk, kind, failing)
            try:
                facts = inspect(recording, folder, limits=MediaLimits(), progress=silent, disk=disk)
            except OSError:
                assert not list(folder.glob("making-*"))
                for path in folder.glob("sound.pcm"):
                    assert Pcm.open(path).duration == 1
            else:
                assert facts.duration == 1
                assert nth > 0
                return
        pytest.fail("it never ended")

    def test_an_unforeseen_failure_in_the_child_is_a_damaged_file_and_is_written_down(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def surprised(*given: object) -> None:
            raise ZeroDivisionError("a field of the header")

        monkeypatch.setattr(child, "_facts", surprised)
        assert child._outcome({}, MediaLimits(), child.Reports(2)) == {"rejected": "broken"}
        assert "a field of the header" in capsys.readouterr().err

    def test_earlier_files_are_replaced_whole_and_left_whole_by_a_failure(self, folder: Path) -> None:
        inspected(folder, wav(tone(2, 8000), 8000))
        first = {name: (folder / name).read_bytes() for name in FILES}
        write(folder / "recording", b"no recording at all")
        with pytest.raises(MediaRejected):
            inspect(folder / "recording", folder, limits=MediaLimits(), progress=silent)
        assert {name: (folder / name).read_bytes() for name in FILES} == first
        inspected(folder, wav(tone(3, 8000), 8000))
        assert heard(folder).duration == 3

    @pytest.mark.parametrize(
        "said",
        [
            "",
            "not json",
            "[" * 5000,
            '{"rejected": "no such code"}',
            '{"rejected": ["broken"]}',
            '{"facts": {"container": "wav", "codec": "x", "sample_rate": 8000, "channels": 1, '
            '"duration": 9.0, "breaks_off": false}}',
            '{"facts": {"container": "<b>", "codec": 5, "sample_rate": true, "channels": -1, '
            '"duration": NaN, "breaks_off": "no"}}',
            '{"facts": null}',
            '{"progress": 1e999}',
        ],
    )
    def test_a_child_that_was_taken_over_is_not_believed(
        self, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        liar = folder.parent / "liar.py"
        liar.write_text(f"print({said!r})")
        run_instead(monkeypatch, liar)
        with pytest.raises(InspectionBroke):
            inspected(folder, wav(tone(1, 8000), 8000))

    @pytest.mark.parametrize(
        ("script", "code"),
        [
            ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "broken"),
            ("raise MemoryError", "used_too_much"),
            ("import time; time.sleep(60)", "took_too_long"),
            (
                "import subprocess, time; subprocess.Popen(['sleep', '61.25']); time.sleep(60)",
                "took_too_long",
            ),
            ("import os, time; os.close(1); os.close(2); time.sleep(60)", "used_too_much"),
        ],
        ids=["crash", "memory", "hang", "hang-with-child", "silence"],
    )
    def test_a_child_that_crashes_or_hangs(
        self, script: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.media.sandbox.GRACE_SECONDS", 0.3)
        bad = folder.parent / "bad.py"
        bad.write_text(script)
        run_instead(monkeypatch, bad)
        assert rejected(folder, wav(tone(1, 8000), 8000), MediaLimits(wall_seconds=1.0)) == code
        assert "61.25" not in subprocess.run(["ps", "ax"], capture_output=True, text=True, check=True).stdout

    def test_a_child_that_never_stops_talking_is_stopped(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chatter = folder.parent / "chatter.py"
        chatter.write_text("while True: print('x' * 10_000)")
        run_instead(monkeypatch, chatter)
        with pytest.raises((InspectionBroke, MediaRejected)):
            inspected(folder, wav(tone(1, 8000), 8000), MediaLimits(wall_seconds=20))

    def test_a_killed_worker_takes_its_child_along(self, folder: Path) -> None:
        recording = write(folder / "recording", long_wav(6000))
        script = f"""
            from pathlib import Path
            from storage.media.inspect import MediaLimits, inspect
            inspect(Path({str(recording)!r}), Path({str(folder)!r}), limits=MediaLimits(),
                    progress=lambda fraction: print(fraction, flush=True))
        """
        worker = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
        assert worker.stdout
        while float(worker.stdout.readline()) == 0:
            pass
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        assert len(children) == 1
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        deadline = time.monotonic() + 5
        while Path(f"/proc/{children[0]}/exe").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not Path(f"/proc/{children[0]}/exe").exists()
        assert len(list(folder.glob("making-*"))) == 1
        inspected(folder, wav(tone(1, 8000), 8000))

    def test_the_child_has_no_secret_and_no_way_out(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BOTHSIDES_HUB_TOKEN", "secret")
        told = folder.parent / "told"
        spy = folder.parent / "spy.py"
        spy.write_text(
            "import os, json, sys\n"
            "facts = [dict(os.environ), os.getsid(0) == os.getpid(), sys.stdin.read(),"
            " len(os.listdir('/proc/self/fd')), os.getcwd()]\n"
            f"json.dump(facts, open({str(told)!r}, 'w'))"
        )
        run_instead(monkeypatch, spy)
        with pytest.raises(InspectionBroke):
            inspected(folder, wav(tone(1, 8000), 8000))
        environment, own_session, stdin, files, where = json.loads(told.read_text())
        assert not any("BOTHSIDES" in name or "secret" in value for name, value in environment.items())
        assert (own_session, stdin, where) == (True, "", "/")
        # Standard ones, the recording, three targets, the listing itself and the file it writes.
        assert files <= 9


def run_instead(monkeypatch: pytest.MonkeyPatch, script: Path) -> None:
    """The sandbox starts another script in place of the child."""
    real = subprocess.Popen

    def start(command: list[str], **options: object) -> object:
        if "storage.media.child" in command:
            command = [sys.executable, str(script)]
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("storage.media.sandbox.subprocess.Popen", start)

"""The media store: what comes in is there, whole and under its hash, or it is not there at all."""

import contextlib
import errno
import hashlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.media.disk import Disk
from storage.media.refusals import in_words
from storage.media.store import DiskFull, EmptyRecording, Incoming, MediaStore, StorageRefused, TooLarge

SOUND = bytes(range(256)) * 100


def store(root: Path, *, max_bytes: int = 10**6, min_free: int = 0, disk: Disk | None = None) -> MediaStore:
    return MediaStore(root, max_bytes=max_bytes, min_free_bytes=min_free, disk=disk)


def stored(media: MediaStore, data: bytes = SOUND) -> str:
    with media.receive() as incoming:
        incoming.write(data)
        recording = incoming.finish()
        incoming.keep()
    return recording.id


def write_megabytes(incoming: Incoming, count: int) -> None:
    for _ in range(count):
        incoming.write(bytes(1_000_000))


def names_under(root: Path) -> list[str]:
    """Every file and folder below the three fixed ones and the shards."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if len(path.name) > 8)


def nobody(ids: Collection[str]) -> set[str]:
    return set()


class TestReceiving:
    def test_bytes_are_kept_as_they_came_under_their_hash(self, tmp_path: Path) -> None:
        media = store(tmp_path / "media")
        with media.receive(expected_bytes=len(SOUND)) as incoming:
            for start in range(0, len(SOUND), 1000):
                incoming.write(SOUND[start : start + 1000])
            recording = incoming.finish()
            incoming.keep()
        assert media.recording(recording.id).read_bytes() == SOUND
        assert recording.sha256 == hashlib.sha256(SOUND).hexdigest()
        assert recording.size == len(SOUND)
        assert recording.id == incoming.id
        assert media.recording(recording.id).parent.parent.name == recording.id[-2:]
        assert media.recording(recording.id).stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("ended", ["before writing", "while writing", "after finish", "by an exception"])
    def test_an_upload_that_is_not_kept_leaves_nothing(self, ended: str, tmp_path: Path) -> None:
        with contextlib.suppress(KeyError), store(tmp_path).receive() as incoming:
            if ended != "before writing":
                incoming.write(SOUND)
            if ended == "after finish":
                incoming.finish()
            if ended == "by an exception":
                raise KeyError
        assert names_under(tmp_path) == []

    def test_too_large_is_refused_before_it_comes_and_while_it_comes(self, tmp_path: Path) -> None:
        media = store(tmp_path, max_bytes=1000)
        with pytest.raises(TooLarge, match="1 kB"):
            media.receive(expected_bytes=1001)
        with media.receive() as incoming:
            incoming.write(bytes(1000))
            with pytest.raises(TooLarge) as refused:
                incoming.write(b"x")
        assert refused.value.code == "too_large"
        assert names_under(tmp_path) == []

    def test_exactly_the_limit_is_taken(self, tmp_path: Path) -> None:
        media = store(tmp_path, max_bytes=1000)
        with media.receive(expected_bytes=1000) as incoming:
            incoming.write(bytes(1000))
            assert incoming.finish().size == 1000
            incoming.keep()

    def test_an_empty_upload_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(EmptyRecording, match="empty"), store(tmp_path).receive() as incoming:
            incoming.finish()
        assert names_under(tmp_path) == []

    def test_the_reserve_on_the_disk_is_kept(self, tmp_path: Path) -> None:
        class Filling(Disk):
            free = 50_000_000

            def write(self, descriptor: int, data: bytes) -> None:
                self.free -= len(data)

            def free_bytes(self, path: Path) -> int:
                return self.free

        media = store(tmp_path, max_bytes=10**9, min_free=30_000_000, disk=Filling())
        with pytest.raises(DiskFull):
            media.receive(expected_bytes=20_000_001)
        with media.receive() as incoming:
            write_megabytes(incoming, 20)
            with pytest.raises(DiskFull):
                write_megabytes(incoming, 5)

    @pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
    def test_no_room_is_called_disk_full_and_other_faults_stay_what_they_are(
        self, reason: int, tmp_path: Path
    ) -> None:
        class Full(Disk):
            reason = errno.EIO

            def write(self, descriptor: int, data: bytes) -> None:
                raise OSError(self.reason, os.strerror(self.reason))

        disk = Full()
        with pytest.raises(OSError, match="Input/output"), store(tmp_path, disk=disk).receive() as incoming:
            incoming.write(SOUND)
        disk.reason = reason
        with pytest.raises(DiskFull) as refused, store(tmp_path, disk=disk).receive() as incoming:
            incoming.write(SOUND)
        assert refused.value.code == "disk_full"
        assert names_under(tmp_path) == []

    def test_using_an_upload_after_its_end_is_an_error_of_the_caller(self, tmp_path: Path) -> None:
        with store(tmp_path).receive() as incoming:
            with pytest.raises(RuntimeError):
                incoming.keep()
            incoming.write(SOUND)
            incoming.finish()
            for late in (incoming.finish, lambda: incoming.write(b"x")):
                with pytest.raises(RuntimeError):
                    late()
            incoming.keep()

    @given(st.text(max_size=30))
    def test_only_a_calls_id_becomes_a_path(self, name: str) -> None:
        with pytest.raises(ValueError, match="not a call's id"):
            store(Path("/nowhere")).recording(name)


def test_what_is_acknowledged_has_been_synced_in_the_right_order(tmp_path: Path) -> None:
    """File before its name, and every folder that got a new entry before the caller hears of it."""
    done: list[str] = []

    class Noted(Disk):
        def sync_file(self, descriptor: int) -> None:
            done.append("file")
            super().sync_file(descriptor)

        def sync_folder(self, path: Path) -> None:
            done.append(str(path.relative_to(tmp_path)))
            super().sync_folder(path)

        def rename(self, old: Path, new: Path) -> None:
            done.append("rename")
            super().rename(old, new)

    media = store(tmp_path / "media", disk=Noted())
    with media.receive() as incoming:
        incoming.write(SOUND)
        assert done == [".", "media", "media", "media"]
        done.clear()
        incoming.finish()
        shard = f"media/calls/{incoming.id[-2:]}"
        assert done == [
            "file",
            f"media/incoming/{incoming.id}",
            "media/calls",
            "rename",
            shard,
            "media/incoming",
        ]
        incoming.keep()
    done.clear()
    media.remove(incoming.id)
    assert done == ["rename", shard, "media/trash"]


class TestRemoving:
    def test_all_of_a_call_goes_and_again_is_fine(self, tmp_path: Path) -> None:
        media = store(tmp_path)
        gone, stays = stored(media), stored(media)
        for path in (media.playback(gone), media.peaks(gone), media.pcm(gone)):
            path.write_bytes(b"x")
        media.remove(gone)
        media.remove(gone)
        assert not media.folder(gone).exists()
        assert media.recording(stays).read_bytes() == SOUND
        assert [name for name in names_under(tmp_path) if gone in name] == []

    def test_a_removal_that_was_cut_short_is_finished_by_the_sweep(self, tmp_path: Path) -> None:
        media = store(tmp_path)
        call = stored(media)
        media.folder(call).rename(tmp_path / "trash" / call)
        assert media.sweep(lambda ids: ids) == []
        assert names_under(tmp_path) == []


class TestSweeping:
    def test_unknown_calls_and_abandoned_uploads_go_and_known_ones_stay(self, tmp_path: Path) -> None:
        media = store(tmp_path)
        known, unknown = stored(media), stored(media)
        abandoned = media.receive()
        abandoned.write(SOUND)
        abandoned.leave_to_sweep()
        assert sorted(media.sweep(lambda ids: {known} & set(ids))) == sorted([unknown, abandoned.id])
        assert media.recording(known).read_bytes() == SOUND
        assert all(known in name for name in names_under(tmp_path))

    def test_a_living_upload_is_left_alone_before_and_after_its_rename(self, tmp_path: Path) -> None:
        media = store(tmp_path)
        with media.receive() as incoming:
            assert store(tmp_path).sweep(nobody) == []
            incoming.write(SOUND)
            recording = incoming.finish()
            assert store(tmp_path).sweep(nobody) == []
            incoming.keep()
        assert media.recording(recording.id).read_bytes() == SOUND
        assert media.sweep(nobody) == [recording.id]

    def test_a_call_committed_between_the_question_and_the_lock_stays(self, tmp_path: Path) -> None:
        media = store(tmp_path)
        call = stored(media)
        answers = iter([set[str](), {call}])
        assert media.sweep(lambda ids: next(answers)) == []
        assert media.recording(call).exists()

    def test_an_upload_that_nobody_knows_the_end_of_is_decided_by_the_database(self, tmp_path: Path) -> None:
        media = store(tmp_path)
        with media.receive() as incoming:
            incoming.write(SOUND)
            recording = incoming.finish()
            incoming.leave_to_sweep()
        assert media.sweep(lambda ids: ids) == []
        assert media.recording(recording.id).exists()
        assert media.sweep(nobody) == [recording.id]

    def test_a_killed_process_leaves_nothing_behind(self, tmp_path: Path) -> None:
        script = f"""
            import os, signal
            from pathlib import Path
            from storage.media.store import MediaStore
            media = MediaStore(Path({str(tmp_path)!r}), max_bytes=10**6, min_free_bytes=0)
            one, two = media.receive(), media.receive()
            one.write(b"abc"); two.write(b"abc"); two.finish()
            os.kill(os.getpid(), signal.SIGKILL)
        """
        process = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, cwd=Path.cwd())
        assert process.returncode == -9
        assert len([name for name in names_under(tmp_path) if name.endswith("recording")]) == 2
        assert len(store(tmp_path).sweep(nobody)) == 2
        assert names_under(tmp_path) == []

    def test_half_made_files_of_a_killed_inspection_go_and_those_of_a_living_one_stay(
        self, tmp_path: Path
    ) -> None:
        from storage.media.workshop import workshop

        media = store(tmp_path)
        call = stored(media)
        (media.folder(call) / "making-0").mkdir()
        (media.folder(call) / "making-0" / "sound.pcm").write_bytes(b"x")
        with workshop(media.folder(call), Disk()) as path:
            (media.folder(call) / "making-1").mkdir()
            media.sweep(lambda ids: ids)
            assert [entry.name for entry in media.folder(call).glob("making-*")] == [path.name]
        assert sorted(entry.name for entry in media.folder(call).iterdir()) == ["recording"]

    def test_an_upload_whose_new_folder_is_swept_away_takes_another(self, tmp_path: Path) -> None:
        """The instant between making the folder and locking the file in it."""

        class SweptOnce(Disk):
            swept = False

            def create(self, path: Path) -> int:
                if not self.swept:
                    self.swept = True
                    assert store(tmp_path).sweep(nobody) == []
                    assert not path.parent.exists()
                return super().create(path)

        with store(tmp_path, disk=SweptOnce()).receive() as incoming:
            incoming.write(SOUND)
            assert incoming.finish().size == len(SOUND)
            incoming.keep()

    def test_more_calls_than_one_question_holds(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.media.store.BATCH", 3)
        media = store(tmp_path)
        calls = {stored(media) for _ in range(8)}
        asked: list[int] = []

        def known(ids: Collection[str]) -> set[str]:
            asked.append(len(ids))
            return calls & set(ids)

        assert media.sweep(known) == []
        assert asked == [3, 3, 2]


class FailingDisk(Disk):
    """Plain system calls, of which the Nth of one kind fails. `struck` says whether it came to that."""

    def __init__(self, kind: str, nth: int, *, halfway: bool = False) -> None:
        self._kind, self._left, self._halfway = kind, nth, halfway
        self.struck = False

    def _fails(self, kind: str) -> bool:
        if kind == self._kind:
            self._left -= 1
            self.struck = self.struck or self._left == 0
            return self._left == 0
        return False

    def write(self, descriptor: int, data: bytes) -> None:
        if self._fails("write"):
            super().write(descriptor, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "no space")
        super().write(descriptor, data)

    def _act(self, kind: str, act: Callable[[], None]) -> None:
        """Fails before it is done, or, `halfway`, after: the kernel may report either."""
        fails = self._fails(kind)
        if not fails or self._halfway:
            act()
        if fails:
            raise OSError(errno.EIO, "broken disk")

    def sync_file(self, descriptor: int) -> None:
        self._act("fsync", lambda: super(FailingDisk, self).sync_file(descriptor))

    def sync_folder(self, path: Path) -> None:
        self._act("fsync", lambda: super(FailingDisk, self).sync_folder(path))

    def rename(self, old: Path, new: Path) -> None:
        self._act("rename", lambda: super(FailingDisk, self).rename(old, new))

    def make_folder(self, path: Path) -> None:
        self._act("mkdir", lambda: super(FailingDisk, self).make_folder(path))

    def remove_tree(self, path: Path) -> None:
        self._act("remove", lambda: super(FailingDisk, self).remove_tree(path))


@pytest.mark.parametrize("halfway", [False, True], ids=["not done", "done all the same"])
@pytest.mark.parametrize("kind", ["write", "fsync", "rename", "mkdir", "remove"])
def test_whichever_step_fails_the_store_is_consistent_after_a_sweep(
    kind: str, halfway: bool, tmp_path: Path
) -> None:
    """Two uploads and a removal with the Nth write, fsync, … failing, for every N until none is left."""
    for nth in range(1, 100):
        root = tmp_path / str(nth)
        disk = FailingDisk(kind, nth, halfway=halfway)
        rows = two_uploads_and_a_removal(store(root, disk=disk))
        store(root).sweep(lambda ids, rows=rows: set(rows) & set(ids))  # type: ignore[misc]
        media = store(root)
        for call, sha in rows.items():
            assert hashlib.sha256(media.recording(call).read_bytes()).hexdigest() == sha
        assert {Path(name).parts[2] for name in names_under(root)} == set(rows), f"{kind} {nth}"
        if not disk.struck:
            assert nth > 2
            assert len(rows) == 1
            return
    pytest.fail("the sweep never ended")


def two_uploads_and_a_removal(media: MediaStore) -> dict[str, str]:
    """The calls that a database would have in the end, with their hashes."""
    rows: dict[str, str] = {}
    for number in range(2):
        data = SOUND + bytes([number])
        try:
            with media.receive(expected_bytes=len(data)) as incoming:
                incoming.write(data[:500])
                incoming.write(data[500:])
                recording = incoming.finish()
                rows[recording.id] = recording.sha256
                incoming.keep()
        except (OSError, StorageRefused):
            continue
    if len(rows) == 2:
        gone = min(rows)
        del rows[gone]
        with contextlib.suppress(OSError):
            media.remove(gone)
    return rows


@pytest.mark.parametrize(
    ("size", "words"),
    [(999, "999 bytes"), (4 * 1024**3, "4.29 GB"), (1_500_000, "1.5 MB"), (5e15, "5e+03 TB")],
)
def test_sizes_are_told_as_file_managers_tell_them(size: float, words: str) -> None:
    assert in_words(size) == words

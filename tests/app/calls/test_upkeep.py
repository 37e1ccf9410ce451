"""Deleting, and what a start puts right after a kill."""

import shutil
from datetime import timedelta
from typing import Any

import pytest

from app.calls.errors import NotFound
from storage.ids import now
from storage.results import result_key


def test_a_deleted_call_leaves_no_row_no_file_and_no_words(desk: Any) -> None:
    call = desk.ready()
    desk.calls.correct_text(call.id, voice="B", start=4.0, end=6.0, text="private")
    folder = desk.media.folder(call.id)
    desk.calls.delete(call.id)
    with pytest.raises(NotFound):
        desk.calls.get(call.id)
    assert not folder.exists()
    key = result_key(call.recording.sha256, "transcribe", {"engine": "test transcribe"})
    with desk.work.read() as unit:
        assert unit.results.find(key) is None
        assert unit.transcripts.turns(call.id) == ()
        assert unit.removals.all() == []


def test_what_another_call_with_the_same_recording_needs_stays(desk: Any) -> None:
    call, twin = desk.ready(), desk.ready()
    desk.calls.delete(call.id)
    key = result_key(twin.recording.sha256, "transcribe", {"engine": "test transcribe"})
    with desk.work.read() as unit:
        assert unit.results.find(key) is not None
    assert desk.calls.conversation(twin.id).conversation.turns
    assert desk.media.recording(twin.id).exists()


def test_files_that_could_not_be_removed_go_at_the_next_start(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = desk.receive().call

    def refuse(_: str) -> None:
        raise OSError("busy")

    with monkeypatch.context() as broken:
        broken.setattr(desk.media, "remove", refuse)
        desk.calls.delete(call.id)
    assert desk.media.recording(call.id).exists()
    with desk.work.read() as unit:
        assert unit.removals.all() == [call.id]
    desk.calls.recover()
    assert not desk.media.folder(call.id).exists()
    with desk.work.read() as unit:
        assert unit.removals.all() == []


def test_a_call_deleted_while_a_worker_is_at_it_stays_deleted(desk: Any) -> None:
    call = desk.receive().call
    with desk.work.write() as unit:
        claim = unit.ledger.claim("w", lease=timedelta(seconds=30), at=now())
    desk.calls.delete(call.id)
    with desk.work.write() as unit:
        assert unit.ledger.hold(claim) is None
        assert not unit.ledger.finish(claim, result_key="k", seconds=1, at=now())
    with pytest.raises(NotFound):
        desk.calls.get(call.id)


def test_a_call_whose_recording_is_gone_says_so_and_works_again_when_it_is_back(desk: Any) -> None:
    call = desk.ready()
    folder = desk.media.folder(call.id)
    away = folder.parent.parent.parent / "backup"
    shutil.move(folder, away)
    desk.calls.recover()
    shown = desk.calls.get(call.id)
    assert shown.problem is not None
    assert (shown.state, shown.problem.code) == ("failed", "recording_missing")
    assert desk.calls.conversation(call.id).conversation.turns

    shutil.move(away, folder)
    desk.calls.recover()
    desk.calls.retry(call.id)
    desk.work_off(call.id)
    assert desk.calls.get(call.id).state == "ready"

"""An upload becomes a call, once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from app.calls.errors import Conflict
from app.calls.receiving import UNTITLED, printable, title_from
from app.calls.views import CallState, Received


def test_a_received_call_is_there_with_all_that_was_said_of_it(desk: Any) -> None:
    received = desk.receive(
        b"sound",
        file_name="../Fernhill_intro.wav",
        actualStart="2026-11-13T10:02:00+01:00",
        direction="Outbound",
        parties=[{"name": "Joe", "side": "rep", "mediaChannelId": 0}, {"name": "Dana", "side": "prospect"}],
    )
    assert received.created
    call = desk.calls.get(received.call.id)
    assert call == received.call
    assert (call.title, call.state, call.progress) == ("Fernhill intro", CallState.RECEIVED, 0.0)
    assert call.started_at is not None
    assert call.started_at.isoformat() == "2026-11-13T09:02:00+00:00"
    assert [(party.label, party.side, party.voice) for party in call.parties] == [
        ("Joe", "rep", None),
        ("Dana", "prospect", None),
    ]
    assert call.recording.sha256 == hashlib.sha256(b"sound").hexdigest()
    assert call.recording.file_name == "../Fernhill_intro.wav"
    assert [stage.stage for stage in call.stages] == ["inspect", "transcribe", "diarize", "attribute"]
    assert desk.media.recording(call.id).read_bytes() == b"sound"
    assert desk.pokes == [call.id]


def test_the_same_upload_again_gives_the_same_call(desk: Any) -> None:
    first = desk.receive(clientUniqueId="crm-1", title="Intro")
    again = desk.receive(clientUniqueId="crm-1", title="Intro")
    assert (again.created, again.call.id) == (False, first.call.id)
    assert desk.calls.list_calls().total == 1
    assert desk.pokes == [first.call.id]


def test_the_same_upload_again_is_the_same_whatever_people_changed_since(desk: Any) -> None:
    first = desk.receive(clientUniqueId="crm-1", title="Intro", parties=[{"name": "Joe"}])
    desk.calls.update(first.call.id, title="Better title")
    desk.calls.update_party(first.call.id, first.call.parties[0].id, name="Joseph")
    assert (
        desk.receive(clientUniqueId="crm-1", title="Intro", parties=[{"name": "Joe"}]).call.title
        == "Better title"
    )


@pytest.mark.parametrize(
    ("upload", "says"),
    [
        ({"content": b"other sound"}, "another recording."),
        ({"title": "Other"}, "another title."),
        ({"content": b"other sound", "parties": [{"name": "X"}]}, "another recording and parties."),
    ],
)
def test_another_upload_under_the_same_id_is_refused_saying_what_differs(
    desk: Any, upload: dict[str, Any], says: str
) -> None:
    desk.receive(clientUniqueId="crm-1", title="Intro")
    with pytest.raises(Conflict, match=says):
        desk.receive(**{"clientUniqueId": "crm-1", "title": "Intro", **upload})
    assert desk.calls.list_calls().total == 1


def test_the_same_upload_many_times_at_once_makes_one_call(desk: Any) -> None:
    barrier = Barrier(6)

    def send(_: int) -> Received:
        barrier.wait()
        received: Received = desk.receive(clientUniqueId="crm-1")
        return received

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(send, range(6)))
    assert sum(one.created for one in found) == 1
    assert len({one.call.id for one in found}) == 1


def test_two_calls_with_one_recording_know_each_other(desk: Any) -> None:
    first, second = desk.receive(b"same").call.id, desk.receive(b"same").call.id
    assert desk.calls.get(first).same_recording == (second,)
    assert desk.calls.get(second).same_recording == (first,)
    assert desk.receive(b"other").call.same_recording == ()


@pytest.mark.parametrize(
    ("file_name", "title"),
    [
        ("intro call.wav", "intro call"),
        ("Größe_&_Maß.2026-11-20.mp3", "Größe & Maß.2026-11-20"),
        ("../../etc/passwd", "passwd"),
        ("C:\\calls\\monday.wav", "monday"),
        ("日本語.m4a", "日本語"),
        ('quotes "and" <tags>.ogg', 'quotes "and" <tags>'),
        (".wav", UNTITLED),
        ("", UNTITLED),
        ("\x00\x07.wav", UNTITLED),
        ("line\nbreak.wav", "line break"),
        ("x" * 500 + ".wav", "x" * 300),
    ],
)
def test_a_title_is_read_from_the_files_name(file_name: str, title: str) -> None:
    assert title_from(file_name) == title


def test_a_name_that_databases_refuse_is_cleaned(desk: Any) -> None:
    received = desk.receive(
        file_name="a\x00b\ud800.wav", title="nul \x00 inside", parties=[{"name": "D\x00na"}]
    )
    assert (received.call.title, received.call.parties[0].label) == ("nul   inside", "D na")
    assert received.call.recording.file_name == "a b .wav"


def test_letters_that_join_others_stay() -> None:
    assert printable("می‌خواهم 👨‍👩‍👧") == "می‌خواهم 👨‍👩‍👧"

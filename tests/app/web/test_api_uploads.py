"""Uploads: what is taken, what is refused and how, and that a refused one leaves nothing."""

import asyncio
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Parts
from storage.media.disk import Disk
from storage.media.store import MediaStore
from tests.app.web.conftest import METADATA, problem, upload

BOUNDARY = "----boundary"


def part(name: str, content: bytes, *, extra: str = "") -> bytes:
    header = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
    return header.encode() + content + b"\r\n"


def send(
    client: TestClient, *body: bytes, kind: str = "multipart/form-data", end: str = f"--{BOUNDARY}--\r\n"
):
    return client.post(
        "/api/v1/calls",
        content=b"".join(body) + end.encode(),
        headers={"Content-Type": f"{kind}; boundary={BOUNDARY}"},
    )


FILE = part("file", b"sound", extra='; filename="a.wav"')


def test_the_recording_is_kept_byte_for_byte(client: TestClient, stored) -> None:
    content = os.urandom(300_000) + b"\r\n--" + BOUNDARY.encode()[:5] + b"\r" * 1000 + b"\r\n\r\n"
    call = upload(client, content=content).json()
    assert call["recording"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert client.get(call["links"]["original"]).content == content
    assert stored() == [f"calls/{call['id'][-2:]}/{call['id']}/recording"]


@pytest.mark.parametrize("order", [0, 1])
def test_the_parts_may_come_in_either_order(client: TestClient, order: int) -> None:
    parts = [FILE, part("metadata", b'{"title": "T"}')]
    assert send(client, *(parts if order else reversed(parts))).json()["title"] == "T"


def test_the_facts_may_be_left_out_and_the_title_comes_from_the_file(client: TestClient) -> None:
    assert (
        send(client, part("file", b"x", extra='; filename="my_first call.wav"')).json()["title"]
        == "my first call"
    )


def test_the_same_upload_again_gives_the_same_call_and_keeps_nothing_new(client: TestClient, stored) -> None:
    first = upload(client, **METADATA, clientUniqueId="crm-1")
    files = stored()
    again = upload(client, **METADATA, clientUniqueId="crm-1")
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["location"] == first.headers["location"]
    assert stored() == files


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"content": b"other"}, "recording"),
        ({"title": "Other"}, "title"),
        ({"direction": "Inbound"}, "direction"),
    ],
)
def test_another_upload_under_the_same_id_is_a_conflict(
    client: TestClient, stored, change: dict, word: str
) -> None:
    upload(client, title="One", clientUniqueId="crm-1")
    files = stored()
    document = problem(upload(client, **{"title": "One", "clientUniqueId": "crm-1"} | change))
    assert document["status"] == 409
    assert word in document["detail"]
    assert stored() == files


def test_without_an_id_the_same_file_twice_is_two_calls_that_know_of_each_other(client: TestClient) -> None:
    first, second = upload(client).json(), upload(client).json()
    assert first["id"] != second["id"]
    assert client.get(first["links"]["self"]).json()["sameRecording"] == [second["id"]]


@pytest.mark.parametrize(
    ("metadata", "where"),
    [
        (b'{"titel": "x"}', "metadata.titel"),
        (b'{"parties": [{"side": "rep"}, {"side": "boss"}]}', "metadata.parties.1.side"),
        (b'{"actualStart": "2026-03-02T09:30:00"}', "metadata.actualStart"),
        (b'{"clientUniqueId": "a\\u0000b"}', "metadata.clientUniqueId"),
        (b'{"title": "\\ud800"}', "metadata"),
        (b'{"speakers": 11}', "metadata.speakers"),
        (b'{"speakers": NaN}', "metadata.speakers"),
        (b"{", "metadata"),
        (b"", "metadata"),
        (b"\xff\xfe", "metadata"),
        (b"[]", "metadata"),
        (b"[" * 100_000, "metadata"),
    ],
)
@pytest.mark.parametrize("first", ["file", "metadata"])
def test_wrong_facts_are_refused_by_name(
    client: TestClient, stored, metadata: bytes, where: str, first: str
) -> None:
    parts = [FILE, part("metadata", metadata)]
    document = problem(send(client, *(parts if first == "file" else reversed(parts))))
    assert document["status"] == 422
    assert document["errors"][0]["where"] == where
    assert document["errors"][0]["what"]
    assert "Extra inputs" not in document["detail"]
    assert stored() == []
    assert client.get("/api/v1/calls").json()["total"] == 0


@pytest.mark.parametrize(
    ("sent", "problem_is", "where"),
    [
        ([part("metadata", b"{}")], (422, "file_missing"), "file"),
        ([], (422, "file_missing"), "file"),
        ([FILE, FILE], (422, "invalid"), "file"),
        ([part("metadata", b"{}"), part("metadata", b"{}"), FILE], (422, "invalid"), "metadata"),
        ([part("fiel", b"sound"), FILE], (422, "invalid"), "fiel"),
        ([FILE, part("extra", b"")], (422, "invalid"), "extra"),
        ([part("file", b"")], (422, "empty"), None),
        ([part("metadata", b" " * 300_000), FILE], (413, "metadata_too_large"), "metadata"),
        (
            [part("file", b"c291bmQ=", extra="\r\nContent-Transfer-Encoding: base64")],
            (422, "invalid"),
            "file",
        ),
        ([part("file", b"x", extra="; x=" + "y" * 20_000)], (400, "malformed_upload"), None),
    ],
)
def test_wrong_parts_are_refused(
    client: TestClient, stored, sent: list[bytes], problem_is: tuple[int, str], where: str | None
) -> None:
    document = problem(send(client, *sent))
    assert (document["status"], document["code"]) == problem_is
    assert document.get("errors", [{}])[0].get("where") == where
    assert stored() == []


@pytest.mark.parametrize("end", ["", f"--{BOUNDARY}", "--other--"])
def test_an_upload_that_ends_too_early_is_refused(client: TestClient, stored, end: str) -> None:
    assert problem(send(client, FILE, end=end))["code"] == "malformed_upload"
    assert stored() == []


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "audio/wav", ""])
def test_what_is_no_multipart_is_refused(client: TestClient, kind: str) -> None:
    answer = client.post("/api/v1/calls", content=b"RIFF", headers={"Content-Type": kind})
    document = problem(answer)
    assert document["status"] == 415
    assert "multipart/form-data" in document["detail"]


def test_a_multipart_without_a_boundary_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/calls", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert problem(answer)["status"] == 415


def test_a_recording_that_turns_out_too_large_is_refused(client: TestClient, stored) -> None:
    assert upload(client, content=b"x" * 1_000_000).status_code == 202
    before = stored()
    for size in (1_000_001, 3_000_000):  # known at the end; and from the announced length
        document = problem(upload(client, content=b"x" * size))
        assert (document["status"], document["code"]) == (413, "too_large")
        assert document["detail"].startswith("This recording is larger than the 1 MB that this server takes.")
    assert stored() == before


def test_an_announced_length_over_the_limit_is_refused_before_a_byte_is_read(client: TestClient) -> None:
    happened: list[str] = []

    async def receive() -> dict:
        happened.append("read")
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        happened.append(str(message.get("status", "body")))

    headers = [(b"host", b"localhost"), (b"content-length", b"5000000000"), (b"content-type", b"multipart/x")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/calls",
        "query_string": b"",
        "headers": headers,
        "server": ("localhost", 80),
    }
    asyncio.run(client.app(scope, receive, send))
    assert happened == ["413", "body", "read", "body"]


class FullDisk(Disk):
    """A disk that fails as a full one does."""

    def write(self, descriptor: int, chunk: bytes) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_507_and_leaves_nothing(client: TestClient, parts: Parts, stored) -> None:
    root: Path = parts.settings.data / "media"
    full = MediaStore(root, max_bytes=10**9, min_free_bytes=0, disk=FullDisk())
    client.app.state.parts = type(parts)(**{**vars(parts), "media": full})
    document = problem(upload(client))
    assert (document["status"], document["code"]) == (507, "disk_full")
    assert stored() == []


def test_a_disk_without_room_for_what_is_announced_is_507(client: TestClient, parts: Parts, stored) -> None:
    root: Path = parts.settings.data / "media"
    small = MediaStore(root, max_bytes=10**9, min_free_bytes=10**18)
    client.app.state.parts = type(parts)(**{**vars(parts), "media": small})
    assert problem(upload(client))["status"] == 507
    assert stored() == []


def test_an_unforeseen_failure_after_the_commit_may_have_happened_leaves_the_file_to_the_sweep(
    client: TestClient, parts: Parts, stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self, *args: object, **kwargs: object) -> None:
        raise ConnectionError("the database went away while it committed")

    monkeypatch.setattr(type(parts.calls), "receive", lost)
    assert problem(upload(client))["status"] == 500
    assert len(stored()) == 1
    parts.calls.recover()
    assert stored() == []


@pytest.mark.parametrize(
    ("disposition", "shown"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\calls\\\\a.wav"', "a.wav"),
        ('filename="a%22b%0D%0A.wav"', 'a"b .wav'),
        ('filename="a\\"b.wav"', 'a"b.wav'),
        ('filename="größe 电话.wav"', "größe 电话.wav"),
        ("filename=\"plain.wav\"; filename*=UTF-8''na%C3%AFve%20%22call%22.wav", 'naïve "call".wav'),
        ("filename*=iso-8859-1'en'%A3%20rates.wav", "£ rates.wav"),
        ("filename*=UTF-8''..%2F..%2Fup.wav", "up.wav"),
        ('filename="a\u202egnp.wav"', "agnp.wav"),
        ('filename=".."', "recording"),
        ('filename=""', "recording"),
        ('filename="nfd e\u0301.wav"', "nfd é.wav"),
        (f'filename="{"x" * 400}.wav"', "x" * 251 + ".wav"),
    ],
)
def test_a_file_name_is_only_ever_shown_and_made_harmless(
    client: TestClient, stored, disposition: str, shown: str
) -> None:
    answer = send(client, part("file", b"sound", extra=f"; {disposition}"))
    call = answer.json()
    assert call["recording"]["fileName"] == shown
    assert stored() == [f"calls/{call['id'][-2:]}/{call['id']}/recording"]


def test_twenty_uploads_at_once_all_arrive(client: TestClient) -> None:
    contents = [os.urandom(200_000) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda content: upload(client, content=content), contents))
    assert {answer.status_code for answer in answers} == {202}
    kept = {client.get(answer.json()["links"]["original"]).content for answer in answers}
    assert kept == set(contents)


def test_of_many_equal_uploads_at_once_one_makes_the_call(client: TestClient, stored) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: upload(client, clientUniqueId="crm-1"), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(stored()) == 1


def test_metadata_is_taken_from_a_file_part_too(client: TestClient) -> None:
    facts = json.dumps({"title": "From a file"}).encode()
    body = part("metadata", facts, extra='; filename="facts.json"\r\nContent-Type: application/json')
    assert send(client, body, FILE).json()["title"] == "From a file"

"""The sound and the peaks of a call: HTTP ranges, caching, names."""

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Parts
from tests.app.web.conftest import problem, upload

SOUND = bytes(range(256)) * 40
"""What the fixture put there as the playback copy."""


def audio(ready: str) -> str:
    return f"/api/v1/calls/{ready}/audio"


def test_the_playback_copy_is_served_whole(client: TestClient, ready: str) -> None:
    answer = client.get(audio(ready))
    assert answer.status_code == 200
    assert answer.content == SOUND
    assert answer.headers["content-type"] == "audio/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"] == 'inline; filename="call.m4a"'


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-", 0, 10239),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=10000-99999", 10000, 10239),
        ("bytes=-40", 10200, 10239),
        ("bytes=-99999", 0, 10239),
        ("Bytes=5-6", 5, 6),
    ],
)
def test_a_part_is_served(client: TestClient, ready: str, wanted: str, first: int, last: int) -> None:
    answer = client.get(audio(ready), headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/10240"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.content == SOUND[first : last + 1]


@pytest.mark.parametrize("wanted", ["bytes=10240-", "bytes=99999999999999999999-", "bytes=-0"])
def test_a_part_outside_is_416_with_the_size(client: TestClient, ready: str, wanted: str) -> None:
    answer = client.get(audio(ready), headers={"Range": wanted})
    assert problem(answer)["code"] == "range_not_satisfiable"
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */10240"


@pytest.mark.parametrize(
    "wanted", ["bytes=5-2", "bytes=a-b", "items=0-1", "bytes", "bytes=0-1,5-6", "bytes=-"]
)
def test_a_range_that_is_none_is_ignored(client: TestClient, ready: str, wanted: str) -> None:
    answer = client.get(audio(ready), headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, SOUND)


def test_if_range_gives_a_part_only_of_the_same_file(client: TestClient, ready: str, parts: Parts) -> None:
    before = client.get(audio(ready)).headers
    part = {"Range": "bytes=0-9"}
    for validator in (before["etag"], before["last-modified"]):
        assert client.get(audio(ready), headers={**part, "If-Range": validator}).status_code == 206
    assert client.get(audio(ready), headers={**part, "If-Range": '"another"'}).status_code == 200
    # The range would be outside, but the file is not the one that the client knows.
    outside = {"Range": "bytes=99999-", "If-Range": '"another"'}
    assert client.get(audio(ready), headers=outside).status_code == 200
    parts.media.playback(ready).write_bytes(b"made anew")
    assert client.get(audio(ready)).headers["etag"] != before["etag"]


def test_what_the_client_has_is_not_sent_again(client: TestClient, ready: str) -> None:
    etag = client.get(audio(ready)).headers["etag"]
    for known in (etag, f'"x", W/{etag}', "*"):
        answer = client.get(audio(ready), headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert client.get(audio(ready), headers={"If-None-Match": '"x"'}).status_code == 200


def test_head_says_the_same_without_the_sound(client: TestClient, ready: str) -> None:
    whole, head = client.get(audio(ready)), client.head(audio(ready))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "accept-ranges", "last-modified"):
        assert head.headers[name] == whole.headers[name]
    part = client.head(audio(ready), headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["content-length"], part.content) == (206, "10", b"")


def test_the_original_comes_as_it_came_and_is_saved_not_shown(client: TestClient, parts: Parts) -> None:
    evil = b"<html><script>alert(1)</script>"
    call = upload(client, content=evil, name='../a "b" ü\u202e.html').json()
    answer = client.get(call["links"]["original"])
    assert answer.content == evil
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["etag"] == f'"{call["recording"]["sha256"]}"'
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''a%20%22b%22%20%C3%BC.html"
    part = client.get(call["links"]["original"], headers={"Range": "bytes=1-4"})
    assert (part.status_code, part.content) == (206, b"html")


def test_the_original_has_the_type_that_was_found_in_it(client: TestClient, ready: str) -> None:
    assert client.get(f"{audio(ready)}?original=1").headers["content-type"] == "audio/wav"


def test_the_peaks_are_bytes_that_can_be_kept(client: TestClient, ready: str) -> None:
    answer = client.get(f"/api/v1/calls/{ready}/peaks")
    assert answer.content == b"peaks" * 100
    assert answer.headers["content-type"] == "application/octet-stream"
    again = client.get(f"/api/v1/calls/{ready}/peaks", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_recording_that_could_not_be_read_has_no_copy_but_its_original(
    client: TestClient, parts: Parts
) -> None:
    call = upload(client).json()
    client.post(f"{call['links']['self']}/cancel")
    for link in ("audio", "peaks"):
        document = problem(client.get(call["links"][link]))
        assert (document["status"], document["code"]) == (404, "no_copy")
    assert client.get(call["links"]["original"]).content == b"RIFF sound"

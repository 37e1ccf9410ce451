"""Uploads and downloads against a real server process: what only a network shows."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.app.web.live import LiveServer, until

pytestmark = pytest.mark.processes

MIB = 1024**2
LIMIT = 400 * MIB
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("live") / "data", max_upload_bytes=LIMIT) as server:
        yield server


def body(size: int, *, block: bytes = b"\0" * MIB) -> Iterator[bytes]:
    yield HEAD
    for _ in range(size // len(block)):
        yield block
    yield TAIL


def connect(server: LiveServer, headers: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.settings.port), timeout=60)
    connection.sendall(
        f"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"{headers}\r\n\r\n".encode()
    )
    return connection


def answer_of(connection: socket.socket) -> tuple[int, dict]:
    """Status and document, read to the end of the connection."""
    received = b""
    while block := connection.recv(65536):
        received += block
    head, _, content = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content)


def test_a_large_upload_and_download_keep_the_memory_flat(server: LiveServer) -> None:
    answer = httpx.post(f"{server.url}/api/v1/calls", content=body(300 * MIB), headers=MULTIPART, timeout=120)
    assert answer.status_code == 202
    call = answer.json()
    assert call["recording"]["size"] == 300 * MIB
    received = 0
    with httpx.stream("GET", server.url + call["links"]["original"], timeout=120) as download:
        for piece in download.iter_raw():
            received += len(piece)
    assert received == 300 * MIB
    peak = server.peak_memory()
    print(f"peak memory of the web process: {peak / MIB:.0f} MiB")
    assert peak < 250 * MIB
    httpx.delete(server.url + call["links"]["self"], timeout=60).raise_for_status()


@pytest.mark.parametrize("more", ["Accept: */*", "Connection: close"])
def test_a_client_that_goes_on_sending_sees_why_it_is_refused(server: LiveServer, more: str) -> None:
    """Proxies ask for the connection to be closed; closing it at once would reset it under the client."""
    connection = connect(server, f"Content-Length: {5 * 1024 * MIB}\r\n{more}")
    sent = 0
    gone = False

    def go_on() -> None:
        nonlocal sent, gone
        try:
            while sent < 300 * MIB:
                connection.sendall(b"\0" * MIB)
                sent += MIB
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            gone = True

    sender = threading.Thread(target=go_on)
    sender.start()
    status, document = answer_of(connection)
    sender.join(60)
    assert (status, document["code"]) == (413, "too_large")
    assert not gone, "the connection was reset while the client sent"
    assert server.media_files() == []


def test_a_client_that_waits_and_never_sends_is_let_go(server: LiveServer) -> None:
    began = time.monotonic()
    status, document = answer_of(connect(server, f"Content-Length: {5 * 1024 * MIB}"))
    assert (status, document["code"]) == (413, "too_large")
    assert time.monotonic() - began < 15


def test_chunks_that_become_too_many_are_refused_on_the_way(server: LiveServer) -> None:
    answer = httpx.post(
        f"{server.url}/api/v1/calls", content=body(LIMIT + 8 * MIB), headers=MULTIPART, timeout=120
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert server.media_files() == []


def test_wrong_facts_are_refused_before_the_recording_is_taken(server: LiveServer) -> None:
    def parts() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{"titel": 1}\r\n'
        yield from body(50 * MIB)

    answer = httpx.post(f"{server.url}/api/v1/calls", content=parts(), headers=MULTIPART, timeout=60)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "metadata.titel"
    assert server.media_files() == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_asks_first_and_sends_nothing_that_is_refused(server: LiveServer, tmp_path: Path) -> None:
    large = tmp_path / "large.wav"
    with large.open("wb") as file:
        file.truncate(LIMIT + 2 * MIB)
    command = [
        "curl",
        "-sS",
        "-w",
        "\n%{http_code} %{size_upload}",
        "-F",
        f"file=@{large}",
        f"{server.url}/api/v1/calls",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    document, _, report = done.stdout.rpartition("\n")
    status, uploaded = report.split()
    assert json.loads(document)["code"] == "too_large"
    assert status == "413"
    assert int(uploaded) < 10 * MIB


@pytest.mark.parametrize("reset", [False, True])
def test_a_client_that_goes_away_leaves_nothing(server: LiveServer, reset: bool) -> None:
    connection = connect(server, f"Content-Length: {100 * MIB}")
    connection.sendall(HEAD + os.urandom(20 * MIB))
    assert until(server.media_files)
    if reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert until(lambda: server.media_files() == [])


def test_twenty_uploads_at_once(server: LiveServer) -> None:
    contents = [os.urandom(3 * MIB) for _ in range(20)]

    def send(content: bytes) -> httpx.Response:
        return httpx.post(f"{server.url}/api/v1/calls", files={"file": ("a.wav", content)}, timeout=120)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, contents))
    assert {answer.status_code for answer in answers} == {202}
    for answer, content in zip(answers, contents, strict=True):
        call = answer.json()
        kept = httpx.get(server.url + call["links"]["original"], headers={"Range": "bytes=1000000-1000099"})
        assert (kept.status_code, kept.content) == (206, content[1000000:1000100])
        httpx.delete(server.url + call["links"]["self"]).raise_for_status()
    assert server.media_files() == []


def test_a_server_that_is_stopped_leaves_no_half_upload(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        connection = connect(server, f"Content-Length: {100 * MIB}")
        connection.sendall(HEAD + b"\0" * MIB)
        assert until(server.media_files)
        began = time.monotonic()
        server.web.send_signal(signal.SIGTERM)
        assert server.web.wait(20) == 0
        assert time.monotonic() - began < 10
        assert server.media_files() == []
        connection.close()

"""What stands before every request: hosts, other sites' pages, limits, headers, and the last resort."""

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Parts
from app.web.main import create_app
from tests.app.web.conftest import problem, upload


@pytest.mark.parametrize(
    "path", ["/api/v1/calls", "/calls", "/nowhere", "/api/v1/nowhere", "/static/nowhere", "/healthz"]
)
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert directive in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "cache-control" in headers
    assert len(headers["x-request-id"]) == 26


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null"},
    ],
)
def test_another_sites_page_can_change_nothing(client: TestClient, headers: dict) -> None:
    call = upload(client).json()["links"]["self"]
    for answer in (
        client.post(f"{call}/cancel", headers=headers),
        client.delete(call, headers=headers),
        client.patch(call, json={"title": "x"}, headers=headers),
        client.post("/api/v1/calls", content=b"x", headers=headers),
    ):
        assert problem(answer)["code"] == "cross_site"
    assert client.get(call, headers=headers).json()["state"] == "received"


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}],
)
def test_our_own_pages_and_programs_can(client: TestClient, headers: dict) -> None:
    call = upload(client).json()["links"]["self"]
    assert client.delete(call, headers=headers).status_code == 204


def test_another_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/calls", headers={"Host": "evil.example"}).status_code == 400
    for host in ("localhost:8000", "127.0.0.1:9", "[::1]:8000"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_body_over_the_limit_is_refused_however_it_is_sent(client: TestClient) -> None:
    call = upload(client, title="Kept").json()["links"]["self"]
    large = b'{"title": "' + b"x" * 1_100_000 + b'"}'
    kind = {"Content-Type": "application/json"}
    for content in (large, iter([large[:600_000], large[600_000:]])):
        assert problem(client.patch(call, content=content, headers=kind))["status"] == 413
    assert client.get(call).json()["title"] == "Kept"


def test_the_frameworks_own_errors_are_problems_too(client: TestClient) -> None:
    assert problem(client.get("/api/v1/nowhere"))["status"] == 404
    answer = client.put("/api/v1/calls")
    assert problem(answer)["status"] == 405
    assert answer.headers["allow"]


def test_people_get_a_page_instead(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address." in answer.text


@pytest.mark.parametrize("path", ["/api/v1/calls", "/calls"])
def test_what_nobody_foresaw_tells_nothing_of_the_inside(
    parts: Parts, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(type(parts.calls), "list_calls", broken)
    answer = TestClient(create_app(parts), base_url="http://localhost").get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"] in caplog.text
    assert "the secret inside" in caplog.text
    if path.startswith("/api"):
        assert problem(answer)["code"] == "internal"


def test_an_error_page_that_fails_does_not_hide_the_error(client: TestClient) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("no template")

    client.app.state.error_page = broken
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text

"""The API's description: good enough to make a client from, and shown without a foreign server."""

import json
import re

import pytest
from fastapi.testclient import TestClient

from tests.app.web.conftest import METADATA, upload


@pytest.fixture
def document(client: TestClient) -> dict:
    return client.get("/api/v1/openapi.json").json()


def operations(document: dict) -> list[tuple[str, str, dict]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_has_its_own_name_summary_tag_and_problems(document: dict) -> None:
    found = operations(document)
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names)) == 17
    assert all(re.fullmatch(r"[a-z]+[A-Za-z]+", name) for name in names)
    for path, _, operation in found:
        assert path.startswith("/api/v1/")
        assert operation["summary"]
        assert operation["tags"]
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "4"}
        assert errors, operation["operationId"]
        for answer in errors.values():
            assert list(answer["content"]) == ["application/problem+json"]


def test_every_reference_leads_somewhere(document: dict) -> None:
    schemas = document["components"]["schemas"]
    referenced = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert referenced - set(schemas) == set()
    assert {"ProblemDocument", "CallMetadata", "PartyMetadata", "CallJson"} <= referenced
    assert "HTTPValidationError" not in schemas


def test_the_upload_is_described_as_multipart(document: dict) -> None:
    body = document["paths"]["/api/v1/calls"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert body["schema"]["required"] == ["file"]
    assert body["encoding"]["metadata"]["contentType"] == "application/json"


def test_what_the_server_answers_is_what_it_describes(client: TestClient, document: dict) -> None:
    described = document["components"]["schemas"]["CallJson"]
    call = upload(client, **METADATA).json()
    assert set(call) == set(described["properties"]) == set(described["required"])
    assert set(call["links"]) == set(document["components"]["schemas"]["LinksJson"]["properties"])


def test_the_page_of_the_api_loads_only_our_own_files(client: TestClient) -> None:
    page = client.get("/api/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert "/vendor/swagger-ui-dist/swagger-ui-bundle.js" in loaded
    assert "/static/js/api-docs.js" in loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)
    assert "<script>" not in page
    assert "style=" not in page
    assert client.get("/static/js/api-docs.js").status_code == 200


def test_only_the_named_front_end_packages_are_served(client: TestClient) -> None:
    for path in (
        "/vendor/playwright/package.json",
        "/vendor/.package-lock.json",
        "/vendor/swagger-ui-dist/../../package.json",
        "/vendor/swagger-ui-dist/%2e%2e/%2e%2e/package.json",
        "/static/../main.py",
        "/static/%2e%2e/main.py",
    ):
        assert client.get(path).status_code == 404, path

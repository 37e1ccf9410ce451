"""Calls through the API: list, read, change, stop, delete."""

import json
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Parts
from storage.ids import now
from tests.app.web.conftest import METADATA, problem, upload


def test_a_new_call_says_what_is_known_and_where_the_rest_is(client: TestClient) -> None:
    answer = upload(client, **METADATA, clientUniqueId="crm-1")
    assert answer.status_code == 202
    call = answer.json()
    assert answer.headers["location"] == call["links"]["self"] == f"/api/v1/calls/{call['id']}"
    assert call["state"] == "received"
    assert call["clientUniqueId"] == "crm-1"
    assert call["title"] == "Discovery with Northwind"
    assert call["actualStart"] == "2026-03-02T08:30:00Z"
    assert call["direction"] == "Outbound"
    assert [(party["side"], party["name"], party["label"]) for party in call["parties"]] == [
        ("rep", "Maya Ortiz", "Maya Ortiz"),
        ("prospect", None, "Prospect"),
    ]
    assert call["recording"]["size"] == len(b"RIFF sound")
    assert [stage["stage"] for stage in call["stages"]] == ["inspect", "transcribe", "diarize", "attribute"]
    assert client.get(call["links"]["self"]).json() == call


def test_the_list_pages_searches_and_filters(client: TestClient, parts: Parts) -> None:
    ids = [upload(client, title=f"Call {n}").json()["id"] for n in range(5)]
    first = client.get("/api/v1/calls", params={"limit": 2}).json()
    assert [call["id"] for call in first["calls"]] == [ids[4], ids[3]]
    assert first["total"] == 5
    second = client.get("/api/v1/calls", params={"limit": 2, "cursor": first["nextCursor"]}).json()
    assert [call["id"] for call in second["calls"]] == [ids[2], ids[1]]
    last = client.get("/api/v1/calls", params={"limit": 2, "cursor": second["nextCursor"]}).json()
    assert [call["id"] for call in last["calls"]] == [ids[0]]
    assert last["nextCursor"] is None
    assert [call["id"] for call in client.get("/api/v1/calls?q=cAll+3").json()["calls"]] == [ids[3]]
    client.post(f"/api/v1/calls/{ids[1]}/cancel")
    cancelled = client.get("/api/v1/calls?state=cancelled&state=failed").json()
    assert [call["id"] for call in cancelled["calls"]] == [ids[1]]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "state=gone", "cursor=zzz"])
def test_a_wrong_query_is_refused_by_name(client: TestClient, query: str) -> None:
    document = problem(client.get(f"/api/v1/calls?{query}"))
    assert document["status"] == 422
    assert query.split("=", maxsplit=1)[0] in document["errors"][0]["where"]


@pytest.mark.parametrize("call_id", ["01kaj5y2v7m3c9q0x4t8w6z1rd", "nonsense", "%00", "..%2F..%2Fetc"])
def test_what_is_not_there_is_404_everywhere(client: TestClient, call_id: str) -> None:
    call = f"/api/v1/calls/{call_id}"
    answers = [
        client.get(call),
        client.patch(call, json={"title": "x"}),
        client.delete(call),
        client.get(f"{call}/transcript"),
        client.get(f"{call}/audio"),
        client.get(f"{call}/peaks"),
        client.post(f"{call}/cancel"),
        client.post(f"{call}/retry"),
        client.post(f"{call}/rerun", json={"stage": "inspect"}),
        client.post(f"{call}/swap-sides"),
        client.post(f"{call}/confirm-sides"),
        client.delete(f"{call}/corrections/{call_id}"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    for answer in answers:
        problem(answer)


def test_facts_change_and_what_is_left_out_stays(client: TestClient) -> None:
    call = upload(client, **METADATA).json()["links"]["self"]
    changed = client.patch(call, json={"title": "  A   better\ttitle "}).json()
    assert (changed["title"], changed["direction"]) == ("A better title", "Outbound")
    changed = client.patch(call, json={"actualStart": None, "direction": "Inbound"}).json()
    assert (changed["title"], changed["actualStart"], changed["direction"]) == (
        "A better title",
        None,
        "Inbound",
    )
    assert client.get(call).json()["direction"] == "Inbound"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"title": "a\u0000b"}, "title"),
        ({"title": "a\ud800b"}, "title"),
        ({"title": None}, "title"),
        ({"direction": "Sideways"}, "direction"),
        ({"actualStart": "2026-03-02T09:30:00"}, "actualStart"),
        ({"tittle": "x"}, "tittle"),
    ],
)
def test_wrong_facts_are_refused_by_name(client: TestClient, body: dict, where: str) -> None:
    call = upload(client, title="Kept").json()["links"]["self"]
    answer = client.patch(call, content=json.dumps(body), headers={"Content-Type": "application/json"})
    document = problem(answer)
    assert document["status"] == 422
    assert where in document["errors"][0]["where"] + document["errors"][0]["what"]
    assert client.get(call).json()["title"] == "Kept"


def test_a_body_that_is_no_json_is_refused(client: TestClient) -> None:
    call = upload(client).json()["links"]["self"]
    answer = client.patch(call, content=b"{", headers={"Content-Type": "application/json"})
    assert problem(answer)["status"] == 422


def test_stopping_and_trying_again(client: TestClient) -> None:
    call = upload(client).json()["links"]["self"]
    assert client.post(f"{call}/cancel").json()["state"] == "cancelled"
    assert problem(client.post(f"{call}/cancel"))["status"] == 409
    assert client.post(f"{call}/retry").json()["state"] == "received"
    assert problem(client.post(f"{call}/retry"))["code"] == "nothing_to_retry"


def test_a_stage_runs_again_with_what_was_asked(client: TestClient, ready: str, parts: Parts) -> None:
    answer = client.post(f"/api/v1/calls/{ready}/rerun", json={"stage": "diarize", "speakers": 3})
    states = {stage["stage"]: stage["state"] for stage in answer.json()["stages"]}
    assert states == {"inspect": "done", "transcribe": "done", "diarize": "queued", "attribute": "waiting"}
    with parts.work.write() as unit:
        claim = unit.ledger.claim("test", lease=timedelta(seconds=30), at=now())
    assert claim is not None
    assert (claim.stage, claim.options["speakers"]) == ("diarize", 3)


@pytest.mark.parametrize("body", [{}, {"stage": "dance"}, {"stage": "inspect", "model": "small"}])
def test_a_rerun_of_nothing_sensible_is_refused(client: TestClient, ready: str, body: dict) -> None:
    assert problem(client.post(f"/api/v1/calls/{ready}/rerun", json=body))["status"] == 422


def test_deleting_takes_the_call_and_its_files(client: TestClient, ready: str, stored) -> None:
    assert stored()
    assert client.delete(f"/api/v1/calls/{ready}").status_code == 204
    assert client.get(f"/api/v1/calls/{ready}").status_code == 404
    assert stored() == []
    assert client.delete(f"/api/v1/calls/{ready}").status_code == 404

"""The conversation through the API: transcript, parties, corrections."""

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Parts
from app.web.api.transcripts import TranscriptFormat, format_accepted
from tests.app.web.conftest import METADATA, make_ready, problem, upload


def transcript(client: TestClient, call_id: str) -> dict:
    return client.get(f"/api/v1/calls/{call_id}/transcript").json()


def said_by(client: TestClient, call_id: str) -> list[tuple[str, str]]:
    """(label, text) of each turn."""
    found = transcript(client, call_id)
    labels = {party["id"]: party["label"] for party in found["parties"]}
    return [(labels[turn["party"]], turn["text"]) for turn in found["turns"]]


def test_the_transcript_has_the_promised_shape(client: TestClient, ready: str) -> None:
    found = transcript(client, ready)
    assert set(found) == {"duration", "parties", "turns", "engines", "timings"}
    assert found["duration"] == 30.0
    assert [(p["side"], p["label"], p["guessed"]) for p in found["parties"]] == [
        ("rep", "Maya Ortiz", False),
        ("prospect", "Prospect", False),
    ]
    assert found["turns"][1] == {
        "party": found["parties"][1]["id"],
        "start": 6.0,
        "end": 7.8,
        "text": "Too expensive.",
        "words": [
            {"start": 6.0, "end": 6.8, "text": "Too", "probability": 0.9},
            {"start": 7.0, "end": 7.8, "text": "expensive.", "probability": 0.9},
        ],
    }
    assert set(found["timings"]) == {"decode", "transcribe", "diarize", "attribute", "total"}


@pytest.mark.parametrize(
    ("wanted", "media_type", "begins"),
    [
        (
            "srt",
            "application/x-subrip; charset=utf-8",
            "1\n00:00:01,000 --> 00:00:04,800\nMaya Ortiz: Hello,",
        ),
        ("vtt", "text/vtt; charset=utf-8", "WEBVTT\n\n00:00:01.000 --> 00:00:04.800\n<v Maya Ortiz>Hello,"),
        ("text", "text/plain; charset=utf-8", "0:01  Maya Ortiz: Hello, this is Maya.\n0:06  Prospect: Too"),
        ("json", "application/json", '{"duration":30.0'),
    ],
)
def test_other_formats_by_query_and_by_accept(
    client: TestClient, ready: str, wanted: str, media_type: str, begins: str
) -> None:
    url = f"/api/v1/calls/{ready}/transcript"
    by_query = client.get(url, params={"format": wanted}, headers={"Accept": "application/json"})
    by_accept = client.get(url, headers={"Accept": media_type.split(";", maxsplit=1)[0]})
    assert by_query.headers["content-type"] == media_type
    assert by_query.text.startswith(begins)
    assert by_accept.text == by_query.text
    assert by_accept.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", TranscriptFormat.JSON),
        ("text/vtt;q=0.4, text/plain;q=0.5", TranscriptFormat.TEXT),
        ("application/json;q=0.1, TEXT/SRT", TranscriptFormat.SRT),
        ("image/png", TranscriptFormat.JSON),
        ("text/vtt;q=0", TranscriptFormat.JSON),
        ("", TranscriptFormat.JSON),
    ],
)
def test_the_accept_header_is_read_as_rfc_9110_says(accept: str, wanted: TranscriptFormat) -> None:
    assert format_accepted(accept) is wanted


def test_an_unknown_format_is_refused(client: TestClient, ready: str) -> None:
    answer = client.get(f"/api/v1/calls/{ready}/transcript?format=docx")
    assert problem(answer)["errors"][0]["where"] == "query.format"


def test_a_call_that_is_not_ready_says_where_it_stands(client: TestClient) -> None:
    call = upload(client).json()["links"]["self"]
    for answer in (
        client.get(f"{call}/transcript"),
        client.get(f"{call}/audio"),
        client.get(f"{call}/peaks"),
    ):
        document = problem(answer)
        assert (document["status"], document["code"]) == (409, "not_ready")
        assert (document["state"], document["progress"]) == ("received", 0.0)
    stretch = {"voice": "A", "start": 0, "end": 1}
    answer = client.post(f"{call}/corrections", json={"kind": "text", "text": "x", **stretch})
    assert problem(answer)["code"] == "not_ready"


def test_a_cancelled_call_does_not_ask_to_be_waited_for(client: TestClient) -> None:
    call = upload(client).json()["links"]["self"]
    client.post(f"{call}/cancel")
    for what in ("transcript", "audio", "peaks"):
        detail = problem(client.get(f"{call}/{what}"))["detail"]
        assert "cancelled" in detail
        assert "Retry it" in detail


def test_silence_is_an_empty_conversation(client: TestClient, parts: Parts) -> None:
    call_id = upload(client, **METADATA).json()["id"]
    make_ready(parts, call_id, turns=())
    assert transcript(client, call_id)["turns"] == []
    assert "Nobody speaks" in client.get(f"/api/v1/calls/{call_id}/transcript?format=text").text


def test_a_party_gets_a_name_and_loses_it(client: TestClient, ready: str) -> None:
    call = f"/api/v1/calls/{ready}"
    prospect = client.get(call).json()["parties"][1]
    named = client.patch(f"{call}/parties/{prospect['id']}", json={"name": "Ana Lima"}).json()["parties"][1]
    assert (named["name"], named["label"], named["side"]) == ("Ana Lima", "Ana Lima", "prospect")
    assert said_by(client, ready)[1] == ("Ana Lima", "Too expensive.")
    unnamed = client.patch(f"{call}/parties/{prospect['id']}", json={"name": None}).json()["parties"][1]
    assert (unnamed["name"], unnamed["label"]) == (None, "Prospect")


def test_a_party_changes_sides(client: TestClient, ready: str) -> None:
    call = f"/api/v1/calls/{ready}"
    party = client.get(call).json()["parties"][1]
    changed = client.patch(f"{call}/parties/{party['id']}", json={"side": "manager"}).json()["parties"][1]
    assert (changed["side"], changed["name"]) == ("manager", None)


@pytest.mark.parametrize("body", [{"side": "boss"}, {"name": "x" * 201}, {"nmae": "x"}, {"name": "a\u0007"}])
def test_a_wrong_party_is_refused(client: TestClient, ready: str, body: dict) -> None:
    party = client.get(f"/api/v1/calls/{ready}").json()["parties"][0]
    assert problem(client.patch(f"/api/v1/calls/{ready}/parties/{party['id']}", json=body))["status"] == 422


def test_a_party_of_another_call_is_not_there(client: TestClient, ready: str) -> None:
    other = upload(client, **METADATA).json()["parties"][0]["id"]
    for party in (other, "nobody"):
        answer = client.patch(f"/api/v1/calls/{ready}/parties/{party}", json={"name": "x"})
        assert problem(answer)["code"] == "no_such_party"


def test_swapping_the_sides_changes_who_said_what(client: TestClient, ready: str) -> None:
    swapped = client.post(f"/api/v1/calls/{ready}/swap-sides").json()
    assert [(party["side"], party["voice"]) for party in swapped["parties"]] == [
        ("rep", "B"),
        ("prospect", "A"),
    ]
    assert said_by(client, ready) == [("Prospect", "Hello, this is Maya."), ("Maya Ortiz", "Too expensive.")]


def test_a_confirmed_guess_is_no_guess(client: TestClient, ready: str, parts: Parts) -> None:
    with parts.work.write() as unit:
        for party in unit.calls.parties(ready):
            party.guessed = True
    assert [party["guessed"] for party in client.get(f"/api/v1/calls/{ready}").json()["parties"]] == [
        True,
        True,
    ]
    confirmed = client.post(f"/api/v1/calls/{ready}/confirm-sides").json()
    assert [party["guessed"] for party in confirmed["parties"]] == [False, False]


def test_words_are_corrected_undone_and_redone(client: TestClient, ready: str) -> None:
    corrections = f"/api/v1/calls/{ready}/corrections"
    correct = {"kind": "text", "voice": "B", "start": 6.0, "end": 7.8, "text": "Far  too expensive!\n"}
    answer = client.post(corrections, json=correct)
    assert answer.status_code == 201
    made = answer.json()
    assert made["kind"] == "text"
    assert said_by(client, ready)[1][1] == "Far too expensive!"
    assert client.delete(f"{corrections}/{made['id']}").status_code == 204
    assert said_by(client, ready)[1][1] == "Too expensive."
    assert client.post(f"{corrections}/{made['id']}/redo").status_code == 204
    assert said_by(client, ready)[1][1] == "Far too expensive!"


def test_a_turn_moves_to_the_other_party(client: TestClient, ready: str) -> None:
    move = {"kind": "move", "voice": "B", "start": 6.0, "end": 7.8, "toVoice": "A"}
    assert client.post(f"/api/v1/calls/{ready}/corrections", json=move).status_code == 201
    assert {label for label, _ in said_by(client, ready)} == {"Maya Ortiz"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"kind": "dance"}, "body"),
        ({"end": 5.0}, "body"),
        ({"start": -1}, "start"),
        ({"end": 1e9}, "start"),
        ({"voice": "Z"}, "voice"),
        ({"voice": "<b>"}, "voice"),
        ({"text": None}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"toVoice": "A"}, "toVoice"),
    ],
)
def test_a_wrong_correction_is_refused_by_name(
    client: TestClient, ready: str, change: dict, where: str
) -> None:
    body = {"kind": "text", "voice": "B", "start": 6.0, "end": 7.8, "text": "x"} | change
    document = problem(client.post(f"/api/v1/calls/{ready}/corrections", json=body))
    assert document["status"] == 422
    assert where in document["errors"][0]["where"]
    assert said_by(client, ready)[1][1] == "Too expensive."

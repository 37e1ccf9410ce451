"""The list of calls: newest first, paged, searched."""

from typing import Any

import pytest

from app.calls.errors import Invalid, NotFound
from app.calls.search import cursor_of, position_of
from app.calls.views import CallState
from storage.calls import Position
from storage.ids import now


def titles(page: Any) -> list[str]:
    return [call.title for call in page.calls]


def test_pages_follow_each_other_newest_first_without_gap_or_repeat(desk: Any) -> None:
    for number in range(7):
        desk.receive(title=f"call {number}")
    seen, cursor = [], None
    while True:
        page = desk.calls.list_calls(cursor=cursor, limit=3)
        assert page.total == 7
        seen += titles(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"call {number}" for number in reversed(range(7))]


def test_a_page_that_ends_exactly_at_the_last_call_has_no_next(desk: Any) -> None:
    for number in range(3):
        desk.receive(title=f"call {number}")
    assert desk.calls.list_calls(limit=3).next_cursor is None


def test_a_call_that_comes_while_somebody_pages_moves_nothing(desk: Any) -> None:
    for number in range(4):
        desk.receive(title=f"call {number}")
    first = desk.calls.list_calls(limit=2)
    desk.receive(title="new")
    assert titles(desk.calls.list_calls(cursor=first.next_cursor, limit=2)) == ["call 1", "call 0"]


def test_calls_are_found_by_every_word_of_title_and_names(desk: Any) -> None:
    desk.receive(title="Fernhill Intro", parties=[{"name": "Dana Whitlock"}])
    desk.receive(title="Pricing ÄRGER", parties=[{"name": "Martin Straße"}])

    def found(query: str) -> list[str]:
        return titles(desk.calls.list_calls(query=query))

    assert found("intro") == ["Fernhill Intro"]
    assert found("  DANA   fern ") == ["Fernhill Intro"]
    assert found("dana pricing") == []
    assert found("ärger") == ["Pricing ÄRGER"]
    assert found("STRASSE") == ["Pricing ÄRGER"]
    assert len(found("")) == 2


def test_letters_that_mean_something_to_a_database_mean_themselves(desk: Any) -> None:
    desk.receive(title="100% done_deal")
    desk.receive(title="1000 done deals \\ more")

    def found(query: str) -> list[str]:
        return titles(desk.calls.list_calls(query=query))

    assert found("100%") == ["100% done_deal"]
    assert found("done_deal") == ["100% done_deal"]
    assert found("\\") == ["1000 done deals \\ more"]
    assert found("'; drop table call; --") == []


def test_a_renamed_call_and_party_are_found_by_their_new_names_only(desk: Any) -> None:
    call = desk.receive(title="Old", parties=[{"name": "Dana"}]).call
    desk.calls.update(call.id, title="New")
    desk.calls.update_party(call.id, call.parties[0].id, name="Diana")
    assert desk.calls.list_calls(query="new diana").total == 1
    assert desk.calls.list_calls(query="old").total == 0
    assert desk.calls.list_calls(query="dana").total == 0


def test_calls_are_listed_by_state(desk: Any) -> None:
    ready = desk.ready(title="ready")
    desk.receive(title="new")
    assert [call.id for call in desk.calls.list_calls(state=CallState.READY).calls] == [ready.id]
    both = desk.calls.list_calls(state=[CallState.READY, CallState.RECEIVED])
    assert both.total == 2
    assert desk.calls.list_calls(state=CallState.FAILED).total == 0


@pytest.mark.parametrize("cursor", ["x", "é", "=", "MjAyNi0xMS0yMQ", "%%%", "AAAA", "MjAyNi0xMS0yMSB4"])
def test_a_cursor_that_nobody_gave_out_is_refused(desk: Any, cursor: str) -> None:
    with pytest.raises(Invalid):
        desk.calls.list_calls(cursor=cursor)


def test_a_cursor_keeps_the_place_to_the_microsecond() -> None:
    place = Position(now(), "01abc")
    assert position_of(cursor_of(place)) == place


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_a_sensible_size(desk: Any, limit: int) -> None:
    with pytest.raises(Invalid):
        desk.calls.list_calls(limit=limit)


def test_what_is_not_there_is_said_to_be_not_there(desk: Any) -> None:
    for ask in (
        desk.calls.get,
        desk.calls.conversation,
        desk.calls.delete,
        desk.calls.cancel,
        desk.calls.retry,
    ):
        with pytest.raises(NotFound):
            ask("01aaaaaaaaaaaaaaaaaaaaaaaa")

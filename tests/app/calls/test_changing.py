"""What people change in a call, and what stays the machine's."""

import math
from typing import Any

import pytest

from app.calls.errors import Conflict, Invalid, NotFound, NotReady
from app.calls.reruns import RerunOptions
from app.calls.views import CallState
from review.model import Side
from storage.ids import now


def texts(desk: Any, call_id: str) -> list[tuple[str, str]]:
    return [(turn.voice, turn.text) for turn in desk.calls.conversation(call_id).conversation.turns]


def voices(call: Any) -> dict[str, str | None]:
    return {party.side: party.voice for party in call.parties}


def test_a_conversation_has_parties_turns_engines_and_times(desk: Any) -> None:
    call = desk.ready(parties=[{"name": "Joe", "side": "rep"}, {"name": "Dana", "side": "prospect"}])
    shown = desk.calls.conversation(call.id)
    assert [turn.text for turn in shown.conversation.turns] == [
        "Hi Dana this is Joe from Fernhill",
        "Hello Joe what is this about",
        "What made you look at freight software",
    ]
    assert shown.conversation.party_of("A").label == "Joe"
    assert shown.engines["transcriber"] == {"engine": "test transcribe"}
    assert shown.timings == {"decode": 1.5, "transcribe": 1.5, "diarize": 1.5, "attribute": 1.5, "total": 6.0}


def test_a_call_that_is_not_transcribed_has_no_conversation(desk: Any) -> None:
    call = desk.receive().call
    with pytest.raises(NotReady):
        desk.calls.conversation(call.id)
    with pytest.raises(NotReady):
        desk.calls.correct_text(call.id, voice="A", start=0, end=1, text="x")


def test_sides_without_names_are_guessed_and_one_click_swaps_them_for_good(desk: Any) -> None:
    call = desk.ready()
    before = voices(call)
    assert set(before) == {Side.REP, Side.PROSPECT}
    assert all(party.guessed for party in call.parties)
    swapped = desk.calls.swap_sides(call.id)
    assert voices(swapped) == {Side.REP: before[Side.PROSPECT], Side.PROSPECT: before[Side.REP]}
    assert not any(party.guessed for party in swapped.parties)
    assert voices(desk.calls.swap_sides(call.id)) == before


def test_a_guess_that_is_right_is_confirmed(desk: Any) -> None:
    call = desk.ready()
    confirmed = desk.calls.confirm_sides(call.id)
    assert voices(confirmed) == voices(call)
    assert not any(party.guessed for party in confirmed.parties)


def test_a_rerun_keeps_what_people_said_of_the_sides(desk: Any) -> None:
    call = desk.ready()
    swapped = voices(desk.calls.swap_sides(call.id))
    desk.calls.rerun(call.id, "attribute", RerunOptions())
    desk.work_off(call.id)
    assert voices(desk.calls.get(call.id)) == swapped


def test_there_is_nothing_to_swap_before_anybody_was_heard(desk: Any) -> None:
    call = desk.receive(parties=[{"side": "rep"}, {"side": "prospect"}]).call
    with pytest.raises(Conflict):
        desk.calls.swap_sides(call.id)


def test_a_party_is_named_renamed_and_unnamed(desk: Any) -> None:
    call = desk.ready()
    rep = next(party for party in call.parties if party.side is Side.REP)

    def label_after(name: str) -> str:
        changed = desk.calls.update_party(call.id, rep.id, name=name)
        return next(party.label for party in changed.parties if party.id == rep.id)

    assert label_after("  Joe  ") == "Joe"
    assert label_after("Zoë 李") == "Zoë 李"
    assert label_after("") == "Rep"
    with pytest.raises(Invalid):
        label_after("x" * 201)
    with pytest.raises(NotFound):
        desk.calls.update_party(call.id, "nobody", name="x")


def test_a_party_of_another_call_is_not_this_calls(desk: Any) -> None:
    call, other = desk.ready(), desk.ready()
    with pytest.raises(NotFound):
        desk.calls.update_party(call.id, other.parties[0].id, name="x")


def test_a_party_put_on_another_side_is_no_guess(desk: Any) -> None:
    call = desk.ready()
    changed = desk.calls.update_party(call.id, call.parties[0].id, side=Side.MANAGER)
    assert (changed.parties[0].side, changed.parties[0].guessed) == (Side.MANAGER, False)


def test_a_corrected_word_is_kept_apart_undone_and_redone(desk: Any) -> None:
    call = desk.ready()
    made = desk.calls.correct_text(call.id, voice="B", start=4.0, end=6.9, text=" Hello  Joe,\nwhat is it? ")
    assert texts(desk, call.id)[1] == ("B", "Hello Joe, what is it?")
    corrected = desk.calls.conversation(call.id).conversation.turns[1]
    assert corrected.machine_text == "Hello Joe what is this about"
    assert desk.calls.conversation(call.id).corrections == (made,)

    desk.calls.undo(call.id, made.id)
    desk.calls.undo(call.id, made.id)
    assert texts(desk, call.id)[1] == ("B", "Hello Joe what is this about")
    assert desk.calls.conversation(call.id).corrections == ()
    desk.calls.redo(call.id, made.id)
    assert texts(desk, call.id)[1] == ("B", "Hello Joe, what is it?")


def test_corrections_of_another_call_cannot_be_undone_from_here(desk: Any) -> None:
    call, other = desk.ready(), desk.ready()
    made = desk.calls.correct_text(other.id, voice="B", start=4.0, end=6.9, text="x")
    with pytest.raises(NotFound):
        desk.calls.undo(call.id, made.id)


def test_a_turn_moves_to_the_other_party(desk: Any) -> None:
    call = desk.ready()
    desk.calls.move_turn(call.id, voice="A", start=8.0, end=11.4, to_voice="B")
    assert [voice for voice, _ in texts(desk, call.id)] == ["A", "B", "B"]


def test_a_turn_moves_to_somebody_who_was_never_heard(desk: Any) -> None:
    call = desk.ready(parties=[{"side": "rep"}, {"side": "prospect"}, {"name": "Boss", "side": "manager"}])
    boss = next(party for party in call.parties if party.label == "Boss")
    assert boss.voice is None
    desk.calls.move_turn(call.id, voice="A", start=8.0, end=11.4, to_voice=boss.id)
    shown = desk.calls.conversation(call.id).conversation
    assert shown.party_of(shown.turns[2].voice).label == "Boss"

    desk.calls.rerun(call.id, "attribute", RerunOptions())
    desk.work_off(call.id)
    shown = desk.calls.conversation(call.id).conversation
    assert shown.party_of(shown.turns[2].voice).label == "Boss"


@pytest.mark.parametrize(
    "wrong",
    [
        {"voice": "Z"},
        {"start": -1.0},
        {"end": 22.0},
        {"start": 5.0, "end": 5.0},
        {"start": 6.0, "end": 5.0},
        {"start": math.nan},
        {"end": math.inf},
        {"text": "x" * 20_001},
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(desk: Any, wrong: dict[str, Any]) -> None:
    call = desk.ready()
    right = {"voice": "B", "start": 4.0, "end": 6.0, "text": "x"}
    with pytest.raises(Invalid):
        desk.calls.correct_text(call.id, **{**right, **wrong})
    with pytest.raises(Invalid):
        desk.calls.move_turn(call.id, voice="B", start=4.0, end=6.0, to_voice="Z")


def test_facts_are_changed_one_by_one(desk: Any) -> None:
    call = desk.receive(title="Old", direction="Inbound").call
    at = now()
    assert desk.calls.update(call.id, started_at=at).started_at == at
    changed = desk.calls.update(call.id, title="New")
    assert (changed.title, changed.started_at, changed.direction) == ("New", at, "Inbound")
    assert desk.calls.update(call.id, started_at=None).started_at is None
    with pytest.raises(Invalid):
        desk.calls.update(call.id, direction="Sideways")
    for title in ("", " \t\x00", "x" * 301):
        with pytest.raises(Invalid):
            desk.calls.update(call.id, title=title)


def test_a_rerun_keeps_corrections_and_the_old_conversation_until_it_is_done(desk: Any) -> None:
    call = desk.ready()
    desk.calls.correct_text(call.id, voice="B", start=4.0, end=6.9, text="Hello Joe.")
    desk.pokes.clear()
    again = desk.calls.rerun(call.id, "transcribe", RerunOptions(language="de"))
    assert again.state is CallState.TRANSCRIBING
    assert desk.pokes == [call.id]
    assert texts(desk, call.id)[1] == ("B", "Hello Joe.")
    desk.work_off(call.id)
    assert desk.calls.get(call.id).state is CallState.READY
    assert texts(desk, call.id)[1] == ("B", "Hello Joe.")


def test_a_call_in_work_is_not_rerun_and_one_at_rest_is_not_cancelled(desk: Any) -> None:
    waiting, ready = desk.receive().call, None
    with pytest.raises(NotReady):
        desk.calls.rerun(waiting.id, "transcribe", RerunOptions())
    assert desk.calls.cancel(waiting.id).state is CallState.CANCELLED
    with pytest.raises(Conflict):
        desk.calls.cancel(waiting.id)
    assert desk.calls.retry(waiting.id).state is CallState.RECEIVED
    ready = desk.ready()
    with pytest.raises(Conflict):
        desk.calls.cancel(ready.id)
    with pytest.raises(Conflict):
        desk.calls.retry(ready.id)

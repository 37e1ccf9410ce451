"""What people change in a call: facts, parties, words. The machine's transcript is never touched."""

import math
from datetime import datetime

from app.calls.errors import Conflict, Invalid, NotFound, NotReady
from app.calls.receiving import printable
from app.calls.search import search_text
from review.model import Side
from review.voices import unused_voice
from storage.tables import CallRow, CorrectionRow, PartyRow
from storage.unit_of_work import Unit

MAX_TEXT = 20_000
"""Letters of one correction: an hour of unbroken talk has about 50,000, a long turn 3,000."""

MAX_NAME = 200
DIRECTIONS = ("Inbound", "Outbound", "Conference", "Unknown")
MAX_TITLE = 300
EDGE_SECONDS = 1.0
"""How far past its end a correction may reach: word times round up, containers round their length down."""


def rename(unit: Unit, call: CallRow, title: str) -> None:
    cleaned = printable(title)
    if not cleaned:
        raise Invalid("no_title", "A call needs a title: write at least one letter.", where="title")
    if len(cleaned) > MAX_TITLE:
        raise Invalid("long_title", f"A title has at most {MAX_TITLE} letters.", where="title")
    call.title = cleaned
    refresh_search(unit, call)


def redirect(call: CallRow, direction: str) -> None:
    if direction not in DIRECTIONS:
        raise Invalid(
            "direction", f"A call's direction is one of {', '.join(DIRECTIONS)}.", where="direction"
        )
    call.direction = direction


def refresh_search(unit: Unit, call: CallRow) -> None:
    """Keeps what the call is found by in step with its title and names."""
    call.search_text = search_text(call.title, (party.name for party in unit.calls.parties(call.id)))


def party_of(unit: Unit, call: CallRow, party_id: str) -> PartyRow:
    found = next((party for party in unit.calls.parties(call.id) if party.id == party_id), None)
    if found is None:
        raise NotFound("no_such_party", "There is no such person on this call.")
    return found


def name_party(unit: Unit, call: CallRow, party: PartyRow, name: str) -> None:
    """An empty name takes the name away."""
    cleaned = printable(name)
    if len(cleaned) > MAX_NAME:
        raise Invalid("long_name", f"A name has at most {MAX_NAME} letters.", where="name")
    party.name = cleaned or None
    refresh_search(unit, call)


def put_on_side(call: CallRow, party: PartyRow, side: Side) -> None:
    party.side = side
    party.guessed = False
    if party.voice is not None:
        call.sides_confirmed = True


def swap_sides(unit: Unit, call: CallRow) -> None:
    """Exchanges the voices of rep and prospect. A person did so: it is no guess any more."""
    parties = unit.calls.parties(call.id)
    rep = _heard_first(parties, Side.REP)
    prospect = _heard_first(parties, Side.PROSPECT)
    if rep is None or prospect is None or (rep.voice is None and prospect.voice is None):
        raise Conflict(
            "no_two_sides",
            "There is no rep and prospect to swap on this call yet. Say first who is on which side.",
        )
    rep.voice, prospect.voice = prospect.voice, rep.voice
    confirm_sides(unit, call)


def confirm_sides(unit: Unit, call: CallRow) -> None:
    for party in unit.calls.parties(call.id):
        party.guessed = False
    call.sides_confirmed = True


def correct_text(
    unit: Unit, call: CallRow, *, voice: str, start: float, end: float, text: str, at: datetime
) -> CorrectionRow:
    """The person's words in place of the machine's. An empty text says that nothing was said there."""
    _check_stretch(unit, call, start, end)
    _check_voice(unit, call, voice)
    cleaned = " ".join(printable(text).split())
    if len(cleaned) > MAX_TEXT:
        raise Invalid(
            "long_text",
            f"A correction has at most {MAX_TEXT:,} letters: correct a shorter stretch.",
            where="text",
        )
    return unit.transcripts.add_text(call.id, voice=voice, start=start, end=end, text=cleaned, at=at)


def move_turn(
    unit: Unit, call: CallRow, *, voice: str, start: float, end: float, to_voice: str, at: datetime
) -> CorrectionRow:
    """Gives the stretch to another voice. `to_voice` may be a party's id: one never heard gets a voice now.

    Moving to the machine's own voice is a move too: it wins over an earlier one.
    """
    _check_stretch(unit, call, start, end)
    _check_voice(unit, call, voice)
    target = _voice_for(unit, call, to_voice)
    return unit.transcripts.add_move(call.id, voice=voice, start=start, end=end, to_voice=target, at=at)


def correction_of_call(unit: Unit, call: CallRow, correction_id: str) -> CorrectionRow:
    row = unit.transcripts.correction(call.id, correction_id)
    if row is None:
        raise NotFound("no_such_correction", "There is no such correction on this call.")
    return row


def _heard_first(parties: list[PartyRow], side: Side) -> PartyRow | None:
    found = [party for party in parties if party.side == side]
    return next((party for party in found if party.voice is not None), found[0] if found else None)


def _known_voices(unit: Unit, call: CallRow) -> set[str]:
    seated = {party.voice for party in unit.calls.parties(call.id) if party.voice is not None}
    return {*unit.transcripts.voices(call.id), *seated}


def _check_voice(unit: Unit, call: CallRow, voice: str) -> None:
    if voice not in _known_voices(unit, call):
        raise Invalid("no_such_voice", f"Nobody on this call has the voice “{voice}”.", where="voice")


def _voice_for(unit: Unit, call: CallRow, target: str) -> str:
    known = _known_voices(unit, call)
    if target in known:
        return target
    party = next((party for party in unit.calls.parties(call.id) if party.id == target), None)
    if party is None:
        raise Invalid("no_such_voice", f"Nobody on this call has the voice “{target}”.", where="toVoice")
    if party.voice is None:
        party.voice = unused_voice(known)
    return party.voice


def _check_stretch(unit: Unit, call: CallRow, start: float, end: float) -> None:
    if call.ready_at is None:
        raise NotReady("not_ready", "This call is not transcribed yet. Correct it when it is ready.")
    duration = unit.calls.recording(call.id).duration or 0.0
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end <= duration + EDGE_SECONDS):
        raise Invalid(
            "outside",
            f"The stretch to change must lie inside the recording: from 0 to {duration:.1f} seconds, "
            "its start before its end.",
            where="start",
        )

"""Which party has which voice, written so that nothing a person said is lost."""

from collections.abc import Mapping, Sequence

from review.model import Party, Side, Turn
from review.sides import CHANNEL_VOICES, ListedParty, seat_parties
from review.voices import voices_in
from storage.ids import new_id
from storage.tables import CallRow, PartyRow
from storage.unit_of_work import Unit


def seat(unit: Unit, call: CallRow, turns: Sequence[Turn], *, layout: str, names: Mapping[str, str]) -> None:
    """Gives every voice in `turns` a party. `names` are the voices that a re-run renamed, new to old.

    A seat that a person confirmed, or that follows from the channel map, is kept; guesses are made anew.
    """
    rows = unit.calls.parties(call.id)
    moved_to = unit.transcripts.voices_moved_to(call.id)
    voices = sorted({*voices_in(turns), *moved_to})
    seated = seat_parties(
        [_listed(row) for row in rows],
        voices,
        turns,
        # Channels are in `confirmed` by the names that their voices have now.
        layout_channels=False,
        new_id=new_id,
        direction=call.direction,
        confirmed=_confirmed(call, rows, layout=layout, names=names),
    )
    _write(unit, call, rows, seated)


def _listed(row: PartyRow) -> ListedParty:
    return ListedParty(id=row.id, name=row.name, side=Side(row.side), channel=row.channel)


def _confirmed(
    call: CallRow, rows: Sequence[PartyRow], *, layout: str, names: Mapping[str, str]
) -> dict[str, str]:
    """Voice to party, as far as it is known for sure; what a person said goes before the channel map."""
    known: dict[str, str] = {}
    if layout == "channels" and not call.sides_confirmed:
        for row in rows:
            if row.channel is not None and row.channel < len(CHANNEL_VOICES):
                voice = CHANNEL_VOICES[row.channel]
                known[names.get(voice, voice)] = row.id
    for row in rows:
        if row.voice is not None and not row.guessed and row.id not in known.values():
            known[row.voice] = row.id
    return known


def _write(unit: Unit, call: CallRow, rows: Sequence[PartyRow], seated: Sequence[Party]) -> None:
    by_id = {row.id: row for row in rows}
    position = max((row.position for row in rows), default=-1)
    added = []
    for party in seated:
        row = by_id.get(party.id)
        if row is not None:
            row.voice, row.guessed = party.voice, party.guessed
            continue
        position += 1
        added.append(
            PartyRow(
                id=party.id,
                call_id=call.id,
                position=position,
                side=party.side,
                name=None,
                voice=party.voice,
                guessed=party.guessed,
                listed=False,
            )
        )
    unit.calls.add_parties(added)
    # Found by an earlier run, heard by this one no more, and nobody gave them a name.
    gone = [row.id for row in rows if row.voice is None and not row.listed and row.name is None]
    unit.calls.remove_parties(gone)

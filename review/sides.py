"""Who is who: every voice gets a party, every listed party a place. docs/conversation.md states the rules."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from review.model import Party, Side, Turn
from review.rep_guess import SideGuess, guess_rep, introduces, rank_reps, said_by
from review.voices import match_voices, rename_voices, unused_voice

__all__ = [
    "ListedParty",
    "SideGuess",
    "guess_rep",
    "label_for",
    "match_voices",
    "rename_voices",
    "seat_parties",
    "unused_voice",
]

CHANNEL_VOICES = ("A", "B")
"""The voices of the left and the right channel."""

SIDE_LABELS = {Side.REP: "Rep", Side.PROSPECT: "Prospect", Side.MANAGER: "Manager"}


@dataclass(frozen=True, slots=True)
class ListedParty:
    """A person that somebody named or an earlier run found: the call's parties as known now."""

    id: str
    name: str | None
    side: Side
    channel: int | None = None
    """0 left, 1 right, where somebody said so."""


@dataclass(slots=True)
class _Seats:
    """Voices to parties while they are given out; at most one of each."""

    free_voices: list[str]
    free_parties: list[ListedParty]
    voice_of: dict[str, str] = field(default_factory=dict)
    """Party id to voice."""
    guessed: set[str] = field(default_factory=set)
    """Ids of parties that only the program thinks so of."""

    def give(self, party: ListedParty, voice: str, *, guessed: bool) -> None:
        self.free_voices.remove(voice)
        self.free_parties.remove(party)
        self.voice_of[party.id] = voice
        if guessed:
            self.guessed.add(party.id)


def seat_parties(
    listed: Sequence[ListedParty],
    voices: Sequence[str],
    turns: Sequence[Turn],
    *,
    layout_channels: bool,
    new_id: Callable[[], str],
    direction: str = "Unknown",
    confirmed: Mapping[str, str] | None = None,
) -> tuple[Party, ...]:
    """All parties of the call: the listed ones in their order, then one for every voice left over.

    `voices` are those of the recording, in order; `turns` what they say. `confirmed` (voice -> party id) is
    what a person has said of this call before: it is kept, and so is every seat that follows from it.
    `new_id` makes the id of a party that nobody listed. In this order a seat is given by: `confirmed`; the
    channel of a listed party, when `layout_channels`; a listed name that exactly one voice gives as its own
    ("this is Joe"); the last voice to the last listed party, when the others are known. What is left is
    guessed (`guess_rep`) and marked so. A listed party without a voice has `voice` None.
    """
    seats = _Seats(list(voices), list(listed))
    _keep_confirmed(seats, confirmed or {})
    if layout_channels:
        _seat_by_channel(seats)
    _seat_by_name(seats, turns)
    _seat_the_last(seats)
    extra = _seat_by_guess(seats, listed, turns, direction=direction, new_id=new_id)
    parties = [(party, seats.voice_of.get(party.id)) for party in (*listed, *extra)]
    labels = _labels(parties)
    return tuple(
        Party(
            id=party.id,
            side=party.side,
            label=label,
            voice=voice,
            guessed=party.id in seats.guessed,
            name=party.name,
        )
        for (party, voice), label in zip(parties, labels, strict=True)
    )


def label_for(name: str | None, side: Side, voice: str | None) -> str:
    """What to call a party: the name, else the side, else "Speaker C"; never empty."""
    if name and name.strip():
        return name.strip()
    return SIDE_LABELS.get(side) or (f"Speaker {voice}" if voice else "Speaker")


def _keep_confirmed(seats: _Seats, confirmed: Mapping[str, str]) -> None:
    for party in list(seats.free_parties):
        voice = next((v for v in seats.free_voices if confirmed.get(v) == party.id), None)
        if voice is not None:
            seats.give(party, voice, guessed=False)


def _seat_by_channel(seats: _Seats) -> None:
    for party in list(seats.free_parties):
        if party.channel is not None and party.channel < len(CHANNEL_VOICES):
            voice = CHANNEL_VOICES[party.channel]
            if voice in seats.free_voices:
                seats.give(party, voice, guessed=False)


def _seat_by_name(seats: _Seats, turns: Sequence[Turn]) -> None:
    said = {voice: said_by(voice, turns) for voice in seats.free_voices}
    claims = {
        party.id: [voice for voice, text in said.items() if party.name and introduces(text, party.name)]
        for party in seats.free_parties
    }
    for party in list(seats.free_parties):
        claimed = claims[party.id]
        contested = any(set(claimed) & set(others) for other, others in claims.items() if other != party.id)
        if len(claimed) == 1 and not contested:
            seats.give(party, claimed[0], guessed=False)


def _seat_the_last(seats: _Seats) -> None:
    """One voice and one listed party are left, and others are seated for sure: it can only be them."""
    if seats.voice_of and len(seats.free_voices) == 1 and len(seats.free_parties) == 1:
        seats.give(seats.free_parties[0], seats.free_voices[0], guessed=False)


def _seat_by_guess(
    seats: _Seats,
    listed: Sequence[ListedParty],
    turns: Sequence[Turn],
    *,
    direction: str,
    new_id: Callable[[], str],
) -> list[ListedParty]:
    """Seats every voice that is left, the rep's first; returns the parties that had to be made up for it.

    With two voices of which one is known, the other follows: that is no guess.
    """
    guessed = not (len(seats.voice_of) == 1 and len(seats.free_voices) == 1)
    made: list[ListedParty] = []

    def has(side: Side) -> bool:
        return any(party.side is side for party in (*listed, *made))

    def make(side: Side) -> ListedParty:
        party = ListedParty(id=new_id(), name=None, side=side)
        made.append(party)
        seats.free_parties.append(party)
        return party

    rep = _first(seats.free_parties, Side.REP)
    if rep is None and not has(Side.REP) and len(seats.free_parties) < len(seats.free_voices):
        rep = make(Side.REP)
    if rep is not None and seats.free_voices:
        names = {party.name: party.side for party in listed if party.name}
        ranked = rank_reps(turns, names=names, direction=direction)
        voice = next((voice for voice in ranked if voice in seats.free_voices), seats.free_voices[0])
        seats.give(rep, voice, guessed=guessed)
    for voice in _by_words(seats.free_voices, turns):
        party = _first(seats.free_parties, Side.PROSPECT) or next(iter(seats.free_parties), None)
        party = party or make(Side.OTHER if has(Side.PROSPECT) else Side.PROSPECT)
        seats.give(party, voice, guessed=guessed)
    return made


def _first(parties: Sequence[ListedParty], side: Side) -> ListedParty | None:
    return next((party for party in parties if party.side is side), None)


def _by_words(voices: Sequence[str], turns: Sequence[Turn]) -> list[str]:
    """Who says most first; on a tie in the order given."""
    words = Counter[str]()
    for turn in turns:
        words[turn.voice] += len(turn.words)
    return sorted(voices, key=lambda voice: -words[voice])


def _labels(parties: Sequence[tuple[ListedParty, str | None]]) -> list[str]:
    """One label a party; a second "Prospect" without a name is "Prospect 2"."""
    labels: list[str] = []
    times = Counter[str]()
    for party, voice in parties:
        label = label_for(party.name, party.side, voice)
        if not party.name:
            times[label] += 1
            label = f"{label} {times[label]}" if times[label] > 1 else label
        labels.append(label)
    return labels

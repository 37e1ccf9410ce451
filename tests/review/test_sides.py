"""Who is who: the seats of voices and parties, and the guess of the rep."""

from collections.abc import Callable
from itertools import count

import pytest

from review.model import Party, Side, Turn
from review.sides import (
    ListedParty,
    guess_rep,
    label_for,
    match_voices,
    rename_voices,
    seat_parties,
    unused_voice,
)
from transcription.model import Word


def talk(*lines: tuple[str, str]) -> tuple[Turn, ...]:
    """Voices and what they say, one line after the other."""
    turns, at = [], 0.0
    for n, (voice, text) in enumerate(lines):
        words = [Word(at + k * 0.3, at + k * 0.3 + 0.3, word, 0.9) for k, word in enumerate(text.split())]
        at = words[-1].end + 0.5
        turns.append(Turn(f"t{n}", voice, tuple(words)))
    return tuple(turns)


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"new{next(numbers)}"


def seated(parties: tuple[Party, ...]) -> list[tuple[str, str, str | None, bool]]:
    return [(party.side, party.label, party.voice, party.guessed) for party in parties]


PLAIN = talk(("A", "Hello."), ("B", "Hello."))
SALES = talk(
    ("A", "Hello?"),
    ("B", "Hi Dana, this is Joe from Fernhill. Thanks for taking the call."),
    ("A", "Hi Joe. What does it cost?"),
    ("B", "Twelve dollars per user."),
)


# The guess


@pytest.mark.parametrize(
    ("rep", "lines"),
    [
        ("B", [("A", "Hello?"), ("B", "Hi, this is Joe from Fernhill.")]),
        ("B", [("A", "Good morning."), ("B", "Thanks for making the time today.")]),
        ("B", [("A", "We use a shared spreadsheet."), ("B", "I am curious, who looks after it?")]),
        ("B", [("A", "We need a forty percent discount."), ("B", "I will make it happen.")]),
        ("B", [("A", "I'm looking at it. This is great with me."), ("B", "Let me show you.")]),
        ("B", [("A", "Good morning, this is Ann."), ("B", "THIS IS Joe Hill, calling from Fernhill.")]),
        ("B", [("A", "I'd have to ask my boss."), ("B", "Of course.")]),
        ("B", [("A", "Hallo."), ("B", "Wie geht es? Was brauchen Sie? Wann?")]),
        ("A", [("A", "Hello."), ("B", "Hello.")]),
    ],
)
def test_the_rep_is_known_by_what_reps_and_prospects_say(rep: str, lines: list[tuple[str, str]]) -> None:
    guess = guess_rep(talk(*lines))
    assert guess is not None
    assert guess.voice == rep
    swapped = guess_rep(talk(*[("B" if voice == "A" else "A", text) for voice, text in lines]))
    assert swapped is not None
    assert swapped.voice == ("B" if rep == "A" else "A")


def test_the_guess_says_why() -> None:
    guess = guess_rep(SALES)
    assert guess is not None
    assert guess.reason == "voice B says which company it is from and thanks the other for the call"
    plain = guess_rep(PLAIN)
    assert plain is not None
    assert plain.reason == "nothing said tells the sides apart; taken by who speaks first and asks more"


def test_who_says_their_name_is_them_and_who_is_greeted_by_name_is_the_other() -> None:
    turns = talk(("A", "Hi Dana."), ("B", "Hello, this is Dana."))
    as_rep = guess_rep(turns, names={"Dana Fox": Side.REP})
    as_prospect = guess_rep(turns, names={"Dana Fox": Side.PROSPECT})
    assert as_rep is not None
    assert as_prospect is not None
    assert (as_rep.voice, as_prospect.voice) == ("B", "A")
    greeted = guess_rep(talk(("A", "Good day."), ("B", "Hi, Dana.")), names={"Dana": Side.PROSPECT})
    assert greeted is not None
    assert greeted.voice == "B"


def test_a_name_inside_another_word_is_not_the_name() -> None:
    guess = guess_rep(talk(("A", "Good day."), ("B", "This is Joelle.")), names={"Joe": Side.REP})
    assert guess is not None
    assert guess.voice == "A"


def test_names_with_signs_of_patterns_do_no_harm() -> None:
    assert guess_rep(PLAIN, names={"(Joe [*": Side.REP, "  ": Side.PROSPECT}) is not None


def test_direction_tells_who_picks_up() -> None:
    inbound, outbound = guess_rep(PLAIN, direction="Inbound"), guess_rep(PLAIN, direction="Outbound")
    assert inbound is not None
    assert outbound is not None
    assert (inbound.voice, outbound.voice) == ("A", "B")


def test_who_calls_in_says_why_they_call_and_is_not_the_rep() -> None:
    turns = talk(("A", "Good morning."), ("B", "I am calling about your software."))
    inbound, unknown = guess_rep(turns, direction="Inbound"), guess_rep(turns)
    assert inbound is not None
    assert unknown is not None
    assert (inbound.voice, unknown.voice) == ("A", "B")


def test_typographic_apostrophes_are_apostrophes() -> None:
    guess = guess_rep(talk(("A", "Good day."), ("B", "I’m curious, who else is there?")))
    assert guess is not None
    assert guess.voice == "B"


def test_silence_is_nobodys() -> None:
    assert guess_rep(()) is None


# The seats


def test_two_voices_and_nobody_listed_are_a_guessed_rep_and_prospect() -> None:
    parties = seat_parties([], ["A", "B"], SALES, layout_channels=False, new_id=ids())
    assert seated(parties) == [("rep", "Rep", "B", True), ("prospect", "Prospect", "A", True)]
    assert [party.id for party in parties] == ["new1", "new2"]
    assert [party.name for party in parties] == [None, None]


def test_the_channel_map_decides() -> None:
    listed = [ListedParty("r", "Joe", Side.REP, 0), ListedParty("p", "Dana", Side.PROSPECT, 1)]
    parties = seat_parties(listed, ["A", "B"], SALES, layout_channels=True, new_id=ids())
    assert seated(parties) == [("rep", "Joe", "A", False), ("prospect", "Dana", "B", False)]


def test_a_channel_map_means_nothing_where_everybody_is_in_one_channel() -> None:
    listed = [ListedParty("r", None, Side.REP, 0), ListedParty("p", None, Side.PROSPECT, 1)]
    parties = seat_parties(listed, ["A", "B"], SALES, layout_channels=False, new_id=ids())
    assert seated(parties) == [("rep", "Rep", "B", True), ("prospect", "Prospect", "A", True)]


def test_one_mapped_channel_is_enough_for_both() -> None:
    listed = [ListedParty("p", "Dana", Side.PROSPECT), ListedParty("r", "Joe", Side.REP, 0)]
    parties = seat_parties(listed, ["A", "B"], SALES, layout_channels=True, new_id=ids())
    assert seated(parties) == [("prospect", "Dana", "B", False), ("rep", "Joe", "A", False)]


def test_one_listed_and_mapped_party_makes_the_other_known() -> None:
    parties = seat_parties(
        [ListedParty("r", None, Side.REP, 1)], ["A", "B"], PLAIN, layout_channels=True, new_id=ids()
    )
    assert seated(parties) == [("rep", "Rep", "B", False), ("prospect", "Prospect", "A", False)]


def test_a_listed_name_that_a_voice_gives_as_its_own_decides() -> None:
    listed = [ListedParty("p", "Dana Fox", Side.PROSPECT), ListedParty("r", "Joe Hill", Side.REP)]
    parties = seat_parties(listed, ["A", "B"], SALES, layout_channels=False, new_id=ids())
    assert seated(parties) == [("prospect", "Dana Fox", "A", False), ("rep", "Joe Hill", "B", False)]


def test_of_three_people_two_who_give_their_names_make_the_third_known() -> None:
    turns = talk(("A", "This is Joe."), ("B", "Hi, my name is Dana."), ("C", "Hello."))
    listed = [
        ListedParty("m", "Max", Side.MANAGER),
        ListedParty("p", "Dana", Side.PROSPECT),
        ListedParty("r", "Joe", Side.REP),
    ]
    parties = seat_parties(listed, ["A", "B", "C"], turns, layout_channels=False, new_id=ids())
    assert [(party.voice, party.guessed) for party in parties] == [("C", False), ("B", False), ("A", False)]


def test_one_voice_with_a_name_that_two_people_share_is_only_guessed() -> None:
    listed = [ListedParty("p", "Joe Park", Side.PROSPECT), ListedParty("r", "Joe Hill", Side.REP)]
    turns = talk(("A", "This is Joe."), ("B", "Hello."))
    parties = seat_parties(listed, ["A", "B"], turns, layout_channels=False, new_id=ids())
    assert all(party.guessed for party in parties)


def test_a_name_that_both_voices_give_decides_nothing() -> None:
    turns = talk(("A", "This is Joe."), ("B", "Funny, this is Joe too."))
    listed = [ListedParty("r", "Joe", Side.REP), ListedParty("p", "Dana", Side.PROSPECT)]
    assert all(
        party.guessed
        for party in seat_parties(listed, ["A", "B"], turns, layout_channels=False, new_id=ids())
    )


def test_listed_names_that_nobody_says_are_guessed() -> None:
    listed = [ListedParty("r", "Sam", Side.REP), ListedParty("p", "Kim", Side.PROSPECT)]
    parties = seat_parties(listed, ["A", "B"], SALES, layout_channels=False, new_id=ids())
    assert seated(parties) == [("rep", "Sam", "B", True), ("prospect", "Kim", "A", True)]


def test_a_third_voice_is_other() -> None:
    turns = (*SALES, *talk(("C", "I am only listening.")))
    parties = seat_parties([], ["A", "B", "C"], turns, layout_channels=False, new_id=ids())
    assert seated(parties)[2] == ("other", "Speaker C", "C", True)


def test_the_prospect_is_who_says_most_beside_the_rep() -> None:
    turns = (*talk(("C", "Hi.")), *SALES)
    parties = seat_parties([], ["A", "B", "C"], turns, layout_channels=False, new_id=ids())
    assert {party.voice: party.side for party in parties} == {"A": "prospect", "B": "rep", "C": "other"}


def test_a_listed_prospect_alone_leaves_the_rep_to_be_found() -> None:
    parties = seat_parties(
        [ListedParty("p", "Kim", Side.PROSPECT)], ["A", "B"], SALES, layout_channels=False, new_id=ids()
    )
    assert seated(parties) == [("prospect", "Kim", "A", True), ("rep", "Rep", "B", True)]


def test_everybody_listed_is_there_heard_or_not() -> None:
    listed = [
        ListedParty("r", "Joe", Side.REP),
        ListedParty("p", None, Side.PROSPECT),
        ListedParty("m", None, Side.MANAGER),
    ]
    silent = seat_parties(listed, [], (), layout_channels=False, new_id=ids())
    assert seated(silent) == [
        ("rep", "Joe", None, False),
        ("prospect", "Prospect", None, False),
        ("manager", "Manager", None, False),
    ]
    two = seat_parties(listed, ["A", "B"], SALES, layout_channels=False, new_id=ids())
    assert [party.voice for party in two] == ["B", "A", None]


def test_listed_parties_without_sides_are_not_made_reps() -> None:
    listed = [ListedParty("1", "Kim", Side.OTHER), ListedParty("2", "Sam", Side.OTHER)]
    parties = seat_parties(listed, ["A", "B"], SALES, layout_channels=False, new_id=ids())
    assert {party.side for party in parties} == {Side.OTHER}
    assert {party.voice for party in parties} == {"A", "B"}


def test_what_a_person_confirmed_is_kept_against_everything_else() -> None:
    listed = [ListedParty("r", "Joe", Side.REP, 1), ListedParty("p", "Dana", Side.PROSPECT, 0)]
    parties = seat_parties(
        listed, ["A", "B"], SALES, layout_channels=True, new_id=ids(), confirmed={"A": "r", "B": "p"}
    )
    assert seated(parties) == [("rep", "Joe", "A", False), ("prospect", "Dana", "B", False)]


def test_a_confirmation_of_parties_or_voices_that_are_gone_is_no_harm() -> None:
    parties = seat_parties(
        [], ["A", "B"], SALES, layout_channels=False, new_id=ids(), confirmed={"C": "x", "A": "gone"}
    )
    assert seated(parties) == [("rep", "Rep", "B", True), ("prospect", "Prospect", "A", True)]


def test_labels_are_never_empty_and_tell_people_apart() -> None:
    assert label_for("  ", Side.OTHER, None) == "Speaker"
    assert label_for(" Joe ", Side.REP, "A") == "Joe"
    listed = [ListedParty("1", None, Side.PROSPECT), ListedParty("2", None, Side.PROSPECT)]
    parties = seat_parties(listed, [], (), layout_channels=False, new_id=ids())
    assert [party.label for party in parties] == ["Prospect", "Prospect 2"]


# Voices across runs


def test_a_reruns_voices_get_the_letters_that_they_had() -> None:
    old = talk(("A", "one two three"), ("B", "four five six"))
    new = rename_voices(old, {"A": "B", "B": "A"})
    names = match_voices(old, new)
    assert names == {"B": "A", "A": "B"}
    assert rename_voices(new, names) == old


def test_a_new_voice_gets_a_letter_that_was_never_used() -> None:
    old = talk(("A", "one two three"), ("B", "four five six"))
    new = (*old, Turn("t2", "C", (Word(50.0, 51.0, "seven", 0.9),)))
    moved = rename_voices(new, {"C": "A", "A": "C"})
    assert match_voices(old, moved) == {"C": "A", "B": "B", "A": "C"}


def test_two_new_voices_never_share_an_old_one() -> None:
    old = talk(("A", "one two three four"))
    new = rename_voices(talk(("X", "one two three four")), {})
    split = (Turn("t0", "X", new[0].words[:3]), Turn("t1", "Y", new[0].words[3:]))
    assert match_voices(old, split) == {"X": "A", "Y": "B"}


def test_the_next_voice_after_z_exists() -> None:
    assert unused_voice([chr(n) for n in range(ord("A"), ord("Z") + 1)]) == "A1"

"""How values are written on pages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.web.bodies import readable_size
from app.web.pages.call_values import guess_shown, short_names
from app.web.pages.present import (
    clock,
    day_and_time,
    in_side_order,
    lane,
    percent,
    spoken_length,
    zone_name,
)
from review.model import Party, Side

MOMENT = datetime(2026, 11, 14, 9, 2, tzinfo=UTC)


def party(label: str, side: Side = Side.OTHER, voice: str | None = "A") -> Party:
    return Party(id=f"{side}-{label}", side=side, label=label, voice=voice, guessed=False)


@pytest.mark.parametrize(
    ("seconds", "written", "said"),
    [
        (0.0, "0:00", "0 seconds"),
        (59.99, "0:59", "59 seconds"),
        (61.0, "1:01", "1 minute 1 second"),
        (3725.0, "1:02:05", "1 hour 2 minutes 5 seconds"),
        (None, "–", "length not known yet"),
    ],
)
def test_lengths(seconds: float | None, written: str, said: str) -> None:
    assert clock(seconds) == written
    assert spoken_length(seconds) == said


def test_times_are_in_the_zone_and_the_zone_is_named() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert day_and_time(MOMENT, berlin) == "Sat 14 Nov 2026, 10:02"
    assert zone_name(MOMENT, berlin) == "CET"
    assert zone_name(datetime(2026, 7, 1, tzinfo=UTC), berlin) == "CEST"


def test_a_zone_without_letters_is_named_by_its_place() -> None:
    assert zone_name(MOMENT, ZoneInfo("America/Sao_Paulo")) == "America/Sao Paulo"


def test_sizes() -> None:
    assert [readable_size(n) for n in (0, 999, 1000, 12_345_678, 4_294_967_296)] == [
        "0 bytes",
        "999 bytes",
        "1 kB",
        "12.3 MB",
        "4.3 GB",
    ]


def test_percent_is_100_only_when_done() -> None:
    assert [percent(share) for share in (0.0, 0.999, 1.0, 1.5, -1.0)] == [0, 99, 100, 100, 0]


def test_our_side_comes_first_and_has_the_left() -> None:
    parties = (party("D"), party("P", Side.PROSPECT), party("M", Side.MANAGER), party("R", Side.REP))
    assert [one.label for one in in_side_order(parties)] == ["R", "M", "P", "D"]
    assert [lane(one.side) for one in in_side_order(parties)] == ["left", "left", "right", "right"]


def test_short_names_are_first_names_where_that_tells_people_apart() -> None:
    assert _short("Joe Alder", "Dana Whitlock", "Speaker C") == ["Joe", "Dana", "Speaker C"]
    assert _short("Joe Alder", "Joe Baker", "Rep") == ["Joe Alder", "Joe Baker", "Rep"]
    assert _short("Dr. Ann Lee", "Mrs Ray") == ["Dr. Ann Lee", "Mrs Ray"]


def _short(*labels: str) -> list[str]:
    parties = tuple(party(label) for label in labels)
    return [short_names(parties)[one.id] for one in parties]


def test_there_is_no_guess_to_ask_about_with_one_voice() -> None:
    class Call:
        parties = (Party(id="1", side=Side.REP, label="Rep", voice="A", guessed=True),)

    assert guess_shown(Call(), []) is None  # type: ignore[arg-type]

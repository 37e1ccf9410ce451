"""What the reader of a ready call is told about it."""

import pytest

from app.pipeline.notices import notice
from review.model import Turn
from transcription.model import Word

A = Turn("t0", "A", (Word(0.0, 0.5, "hello", 0.9),))
B = Turn("t1", "B", (Word(1.0, 1.5, "hi", 0.9),))


@pytest.mark.parametrize(
    ("turns", "layout", "breaks_off", "code"),
    [
        ((A, B), "channels", False, None),
        ((A, B), "mixed", True, "breaks_off"),
        ((), "mixed", False, "silence"),
        ((), "channels", True, "silence"),
        ((A,), "mixed", False, "one_voice"),
        ((A,), "channels", False, "one_side"),
    ],
)
def test_the_most_important_thing_gives_the_code(
    turns: tuple[Turn, ...], layout: str, breaks_off: bool, code: str | None
) -> None:
    told = notice(turns, layout=layout, breaks_off=breaks_off)
    assert (told.code if told is not None else None) == code


def test_everything_worth_saying_is_said() -> None:
    told = notice((), layout="mixed", breaks_off=True)
    assert told is not None
    assert "Nobody speaks" in told.message
    assert "breaks off" in told.message

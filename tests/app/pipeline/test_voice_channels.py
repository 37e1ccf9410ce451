"""Which channel a voice is heard on, whatever its letter is by now."""

import pytest

from app.pipeline.attributing import channels_of
from diarization.layout import Layout

SEPARATE = Layout("channels", "one party per channel", 0)


@pytest.mark.parametrize(
    ("heard", "names", "channels"),
    [
        (("A", "B"), {}, {"A": 0, "B": 1}),
        (("A", "B"), {"A": "B", "B": "A"}, {"B": 0, "A": 1}),
        (("A", "B"), {"A": "C", "B": "A"}, {"C": 0, "A": 1}),
        (("A",), {}, {"A": 0, "B": 1}),
        (("A",), {"A": "B"}, {"B": 0}),
        ((), {}, {"A": 0, "B": 1}),
    ],
)
def test_a_voice_keeps_its_channel_under_another_letter(
    heard: tuple[str, ...], names: dict[str, str], channels: dict[str, int]
) -> None:
    assert channels_of(SEPARATE, heard, names) == channels


def test_voices_that_share_a_channel_have_none_of_their_own() -> None:
    assert channels_of(Layout("mixed", "all in one", 0), ("A", "B"), {}) == {}

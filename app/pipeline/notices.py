"""What the reader of a ready call should know about it."""

from collections.abc import Sequence

from app.calls.views import Problem
from review.model import Turn
from review.voices import voices_in

SILENCE = Problem(
    "silence",
    "Nobody speaks in this recording. If you expected a conversation, check that the right file was uploaded "
    "and that the phone system recorded both sides.",
)
ONE_VOICE = Problem(
    "one_voice",
    "Only one voice was found in this recording. If two people talk in it, tell the voices apart again with "
    "the number of speakers given.",
)
ONE_SIDE = Problem(
    "one_side",
    "Only one side of this recording speaks. Check that the phone system recorded both sides.",
)
BREAKS_OFF = Problem(
    "breaks_off",
    "This recording breaks off before its end: the file is incomplete. If the whole call matters, "
    "export it again and upload the new file.",
)
ONE_CHANNEL = Problem(
    "one_channel",
    "The two sides were said to be on separate channels, but this recording has one channel only. "
    "The voices were told apart by their sound.",
)


def notice(
    turns: Sequence[Turn], *, layout: str, breaks_off: bool, wanted_channels: bool = False
) -> Problem | None:
    """Everything worth saying, the most important first and under its code; None when there is nothing."""
    found = []
    voices = voices_in(turns)
    if not voices:
        found.append(SILENCE)
    elif len(voices) == 1:
        found.append(ONE_SIDE if layout == "channels" else ONE_VOICE)
    if breaks_off:
        found.append(BREAKS_OFF)
    if wanted_channels and layout != "channels":
        found.append(ONE_CHANNEL)
    if not found:
        return None
    return Problem(found[0].code, " ".join(one.message for one in found))

"""Whether a recording has one party on each channel, found out from the sound."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diarization.bleed import separation
from diarization.levels import FRAME_RATE, levels, sounding
from diarization.turns import SAMPLE_RATE

SAME_SOUND = 0.9
"""Correlation of the channels, sample for sample, from which they carry one sound. Two parties on two lines
have about 0, a panned mix of both up to this, copies through a lossy codec or with noise more."""
PRE_EMPHASIS = 0.95
"""Each sample less this much of the one before: takes out the hum that two separate lines can share."""
LEAST_SPEECH_SECONDS = 0.3
LEAST_SPEECH_SHARE = 0.005
"""A party is on a channel when it is heard there for this long, and for this share of the other party's time.
Less is a click on a dead line, and the parties are both on the other channel."""
BLOCK = 30 * SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Layout:
    """How the voices lie on the channels.

    "channels": one party per channel. "mixed": the voices have to be told apart by sound, on `mixdown()`.
    `reason` says why, in a sentence for people. `best_channel` is the clearest single channel, from 0.
    """

    kind: Literal["channels", "mixed"]
    reason: str
    best_channel: int


def find_layout(audio: NDArray[np.float32]) -> Layout:
    """The layout of `audio`: shape (1 or 2, samples), in [-1, 1], 16 kHz.

    Only slices `audio[:, a:b]` are read, half a minute at a time. Raises ValueError for other shapes.
    """
    _check_shape(audio)
    if len(audio) == 1:
        return Layout("mixed", "The recording has one channel.", 0)
    level = levels(audio)
    best = _clearest(level)
    seconds = (_seconds(sounding(level[0])), _seconds(sounding(level[1])))
    if max(seconds) < LEAST_SPEECH_SECONDS:
        return Layout("mixed", "Neither channel carries speech.", best)
    silent = _without_party(seconds)
    if silent is not None:
        return Layout("mixed", f"Only the {_side(1 - silent)} channel carries speech.", 1 - silent)
    alike = _correlation(audio)
    if abs(alike) >= SAME_SOUND:
        turned = ", one upside down" if alike < 0 else ""
        return Layout("mixed", f"Both channels carry the same sound{turned}.", best)
    return _layout_by_level(level, best)


def mixdown(audio: NDArray[np.float32], layout: Layout | None = None) -> NDArray[np.float32]:
    """All voices of a "mixed" recording on one channel: shape (samples,).

    The mean of the channels where each has something to add, else the one that has it all (as a view of
    `audio`, not a copy). Channels that are upside down to each other do not cancel out.
    """
    _check_shape(audio)
    if len(audio) == 1:
        return _row(audio, 0)
    dead = _without_party(tuple(_seconds(sounding(row)) for row in levels(audio)))
    if dead is not None:
        return _row(audio, 1 - dead)
    alike = _correlation(audio)
    if abs(alike) >= SAME_SOUND:
        return _row(audio, (layout or find_layout(audio)).best_channel)
    mixed = np.empty(audio.shape[1], dtype=np.float32)
    sign = np.float32(-1.0 if alike < 0 else 1.0)
    for start in range(0, len(mixed), BLOCK):
        left, right = audio[:, start : start + BLOCK]
        mixed[start : start + BLOCK] = (left + sign * right) / 2
    return mixed


def _row(audio: NDArray[np.float32], channel: int) -> NDArray[np.float32]:
    row: NDArray[np.float32] = audio[channel]
    return row


def _layout_by_level(level: NDArray[np.float32], best: int) -> Layout:
    found = separation(level)
    balance = found.balance
    if not balance.apart and (balance.left is None) == (balance.right is None):
        return Layout("mixed", "Everybody is heard on both channels.", best)
    missing = _without_party((_seconds(found.own[0]), _seconds(found.own[1])))
    if not balance.apart or missing is not None:
        heard = 1 - missing if missing is not None else (0 if balance.left is not None else 1)
        return Layout(
            "mixed",
            f"The {_side(1 - heard)} channel carries no voice that the {_side(heard)} one does not.",
            heard,
        )
    return Layout("channels", "Each channel carries a party of its own.", best)


def _without_party(seconds: tuple[float, ...]) -> int | None:
    """The channel that holds too little speech to be a party's, given each one's seconds of it."""
    less = int(np.argmin(seconds))
    needed = max(LEAST_SPEECH_SECONDS, LEAST_SPEECH_SHARE * max(seconds))
    return less if seconds[less] < needed else None


def _clearest(level: NDArray[np.float32]) -> int:
    """The channel whose speech stands highest above the rest of it; the left one when they are equal."""
    contrast = (
        [float(np.percentile(row, 95) - np.percentile(row, 10)) for row in level] if level.size else [0.0]
    )
    loud = [float(np.percentile(row, 95)) for row in level] if level.size else [0.0]
    return int(np.argmax(np.round(np.add(contrast, loud), 1)))


def _correlation(audio: NDArray[np.float32]) -> float:
    """Of two channels, sample for sample, from -1 to 1; 0 when one is silent."""
    powers, product = np.zeros(2), 0.0
    for start in range(0, audio.shape[1], BLOCK):
        block = np.nan_to_num(np.asarray(audio[:, start : start + BLOCK], dtype=np.float32))
        sharp = (block[:, 1:] - np.float32(PRE_EMPHASIS) * block[:, :-1]).astype(np.float64)
        powers += np.sum(sharp**2, axis=1)
        product += float(sharp[0] @ sharp[1])
    whole = float(np.sqrt(powers[0] * powers[1]))
    return product / whole if whole > 0 else 0.0


def _seconds(mask: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(mask)) / FRAME_RATE


def _side(channel: int) -> str:
    return ("left", "right")[channel]


def _check_shape(audio: NDArray[np.float32]) -> None:
    if audio.ndim != 2 or audio.shape[0] not in (1, 2):
        raise ValueError(f"sound has one or two channels, shape (channels, samples), not {audio.shape}")

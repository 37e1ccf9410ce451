"""Whose sound a channel carries: its own party's, or an echo of the other side.

An echo (bleed) is a softer, slightly late copy. So while one side speaks alone, the level difference between
the channels stays near one value, and while the other side speaks alone near another. Sound in a channel is
its own party's only when it is clearly louder than the other side's echo would be. No words are compared.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diarization.levels import FRAME_RATE, highest_lately, smoothed, sounding
from diarization.turns import without_short_gaps, without_short_runs

QUIET_DB = -75.0
"""Levels below this count as this, so that digital silence is not infinitely softer than line noise."""
CLEAR_DB = 25.0
"""A level difference beyond this says no more than that one side is silent."""
COMPARED_FRAMES = 21
"""Levels are compared over 0.21 s: several times the delay of an echo, shorter than the shortest answer."""
ECHO_FRAMES = 8
"""An echo comes up to this late: 80 ms, of which 60 are the way and the rest the room."""
APART_DB = 5.0
"""The two sides' level differences must lie this far apart, or the channels do not tell them apart.
An echo 3 dB down in both channels leaves 6; talkers around one stereo microphone lie closer."""
MARGIN_DB = (4.0, 8.0)
"""Own sound is louder than an echo would be by this; nearer the first where the echo is steady."""
MARGIN_SHARE = 0.42
"""And at most this share of the distance between the sides: just under the half where both sound alike."""
SPREAD = 2.5 * 1.4826
"""Median absolute deviations that make 2.5 standard deviations of a normal distribution."""

LONGEST_PAUSE = round(0.3 * FRAME_RATE)
SHORTEST_SOUND = round(0.12 * FRAME_RATE)
"""Frames: pauses up to 0.3 s are bridged; own sound under 0.12 s is a click or the rest of an echo."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How many dB louder the left channel is while the left (or right) side speaks alone; None: never.

    `left_margin` and `right_margin`: how much less (more) than that it takes to say that both speak.
    """

    left: float | None
    right: float | None
    left_margin: float
    right_margin: float

    @property
    def apart(self) -> bool:
        """Whether the levels tell two sides apart."""
        return self.left is not None and self.right is not None

    @property
    def middle(self) -> float:
        """The difference at which both sides are equally loud."""
        return (self.left + self.right) / 2 if self.left is not None and self.right is not None else 0.0


@dataclass(frozen=True, slots=True)
class Separation:
    """For each 10 ms frame, in which channel its own party is heard.

    `own` has shape (2, frames); both may be True: cross-talk. `left_louder` has shape (frames,).
    """

    own: NDArray[np.bool_]
    left_louder: NDArray[np.bool_]
    balance: Balance


def separation(level: NDArray[np.float32]) -> Separation:
    """Each side's own sound. `level` in dB, shape (2, frames), as `levels()` gives it."""
    active = np.stack([sounding(level[0]), sounding(level[1])])
    heard = [smoothed(np.maximum(row, QUIET_DB), COMPARED_FRAMES) for row in level]
    difference = np.clip(heard[0] - heard[1], -CLEAR_DB, CLEAR_DB)
    balance = _balance(difference[active[0] | active[1]])
    own = active & ~np.stack(
        [
            _echo(heard[0], of=heard[1], below=_negative(balance.right), margin=balance.right_margin),
            _echo(heard[1], of=heard[0], below=balance.left, margin=balance.left_margin),
        ]
    )
    tidied = np.stack([_tidied(own[0]), _tidied(own[1])])
    return Separation(tidied, difference > balance.middle, balance)


def _echo(
    level: NDArray[np.float32], *, of: NDArray[np.float32], below: float | None, margin: float
) -> NDArray[np.bool_]:
    """Where `level` is no louder than the echo `of` the other channel, which lies `below` dB under it."""
    if below is None:
        return np.zeros(len(level), dtype=np.bool_)
    late = highest_lately(of, ECHO_FRAMES)
    echo: NDArray[np.bool_] = late - level > below - margin
    return echo


def _balance(differences: NDArray[np.float32]) -> Balance:
    """The level differences of the two sides speaking alone, from those of all frames with sound."""
    lowest, highest = MARGIN_DB
    if not len(differences):
        return Balance(None, None, lowest, lowest)
    border = _best_border(differences)
    left_part, right_part = differences[differences > border], differences[differences <= border]
    if len(left_part) and len(right_part):
        left, right = float(np.median(left_part)), float(np.median(right_part))
        if left - right >= APART_DB:
            most = min(highest, MARGIN_SHARE * (left - right))
            return Balance(left, right, _margin(left_part, most), _margin(right_part, most))
    everywhere = float(np.median(differences))
    margin = _margin(differences, highest)
    if everywhere >= APART_DB:
        return Balance(everywhere, None, margin, lowest)
    if everywhere <= -APART_DB:
        return Balance(None, everywhere, lowest, margin)
    return Balance(None, None, lowest, lowest)


def _margin(differences: NDArray[np.float32], most: float) -> float:
    spread = SPREAD * float(np.median(np.abs(differences - np.median(differences))))
    return min(max(spread, MARGIN_DB[0]), most)


def _best_border(values: NDArray[np.float32]) -> float:
    """The border that splits `values` into the two tightest groups (Otsu's method, in steps of 0.5 dB)."""
    edges = np.arange(-CLEAR_DB, CLEAR_DB + 0.5, 0.5)
    counts, _ = np.histogram(values, bins=edges)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * centres)
    means_below = sums[:-1] / np.maximum(below, 1)
    means_above = (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    between = below * above * (means_above - means_below) ** 2
    best = np.flatnonzero(between == between.max())
    return float(edges[1:-1][best].mean())


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _tidied(own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return without_short_gaps(without_short_runs(own, SHORTEST_SOUND), LONGEST_PAUSE)

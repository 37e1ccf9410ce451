"""Who spoke when in a recording with one party per channel: by level, without a model."""

import numpy as np
from numpy.typing import NDArray

from diarization import bleed
from diarization.layout import Layout, find_layout, mixdown
from diarization.levels import FRAME_RATE, levels
from diarization.model import Diarization, Option
from diarization.port import Progress
from diarization.turns import (
    SAMPLE_RATE,
    Span,
    clean_exclusive_turns,
    clean_turns,
    runs,
    without_short_gaps,
    without_short_runs,
)

__all__ = ["ChannelDiarizer", "Layout", "find_layout", "mixdown"]

ENGINE = "channels"
MODEL = "level"
METHOD_VERSION = 1
"""Counts up when the method's answers change, so that kept results of the old one are not taken for new."""
LEVELS_SHARE = 0.9
"""Of the time, what measuring the levels takes."""
BRIDGED_PAUSE = bleed.LONGEST_PAUSE / FRAME_RATE
SHORTEST_WIN = round(0.2 * FRAME_RATE)
"""While both speak, the word does not change sides for less than 0.2 s."""


class ChannelDiarizer:
    """The left channel is voice "A", the right one voice "B".

    A loud echo of the other side is left out by its level; real cross-talk is kept as overlapping turns,
    and the louder side has it in `exclusive`.
    """

    def identity(self, *, speakers: int | None = None) -> dict[str, Option]:
        """See `Diarizer.identity`. The number of speakers changes nothing: there is one a channel."""
        return {"engine": ENGINE, "model": MODEL, **_options()}

    def diarize(
        self, audio: NDArray[np.float32], *, speakers: int | None = None, progress: Progress
    ) -> Diarization:
        """See `Diarizer.diarize`. `audio` has shape (2, samples); it is read half a minute at a time."""
        if audio.ndim != 2 or audio.shape[0] != 2:
            raise ValueError(f"one party per channel takes two channels, not shape {audio.shape}")
        progress(0.0)
        level = levels(audio, progress=lambda done: progress(LEVELS_SHARE * done))
        found = bleed.separation(level)
        duration = audio.shape[1] / SAMPLE_RATE
        turns = clean_turns(_spans(found.own), duration=duration, gap=BRIDGED_PAUSE)
        exclusive = clean_exclusive_turns(_spans(_winners(found)), duration=duration, gap=BRIDGED_PAUSE)
        progress(1.0)
        return Diarization(turns, exclusive, ENGINE, MODEL, _options())


def _options() -> dict[str, Option]:
    return {"method_version": METHOD_VERSION, "bridged_pause": BRIDGED_PAUSE}


def _winners(found: bleed.Separation) -> NDArray[np.bool_]:
    """Each side's own sound, with cross-talk given to the louder. Shape (2, frames)."""
    left_louder = without_short_gaps(without_short_runs(found.left_louder, SHORTEST_WIN), SHORTEST_WIN)
    both = found.own[0] & found.own[1]
    return np.stack([found.own[0] & ~(both & ~left_louder), found.own[1] & ~(both & left_louder)])


def _spans(masks: NDArray[np.bool_]) -> list[Span]:
    return [
        (start / FRAME_RATE, end / FRAME_RATE, voice)
        for voice, mask in zip("AB", masks, strict=True)
        for start, end in runs(mask)
    ]

"""A diarizer without a model, for tests of everything around it."""

import time

import numpy as np
from numpy.typing import NDArray

from diarization.model import Diarization, Option
from diarization.port import Progress
from diarization.turns import SAMPLE_RATE, Span, clean_exclusive_turns, runs, voice_letter, without_short_gaps

FRAME = SAMPLE_RATE // 50
LOUD = 0.01
"""Peak above which a frame of 20 ms counts as speech."""
PAUSE_FRAMES = 20
"""Silences longer than this (0.4 s) pass the word to the next voice."""
TICK_SECONDS = 0.05


class FakeDiarizer:
    """Hands each loud stretch to the next voice in turn; the same sound gives the same answer.

    `seconds` is how long it pretends to work, calling `progress` as it goes.
    """

    def __init__(self, *, seconds: float = 0.0) -> None:
        self._seconds = seconds

    def identity(self, *, speakers: int | None = None) -> dict[str, Option]:
        return {"engine": "fake", "model": "alternating", "speakers": speakers}

    def diarize(
        self, audio: NDArray[np.float32], *, speakers: int | None = None, progress: Progress
    ) -> Diarization:
        """See `Diarizer.diarize`. Takes any number of channels."""
        _pretend_to_work(self._seconds, progress)
        loud = without_short_gaps(_loud_frames(audio), PAUSE_FRAMES)
        voices = speakers or 2
        spans: list[Span] = [
            (start * FRAME / SAMPLE_RATE, end * FRAME / SAMPLE_RATE, voice_letter(index % voices))
            for index, (start, end) in enumerate(runs(loud))
        ]
        turns = clean_exclusive_turns(spans, duration=audio.shape[1] / SAMPLE_RATE, gap=0.0)
        progress(1.0)
        return Diarization(turns, turns, "fake", "alternating", {"speakers": speakers})


def _pretend_to_work(seconds: float, progress: Progress) -> None:
    progress(0.0)
    started = time.monotonic()
    while (spent := time.monotonic() - started) < seconds:
        progress(spent / seconds)
        time.sleep(min(TICK_SECONDS, seconds - spent))


def _loud_frames(audio: NDArray[np.float32]) -> NDArray[np.bool_]:
    """For each 20 ms, whether any channel is loud in it. Shape (frames,)."""
    frames = -(-audio.shape[1] // FRAME)
    loud = np.zeros(frames, dtype=np.bool_)
    for frame in range(frames):
        block = audio[:, frame * FRAME : (frame + 1) * FRAME]
        loud[frame] = bool(np.max(np.abs(block), initial=0.0) > LOUD)
    return loud

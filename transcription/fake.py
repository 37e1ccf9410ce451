"""A transcriber without a model, for tests of everything around it: made-up words where the sound is loud."""

import time

import numpy as np
from numpy.typing import NDArray

from transcription.model import Option, Transcript, Word
from transcription.port import Progress

RATE = 16_000
FRAME = 320
"""Samples in which loudness is measured: 20 ms."""
LOUD = 0.01
"""Root mean square from which a frame counts as speech: 40 dB below full scale."""
WORD_FRAMES = 20
"""A word takes 0.4 s of loud sound."""
VOCABULARY = (
    "well",
    "we",
    "like",
    "the",
    "price",
    "but",
    "the",
    "team",
    "needs",
    "a",
    "plan",
    "this",
    "month.",
)
STEPS = 20


class FakeTranscriber:
    """Deterministic: the same sound gives the same words. `seconds` of work are pretended, with progress."""

    def __init__(self, *, seconds: float = 0.0, language: str = "en") -> None:
        self._seconds = seconds
        self._language = language

    def identity(self, *, language: str | None = None) -> dict[str, Option]:
        return {"engine": "fake", "model": "loudness", "language": language}

    def transcribe(
        self, samples: NDArray[np.float32], *, language: str | None = None, progress: Progress
    ) -> Transcript:
        for step in range(STEPS):
            progress(step / STEPS)
            if self._seconds:
                time.sleep(self._seconds / STEPS)
        words = tuple(
            Word(
                start=round(first * FRAME / RATE, 3),
                end=round(last * FRAME / RATE, 3),
                text=VOCABULARY[index % len(VOCABULARY)],
                probability=0.9,
            )
            for index, (first, last) in enumerate(_loud_stretches(samples))
        )
        progress(1.0)
        return Transcript(
            words=words,
            language=(language or self._language) if words else "",
            engine="fake",
            model="loudness",
            options={},
        )


def _loud_stretches(samples: NDArray[np.float32]) -> list[tuple[int, int]]:
    """First and past-the-last frame of each stretch of loud sound, none longer than a word."""
    stretches: list[tuple[int, int]] = []
    begun: int | None = None
    frames = len(samples) // FRAME
    for frame in range(frames):
        block = samples[frame * FRAME : (frame + 1) * FRAME]
        loud = bool(np.dot(block, block) / FRAME >= LOUD * LOUD)
        if begun is not None and (not loud or frame - begun == WORD_FRAMES):
            stretches.append((begun, frame))
            begun = None
        if loud and begun is None:
            begun = frame
    if begun is not None:
        stretches.append((begun, frames))
    return stretches

"""What the rest of the program asks of a transcriber."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from transcription.model import Option, Transcript

Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1, never falling. It may raise to stop the work: let that through."""


class TranscriptionFailed(Exception):
    """The sound could not be transcribed. The message says why and what to do, for a person to read."""


class Transcriber(Protocol):
    """Speech to words, one channel at a time."""

    def identity(self, *, language: str | None = None) -> dict[str, Option]:
        """Engine, model and every option that changes the result, without loading the model.

        Two equal identities on the same recording give the same transcript: results are kept under it.
        """

    def transcribe(
        self, samples: NDArray[np.float32], *, language: str | None = None, progress: Progress
    ) -> Transcript:
        """The words in `samples`: one channel, shape (samples,), in [-1, 1], 16 kHz.

        `language` is an ISO 639-1 code; None detects it. Silence gives no words.
        Raises TranscriptionFailed.
        """

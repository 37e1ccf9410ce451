"""What the rest of the program asks of a diarizer."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from diarization.model import Diarization, Option

Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1, never falling. It may raise to stop the work: let that through."""


class DiarizationFailed(Exception):
    """The voices could not be told apart. The message says why and what to do, for a person to read."""


class Diarizer(Protocol):
    """Sound to who spoke when."""

    def identity(self, *, speakers: int | None = None) -> dict[str, Option]:
        """Engine, model and every option that changes the result, without loading the model."""

    def diarize(
        self, audio: NDArray[np.float32], *, speakers: int | None = None, progress: Progress
    ) -> Diarization:
        """The voices in `audio`: shape (channels, samples), in [-1, 1], 16 kHz.

        `speakers` is how many people there are, when known. Silence gives no turns.
        Raises DiarizationFailed; ValueError when the engine cannot take that many channels.
        """

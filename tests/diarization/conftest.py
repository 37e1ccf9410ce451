"""Demo calls as sound and as truth, and how far turns are from the truth."""

import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import numpy as np
import pytest

from diarization.model import SpeakerTurn

RATE = 16_000
VOICES = {"rep": "A", "prospect": "B"}


@functools.cache
def _decoded(path: Path):
    with av.open(str(path)) as container:
        layout = "mono" if container.streams.audio[0].codec_context.channels == 1 else "stereo"
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=RATE)
        blocks = [block for frame in container.decode(audio=0) for block in resampler.resample(frame)]
    return np.concatenate([block.to_ndarray() for block in [*blocks, *resampler.resample(None)]], axis=1)


@pytest.fixture(scope="session")
def sound(demo: Path) -> Callable[[str], np.ndarray]:
    """The sound of a demo file, shape (channels, samples), 16 kHz; a copy that may be changed."""
    return lambda name: _decoded(demo / name).copy()


@pytest.fixture(scope="session")
def truth(demo: Path) -> Callable[[str], list[SpeakerTurn]]:
    """Who really speaks when in a demo call: the rep is "A", left, and the prospect "B", right."""

    def turns(name: str) -> list[SpeakerTurn]:
        listed = json.loads((demo / f"{name}.json").read_text())["turns"]
        return [SpeakerTurn(turn["start"], turn["end"], VOICES[turn["speaker"]]) for turn in listed]

    return turns


@pytest.fixture(scope="session")
def error_rate() -> Callable[..., float]:
    """Seconds that turns miss or make up, as a share of the true ones, in frames of 10 ms; voices by name."""

    def rate(turns: Iterable[SpeakerTurn], true: Iterable[SpeakerTurn]) -> float:
        found, wanted = _frames(turns), _frames(true)
        return float(np.sum(found != wanted) / np.sum(wanted))

    return rate


@pytest.fixture(scope="session")
def made_up() -> Callable[..., float]:
    """Seconds of a turn where its voice does not speak, as a share of all true seconds."""

    def share(turns: Iterable[SpeakerTurn], true: Iterable[SpeakerTurn]) -> float:
        found, wanted = _frames(turns), _frames(true)
        return float(np.sum(found & ~wanted) / np.sum(wanted))

    return share


def _frames(turns: Iterable[SpeakerTurn]):
    frames = np.zeros((2, 12_000), dtype=bool)
    for turn in turns:
        frames["AB".index(turn.voice), round(turn.start * 100) : round(turn.end * 100)] = True
    return frames


@pytest.fixture(scope="session")
def echoed() -> Callable[..., np.ndarray]:
    """A sound as its echo: `decibels` (below 0) softer and `milliseconds` late."""

    def echo(samples: np.ndarray, decibels: float, milliseconds: float) -> np.ndarray:
        late = np.zeros_like(samples)
        delay = round(milliseconds * RATE / 1000)
        late[delay:] = samples[: len(samples) - delay] * np.float32(10 ** (decibels / 20))
        return late

    return echo


@pytest.fixture(scope="session")
def hiss() -> Callable[..., np.ndarray]:
    """White noise of the given shape at `decibels` of full scale; always the same."""

    def noise(shape: tuple[int, ...], decibels: float) -> np.ndarray:
        made = np.random.default_rng(7).standard_normal(shape) * 10 ** (decibels / 20)
        return made.astype(np.float32)

    return noise


@pytest.fixture(scope="session")
def bursts() -> Callable[..., np.ndarray]:
    """One channel with a 500 Hz tone in the given stretches of seconds, and digital silence elsewhere."""

    def tone(length: float, *stretches: tuple[float, float], decibels: float = -20.0) -> np.ndarray:
        times = np.arange(round(length * RATE)) / RATE
        on = np.zeros(len(times), dtype=bool)
        for start, end in stretches:
            on[round(start * RATE) : round(end * RATE)] = True
        loud = np.sin(2 * np.pi * 500 * times) * np.sqrt(2) * 10 ** (decibels / 20)
        return np.where(on, loud, 0.0).astype(np.float32)

    return tone

"""A worker's hands in the test's own process: real files and database, engines that do as the test says."""

import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from app.bootstrap import Parts, build
from app.calls.metadata import CallMetadata
from app.pipeline.job import Progress, Tools
from app.pipeline.runner import StageRunner
from app.settings import Settings
from diarization.channels import ChannelDiarizer
from diarization.fake import FakeDiarizer
from diarization.model import Diarization
from transcription.fake import FakeTranscriber
from transcription.model import Transcript

RATE = 8000


def recording(path: Path, *channels: Sequence[tuple[float, float]], seconds: float = 6.0) -> bytes:
    """A WAV with a buzz on each channel in the stretches given."""
    rng = np.random.default_rng(1)
    sound = np.zeros((int(seconds * RATE), len(channels)), np.int16)
    for number, stretches in enumerate(channels):
        for start, end in stretches:
            piece = sound[int(start * RATE) : int(end * RATE), number]
            piece[:] = rng.normal(0, 4000, len(piece)).clip(-30000, 30000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    return path.read_bytes()


class Shelf:
    """The fake engines, counted. `meanwhile` is called in the middle of transcribing."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] = lambda: None
        self.transcribed = 0
        self.languages: list[str | None] = []
        self.models: list[str | None] = []
        self.speakers: list[int | None] = []

    def transcriber(self, model: str | None = None) -> Any:
        self.models.append(model)
        return _Transcriber(self, model)

    def channel_diarizer(self) -> ChannelDiarizer:
        return ChannelDiarizer()

    def voice_diarizer(self, model: str | None = None) -> Any:
        return _Diarizer(self)


class _Transcriber(FakeTranscriber):
    def __init__(self, shelf: Shelf, model: str | None) -> None:
        super().__init__()
        self._shelf = shelf
        self._name = model

    def identity(self, *, language: str | None = None) -> dict[str, Any]:
        return {**super().identity(language=language), "model": self._name or "default"}

    def transcribe(self, samples: Any, *, language: str | None = None, progress: Progress) -> Transcript:
        self._shelf.transcribed += 1
        self._shelf.languages.append(language)
        progress(0.4)
        self._shelf.meanwhile()
        progress(0.6)
        return super().transcribe(samples, language=language, progress=progress)


class _Diarizer(FakeDiarizer):
    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self._shelf = shelf

    def diarize(self, audio: Any, *, speakers: int | None = None, progress: Progress) -> Diarization:
        self._shelf.speakers.append(speakers)
        return super().diarize(audio, speakers=speakers, progress=progress)


class Bench:
    """An installation with one worker that the test drives."""

    def __init__(self, parts: Parts, folder: Path) -> None:
        self.parts = parts
        self.calls = parts.calls
        self.shelf = Shelf()
        self.leaving = Event()
        self._folder = folder
        tools = Tools(settings=parts.settings, work=parts.work, media=parts.media, engines=self.shelf)
        self.runner = StageRunner(tools, worker="bench", leaving=self.leaving)

    def upload(self, content: bytes, **metadata: Any) -> str:
        with self.parts.media.receive() as incoming:
            incoming.write(content)
            received = self.calls.receive(
                incoming.finish(), file_name="call.wav", metadata=CallMetadata.model_validate(metadata)
            )
            incoming.keep()
        return received.call.id

    def stereo(self, **metadata: Any) -> str:
        """Left speaks from 0.5 to 2 s, right from 2.5 to 4 s, left again from 4.5 to 5 s."""
        left, right = ((0.5, 2.0), (4.5, 5.0)), ((2.5, 4.0),)
        return self.upload(recording(self._folder / "stereo.wav", left, right), **metadata)

    def mono(self, **metadata: Any) -> str:
        content = recording(self._folder / "mono.wav", ((0.5, 2.0), (2.8, 4.0), (4.8, 5.5)))
        return self.upload(content, **metadata)

    def silence(self) -> str:
        return self.upload(recording(self._folder / "silence.wav", ()))


@pytest.fixture
def bench(tmp_path: Path, database_address: str) -> Iterator[Bench]:
    settings = Settings(data=tmp_path / "data", database_url=database_address, engines="fake")
    parts = build(settings)
    yield Bench(parts, tmp_path)
    parts.close()

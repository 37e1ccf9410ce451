"""One recording through the whole pipeline, in this process, with the real engines."""

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.engines import Diarizers, build_diarizers, build_transcriber
from app.settings import Settings
from app.speech import Request, hear
from diarization.model import Diarization
from diarization.port import Diarizer, Progress
from review.model import Turn
from storage.media.inspect import MediaLimits, decode
from storage.media.pcm import Pcm
from tests.bench.scores import Said, Scores, score, truth_of
from transcription.port import Transcriber


@dataclass(frozen=True, slots=True)
class Summary:
    """What can be said of turns without knowing the truth."""

    turns: int
    words: int
    voices: int
    longest_turn: float
    longest_pause: float
    """Seconds between two words of the same turn, the longest there is."""
    doubtful: int
    """Words that the engine itself gave less than half a chance."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One recording's result. Seconds, MiB."""

    name: str
    duration: float
    layout: str
    scores: Scores
    seconds: dict[str, float]
    summary: Summary
    peak_memory: int
    """Highest resident memory of this process so far."""
    turns: tuple[Turn, ...]

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    @property
    def times_real_time(self) -> float:
        return self.duration / self.total


class Remembering:
    """A diarizer that keeps what it last found, so that who-spoke-when can be scored before attribution."""

    def __init__(self, diarizer: Diarizer) -> None:
        self._diarizer = diarizer
        self.found: Diarization | None = None

    def identity(self, *, speakers=None):
        return self._diarizer.identity(speakers=speakers)

    def diarize(self, audio, *, speakers=None, progress: Progress) -> Diarization:
        self.found = self._diarizer.diarize(audio, speakers=speakers, progress=progress)
        return self.found


@dataclass(frozen=True, slots=True)
class Engines:
    transcriber: Transcriber
    channels: Remembering
    mixed: Remembering


def build_engines(settings: Settings) -> Engines:
    diarizers = build_diarizers(settings)
    return Engines(build_transcriber(settings), Remembering(diarizers.channels), Remembering(diarizers.mixed))


def measure(recording: Path, engines: Engines, request: Request) -> Measured:
    """Raises what the pipeline raises."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bothsides-bench-") as folder:
        facts = decode(recording, Path(folder), limits=MediaLimits(), progress=_ignore)
        decoded = time.perf_counter() - began
        heard = hear(
            Pcm.open(Path(folder) / "sound.pcm"),
            request,
            transcriber=engines.transcriber,
            diarizers=Diarizers(engines.channels, engines.mixed),
            progress=lambda stage, done: None,
        )
    turns = heard.conversation.turns
    used = engines.channels if heard.layout.kind == "channels" else engines.mixed
    return Measured(
        name=recording.name,
        duration=facts.duration,
        layout=heard.layout.kind,
        scores=_scores(recording, turns, used.found),
        seconds={"decode": decoded, **heard.timings},
        summary=summarise(turns),
        peak_memory=peak_memory(),
        turns=turns,
    )


def summarise(turns: Sequence[Turn]) -> Summary:
    words = [word for turn in turns for word in turn.words]
    pauses = [
        after.start - before.end
        for turn in turns
        for before, after in zip(turn.words, turn.words[1:], strict=False)
    ]
    return Summary(
        turns=len(turns),
        words=len(words),
        voices=len({turn.voice for turn in turns}),
        longest_turn=max((turn.end - turn.start for turn in turns), default=0.0),
        longest_pause=max(pauses, default=0.0),
        doubtful=sum(word.probability < 0.5 for word in words),
    )


def peak_memory(who: int = resource.RUSAGE_SELF) -> int:
    """MiB; the kernel counts KiB on Linux and bytes on macOS."""
    return resource.getrusage(who).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _scores(recording: Path, turns: Sequence[Turn], voices: Diarization | None) -> Scores:
    truth = truth_of(recording)
    if truth is None or voices is None:
        return Scores(None, None, None)
    words = sorted((word for turn in turns for word in turn.words), key=lambda word: word.start)
    return score(
        truth,
        [Said(turn.voice, turn.start, turn.end, turn.text) for turn in turns],
        words=" ".join(word.text for word in words),
        voices=[Said(turn.voice, turn.start, turn.end, "") for turn in voices.turns],
    )


def _ignore(done: float) -> None:
    return None

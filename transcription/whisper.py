"""Whisper by way of faster-whisper: the only file that knows it."""

import logging
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from transcription.guards import Segment, believable
from transcription.model import Option, Transcript
from transcription.port import Progress, TranscriptionFailed
from transcription.speech import RATE, Joined, Samples, Span, joined_stretches, windows
from transcription.weights import WHISPER_BASE, WeightsMissing, models_folder, place
from transcription.words import Interval, RawWord, tidy

log = logging.getLogger(__name__)
Result = TypeVar("Result")

BUNDLED = "base"
RULES = 1
"""Counts up when speech.py, words.py or guards.py change what comes out: kept results are not mixed."""
SPEECH = 0.35
"""Speech probability from which the detector takes sound for speech. At its own 0.5 it misses openings after
a digital silence, twice as much speech in all on the demo calls; at 0.2 it takes noise for speech."""
LANGUAGE_SURE = 0.7
"""Probability from which the language is believed without hearing more."""
LANGUAGE_CHUNK = 30 * RATE
LANGUAGE_CHUNKS = 4
"""Half minutes of speech that the language is detected from at most."""
SEED = 1
"""For the sampling that Whisper falls back on, so that the same sound gives the same words."""


class WhisperTranscriber:
    """Loads its model when it is first needed, once; may be used from several threads.

    model         "base" is bundled; any faster-whisper name or hub repository is downloaded once; or a folder
    device        "auto" takes a GPU when CTranslate2 sees one, and the CPU when that GPU does not work
    compute_type  a CTranslate2 type; "auto" is int8 on a CPU, float16 on a GPU
    prompt        names and products that callers say
    cpu_threads   at least 1: faster-whisper takes 0 for 4, whatever the machine has
    folder        where models are kept; None is `models` in the data folder
    """

    def __init__(
        self,
        model: str = BUNDLED,
        *,
        device: str = "auto",
        compute_type: str = "auto",
        beam_size: int = 5,
        prompt: str = "",
        cpu_threads: int = 1,
        hub_token: str = "",
        folder: Path | None = None,
    ) -> None:
        self._name = model
        self._device = device
        self._compute_type = compute_type
        self._beam_size = beam_size
        self._prompt = " ".join(prompt.split())
        self._cpu_threads = max(1, cpu_threads)
        self._hub_token = hub_token
        self._folder = folder or models_folder()
        self._lock = threading.Lock()
        self._loaded: Any = None

    def identity(self, *, language: str | None = None) -> dict[str, Option]:
        return {
            "engine": "faster-whisper",
            "engine_version": version("faster-whisper"),
            "runtime_version": version("ctranslate2"),
            "model": self._name,
            "weights": _fingerprint(self._name),
            "rules": RULES,
            "language": language,
            "device": self._device,
            "compute_type": self._compute_type,
            "beam_size": self._beam_size,
            "prompt": self._prompt,
        }

    def transcribe(self, samples: Samples, *, language: str | None = None, progress: Progress) -> Transcript:
        if samples.ndim != 1:
            raise ValueError(f"One channel is wanted, shape (samples,), not {samples.shape}.")
        words: list[RawWord] = []
        speech: list[Interval] = []
        spoken = language or ""
        progress(0.0)
        for window in windows(samples, _find_speech):
            if window.speech:
                joined = Joined(joined_stretches(window))
                sound = joined.samples(samples)
                spoken = spoken or self._detected_language(sound)
                heard = [Interval(span.start / RATE, span.end / RATE) for span in window.speech]
                segments: list[Segment] = []
                for segment in self._segments(sound, joined, spoken):
                    segments.append(segment)
                    progress(min(segment.words[-1].end * RATE, window.span.end) / len(samples))
                words += believable(segments, heard, prompt=self._prompt)
                speech += heard
            progress(window.span.end / len(samples))
        tidied = tidy(words, speech, duration=len(samples) / RATE)
        return Transcript(
            words=tidied,
            language=spoken if tidied else "",
            engine="faster-whisper",
            model=self._name,
            options=self.identity(language=language) | self._in_use(),
        )

    def _segments(self, sound: Samples, joined: Joined, language: str) -> Iterator[Segment]:
        """What Whisper writes for one window's speech, in the call's times."""
        model = self._model()
        if language not in model.supported_languages:
            raise TranscriptionFailed(
                f"The speech model “{self._name}” does not know the language “{language}”. It knows: "
                f"{', '.join(sorted(model.supported_languages))}. Choose one of these, or none to detect it."
            )
        _seed()
        raw, _ = _run(
            lambda: model.transcribe(
                sound,
                language=language,
                beam_size=self._beam_size,
                hotwords=self._prompt or None,
                word_timestamps=True,
                condition_on_previous_text=False,
            )
        )
        while (segment := _run(lambda: next(raw, None))) is not None:
            words = tuple(
                RawWord(
                    *joined.in_call(float(word.start), float(word.end)), word.word, float(word.probability)
                )
                for word in segment.words or ()
            )
            if words:
                yield Segment(words, segment.avg_logprob, segment.no_speech_prob)

    def _detected_language(self, sound: Samples) -> str:
        """The language of the first speech; more of it is heard for as long as the model is not sure."""
        model = self._model()
        if not model.model.is_multilingual:
            return "en"
        votes: dict[str, float] = {}
        heard = 0
        for start in range(0, min(len(sound), LANGUAGE_CHUNKS * LANGUAGE_CHUNK), LANGUAGE_CHUNK):
            piece = sound[start : start + LANGUAGE_CHUNK]
            for code, probability in _run(model.detect_language, piece)[2]:
                votes[code] = votes.get(code, 0.0) + probability * len(piece)
            heard += len(piece)
            if max(votes.values()) > LANGUAGE_SURE * heard:
                break
        return max(votes, key=lambda code: votes[code])

    def _in_use(self) -> dict[str, Option]:
        """What "auto" came to; nothing while the model was not needed."""
        if self._loaded is None:
            return {}
        return {
            "used_device": str(self._loaded.model.device),
            "used_compute_type": str(self._loaded.model.compute_type),
        }

    def _model(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        import ctranslate2

        if self._device == "cpu" or (self._device == "auto" and not ctranslate2.get_cuda_device_count()):
            return self._load_on("cpu")
        try:
            model = self._load_on("cuda")
            # A GPU whose libraries are missing loads a model well and fails at the first sound.
            model.detect_language(np.zeros(RATE, np.float32)) if model.model.is_multilingual else None
        except (RuntimeError, TranscriptionFailed) as error:
            if self._device == "cuda":
                raise TranscriptionFailed(
                    f"The GPU could not run the speech model: {error}. Check its driver and CUDA libraries, "
                    "or set BOTHSIDES_WHISPER_DEVICE=cpu."
                ) from error
            log.warning("The GPU could not run the speech model; the CPU does it. Reason: %s", error)
            return self._load_on("cpu")
        return model

    def _load_on(self, device: str) -> Any:
        from faster_whisper import WhisperModel

        place_or_name = self._files()
        try:
            return WhisperModel(
                place_or_name,
                device=device,
                compute_type=self._compute_type_on(device),
                cpu_threads=self._cpu_threads,
                download_root=str(self._folder / "hub"),
                use_auth_token=self._hub_token or None,
            )
        except Exception as error:
            raise TranscriptionFailed(
                f"The speech model “{self._name}” could not be loaded: {error} "
                "Set BOTHSIDES_WHISPER_MODEL to “base”, which is bundled, to a name that faster-whisper "
                "knows and can download, or to a folder with a CTranslate2 Whisper model."
            ) from error

    def _compute_type_on(self, device: str) -> str:
        if self._compute_type != "auto":
            return self._compute_type
        import ctranslate2

        wanted = "int8" if device == "cpu" else "float16"
        return wanted if wanted in ctranslate2.get_supported_compute_types(device) else "default"

    def _files(self) -> str:
        if self._name == BUNDLED:
            try:
                return str(place(self._folder / "whisper-base"))
            except WeightsMissing as error:
                raise TranscriptionFailed(str(error)) from error
        if Path(self._name).is_absolute() and not Path(self._name).is_dir():
            raise TranscriptionFailed(
                f"There is no folder {self._name} to load the speech model from. "
                "Check BOTHSIDES_WHISPER_MODEL."
            )
        return self._name


def _find_speech(samples: Samples) -> list[Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(threshold=SPEECH, min_silence_duration_ms=160, speech_pad_ms=60)
    return [Span(found["start"], found["end"]) for found in get_speech_timestamps(samples, options)]


def _run(work: Callable[..., Result], *arguments: Any) -> Result:
    """The engine's own errors in words for people; what a caller's progress raises never passes here."""
    try:
        return work(*arguments)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise TranscriptionFailed(
            f"The speech model failed on this recording: {error}. Try again; if it fails again, "
            "try another model or fewer things at once on this machine."
        ) from error


def _seed() -> None:
    import ctranslate2

    ctranslate2.set_random_seed(SEED)


def _fingerprint(name: str) -> str | None:
    """What tells these weights from others under the same name, where that can be known without the hub."""
    if name == BUNDLED:
        return WHISPER_BASE.files[0].sha256
    weights = Path(name) / "model.bin"
    if not weights.is_file():
        return None
    facts = weights.stat()
    return f"{facts.st_size}-{facts.st_mtime_ns}"

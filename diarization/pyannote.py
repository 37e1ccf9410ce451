"""Who spoke when on one channel, by pyannote.audio.

By default segmentation-3.0 and CAM++ from an installed package; or any pyannote pipeline, such as
pyannote/speaker-diarization-community-1, from the model hub or a local folder.
Torch and pyannote are imported on first use only.
"""

import os
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diarization.model import Diarization, Option
from diarization.port import DiarizationFailed, Progress
from diarization.turns import (
    SAMPLE_RATE,
    Span,
    clean_exclusive_turns,
    clean_turns,
    letters_by_first_speech,
)

ENGINE = "pyannote"
BUNDLED = "bundled"
BUNDLED_NAME = "segmentation-3.0 + CAM++ (zh-en, common advanced)"

METHOD_VERSION = 1
"""Counts up when the bundled pipeline's answers change for a reason that is in no option."""
SHORTEST_SECONDS = 0.1
"""Less sound than this holds no word; the networks are not asked."""


@dataclass(frozen=True, slots=True)
class PyannoteOptions:
    """What changes the bundled pipeline's result."""

    segmentation_step: float = 0.25
    """Windows of 10 s start this part of a window apart. 0.1 is pyannote's own and takes more than twice
    as long; measured on a real 245 s call the error was 0.124 at 0.1, 0.127 at 0.25, 0.134 at 0.5."""
    clustering_method: str = "centroid"
    clustering_threshold: float = 0.7046
    """Cosine distance of two voices, and the two values around it, as speaker-diarization-3.1 has them."""
    min_cluster_size: int = 12
    bridged_pause: float = 0.3
    """Seconds of one voice's pause that stay inside its turn."""
    shortest_word: float = 0.15
    """Seconds: the right to the words does not change hands for less."""


class PyannoteDiarizer:
    """Tells the voices in one channel apart.

    `model` is "bundled", the name of a pipeline on the model hub, or a local folder of one.
    `device` is "auto" (a GPU if there is one), "cpu" or "cuda". `threads` bounds the CPU threads.
    `hub_token` is for gated pipelines on the hub. The models are loaded once, on first use, and kept.
    """

    def __init__(
        self,
        model: str = BUNDLED,
        *,
        device: str = "auto",
        threads: int | None = None,
        hub_token: str | None = None,
        options: PyannoteOptions | None = None,
    ) -> None:
        self._model = model
        self._device = device
        self._threads = threads
        self._hub_token = hub_token or None
        self._options = options or PyannoteOptions()
        self._pipeline: Any = None
        self._one_at_a_time = threading.Lock()

    def identity(self, *, speakers: int | None = None) -> dict[str, Option]:
        """See `Diarizer.identity`."""
        return {"engine": ENGINE, "model": self._model_name(), **self._result_options(speakers)}

    def diarize(
        self, audio: NDArray[np.float32], *, speakers: int | None = None, progress: Progress
    ) -> Diarization:
        """See `Diarizer.diarize`. `audio` has one channel: shape (1, samples)."""
        if audio.ndim != 2 or audio.shape[0] != 1:
            raise ValueError(f"pyannote takes one channel, shape (1, samples), not {audio.shape}")
        duration = audio.shape[1] / SAMPLE_RATE
        progress(0.0)
        if duration < SHORTEST_SECONDS or not np.any(audio):
            progress(1.0)
            return self._diarization([], [], duration, speakers)
        with self._one_at_a_time:
            plain, exclusive = self._run(audio, speakers, progress)
        progress(1.0)
        return self._diarization(plain, exclusive, duration, speakers)

    def _run(
        self, audio: NDArray[np.float32], speakers: int | None, progress: Progress
    ) -> tuple[list[Span], list[Span]]:
        _make_ready()
        import torch

        if self._threads is not None:
            torch.set_num_threads(self._threads)
        if self._pipeline is None:
            self._pipeline = self._load()
        file = {"waveform": torch.from_numpy(audio), "sample_rate": SAMPLE_RATE, "uri": "call"}
        with warnings.catch_warnings():
            # pyannote warns of every recording with fewer voices than were asked for, which is no fault.
            warnings.simplefilter("ignore")
            output = self._pipeline(file, num_speakers=speakers, hook=_ProgressHook(progress))
        plain = getattr(output, "speaker_diarization", output)  # older pipelines return it alone
        return _spans(plain), _spans(getattr(output, "exclusive_speaker_diarization", plain))

    def _load(self) -> Any:
        import torch

        pipeline = self._bundled_pipeline() if self._model == BUNDLED else self._named_pipeline()
        wants_gpu = self._device == "cuda" or (self._device == "auto" and torch.cuda.is_available())
        if wants_gpu and not torch.cuda.is_available():
            raise DiarizationFailed(
                "The voices were to be told apart on a GPU, and there is none that can be used. "
                "Set BOTHSIDES_DIARIZATION_DEVICE to “auto” or “cpu”."
            )
        return pipeline.to(torch.device("cuda" if wants_gpu else "cpu"))

    def _bundled_pipeline(self) -> Any:
        from diarization.campplus import bundled_pipeline

        return bundled_pipeline(
            segmentation_step=self._options.segmentation_step,
            clustering={
                "method": self._options.clustering_method,
                "min_cluster_size": self._options.min_cluster_size,
                "threshold": self._options.clustering_threshold,
            },
        )

    def _named_pipeline(self) -> Any:
        folder = Path(self._model)
        if folder.is_absolute() and not folder.exists():
            raise DiarizationFailed(
                f"There is no folder {folder}. Set BOTHSIDES_DIARIZATION_MODEL to “bundled”, to a folder "
                "with a pyannote pipeline, or to the name of one on the model hub."
            )
        from pyannote.audio import Pipeline

        try:
            pipeline = Pipeline.from_pretrained(self._model, token=self._hub_token)
        except Exception as error:  # the hub's client, YAML, pickle and torch each raise their own
            raise DiarizationFailed(self._not_loaded(str(error))) from error
        if pipeline is None:
            raise DiarizationFailed(self._not_loaded("the hub did not let it be fetched"))
        return pipeline

    def _not_loaded(self, why: str) -> str:
        first_line = next(iter(why.splitlines()), "no reason was given")
        return (
            f"The pyannote pipeline “{self._model}” could not be loaded: {first_line}. "
            "A gated pipeline needs its terms accepted on the model hub and BOTHSIDES_HUB_TOKEN; "
            "a machine without the hub needs a local folder, or “bundled”."
        )

    def _model_name(self) -> str:
        return BUNDLED_NAME if self._model == BUNDLED else self._model

    def _result_options(self, speakers: int | None) -> dict[str, Option]:
        own: dict[str, Option] = asdict(self._options)
        if self._model != BUNDLED:
            own = {name: own[name] for name in ("bridged_pause", "shortest_word")}
        else:
            own["method_version"] = METHOD_VERSION
        return {"speakers": speakers, "pyannote.audio": version("pyannote.audio"), **own}

    def _diarization(
        self, plain: list[Span], exclusive: list[Span], duration: float, speakers: int | None
    ) -> Diarization:
        letters = letters_by_first_speech([*plain, *exclusive])
        pause = self._options.bridged_pause
        return Diarization(
            clean_turns(_relabelled(plain, letters), duration=duration, gap=pause),
            clean_exclusive_turns(
                _relabelled(exclusive, letters),
                duration=duration,
                gap=pause,
                shortest=self._options.shortest_word,
            ),
            ENGINE,
            self._model_name(),
            self._result_options(speakers),
        )


STEPS = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 0.98)}
"""From where to where in the whole each step of pyannote goes: its share of the time, measured on a CPU."""


class _ProgressHook:
    """pyannote's hook to one fraction that never falls. What `progress` raises goes through pyannote."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0.0

    def __call__(self, step: str, artefact: object, **state: Any) -> None:
        total, completed = state.get("total"), state.get("completed")
        if step not in STEPS or not total or completed is None:
            self._progress(self._done)
            return
        begin, end = STEPS[step]
        self._done = max(self._done, begin + (end - begin) * min(float(completed) / float(total), 1.0))
        self._progress(self._done)


def _spans(annotation: Any) -> list[Span]:
    return [
        (float(segment.start), float(segment.end), str(label))
        for segment, _, label in annotation.itertracks(yield_label=True)
    ]


def _relabelled(spans: list[Span], letters: dict[str, str]) -> list[Span]:
    return [(start, end, letters[label]) for start, end, label in spans]


def _make_ready() -> None:
    """Import pyannote.audio quietly, with its telemetry off and without torchaudio's C++ part."""
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    # Threads that wait by spinning starve everybody, themselves included, when the cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if "torchaudio" not in sys.modules:
        sys.modules.setdefault("torchaudio._extension", _torchaudio_extension_stub())
    with warnings.catch_warnings():
        # It warns that it cannot decode files by itself; it is only ever given samples.
        warnings.simplefilter("ignore")
        import pyannote.audio  # noqa: F401


def _torchaudio_extension_stub() -> ModuleType:
    """In place of torchaudio's C++ extension, which needs CUDA's libraries even beside a CPU-only torch.

    Nothing that it does is used here: pyannote takes only Kaldi's features and resampling, both in Python.
    """

    def unchanged(function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    stub: Any = ModuleType("torchaudio._extension")
    stub._IS_TORCHAUDIO_EXT_AVAILABLE = False
    stub._IS_ALIGN_AVAILABLE = False
    stub.fail_if_no_align = unchanged
    return stub  # type: ignore[no-any-return]

"""pyannote's pipeline with bundled models: segmentation-3.0 and, for voices, CAM++.

Import it only from `diarization.pyannote`, which prepares the imports below.
CAM++: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification", Interspeech 2023;
weights and features are 3D-Speaker's: 80 Kaldi log-mel bands, 25 ms windows every 10 ms, mean removed.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pyannote.audio import Model
from pyannote.audio.core.inference import BaseInference
from pyannote.audio.core.plda import PLDA
from pyannote.audio.pipelines.speaker_diarization import SpeakerDiarization
from torchaudio.compliance import kaldi

from diarization.weights import EMBEDDING, EMBEDDING_NETWORK, SEGMENTATION, checked_bytes

SAMPLE_RATE = 16_000
DIMENSION = 192
MEL_BANDS = 80
MIN_FRAMES = 20
"""Fewer frames of 10 ms than this say nothing of a voice."""
MAX_FRAMES = 300
"""Of each window's frames of a voice, no more are looked at: the cost grows with them. 3 s of the 10 s give
the same errors as all of them on the demo calls and on a real call, in 0.6 of the time."""


def bundled_pipeline(*, segmentation_step: float, clustering: Mapping[str, object]) -> SpeakerDiarization:
    """A pipeline ready to be called, on the CPU. Raises DiarizationFailed when a model file is missing."""
    segmentation = Model.from_pretrained(io.BytesIO(checked_bytes(SEGMENTATION)))
    pipeline = _CallDiarization(
        segmentation=segmentation,
        segmentation_step=segmentation_step,
        segmentation_batch_size=8,
        # The constructor insists on a pyannote model here; CAM++ takes its place right after.
        embedding=segmentation,
        embedding_exclude_overlap=True,
        plda=_NoPlda(),
        clustering="AgglomerativeClustering",
    )
    pipeline._embedding = CampPlus()
    pipeline.instantiate({"segmentation": {"min_duration_off": 0.0}, "clustering": dict(clustering)})
    return pipeline


class _NoPlda(PLDA):  # type: ignore[misc]
    """Keeps pyannote from fetching a PLDA, which agglomerative clustering does not use."""

    def __init__(self) -> None:
        pass


class _CallDiarization(SpeakerDiarization):  # type: ignore[misc]
    """pyannote's pipeline, except that a window's features are computed once and not once a voice,
    that no more of a voice is looked at than it takes, and that progress moves with every window."""

    def get_embeddings(
        self,
        file: Mapping[str, Any],
        binary_segmentations: Any,
        exclude_overlap: bool = False,
        hook: Callable[..., None] | None = None,
    ) -> NDArray[np.float32]:
        """The voices, shape (windows, voices in each, DIMENSION); NaN where there is too little of one."""
        masks = np.nan_to_num(binary_segmentations.data).astype(np.bool_)
        windows, _, voices = masks.shape
        vectors = np.full((windows, voices, DIMENSION), np.nan, dtype=np.float32)
        for index, (window, mask) in enumerate(
            zip(self._windows(file, binary_segmentations), masks, strict=True)
        ):
            if mask.any():
                vectors[index] = self._embedding.voices(window, mask, exclude_overlap=exclude_overlap)
            if hook is not None:
                hook("embeddings", None, total=windows, completed=index + 1)
        return vectors

    def _windows(self, file: Mapping[str, Any], segmentations: Any) -> Iterator[torch.Tensor]:
        for segment, _ in segmentations:
            waveform, _ = self._audio.crop(file, segment, mode="pad")
            yield waveform


class CampPlus(BaseInference):  # type: ignore[misc]
    """CAM++ with the facts that pyannote asks of an embedding."""

    sample_rate = SAMPLE_RATE
    dimension = DIMENSION
    metric = "cosine"

    def __init__(self) -> None:
        super().__init__()
        self.device = torch.device("cpu")
        self._network = _network()

    def to(self, device: torch.device) -> "CampPlus":
        self._network.to(device)
        self.device = device
        return self

    def voices(
        self, waveform: torch.Tensor, mask: NDArray[np.bool_], *, exclude_overlap: bool
    ) -> NDArray[np.float32]:
        """The voices in one window, shape (voices, DIMENSION); NaN where there is too little of one.

        `waveform` has shape (1, samples); `mask`, shape (frames, voices), is True where a voice speaks.
        Where a voice speaks alone for long enough, only that is looked at, if `exclude_overlap`.
        """
        vectors = np.full((mask.shape[1], DIMENSION), np.nan, dtype=np.float32)
        with torch.inference_mode():
            features = kaldi.fbank(waveform, num_mel_bins=MEL_BANDS, sample_frequency=SAMPLE_RATE)
            speaking = mask[np.arange(len(features)) * len(mask) // len(features)]
            alone = speaking & (speaking.sum(axis=1, keepdims=True) == 1)
            for voice in range(mask.shape[1]):
                clean = exclude_overlap and np.count_nonzero(alone[:, voice]) >= MIN_FRAMES
                chosen = torch.from_numpy((alone if clean else speaking)[:, voice])
                vectors[voice] = self._vector(_middle(features[chosen]))
        return vectors

    def _vector(self, features: torch.Tensor) -> NDArray[np.float32]:
        if len(features) < MIN_FRAMES:
            return np.full(DIMENSION, np.nan, dtype=np.float32)
        centred = features - features.mean(dim=0, keepdim=True)
        vector: NDArray[np.float32] = self._network(centred[None].to(self.device))[0].cpu().numpy()
        return vector


def _middle(features: torch.Tensor) -> torch.Tensor:
    """At most MAX_FRAMES, from the middle: the ends of a window and of what is said are the least sure."""
    skipped = max(0, len(features) - MAX_FRAMES) // 2
    return features[skipped : skipped + MAX_FRAMES]


def _network() -> torch.nn.Module:
    """CAM++ with its weights, in evaluation mode."""
    module: Any = ModuleType("campplus_network")
    source = compile(checked_bytes(EMBEDDING_NETWORK), EMBEDDING_NETWORK.path, "exec")
    exec(source, module.__dict__)  # noqa: S102 - its SHA-256 was just checked
    network: torch.nn.Module = module.CAMPPlus(feat_dim=MEL_BANDS, embedding_size=DIMENSION)
    weights = torch.load(io.BytesIO(checked_bytes(EMBEDDING)), map_location="cpu", weights_only=True)
    network.load_state_dict(weights)
    return network.eval()

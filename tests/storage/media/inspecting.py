"""Short ways to inspect made files in tests."""

from pathlib import Path

import pytest

from storage.media.inspect import MediaFacts, MediaLimits, MediaRejected, inspect
from storage.media.pcm import Pcm
from tests.storage.media.media_files import riff, tone, write

FILES = ["peaks.bin", "playback.m4a", "sound.pcm"]


def silent(fraction: float) -> None:
    """No interest in progress."""


def inspected(folder: Path, data: bytes, limits: MediaLimits | None = None) -> MediaFacts:
    recording = write(folder / "recording", data)
    return inspect(recording, folder, limits=limits or MediaLimits(), progress=silent)


def rejected(folder: Path, data: bytes, limits: MediaLimits | None = None) -> str:
    """The code; every refusal leaves nothing and has a sentence that tells what to do."""
    with pytest.raises(MediaRejected) as reason:
        inspected(folder, data, limits)
    assert sorted(path.name for path in folder.iterdir()) == ["recording"]
    assert len(reason.value.message) > 60
    assert str(reason.value) == reason.value.message
    assert "{" not in reason.value.message
    return reason.value.code


def heard(folder: Path) -> Pcm:
    return Pcm.open(folder / "sound.pcm")


def long_wav(seconds: int) -> bytes:
    """Something loud in stereo, quickly made: one second of it over and over."""
    second = (tone(1, 8000, 2).T * 32767).astype("<i2").tobytes()
    return riff(second * seconds, tag=1, channels=2, rate=8000, width=2)

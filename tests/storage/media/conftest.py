"""What the tests of media share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.media.inspecting import FILES


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A call's folder; nothing half-made and no child may be left after any test."""
    folder = tmp_path / "call"
    folder.mkdir()
    yield folder
    assert [path.name for path in folder.iterdir() if path.name not in [*FILES, "recording"]] == []
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)

"""What the tests of media share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.media.children import children
from tests.storage.media.inspecting import FILES


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A call's folder; nothing half-made and no child may be left after any test."""
    folder = tmp_path / "call"
    folder.mkdir()
    before = children()
    yield folder
    assert [path.name for path in folder.iterdir() if path.name not in [*FILES, "recording"]] == []
    assert children() <= before

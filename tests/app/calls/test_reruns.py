"""Which stages a re-run asks for, and what each is told."""

import pytest

from app.calls.errors import Invalid
from app.calls.reruns import RerunOptions, stages_to_rerun
from storage.stages import Stage

INSPECT, TRANSCRIBE, DIARIZE, ATTRIBUTE = Stage


@pytest.mark.parametrize(
    ("stage", "options", "asked"),
    [
        (ATTRIBUTE, RerunOptions(), {ATTRIBUTE: {}}),
        (TRANSCRIBE, RerunOptions(model="small"), {TRANSCRIBE: {"model": "small"}}),
        (TRANSCRIBE, RerunOptions(language="de"), {TRANSCRIBE: {"language": "de"}}),
        (DIARIZE, RerunOptions(speakers=3, model="x"), {DIARIZE: {"speakers": 3, "model": "x"}}),
        (DIARIZE, RerunOptions(language="de"), {DIARIZE: {}, TRANSCRIBE: {"language": "de"}}),
        (
            DIARIZE,
            RerunOptions(layout="mixed", speakers=2),
            {
                TRANSCRIBE: {"layout": "mixed"},
                DIARIZE: {"layout": "mixed", "speakers": 2},
                ATTRIBUTE: {"layout": "mixed"},
            },
        ),
    ],
)
def test_options_go_to_the_stages_that_they_concern(
    stage: Stage, options: RerunOptions, asked: dict[Stage, dict[str, object]]
) -> None:
    assert stages_to_rerun(stage, options, channels=2) == asked


@pytest.mark.parametrize(
    ("stage", "options", "where"),
    [
        (ATTRIBUTE, RerunOptions(model="small"), "model"),
        (TRANSCRIBE, RerunOptions(model=""), "model"),
        (TRANSCRIBE, RerunOptions(language="English"), "language"),
        (DIARIZE, RerunOptions(speakers=0), "speakers"),
        (DIARIZE, RerunOptions(speakers=11), "speakers"),
        (DIARIZE, RerunOptions(layout="sideways"), "layout"),
        (DIARIZE, RerunOptions(layout="channels"), "layout"),
    ],
)
def test_what_cannot_be_is_refused_by_name(stage: Stage, options: RerunOptions, where: str) -> None:
    with pytest.raises(Invalid) as refusal:
        stages_to_rerun(stage, options, channels=1)
    assert refusal.value.where == where

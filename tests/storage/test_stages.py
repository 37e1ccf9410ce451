"""The rules of the ledger, without a database."""

from itertools import pairwise

import pytest

from app.calls.views import CallState
from storage.stages import AT_REST, NEEDS, RunState, Stage, call_progress, call_state, can_start, downstream

D, Q, R, W, F, C = (
    RunState.DONE,
    RunState.QUEUED,
    RunState.RUNNING,
    RunState.WAITING,
    RunState.FAILED,
    RunState.CANCELLED,
)


def states(*values: RunState) -> dict[Stage, RunState]:
    return dict(zip(Stage, values, strict=True))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((Q, W, W, W), "received"),
        ((R, W, W, W), "inspecting"),
        ((D, Q, Q, W), "transcribing"),
        ((D, R, Q, W), "transcribing"),
        ((D, Q, R, W), "diarizing"),
        ((D, R, R, W), "transcribing"),
        ((D, D, Q, W), "diarizing"),
        ((D, D, D, Q), "attributing"),
        ((D, D, D, R), "attributing"),
        ((D, D, D, D), "ready"),
        ((F, W, W, W), "failed"),
        ((D, F, R, W), "failed"),
        ((D, C, C, C), "cancelled"),
        ((D, F, C, W), "failed"),
    ],
)
def test_a_call_says_what_its_stages_are_at(values: tuple[RunState, ...], says: str) -> None:
    assert call_state(states(*values)) == says


def test_every_state_that_can_be_said_is_known_to_the_views() -> None:
    known = {state.value for state in CallState}
    assert {
        call_state(states(a, b, c, d)) for a in RunState for b in RunState for c in RunState for d in RunState
    } == known
    assert set(AT_REST) == {state.value for state in CallState if not state.active}


def test_a_stage_starts_when_everything_that_it_needs_is_done() -> None:
    assert can_start(Stage.INSPECT, states(W, W, W, W))
    assert not can_start(Stage.TRANSCRIBE, states(R, W, W, W))
    assert can_start(Stage.DIARIZE, states(D, R, W, W))
    assert not can_start(Stage.ATTRIBUTE, states(D, D, R, W))
    assert can_start(Stage.ATTRIBUTE, states(D, D, D, W))


def test_what_follows_from_a_stage_runs_again_with_it() -> None:
    assert downstream([Stage.INSPECT]) == set(Stage)
    assert downstream([Stage.DIARIZE]) == {Stage.DIARIZE, Stage.ATTRIBUTE}
    assert downstream([Stage.ATTRIBUTE]) == {Stage.ATTRIBUTE}
    assert all(need in list(Stage)[: list(Stage).index(stage)] for stage in Stage for need in NEEDS[stage])


@pytest.mark.parametrize("layout", [None, "channels", "mixed"])
def test_progress_grows_from_nothing_to_one(layout: str | None) -> None:
    nothing = dict.fromkeys(Stage, 0.0)
    half = {**nothing, Stage.TRANSCRIBE: 0.5}
    steps = [
        call_progress(states(Q, W, W, W), nothing, layout=None),
        call_progress(states(D, Q, Q, W), nothing, layout=layout),
        call_progress(states(D, R, Q, W), half, layout=layout),
        call_progress(states(D, D, Q, W), nothing, layout=layout),
        call_progress(states(D, D, D, R), nothing, layout=layout),
        call_progress(states(D, D, D, D), nothing, layout=layout),
    ]
    assert steps[0] == 0.0
    assert steps[-1] == 1.0
    assert all(before < after for before, after in pairwise(steps))


def test_a_call_that_is_not_done_never_shows_all_done() -> None:
    full = dict.fromkeys(Stage, 1.0)
    assert call_progress(states(D, D, D, R), full, layout="mixed") < 1.0

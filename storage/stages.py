"""The rules of the processing ledger: which stage needs which, and what they say of the call. Pure."""

from collections.abc import Collection, Mapping
from enum import StrEnum


class Stage(StrEnum):
    """A piece of work on a call, in the order in which they are shown."""

    INSPECT = "inspect"
    TRANSCRIBE = "transcribe"
    DIARIZE = "diarize"
    ATTRIBUTE = "attribute"


class RunState(StrEnum):
    """Where one stage of one call stands."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


NEEDS: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.INSPECT: (),
    Stage.TRANSCRIBE: (Stage.INSPECT,),
    Stage.DIARIZE: (Stage.INSPECT,),
    Stage.ATTRIBUTE: (Stage.TRANSCRIBE, Stage.DIARIZE),
}

AT_REST = ("ready", "failed", "cancelled")
"""States of a call that nothing works on."""

MAX_CRASHES = 3
"""A stage that took its worker down this many times is set aside."""

_MIXED_SHARE = {Stage.INSPECT: 0.10, Stage.TRANSCRIBE: 0.60, Stage.DIARIZE: 0.25, Stage.ATTRIBUTE: 0.05}
_CHANNELS_SHARE = {Stage.INSPECT: 0.10, Stage.TRANSCRIBE: 0.80, Stage.DIARIZE: 0.05, Stage.ATTRIBUTE: 0.05}
"""Rough shares of the time taken. Inspect's is the same in both: the layout is known only after it."""

_NAME = {
    Stage.INSPECT: "inspecting",
    Stage.TRANSCRIBE: "transcribing",
    Stage.DIARIZE: "diarizing",
    Stage.ATTRIBUTE: "attributing",
}


def downstream(stages: Collection[Stage]) -> frozenset[Stage]:
    """The stages themselves and all that need them: what must run again when these do."""
    found = set(stages)
    for stage in Stage:
        if found.intersection(NEEDS[stage]):
            found.add(stage)
    return frozenset(found)


def can_start(stage: Stage, states: Mapping[Stage, RunState]) -> bool:
    """Whether everything that the stage needs is done."""
    return all(states[needed] is RunState.DONE for needed in NEEDS[stage])


def call_state(states: Mapping[Stage, RunState]) -> str:
    """What the call is doing, for people."""
    found = set(states.values())
    if RunState.FAILED in found:
        return "failed"
    if RunState.CANCELLED in found:
        return "cancelled"
    if found == {RunState.DONE}:
        return "ready"
    running = [stage for stage in Stage if states[stage] is RunState.RUNNING]
    if running:
        return _NAME[running[0]]
    ahead = next(stage for stage in Stage if states[stage] is not RunState.DONE)
    return _NAME[ahead] if ahead is not Stage.INSPECT else "received"


def call_progress(
    states: Mapping[Stage, RunState], progress: Mapping[Stage, float], *, layout: str | None
) -> float:
    """The fraction done over all stages, 0 to 1; exactly 1 when all are done."""
    if set(states.values()) == {RunState.DONE}:
        return 1.0
    share = _CHANNELS_SHARE if layout == "channels" else _MIXED_SHARE
    done = sum(
        share[stage] * (1.0 if state is RunState.DONE else progress[stage]) for stage, state in states.items()
    )
    return min(max(done, 0.0), 0.999)

"""The last stage: words and voices become the conversation, and its voices get their parties."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.pipeline.diarizing import diarization_of
from app.pipeline.job import Job, Outcome, StageFailed, Tools
from app.pipeline.layout import Inspected, inspected
from app.pipeline.notices import notice
from app.pipeline.seating import seat
from app.pipeline.transcribing import main_language, transcripts_of
from app.speech import attribute as make_turns
from diarization.layout import Layout
from diarization.model import Diarization
from review.model import Turn
from review.sides import CHANNEL_VOICES
from review.voices import match_voices, rename_voices, unused_voice, voices_in
from storage.results import StageResult, result_key
from storage.stages import Stage
from storage.tables import CallRow
from storage.unit_of_work import Unit
from transcription.model import Transcript

RULES = 1
"""Counts up when review/ makes other turns of the same words and voices."""


@dataclass(frozen=True, slots=True)
class _Material:
    found: Inspected
    transcripts: tuple[Transcript, ...]
    diarization: Diarization
    old_turns: tuple[Turn, ...]
    spoken_for: frozenset[str]
    """Voices that people's work is anchored to without the machine having heard them."""


def attribute(job: Job, tools: Tools) -> Outcome:
    """Raises StageFailed."""
    material = _material(job, tools)
    layout = material.found.wanted(job.requested_layout)
    job.progress(0.2)
    turns = make_turns(layout, material.transcripts, material.diarization)
    job.progress(0.6)
    names = _voice_names(material, turns)
    heard = voices_in(turns)
    turns = rename_voices(turns, names)
    job.progress(0.9)
    told = notice(
        turns,
        layout=layout.kind,
        breaks_off=material.found.breaks_off,
        wanted_channels=job.requested_layout == "channels",
    )
    inputs = {
        name: job.results[stage] for name, stage in (("words", Stage.TRANSCRIBE), ("voices", Stage.DIARIZE))
    }

    def save(unit: Unit, call: CallRow, at: datetime) -> None:
        unit.transcripts.replace_turns(call.id, turns)
        seat(unit, call, turns, layout=layout.kind, names=names)
        call.layout = layout.kind
        call.voice_channels = channels_of(layout, heard, names)
        call.language = main_language(material.transcripts)
        call.notice_code = told.code if told is not None else None
        call.notice = told.message if told is not None else None

    return Outcome(result_key(job.sha256, Stage.ATTRIBUTE, {"rules": RULES, **inputs}), save)


def channels_of(layout: Layout, heard: Collection[str], names: Mapping[str, str]) -> dict[str, int]:
    """Which channel each voice is on, by the names that the voices have now.

    `heard` are the voices that say something, by the names that the channels gave them. A silent channel
    keeps its own letter, unless that went to a voice that is heard.
    """
    if layout.kind != "channels":
        return {}
    on = {voice: channel for channel, voice in enumerate(CHANNEL_VOICES) if voice not in heard}
    return on | {names.get(voice, voice): CHANNEL_VOICES.index(voice) for voice in heard}


def _material(job: Job, tools: Tools) -> _Material:
    found = inspected(job, tools)
    with tools.work.read() as unit:
        words = _result(unit, job, Stage.TRANSCRIBE)
        voices = _result(unit, job, Stage.DIARIZE)
        old_turns = unit.transcripts.turns(job.call_id)
        moved_to = unit.transcripts.voices_moved_to(job.call_id)
        seated = {party.voice for party in unit.calls.parties(job.call_id) if party.voice is not None}
    return _Material(
        found=found,
        transcripts=transcripts_of(words),
        diarization=diarization_of(voices),
        old_turns=old_turns,
        spoken_for=frozenset(moved_to | seated),
    )


def _result(unit: Unit, job: Job, stage: Stage) -> StageResult:
    found = unit.results.find(job.results.get(stage, ""))
    if found is None:
        raise StageFailed(f"{stage}_again", f"A result is gone. Run “{stage}” again on this call.")
    return found


def _voice_names(material: _Material, turns: Sequence[Turn]) -> dict[str, str]:
    """What to call each new voice so that people's work still fits: the old voice that it is."""
    if not material.old_turns and not material.spoken_for:
        return {}
    names = match_voices(material.old_turns, turns)
    old = {turn.voice for turn in material.old_turns}
    for voice, name in names.items():
        if name not in old and name in material.spoken_for:
            names[voice] = unused_voice({*old, *material.spoken_for, *names.values()})
    return names

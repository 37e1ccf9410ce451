"""Who spoke when: by channel where each party has one, by voice where they share one."""

from datetime import datetime
from typing import Any

from app.pipeline.job import Job, Outcome, StageFailed, Tools, part
from app.pipeline.layout import heard_on, inspected
from app.pipeline.sound import open_sound
from app.speech import diarize_sound, speakers_wanted
from diarization.layout import Layout
from diarization.model import Diarization, SpeakerTurn
from diarization.port import DiarizationFailed, Diarizer
from storage.results import StageResult, result_key
from storage.stages import Stage
from storage.tables import CallRow
from storage.unit_of_work import Unit

OPENING = 0.05
"""Share of the stage for getting the sound ready."""


def diarize(job: Job, tools: Tools) -> Outcome:
    """Raises StageFailed."""
    layout = inspected(job, tools).wanted(job.requested_layout)
    engine = _engine(job, tools, layout)
    asked = job.options.get("speakers") or job.requested_speakers
    speakers = speakers_wanted(asked, job.listed_parties)
    identity = {"layout": heard_on(layout), **engine.identity(speakers=speakers)}
    with tools.work.read() as unit:
        kept = unit.results.find(result_key(job.sha256, Stage.DIARIZE, identity))
    if kept is not None:
        return _outcome(kept)
    sound = open_sound(job, tools, part(job.progress, 0.0, OPENING))
    try:
        found = diarize_sound(
            sound,
            layout,
            engine,
            speakers=speakers,
            progress=part(job.progress, OPENING, 1.0),
            check=job.check,
        )
    except DiarizationFailed as failure:
        raise StageFailed("diarization_failed", str(failure)) from failure
    return _outcome(StageResult(job.sha256, Stage.DIARIZE, identity, _plain(found)))


def diarization_of(result: StageResult) -> Diarization:
    plain = result.payload
    turns = {name: tuple(SpeakerTurn(*turn) for turn in plain[name]) for name in ("turns", "exclusive")}
    return Diarization(**{**plain, **turns})


def _engine(job: Job, tools: Tools, layout: Layout) -> Diarizer:
    if layout.kind == "channels":
        return tools.engines.channel_diarizer()
    return tools.engines.voice_diarizer(job.options.get("model"))


def _plain(found: Diarization) -> dict[str, Any]:
    def rows(turns: tuple[SpeakerTurn, ...]) -> list[list[Any]]:
        return [[turn.start, turn.end, turn.voice] for turn in turns]

    return {
        "turns": rows(found.turns),
        "exclusive": rows(found.exclusive),
        "engine": found.engine,
        "model": found.model,
        "options": dict(found.options),
    }


def _outcome(result: StageResult) -> Outcome:
    def save(unit: Unit, call: CallRow, at: datetime) -> None:
        unit.results.keep(result, at=at)

    return Outcome(result.key, save)

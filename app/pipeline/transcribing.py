"""Speech to words: each party's channel by itself, or all voices in one."""

from datetime import datetime
from typing import Any

from app.pipeline.job import Job, Outcome, StageFailed, Tools, part
from app.pipeline.layout import heard_on, inspected
from app.pipeline.sound import open_sound
from app.speech import transcribe_sound
from storage.results import StageResult, result_key
from storage.stages import Stage
from storage.tables import CallRow
from storage.unit_of_work import Unit
from transcription.model import Transcript, Word
from transcription.port import TranscriptionFailed

OPENING = 0.05
"""Share of the stage for getting the sound ready."""


def transcribe(job: Job, tools: Tools) -> Outcome:
    """Raises StageFailed."""
    layout = inspected(job, tools).wanted(job.requested_layout)
    engine = tools.engines.transcriber(job.options.get("model"))
    language = job.options.get("language") or job.requested_language or tools.settings.language or None
    identity = {"layout": heard_on(layout), **engine.identity(language=language)}
    with tools.work.read() as unit:
        kept = unit.results.find(result_key(job.sha256, Stage.TRANSCRIBE, identity))
    if kept is not None:
        return _outcome(kept)
    sound = open_sound(job, tools, part(job.progress, 0.0, OPENING))
    try:
        transcripts = transcribe_sound(
            sound,
            layout,
            engine,
            language=language,
            progress=part(job.progress, OPENING, 1.0),
            check=job.check,
        )
    except TranscriptionFailed as failure:
        raise StageFailed("transcription_failed", str(failure)) from failure
    payload = [_plain(transcript) for transcript in transcripts]
    return _outcome(StageResult(job.sha256, Stage.TRANSCRIBE, identity, payload))


def transcripts_of(result: StageResult) -> tuple[Transcript, ...]:
    """What the stage made: one transcript a channel, or one for all voices."""
    return tuple(
        Transcript(**{**plain, "words": tuple(Word(*word) for word in plain["words"])})
        for plain in result.payload
    )


def main_language(transcripts: tuple[Transcript, ...]) -> str | None:
    """The language that most words are in; None when nobody speaks."""
    fullest = max(transcripts, key=lambda transcript: len(transcript.words))
    return fullest.language or None


def _plain(transcript: Transcript) -> dict[str, Any]:
    words = [[word.start, word.end, word.text, word.probability] for word in transcript.words]
    return {
        "words": words,
        "language": transcript.language,
        "engine": transcript.engine,
        "model": transcript.model,
        "options": dict(transcript.options),
    }


def _outcome(result: StageResult) -> Outcome:
    def save(unit: Unit, call: CallRow, at: datetime) -> None:
        unit.results.keep(result, at=at)

    return Outcome(result.key, save)

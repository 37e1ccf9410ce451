"""Speech to words: each party's channel by itself, or all voices in one."""

from datetime import datetime
from typing import Any

from app.pipeline.job import Job, Outcome, StageFailed, Tools, part
from app.pipeline.layout import inspected
from app.pipeline.sound import loudest, open_sound, sliced
from diarization.layout import Layout, mixdown
from storage.media.pcm import Pcm
from storage.results import StageResult, result_key
from storage.stages import Stage
from storage.tables import CallRow
from storage.unit_of_work import Unit
from transcription.model import Transcript, Word
from transcription.port import Transcriber, TranscriptionFailed

OPENING = 0.05
"""Share of the stage for getting the sound ready."""


def transcribe(job: Job, tools: Tools) -> Outcome:
    """Raises StageFailed."""
    layout = inspected(job, tools).wanted(job.requested_layout)
    engine = tools.engines.transcriber(job.options.get("model"))
    language = job.options.get("language") or job.requested_language or tools.settings.language or None
    identity = {"layout": _heard_on(layout), **engine.identity(language=language)}
    with tools.work.read() as unit:
        kept = unit.results.find(result_key(job.sha256, Stage.TRANSCRIBE, identity))
    if kept is not None:
        return _outcome(kept)
    sound = open_sound(job, tools, part(job.progress, 0.0, OPENING))
    try:
        transcripts = _transcripts(job, sound, layout, engine, language)
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


def _heard_on(layout: Layout) -> str:
    return "channels" if layout.kind == "channels" else f"mixed, clearest channel {layout.best_channel}"


def _transcripts(
    job: Job, sound: Pcm, layout: Layout, engine: Transcriber, language: str | None
) -> list[Transcript]:
    progress = part(job.progress, OPENING, 1.0)
    if layout.kind == "mixed":
        samples = mixdown(sliced(sound, job.check), layout)
        return [engine.transcribe(samples, language=language, progress=progress)]
    # Both sides of a call speak one language: the side that says little is better off with the other's.
    first = loudest(sound, (0, 1))
    one = engine.transcribe(sound.channel(first), language=language, progress=part(progress, 0.0, 0.5))
    other = engine.transcribe(
        sound.channel(1 - first), language=language or one.language or None, progress=part(progress, 0.5, 1.0)
    )
    return [one, other] if first == 0 else [other, one]


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

"""The first stage: what the recording is, its playback copy, its peaks, and how the two sides lie in it."""

from datetime import datetime

from app.pipeline.job import Job, Outcome, Tools, part
from app.pipeline.layout import Inspected
from app.pipeline.sound import media_limits, refusals_as_failures
from app.sound import sliced
from diarization.layout import find_layout
from storage.media.inspect import MediaFacts, inspect
from storage.media.pcm import Pcm
from storage.results import StageResult
from storage.stages import Stage
from storage.tables import CallRow
from storage.unit_of_work import Unit

IDENTITY = {"engine": "both-sides", "model": "inspect", "version": 1}
"""The version counts up when what is kept changes its meaning."""


def inspect_recording(job: Job, tools: Tools) -> Outcome:
    """Raises StageFailed."""
    with refusals_as_failures():
        facts = inspect(
            tools.media.recording(job.call_id),
            tools.media.folder(job.call_id),
            limits=media_limits(tools.settings),
            progress=part(job.progress, 0.0, 0.9),
        )
    sound = Pcm.open(tools.media.pcm(job.call_id))
    found = Inspected(
        layout=find_layout(sliced(sound, job.check)), channels=sound.channels, breaks_off=facts.breaks_off
    )
    job.progress(1.0)
    result = StageResult(job.sha256, Stage.INSPECT, IDENTITY, found.payload())

    def save(unit: Unit, call: CallRow, at: datetime) -> None:
        unit.results.keep(result, at=at)
        _note_facts(unit, call, facts)
        if call.ready_at is None:
            # A conversation that can be read keeps the layout that it was made by until there is a new one.
            call.layout = found.wanted(job.requested_layout).kind

    return Outcome(result.key, save)


def _note_facts(unit: Unit, call: CallRow, facts: MediaFacts) -> None:
    recording = unit.calls.recording(call.id)
    recording.container = facts.container
    recording.codec = facts.codec
    recording.sample_rate = facts.sample_rate
    recording.channels = facts.channels
    recording.duration = facts.duration

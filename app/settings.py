"""Every setting, with its meaning. Read from the environment as BOTHSIDES_<NAME>."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

GIB = 1024**3


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


class Settings(BaseSettings):
    """What can be set. Each field's description is what `bothsides settings` prints."""

    model_config = SettingsConfigDict(env_prefix="BOTHSIDES_", frozen=True, extra="forbid")

    data: Annotated[
        Path, Field(description="Folder that everything lives in: recordings, database, queue.")
    ] = Path("data")
    database_url: Annotated[
        str, Field(description="SQLAlchemy address of the database; empty is SQLite in the data folder.")
    ] = ""
    queue_url: Annotated[
        str,
        Field(description="Job queue: empty is SQLite in the data folder; or postgresql://… or redis://…"),
    ] = ""
    host: Annotated[
        str,
        Field(description="Address to listen on. Loopback only, until accounts exist."),
    ] = "127.0.0.1"
    port: Annotated[int, Field(description="Port of the web server.", ge=1, le=65535)] = 8000
    demo: Annotated[bool, Field(description="Put the three demo calls into an empty installation.")] = True
    time_zone: Annotated[str, Field(description="IANA name of the time zone that times are shown in.")] = (
        "UTC"
    )

    max_upload_bytes: Annotated[
        int, Field(description="Largest recording that is taken, in bytes.", ge=1)
    ] = 4 * GIB
    min_free_bytes: Annotated[
        int, Field(description="Uploads are refused when less than this would stay free on the disk.", ge=0)
    ] = GIB // 2
    max_duration_seconds: Annotated[
        float, Field(description="Longest recording that is processed, in seconds.", gt=0)
    ] = 6 * 3600.0

    whisper_model: Annotated[
        str,
        Field(description="Whisper model: “base” is bundled; or another name, or a folder."),
    ] = "base"
    whisper_device: Annotated[
        Literal["auto", "cpu", "cuda"],
        Field(description="Where Whisper runs; auto: a GPU if there is one."),
    ] = "auto"
    whisper_compute_type: Annotated[
        str, Field(description="CTranslate2 compute type; auto is int8 on a CPU, float16 on a GPU.")
    ] = "auto"
    whisper_beam_size: Annotated[int, Field(description="Beam width of the search.", ge=1, le=20)] = 5
    whisper_prompt: Annotated[
        str, Field(description="Names and products that callers say, to help Whisper spell them.")
    ] = ""
    language: Annotated[
        str, Field(description="ISO 639-1 language of the calls; empty detects it on each.")
    ] = ""
    cpu_threads: Annotated[int, Field(description="Threads that the speech models may use.", ge=1)] = Field(
        default_factory=_cores
    )
    diarization_model: Annotated[
        str,
        Field(
            description="“bundled”, or a pyannote pipeline such as "
            "pyannote/speaker-diarization-community-1, or a local folder of one."
        ),
    ] = "bundled"
    diarization_device: Annotated[
        Literal["auto", "cpu", "cuda"],
        Field(description="Where pyannote runs; auto: a GPU if there is one."),
    ] = "auto"
    hub_token: Annotated[
        str, Field(description="Model hub token, for gated models only. Never printed.", repr=False)
    ] = ""
    engines: Annotated[
        Literal["real", "fake"], Field(description="fake puts canned speech engines in, for fast tests only.")
    ] = "real"

    fake_seconds: Annotated[
        float, Field(description="How long each stage dawdles with fake engines, for tests only.", ge=0)
    ] = 0.0

    worker_lease_seconds: Annotated[
        float, Field(description="A job whose worker is silent for this long is given to another.", gt=0)
    ] = 30.0
    worker_heartbeat_seconds: Annotated[
        float, Field(description="How often a worker says that it is alive.", gt=0)
    ] = 10.0
    worker_sweep_seconds: Annotated[
        float, Field(description="How often silent workers' jobs are looked for.", gt=0)
    ] = 10.0

    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'bothsides.db'}"

    def queue(self) -> str:
        """The queue's address in force."""
        return self.queue_url or f"sqlite:///{self.data.resolve() / 'queue.db'}"


def load_settings() -> Settings:
    """The settings of this process. Ends the program with a plain message when one is wrong."""
    try:
        return Settings()
    except ValidationError as wrong:
        lines = [
            f"  BOTHSIDES_{str(error['loc'][0]).upper()}={error['input']!r}: {error['msg']}"
            for error in wrong.errors()
        ]
        sys.exit(
            "Some settings are wrong:\n" + "\n".join(lines) + "\n`bothsides settings` lists what can be set."
        )

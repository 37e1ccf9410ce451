"""Running stages again with other options: which ones, and what each is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.calls.errors import Invalid
from storage.stages import Stage

MAX_SPEAKERS = 10
MAX_MODEL = 300
LAID_OUT = (Stage.TRANSCRIBE, Stage.DIARIZE, Stage.ATTRIBUTE)
"""The stages that work by the layout."""


@dataclass(frozen=True, slots=True)
class RerunOptions:
    """What to do differently this time; None leaves it as it is by settings and upload."""

    model: str | None = None
    """Of the stage that is run again: a Whisper model for transcribe, a pyannote pipeline for diarize."""
    language: str | None = None
    speakers: int | None = None
    layout: str | None = None
    """ "channels" or "mixed"."""


def stages_to_rerun(
    stage: Stage, options: RerunOptions, *, channels: int | None
) -> Mapping[Stage, Mapping[str, Any]]:
    """The stages to ask for, each with its own options. `channels` is how many the recording has.

    A new layout concerns every stage after inspecting. Raises Invalid for what cannot be.
    """
    _check(stage, options, channels)
    asked: dict[Stage, dict[str, Any]] = {stage: {}}
    if options.layout is not None:
        asked |= {other: {"layout": options.layout} for other in LAID_OUT}
    if options.model is not None:
        asked[stage]["model"] = options.model
    if options.language is not None:
        asked.setdefault(Stage.TRANSCRIBE, {})["language"] = options.language
    if options.speakers is not None:
        asked.setdefault(Stage.DIARIZE, {})["speakers"] = options.speakers
    return asked


def _check(stage: Stage, options: RerunOptions, channels: int | None) -> None:
    if options.model is not None and stage not in (Stage.TRANSCRIBE, Stage.DIARIZE):
        raise Invalid(
            "no_model", "Only transcribing and telling voices apart take a model to choose.", where="model"
        )
    if options.model is not None and not 0 < len(options.model) <= MAX_MODEL:
        raise Invalid("model", f"A model's name has 1 to {MAX_MODEL} letters.", where="model")
    if options.language is not None and re.fullmatch(r"[a-z]{2,3}", options.language) is None:
        raise Invalid(
            "language", "Give the language as a code of two letters, such as “en”.", where="language"
        )
    if options.speakers is not None and not 1 <= options.speakers <= MAX_SPEAKERS:
        raise Invalid("speakers", f"Give a number of speakers from 1 to {MAX_SPEAKERS}.", where="speakers")
    if options.layout not in (None, "channels", "mixed"):
        raise Invalid("layout", "The layout is “channels” or “mixed”.", where="layout")
    if options.layout == "channels" and channels == 1:
        raise Invalid(
            "one_channel",
            "This recording has one channel only, so both sides are mixed in it. Choose “mixed”.",
            where="layout",
        )

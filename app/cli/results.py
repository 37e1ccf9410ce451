"""What `bothsides transcribe` makes of a recording: the text, where it goes, and what is said about it."""

import json
import os
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.cli.inputs import one_line
from app.speech import Heard, Request
from review import exports
from review.times import format_clock


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    SRT = "srt"
    VTT = "vtt"


SUFFIXES = {Format.TEXT: ".txt", Format.JSON: ".json", Format.SRT: ".srt", Format.VTT: ".vtt"}


@dataclass(frozen=True, slots=True)
class Done:
    """A recording's conversation, ready to be written down."""

    heard: Heard
    duration: float
    timings: dict[str, float]
    breaks_off: bool


def render(done: Done, format: Format) -> str:
    """The conversation in the format asked for, ending in a line break unless empty."""
    conversation = done.heard.conversation
    writers: dict[Format, Callable[[], str]] = {
        Format.TEXT: lambda: exports.to_text(conversation),
        Format.SRT: lambda: exports.to_srt(conversation),
        Format.VTT: lambda: exports.to_vtt(conversation),
        Format.JSON: lambda: _json(done),
    }
    return writers[format]()


def _json(done: Done) -> str:
    value = exports.to_dict(
        done.heard.conversation, duration=done.duration, engines=done.heard.engines, timings=done.timings
    )
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def refuse_taken(target: Path, sources: Collection[Path], *, overwrite: bool) -> None:
    if target.resolve() in sources:
        raise FileExistsError(
            f"its result would replace the recording {one_line(target)}; give another --out."
        )
    if target.exists() and not overwrite:
        raise FileExistsError(f"{one_line(target)} is there already; give another --out, or --overwrite.")


def write(target: Path, text: str) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def print_out(text: str, heading: str | None) -> None:
    sys.stdout.write(f"== {heading}\n{text}\n" if heading else text)
    sys.stdout.flush()


def notes(done: Done, request: Request) -> Iterator[str]:
    """What a reader should know of a result that is not quite what was asked for."""
    if done.breaks_off:
        yield "the recording breaks off, so the end of the call is missing."
    if any(party.channel is not None for party in request.listed) and done.heard.layout.kind == "mixed":
        yield f"--rep-channel was of no use. {done.heard.layout.reason} The rep was guessed."


def outcome(done: Done, target: Path | None) -> str:
    seconds = done.timings["total"]
    speed = f"{done.duration / max(seconds, 0.001):.1f} times real time"
    where = f", in {one_line(target)}" if target else ""
    turns = len(done.heard.conversation.turns)
    said = f"{turns} turn{'s' if turns != 1 else ''}" if turns else "nobody speaks"
    return f"{said} in {format_clock(done.duration)}, {speed}{where}"

"""`bothsides transcribe`: recordings to conversations, without a database."""

import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.inputs import find_inputs, one_line, plan_outputs
from app.cli.reporting import Report, reporting
from app.cli.results import SUFFIXES, Done, Format, notes, outcome, print_out, refuse_taken, render, write
from app.engines import Diarizers, build_diarizers, build_transcriber
from app.settings import Settings, load_settings
from app.speech import Request, hear
from diarization.port import DiarizationFailed
from review.model import Side
from review.sides import ListedParty
from storage.media.inspect import InspectionBroke, MediaLimits, MediaRejected, decode
from storage.media.pcm import NotPcm, Pcm
from storage.media.refusals import StorageRefused
from transcription.port import Transcriber, TranscriptionFailed

KNOWN_FAILURES = (
    MediaRejected,
    InspectionBroke,
    NotPcm,
    StorageRefused,
    TranscriptionFailed,
    DiarizationFailed,
    OSError,
)
STOPPED = 130
"""The exit status of a program that Ctrl-C ended, as shells have it."""


class Channel(StrEnum):
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Engines:
    """What does the listening; models are loaded for the first recording and kept for the next."""

    transcriber: Transcriber
    diarizers: Diarizers


def transcribe(  # noqa: PLR0917 - the command line's own arguments
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Recordings, or folders of them (with those below).")
    ],
    speakers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10,
            help="How many people speak, where all are in one channel. [default: 2]",
            show_default=False,
        ),
    ] = None,
    rep_channel: Annotated[
        Channel | None, typer.Option(help="The channel that the rep is on; guessed when left out.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="XX", help="ISO 639-1 code of the language; detected when left out.")
    ] = None,
    format: Annotated[Format, typer.Option(help="What to write.")] = Format.TEXT,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the results, one file a recording.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that are there.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what went wrong.")] = False,
) -> None:
    """Write down who said what in recordings of calls.

    The conversation goes to standard output, or with --out to a file each. Ends with 1 when a recording
    failed (the others are done all the same), with 2 when the command makes no sense.
    """
    if language is not None and not re.fullmatch(r"[a-z]{2,3}", language):
        raise typer.BadParameter(
            f"“{language}” is no language code; give two letters such as “en”.", param_hint="--language"
        )
    if out is not None and out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{one_line(out)} is a file; give a folder.", param_hint="--out")
    inputs = find_inputs(files)
    if out is None and len(inputs.recordings) > 1 and format is not Format.TEXT:
        raise typer.BadParameter(
            "several recordings as json, srt or vtt need a folder: --out DIR.", param_hint="--format"
        )
    settings = load_settings()
    request = Request(
        language=language or settings.language or None, speakers=speakers, listed=listed_parties(rep_channel)
    )
    targets = plan_outputs(inputs.recordings, out, SUFFIXES[format]) if out else None
    with _stopped_by_signals(), reporting(quiet=quiet) as report:
        for problem in inputs.problems:
            report.problem(problem)
        failed = _transcribe_all(
            inputs.recordings, targets, request, settings, format, overwrite=overwrite, report=report
        )
    if failed or inputs.problems:
        raise typer.Exit(1)


def listed_parties(rep_channel: Channel | None) -> tuple[ListedParty, ...]:
    """The two sides as the command line gives them; nobody when it does not."""
    if rep_channel is None:
        return ()
    rep = 0 if rep_channel is Channel.LEFT else 1
    return (
        ListedParty("rep", None, Side.REP, channel=rep),
        ListedParty("prospect", None, Side.PROSPECT, channel=1 - rep),
    )


def _transcribe_all(
    recordings: Sequence[Path],
    targets: Sequence[Path] | None,
    request: Request,
    settings: Settings,
    format: Format,
    *,
    overwrite: bool,
    report: Report,
) -> int:
    """How many failed. Each failure is one line; the others go on."""
    engines = Engines(build_transcriber(settings), build_diarizers(settings))
    sources = {recording.resolve() for recording in recordings}
    failed = 0
    for at, recording in enumerate(recordings):
        target = targets[at] if targets else None
        name = one_line(recording)
        report.begin(name)
        try:
            if target is not None:
                refuse_taken(target, sources, overwrite=overwrite)
            done = _transcribe_one(recording, request, settings, engines, report)
            shown = render(done, format)
            if target is None:
                print_out(shown, heading=name if len(recordings) > 1 else None)
            else:
                write(target, shown)
        except KNOWN_FAILURES as why:
            failed += 1
            report.problem(f"{name}: {_reason(why)}")
            report.end(None)
        else:
            for note in notes(done, request):
                report.problem(f"{name}: {note}")
            report.end(outcome(done, target))
    return failed


def _transcribe_one(
    recording: Path, request: Request, settings: Settings, engines: Engines, report: Report
) -> Done:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bothsides-") as folder:
        facts = decode(
            recording,
            Path(folder),
            limits=MediaLimits(max_duration=settings.max_duration_seconds),
            progress=lambda done: report.stage("decode", done),
        )
        decoded = time.perf_counter() - began
        heard = hear(
            Pcm.open(Path(folder) / "sound.pcm"),
            request,
            transcriber=engines.transcriber,
            diarizers=engines.diarizers,
            progress=report.stage,
        )
    timings = {"decode": decoded, **heard.timings, "total": time.perf_counter() - began}
    return Done(heard, facts.duration, timings, facts.breaks_off)


def _reason(why: BaseException) -> str:
    """One line for a person."""
    if isinstance(why, OSError) and why.strerror:
        return f"{why.strerror}."
    return " ".join(str(why).split()) or type(why).__name__


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Ctrl-C and a polite kill end the command with everything cleaned up and one line, not a trace."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)  # noqa: T201
        raise typer.Exit(STOPPED) from None
    finally:
        signal.signal(signal.SIGTERM, before)

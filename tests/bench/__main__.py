"""Accuracy and speed of the whole pipeline: `python -m tests.bench [FILE or FOLDER …] [--json OUT]`.

Without arguments, the demo calls against the baseline; ends with 1 when one is worse than that allows.
Files of one's own are added: with NAME.json beside NAME.ogg (the shape of app/demo/*.json) they are scored,
without, only timed and summarised. Anything else that runs on the machine shows in the times.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.settings import load_settings
from app.speech import Request
from storage.media.inspect import MediaLimits, MediaRejected, decode
from tests.bench.baseline import ALLOWED, BASELINE, within, worse_than_allowed
from tests.bench.measure import Engines, Measured, build_engines, measure, peak_memory

DEMO = Path(__file__).resolve().parents[2] / "app" / "demo"
STAGES = ("decode", "transcribe", "diarize", "attribute")
SOUND = {".wav", ".ogg", ".opus", ".mp3", ".m4a", ".mp4", ".mov", ".mkv", ".webm", ".flac", ".amr"}


def main() -> int:
    arguments = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 150)
    recordings = [] if arguments.no_demo else [DEMO / name for name in BASELINE]
    recordings += _sound_in(arguments.recordings)
    settings = load_settings()
    engines = build_engines(settings)
    request = Request(language=arguments.language, speakers=arguments.speakers)
    decoder = _decoder_memory()
    _load_models(engines, request)
    results: list[Measured] = []
    for recording in recordings:
        try:
            results.append(measure(recording, engines, request))
        except MediaRejected as refused:
            console.print(f"{recording.name}: {refused}", style="yellow", markup=False)
        else:
            console.print(f"{recording.name}: {results[-1].total:.1f} s", style="dim", markup=False)
            if arguments.show_turns:
                _print_turns(console, results[-1])
    failed = {result.name: worse_than_allowed(result.name, result.scores) for result in results}
    console.print(_accuracy(results, failed))
    console.print(_speed(results))
    console.print(_turns(results))
    console.print(
        f"Peak memory: {peak_memory()} MiB here, at most {decoder} MiB in the process that decodes. "
        f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(_plain(results, failed, decoder), indent=1))
    return 1 if any(failed.values()) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("recordings", nargs="*", type=Path, help="more recordings, or folders of them")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything measured here as well")
    parser.add_argument("--no-demo", action="store_true", help="leave the demo calls out")
    parser.add_argument("--show-turns", action="store_true", help="print the conversations")
    parser.add_argument("--speakers", type=int, help="how many people speak; two unless said")
    parser.add_argument("--language", help="ISO 639-1 code; detected unless said")
    return parser.parse_args()


def _sound_in(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [file for file in inside if file == path or file.suffix.lower() in SOUND]
    return found


def _decoder_memory() -> int:
    """MiB. Asked for before models are loaded: the kernel counts a child as large as what started it."""
    with tempfile.TemporaryDirectory(prefix="bothsides-bench-") as folder:
        recording = DEMO / "missed-discovery.ogg"
        decode(recording, Path(folder), limits=MediaLimits(), progress=lambda done: None)
    return peak_memory(resource.RUSAGE_CHILDREN)


def _load_models(engines: Engines, request: Request) -> None:
    """So that the first call's times are not those of loading."""
    measure(DEMO / "caved-on-discount.mono.ogg", engines, request)


def _accuracy(results: Sequence[Measured], failed: dict[str, list[str]]) -> Table:
    table = Table(
        title=f"Accuracy (baseline in brackets, {ALLOWED:.2f} worse is allowed)", title_justify="left"
    )
    for heading in ("call", "sound", "cpWER", "WER", "DER", ""):
        table.add_column(heading)
    for result in results:
        baseline = BASELINE.get(result.name)
        cells = []
        for measured in ("cpwer", "wer", "der"):
            reached = getattr(result.scores, measured)
            goal = getattr(baseline, measured) if baseline else None
            style = "" if within(reached, goal) else "[red]"
            cells.append(style + _rate(reached) + (f" ({_rate(goal)})" if goal is not None else ""))
        verdict = "" if baseline is None else "[red]FAIL" if failed[result.name] else "[green]PASS"
        table.add_row(result.name, result.layout, *cells, verdict)
    return table


def _speed(results: Sequence[Measured]) -> Table:
    table = Table(title="Speed (seconds; peak is the process's highest memory so far)", title_justify="left")
    for heading in ("call", "length", *STAGES, "total", "times real time", "peak MiB"):
        table.add_column(heading, justify="left" if heading == "call" else "right")
    for result in results:
        table.add_row(
            result.name,
            f"{result.duration:.0f}",
            *(f"{result.seconds[stage]:.2f}" for stage in STAGES),
            f"{result.total:.1f}",
            f"{result.times_real_time:.1f}",
            str(result.peak_memory),
        )
    return table


def _turns(results: Sequence[Measured]) -> Table:
    table = Table(title="Turns (seconds)", title_justify="left")
    for heading in (
        "call",
        "turns",
        "voices",
        "words",
        "longest turn",
        "longest pause in one",
        "doubtful words",
    ):
        table.add_column(heading, justify="left" if heading == "call" else "right")
    for result in results:
        facts = result.summary
        table.add_row(
            result.name,
            str(facts.turns),
            str(facts.voices),
            str(facts.words),
            f"{facts.longest_turn:.1f}",
            f"{facts.longest_pause:.2f}",
            str(facts.doubtful),
        )
    return table


def _print_turns(console: Console, result: Measured) -> None:
    for turn in result.turns:
        console.print(f"{turn.start:7.2f}-{turn.end:7.2f} {turn.voice}: {turn.text}", markup=False)


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _plain(results: Sequence[Measured], failed: dict[str, list[str]], decoder: int) -> dict[str, object]:
    return {
        "machine": {
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "python": platform.python_version(),
            "system": platform.platform(),
        },
        "peak_memory_mib": {"process": peak_memory(), "decoder_at_most": decoder},
        "calls": [
            {
                "name": result.name,
                "duration": result.duration,
                "layout": result.layout,
                "scores": asdict(result.scores),
                "baseline": asdict(BASELINE[result.name]) if result.name in BASELINE else None,
                "worse_than_allowed": failed[result.name],
                "seconds": result.seconds,
                "times_real_time": result.times_real_time,
                "peak_memory_mib": result.peak_memory,
                "summary": asdict(result.summary),
            }
            for result in results
        ],
    }


if __name__ == "__main__":
    sys.exit(main())

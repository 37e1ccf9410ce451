"""What a long command says while it works: bars on a terminal, lines elsewhere, nothing when told so."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

STAGES = {
    "decode": "opening",
    "transcribe": "words",
    "diarize": "voices",
    "attribute": "turns",
}


class Report(Protocol):
    """Told about each file in turn: what begins, how far it is, how it ended."""

    def begin(self, name: str) -> None: ...
    def stage(self, stage: str, done: float) -> None: ...
    def end(self, outcome: str | None) -> None:
        """The file is finished; `outcome` says how, None when it failed and that was said already."""

    def problem(self, line: str) -> None:
        """Something went wrong: said even when quiet."""


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Report]:
    """The report that fits where standard error goes."""
    if quiet:
        yield _Quiet()
    elif sys.stderr.isatty():
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        # Rich would send standard output to where the bars are, past a file or a pipe that waits for it.
        with Progress(*columns, console=console, redirect_stdout=sys.stdout.isatty()) as progress:
            yield _Bars(progress)
    else:
        yield _Lines()


class _Quiet:
    def begin(self, name: str) -> None:
        pass

    def stage(self, stage: str, done: float) -> None:
        pass

    def end(self, outcome: str | None) -> None:
        pass

    def problem(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201


class _Lines(_Quiet):
    """A line when a stage begins and one at the end: readable in a log."""

    def __init__(self) -> None:
        self._name = ""
        self._stage = ""

    def begin(self, name: str) -> None:
        self._name, self._stage = name, ""

    def stage(self, stage: str, done: float) -> None:
        if stage != self._stage:
            self._stage = stage
            self.problem(f"{self._name}: {STAGES[stage]}")

    def end(self, outcome: str | None) -> None:
        if outcome:
            self.problem(f"{self._name}: {outcome}")


class _Bars:
    """A bar for the file at work, one quarter a stage; a line for each that is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._name = ""
        self._task = TaskID(0)

    def begin(self, name: str) -> None:
        self._name = name
        self._task = self._progress.add_task(name, total=len(STAGES))

    def stage(self, stage: str, done: float) -> None:
        completed = list(STAGES).index(stage) + done
        self._progress.update(self._task, completed=completed, description=f"{self._name}: {STAGES[stage]}")

    def end(self, outcome: str | None) -> None:
        self._progress.remove_task(self._task)
        if outcome:
            self.problem(f"{self._name}: {outcome}")

    def problem(self, line: str) -> None:
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

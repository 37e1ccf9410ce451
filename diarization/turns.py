"""Stretches of speech to clean turns: merged, inside the recording, in order, and lettered."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from diarization.model import SpeakerTurn

SAMPLE_RATE = 16_000
"""Samples a second of all audio between the stages."""

TOUCHING = 0.02
"""Seconds between turns that follow on each other: about one frame of the segmentation network."""

Span = tuple[float, float, str]
"""Start and end in seconds, and whose it is."""


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches of True in `mask`, shape (n,), as half-open index ranges."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def without_short_gaps(mask: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    """`mask` with every gap of at most `frames` between two stretches filled."""
    filled = mask.copy()
    spans = runs(mask)
    for (_, gap_start), (gap_end, _) in pairwise(spans):
        if gap_end - gap_start <= frames:
            filled[gap_start:gap_end] = True
    return filled


def without_short_runs(mask: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    """`mask` without the stretches that are shorter than `frames`."""
    kept = mask.copy()
    for start, end in runs(mask):
        if end - start < frames:
            kept[start:end] = False
    return kept


def voice_letter(index: int) -> str:
    """ "A" for 0, "B" for 1, …, "Z", then "AA", "AB", …."""
    head, tail = divmod(index, 26)
    return (voice_letter(head - 1) if head else "") + chr(ord("A") + tail)


def letters_by_first_speech(spans: Iterable[Span]) -> dict[str, str]:
    """For each label, the letter that says in which order the voices are first heard."""
    order = dict.fromkeys(label for _, _, label in sorted(spans))
    return {label: voice_letter(index) for index, label in enumerate(order)}


def clean_turns(spans: Iterable[Span], *, duration: float, gap: float) -> tuple[SpeakerTurn, ...]:
    """Turns that may overlap. Pauses of one voice up to `gap` seconds are part of its turn."""
    by_voice = sorted(spans, key=lambda span: (span[2], span[0]))
    merged = (
        turn
        for _, voice_spans in groupby(by_voice, key=lambda span: span[2])
        for turn in _merged(voice_spans, gap)
    )
    return _tidy(merged, duration)


def clean_exclusive_turns(
    spans: Iterable[Span], *, duration: float, gap: float, shortest: float = 0.0
) -> tuple[SpeakerTurn, ...]:
    """Turns of which no two overlap. A pause is only bridged when nobody else speaks in it.

    What is under `shortest` seconds and touches another voice's turn becomes part of that: where two voices
    meet, the word does not flicker between them.
    """
    ordered: list[Span] = []
    for start, end, voice in sorted(spans):
        begin = max(start, ordered[-1][1]) if ordered else start
        if begin < end:
            ordered.append((begin, end, voice))
    return _tidy(_merged(_without_flicker(ordered, shortest), gap), duration)


def _without_flicker(spans: list[Span], shortest: float) -> list[Span]:
    steady = list(_merged(spans, TOUCHING))
    while flickers := [
        (_length(span), index, neighbour)
        for index, span in enumerate(steady)
        if _length(span) < shortest and (neighbour := _longest_touching(steady, index)) is not None
    ]:
        _, index, neighbour = min(flickers)
        start, end, _ = steady[index]
        steady[index] = (start, end, steady[neighbour][2])
        steady = list(_merged(steady, TOUCHING))
    return steady


def _longest_touching(spans: list[Span], index: int) -> int | None:
    start, end, _ = spans[index]
    touching = [
        neighbour
        for neighbour, gap in (
            (index - 1, start - spans[index - 1][1] if index else np.inf),
            (index + 1, spans[index + 1][0] - end if index + 1 < len(spans) else np.inf),
        )
        if gap <= TOUCHING
    ]
    return max(touching, key=lambda neighbour: _length(spans[neighbour]), default=None)


def _length(span: Span) -> float:
    return span[1] - span[0]


def _merged(spans: Iterable[Span], gap: float) -> Iterator[Span]:
    """Neighbours of the same voice joined; `spans` in order of start."""
    current: Span | None = None
    for start, end, voice in spans:
        if current is not None and voice == current[2] and start - current[1] <= gap:
            current = (current[0], max(current[1], end), voice)
            continue
        if current is not None:
            yield current
        current = (start, end, voice)
    if current is not None:
        yield current


def _tidy(spans: Iterable[Span], duration: float) -> tuple[SpeakerTurn, ...]:
    """Times to the millisecond, inside the recording, in order of start; what became empty is left out."""
    last = int(duration * 1000) / 1000
    turns = (
        SpeakerTurn(round(max(start, 0.0), 3), round(min(end, last), 3), voice) for start, end, voice in spans
    )
    return tuple(
        sorted(
            (turn for turn in turns if turn.start < turn.end),
            key=lambda turn: (turn.start, turn.end, turn.voice),
        )
    )

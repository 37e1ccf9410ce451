"""Where there is speech, and how it is handed to the engine: in windows, with the long silences taken out.

A window bounds the memory that a long call needs; taking silence out keeps the engine from writing into it.
All positions are samples of the channel, 16 kHz.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
BLOCK = 300 * RATE
"""A window is at most five minutes: about 450 MB while its spectrum is computed."""
TAIL = 60 * RATE
"""Where in a full block the cut to the next one is looked for: its last minute."""
JOIN_GAP = 2 * RATE
"""Silence up to 2 s stays as it is (faster-whisper's own choice); a longer one is taken out."""
PAD = RATE * 4 // 10
"""Sound kept before and after a stretch of speech: 0.4 s (faster-whisper's own choice)."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of samples, `start < end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """Some minutes of a channel and the speech in them."""

    span: Span
    speech: tuple[Span, ...]


SpeechFinder = Callable[[Samples], Sequence[Span]]
"""Where there is speech in some samples, in order, not overlapping."""


def windows(
    samples: Samples, find_speech: SpeechFinder, *, block: int = BLOCK, tail: int = TAIL
) -> Iterator[Window]:
    """The channel in windows of at most `block` samples, each cut in the longest silence of its last part."""
    start = 0
    while start < len(samples):
        end = min(start + block, len(samples))
        found = [
            Span(span.start + start, min(span.end + start, end)) for span in find_speech(samples[start:end])
        ]
        if end < len(samples):
            end = quietest_cut(found, Span(end - tail, end))
        speech = tuple(Span(span.start, min(span.end, end)) for span in found if span.start < end)
        yield Window(Span(start, end), speech)
        start = end


def quietest_cut(speech: Sequence[Span], within: Span) -> int:
    """The middle of the longest silence in `within`; its end where somebody speaks all the time."""
    edges = [within.start]
    for span in speech:
        if span.end > within.start and span.start < within.end:
            edges += [max(span.start, within.start), min(span.end, within.end)]
    edges.append(within.end)
    silences = [(end - start, start) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    length, start = max(silences)
    return start + length // 2 if length > 0 else within.end


def joined_stretches(window: Window, *, gap: int = JOIN_GAP, pad: int = PAD) -> tuple[Span, ...]:
    """What is kept of a window: its speech with some sound around it, silences longer than `gap` left out."""
    merged: list[Span] = []
    for span in window.speech:
        if merged and span.start - merged[-1].end <= gap:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    padded: list[Span] = []
    for span in merged:
        first = padded[-1].end if padded else window.span.start
        padded.append(Span(max(first, span.start - pad), min(span.end + pad, window.span.end)))
    return tuple(padded)


@dataclass(frozen=True, slots=True)
class Joined:
    """Stretches of a channel put one after the other, and the way back to the channel's own times."""

    stretches: tuple[Span, ...]

    def samples(self, channel: Samples) -> Samples:
        pieces = [channel[span.start : span.end] for span in self.stretches]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def in_call(self, start: float, end: float) -> tuple[float, float]:
        """Seconds in the joined sound to seconds in the call, both ends inside the stretch of the middle.

        The engine knows nothing of the joins: a word that it lets run over one belongs to one side of it.
        """
        middle = (start + end) / 2 * RATE
        before = 0
        for span in self.stretches:
            if middle < before + span.length or span is self.stretches[-1]:
                break
            before += span.length
        shift = (span.start - before) / RATE
        low, high = span.start / RATE, span.end / RATE
        return min(max(start + shift, low), high), min(max(end + shift, low), high)

"""Lookups in one voice's stretches of speech."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from diarization.model import SpeakerTurn

FAR = float("inf")


class Spans:
    """A set of stretches in seconds, merged where they touch, made for many lookups."""

    def __init__(self, spans: Iterable[tuple[float, float]]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def overlap(self, start: float, end: float) -> float:
        """Seconds of [start, end] inside the stretches."""
        first, past = bisect_right(self._ends, start), bisect_left(self._starts, end)
        return sum(min(end, self._ends[i]) - max(start, self._starts[i]) for i in range(first, past))

    def distance(self, start: float, end: float) -> float:
        """Seconds between [start, end] and the nearest stretch: 0 where they meet, infinite without any."""
        at = bisect_left(self._ends, start)
        if at < len(self._starts) and self._starts[at] <= end:
            return 0.0
        after = self._starts[at] - end if at < len(self._starts) else FAR
        before = start - self._ends[at - 1] if at else FAR
        return min(before, after)

    def longest_within(self, start: float, end: float) -> tuple[float, float] | None:
        """The longest piece of a stretch inside [start, end]; the first of equals; None without any."""
        first, past = bisect_right(self._ends, start), bisect_left(self._starts, end)
        pieces = [(max(start, self._starts[i]), min(end, self._ends[i])) for i in range(first, past)]
        return max(pieces, key=lambda piece: piece[1] - piece[0], default=None)


def spans_by_voice(turns: Sequence[SpeakerTurn]) -> dict[str, Spans]:
    """Each voice's stretches, voices in order of name."""
    return {
        voice: Spans((turn.start, turn.end) for turn in turns if turn.voice == voice)
        for voice in sorted({turn.voice for turn in turns})
    }

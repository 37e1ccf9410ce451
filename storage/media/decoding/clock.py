"""The times written in a file against the sound that came out of it."""

SLACK = 0.1
"""Seconds that a frame may be off before it counts. WebM's times are rounded to 1 ms, and recorders' clocks
run some 100 ppm off; a tenth of a second is below what a listener or a word's place would show."""

LONGEST_GAP = 30 * 60.0
"""Seconds. A longer hole is a wrong time in the file, not a caller on hold."""


class Clock:
    """Where on the recording's own clock the next sample lies. Seconds from its first sample."""

    def __init__(self) -> None:
        self.position = 0.0
        self._origin: float | None = None

    def gap_before(self, time: float | None) -> float:
        """Silence to put before a frame that the file says begins at `time`, so that later words stay.

        A time that runs backwards, or jumps further than anybody holds the line, starts the clock anew.
        """
        if time is None:
            return 0.0
        if self._origin is None:
            self._origin = time - self.position
        gap = time - self._origin - self.position
        if SLACK < gap <= LONGEST_GAP:
            return gap
        if abs(gap) > SLACK:
            self._origin = time - self.position
        return 0.0

    def advance(self, seconds: float) -> None:
        self.position += seconds

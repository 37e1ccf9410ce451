"""How much one inspection may use."""

from dataclasses import dataclass

PCM_RATE = 16_000
"""Samples a second of sound.pcm: what Whisper and pyannote are trained on."""

PCM_SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What a recording, and the child process that opens it, may use."""

    max_duration: float = 6 * 3600.0
    """Seconds of sound. Longer ones are refused."""
    min_duration: float = 0.5
    """Seconds of sound. In less than half a second nobody says a word to review: the shortest greetings
    ("hi", "yes?") take about as long, so shorter files are slips of a finger or cut-off transfers."""
    wall_seconds: float = 3600.0
    """Ten times what six hours of stereo take on a slow machine."""
    stall_seconds: float = 60.0
    """Without a sign of life from the child for this long, it hangs."""
    cpu_seconds: int = 3600
    memory_bytes: int = 1024**3
    """Address space. The child's normal use is a third of it, whatever the length of the call."""

    @property
    def largest_file_bytes(self) -> int:
        """sound.pcm at the longest duration is the largest file of the three; with room for a last block."""
        return int((self.max_duration + 60) * PCM_RATE * PCM_SAMPLE_BYTES * 2) + 1024**2

"""How the two sides lie in the recording, as found by inspection and as people want it."""

from dataclasses import dataclass
from typing import Any, Literal

from app.pipeline.job import Job, StageFailed, Tools
from diarization.layout import Layout
from storage.stages import Stage

Kind = Literal["channels", "mixed"]


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the inspection kept for the stages after it."""

    layout: Layout
    """As found in the sound."""
    channels: int
    """Of the decoded sound: 1 or 2."""
    breaks_off: bool

    def payload(self) -> dict[str, Any]:
        return {
            "layout": self.layout.kind,
            "reason": self.layout.reason,
            "best_channel": self.layout.best_channel,
            "channels": self.channels,
            "breaks_off": self.breaks_off,
        }

    def wanted(self, requested: str | None) -> Layout:
        """The layout to work by: what people asked for where the recording allows it, else what was found."""
        if requested == "channels" and self.channels == 2:
            return Layout(
                "channels", "Somebody said that each channel holds one party.", self.layout.best_channel
            )
        if requested == "mixed":
            return Layout("mixed", "Somebody said that the parties are mixed.", self.layout.best_channel)
        return self.layout


def heard_on(layout: Layout) -> str:
    """What of the recording the engines hear, for the identity of their results."""
    return "channels" if layout.kind == "channels" else f"mixed, clearest channel {layout.best_channel}"


def inspected(job: Job, tools: Tools) -> Inspected:
    """What the inspection of this call found. Raises StageFailed where it is gone."""
    key = job.results.get(Stage.INSPECT, "")
    with tools.work.read() as unit:
        found = unit.results.find(key)
    if found is None:
        raise StageFailed(
            "inspect_again",
            "What was found out about this recording is gone. Run “inspect” again on this call.",
        )
    kept = found.payload
    layout = Layout(kept["layout"], kept["reason"], kept["best_channel"])
    return Inspected(layout=layout, channels=kept["channels"], breaks_off=kept["breaks_off"])

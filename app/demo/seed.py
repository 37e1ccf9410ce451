"""The three demo calls: project-made recordings of the three classic failures."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from app.bootstrap import Parts, build
from app.calls.metadata import CallMetadata, PartyMetadata
from app.settings import Settings
from review.model import Side


@dataclass(frozen=True, slots=True)
class DemoCall:
    name: str
    title: str
    prospect: str
    started_at: datetime
    direction: str = "Outbound"

    def metadata(self) -> CallMetadata:
        return CallMetadata.model_validate(
            {
                "clientUniqueId": f"demo-{self.name}",
                "title": self.title,
                "actualStart": self.started_at,
                "direction": self.direction,
                "parties": (
                    PartyMetadata(name="Joe Alder", side=Side.REP, mediaChannelId=0),
                    PartyMetadata(name=self.prospect, side=Side.PROSPECT, mediaChannelId=1),
                ),
            }
        )


DEMO_CALLS = (
    DemoCall(
        "missed-discovery",
        "Fernhill intro call with Harbor Line Freight",
        "Dana Whitlock",
        datetime(2026, 11, 13, 10, 2, tzinfo=UTC),
    ),
    DemoCall(
        "no-urgency",
        "Fernhill follow-up with Copper and Pine",
        "Martin Reyes",
        datetime(2026, 11, 16, 14, 30, tzinfo=UTC),
    ),
    DemoCall(
        "caved-on-discount",
        "Fernhill pricing call with Bright Anchor Logistics",
        "Priya Nair",
        datetime(2026, 11, 18, 9, 15, tzinfo=UTC),
    ),
)


def add_demo_calls(settings: Settings) -> int:
    """Put the demo calls into a new installation; how many came in. Once: deleted ones stay away."""
    marker = settings.data / "demo-calls-added"
    if marker.exists():
        return 0
    parts = build(settings)
    try:
        added = sum(_add(parts, demo) for demo in DEMO_CALLS)
    finally:
        parts.close()
    marker.touch()
    return added


def _add(parts: Parts, demo: DemoCall) -> bool:
    name = f"{demo.name}.ogg"
    sound = files("app.demo").joinpath(name).read_bytes()
    with parts.media.receive(expected_bytes=len(sound)) as incoming:
        incoming.write(sound)
        return parts.calls.take(incoming, file_name=name, metadata=demo.metadata(), demo=True).created

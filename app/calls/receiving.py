"""An uploaded recording becomes a call."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from app.calls.errors import Conflict
from app.calls.metadata import CallMetadata
from app.calls.search import search_text
from storage.ids import new_id
from storage.media.incoming import StoredRecording
from storage.requests import ASKED_PRIORITY, DEMO_PRIORITY
from storage.tables import CallRow, PartyRow, RecordingRow
from storage.unit_of_work import Unit

UNTITLED = "Untitled call"
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_LAYOUT = {"separate": "channels", "mixed": "mixed"}
_FIELDS = {
    "title": "title",
    "actualStart": "start",
    "direction": "direction",
    "language": "language",
    "speakers": "number of speakers",
    "channels": "channel layout",
    "parties": "parties",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """What came in: the stored recording, what its sender called the file and said of the call."""

    recording: StoredRecording
    file_name: str
    metadata: CallMetadata
    demo: bool


def add_call(unit: Unit, upload: Upload, *, at: datetime) -> CallRow:
    """Writes the call, its recording, parties and stages. The recording's id becomes the call's."""
    metadata, recording = upload.metadata, upload.recording
    title = printable(metadata.title or "") or title_from(upload.file_name)
    names = [printable(party.name or "") or None for party in metadata.parties]
    call = CallRow(
        id=recording.id,
        client_unique_id=metadata.clientUniqueId,
        title=title,
        started_at=metadata.started_at(),
        direction=metadata.direction,
        requested_language=metadata.language,
        requested_speakers=metadata.speakers,
        requested_layout=_LAYOUT[metadata.channels] if metadata.channels else None,
        sides_confirmed=False,
        demo=upload.demo,
        sent=sent_metadata(metadata),
        state="received",
        progress=0.0,
        search_text=search_text(title, names),
        created_at=at,
    )
    row = RecordingRow(
        call_id=call.id,
        sha256=recording.sha256,
        size=recording.size,
        file_name=printable(upload.file_name)[:512],
    )
    parties = [
        PartyRow(
            id=new_id(),
            call_id=call.id,
            position=position,
            side=party.side,
            name=names[position],
            email=printable(party.emailAddress or "") or None,
            channel=party.mediaChannelId,
            voice=None,
            guessed=False,
            listed=True,
        )
        for position, party in enumerate(metadata.parties)
    ]
    unit.calls.add(call, row, parties)
    unit.requests.open(call, priority=DEMO_PRIORITY if upload.demo else ASKED_PRIORITY, at=at)
    return call


def same_upload(unit: Unit, existing: CallRow, upload: Upload) -> None:
    """Passes when the upload repeats the one that made the call; else raises Conflict saying what differs."""
    sent = sent_metadata(upload.metadata)
    differing = [name for field, name in _FIELDS.items() if sent.get(field) != existing.sent.get(field)]
    if unit.calls.recording(existing.id).sha256 != upload.recording.sha256:
        differing.insert(0, "recording")
    if differing:
        raise Conflict(
            "client_unique_id_taken",
            f"A call with the id “{existing.client_unique_id}” is there already (“{existing.title}”) with "
            f"another {_listed(differing)}. Send the new call under its own id, or delete the old one first.",
        )


def sent_metadata(metadata: CallMetadata) -> dict[str, Any]:
    return metadata.model_dump(mode="json", exclude={"clientUniqueId"})


def title_from(file_name: str) -> str:
    """A title to read from a file's name: without folders and extension, with spaces for underscores."""
    name = PurePosixPath(printable(file_name).replace("\\", "/")).name
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name).replace("_", " ")
    title = " ".join(stem.split())[:300].strip(" .")
    return title or UNTITLED


def printable(text: str) -> str:
    """The text on one line, without control characters and broken surrogates, which databases refuse."""
    return "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text).strip()


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

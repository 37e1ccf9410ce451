"""What must hold once everything has settled."""

import hashlib
import sqlite3
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos.house import House


def wrongs(house: House, acknowledged: dict[str, str]) -> list[str]:
    """A line for everything that is not as it must be."""
    rows = _recordings(house)
    media = house.settings.data / "media"
    return [
        *_lost_or_twice(rows, acknowledged),
        *_rows_without_their_file(rows, media),
        *_files_without_their_row(rows, media),
        *_not_ready(house, acknowledged),
    ]


def _recordings(house: House) -> list[tuple[str, str, str]]:
    """(call id, client id, SHA-256), straight from the database rather than through our own code."""
    path = urlsplit(house.settings.database()).path[1:]
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return database.execute(
            "SELECT call.id, call.client_unique_id, recording.sha256"
            " FROM call LEFT JOIN recording ON recording.call_id = call.id"
        ).fetchall()


def _lost_or_twice(rows: list[tuple[str, str, str]], acknowledged: dict[str, str]) -> list[str]:
    stored = {client: sha for _, client, sha in rows}
    counts = Counter(client for _, client, _ in rows)
    return [
        *(f"{key} was acknowledged and is lost" for key in acknowledged if key not in stored),
        *(
            f"{key} has another SHA-256"
            for key in acknowledged
            if stored.get(key, acknowledged[key]) != acknowledged[key]
        ),
        *(f"{key} is there {count} times" for key, count in counts.items() if count > 1),
    ]


def _rows_without_their_file(rows: list[tuple[str, str, str]], media: Path) -> list[str]:
    found = []
    for call_id, client, sha in rows:
        files = list(media.glob(f"calls/*/{call_id}/recording"))
        if len(files) != 1:
            found.append(f"{client} ({call_id}) has {len(files)} recordings on disk")
        elif hashlib.sha256(files[0].read_bytes()).hexdigest() != sha:
            found.append(f"{client} ({call_id}): the file on disk has another SHA-256 than its row")
    return found


def _files_without_their_row(rows: list[tuple[str, str, str]], media: Path) -> list[str]:
    """After a restart, whose sweep takes away what killed uploads left behind."""
    known = {call_id for call_id, _, _ in rows}
    return [
        *(f"{folder} has no row" for folder in media.glob("calls/*/*") if folder.name not in known),
        *(f"{folder} was left behind" for folder in media.glob("incoming/*")),
    ]


def _not_ready(house: House, acknowledged: dict[str, str]) -> list[str]:
    states = {call["clientUniqueId"]: call for call in house.calls()}
    return [
        f"{key} is {states[key]['state']}: {states[key]['error']}"
        for key in acknowledged
        if key in states and states[key]["state"] != "ready"
    ]

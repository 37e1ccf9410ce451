"""Finding calls by words, and the place in a list that a page ends at."""

import base64
import binascii
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from app.calls.errors import Invalid
from storage.calls import Position

MAX_WORDS = 20
"""Words of a search beyond these are not looked at: each costs a pass over the titles."""


def folded(text: str) -> str:
    """Text as it is searched: compatibility forms made one, upper and lower case made equal."""
    return unicodedata.normalize("NFKC", text).casefold()


def search_text(title: str, names: Iterable[str | None]) -> str:
    """What a call is found by. Each name is on a line of its own."""
    return "\n".join(folded(text) for text in (title, *names) if text)


def search_words(query: str) -> tuple[str, ...]:
    # PostgreSQL takes no NUL in a text.
    return tuple(folded(query).replace("\0", " ").split()[:MAX_WORDS])


def cursor_of(position: Position) -> str:
    """The position as a short text that fits an address."""
    text = f"{position.created_at.isoformat()} {position.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor: str) -> Position:
    """What `cursor_of` made. Raises Invalid for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, call_id = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split(" ")
        created_at = datetime.fromisoformat(moment)
    except (ValueError, binascii.Error):
        created_at, call_id = None, ""
    if created_at is None or created_at.tzinfo is None:
        raise Invalid(
            "bad_cursor",
            "This page of the list is not known. Start again from the first page.",
            where="cursor",
        )
    return Position(created_at=created_at, id=call_id)

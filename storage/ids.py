"""Names for new rows."""

from datetime import UTC, datetime

from ulid import ULID


def new_id() -> str:
    """A ULID in lower case: 26 letters that sort by when they were made."""
    return str(ULID()).lower()


def now() -> datetime:
    return datetime.now(UTC)

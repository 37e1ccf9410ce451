"""What must be there before the first request: folders, tables, model files, demo calls."""

from collections.abc import Callable

from app.demo.seed import add_demo_calls
from app.engines import ensure_models
from app.settings import Settings
from storage.database import migrate


def prepare(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Bring database, model files and demo calls in place. Doing it again costs a second or two."""
    migrate(settings.database())
    if settings.engines == "real":
        ensure_models(settings, say=say)
    if settings.demo and (added := add_demo_calls(settings)):
        say(f"Added {added} demo calls; the worker transcribes them now.")
